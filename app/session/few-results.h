/* SPDX-License-Identifier: MIT */
/* What a comparison found, by method, shots and seed. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
enum { FEW_RESULTS_MOST_SEEDS = 20 };

/* One method with so many shots, over all seeds. */
typedef struct
{
  guint runs;         /* that ended; 0: none yet */
  double mean;        /* of the test accuracy */
  double deviation;   /* NAN with one run */
  double low;         /* 95 % interval, the mean of the runs' own */
  double high;
  double seconds;
  guint64 parameters;
  gboolean too_few;   /* a setting could not be chosen on validation pictures */
  const char *reason; /* why none could run; NULL otherwise */
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
                           guint n, FewComparisonCell *cell);
/* Every run has the same ones. */
guint few_results_count_test_pictures (FewResults *results);
G_END_DECLS
