/* SPDX-License-Identifier: MIT */
/* What a comparison found, by method, shots and seed. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
enum { FEW_RESULTS_MOST_SEEDS = 20 };

/* What a number of a comparison says of the test pictures. */
typedef enum {
  FEW_MEASURE_ACCURACY, /* the share that is right: of pictures with one class each */
  FEW_MEASURE_MAP,      /* of pictures with any number of labels: mean average precision, */
  FEW_MEASURE_F1        /* or the mean F1 of the labels at their thresholds */
} FewMeasure;

/* One method with so many shots, over all seeds. */
typedef struct
{
  guint runs;         /* that ended; 0: none yet */
  double mean;        /* of the measure */
  double deviation;   /* NAN with one run */
  double low;         /* 95 % interval, the mean of the runs' own; NAN but of the accuracy */
  double high;
  double seconds;
  guint64 parameters;
  gboolean too_few;   /* a setting could not be chosen on validation pictures */
  const char *reason; /* why there is no number; NULL otherwise */
} FewComparisonCell;

typedef struct FewResults FewResults;

FewResults *few_results_new (void);
void few_results_free (FewResults *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewResults, few_results_free)
void few_results_clear (FewResults *results);
/* method: as those who ask number it, which need not be the job's number. */
void few_results_add (FewResults *results, guint method, FewCompared *compared);
guint few_results_count (FewResults *results);
/* Borrowed; NULL when it has not run. seed: at most FEW_RESULTS_MOST_SEEDS. */
FewCompared *few_results_find (FewResults *results, guint method, guint shots, guint64 seed);
/* seeds [n]: those whose runs count. */
void few_results_get_cell (FewResults *results, guint method, guint shots, const guint64 *seeds,
                           guint n, FewMeasure measure, FewComparisonCell *cell);
/* Every run of a seed has the same ones: those of the first; *bare: how many have no label. */
guint few_results_count_test_pictures (FewResults *results, guint *bare);
G_END_DECLS
