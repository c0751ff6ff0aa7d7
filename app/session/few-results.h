/* SPDX-License-Identifier: MIT */
/* What a comparison found, by method, shots and seed, and of what. */
#pragma once
#include "session/few-class.h"
#include "session/few-entrants.h"

G_BEGIN_DECLS
enum { FEW_RESULTS_MOST_SHOTS = 12, FEW_RESULTS_MOST_SEEDS = 20 };

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

/* What is found out: by whom is FewEntrants' business. Draws are seeds 1 … n_seeds. */
typedef struct
{
  GPtrArray *classes; /* FewClass, as the runs number them */
  gboolean several;   /* of pictures with any number of labels */
  guint shots[FEW_RESULTS_MOST_SHOTS];
  guint n_shots;      /* 0: nothing was compared */
  guint n_seeds;
  char *model_sha256; /* may be NULL, as the next */
  char *model_fingerprint;
} FewResultsPlan;

typedef struct FewResults FewResults;

FewResults *few_results_new (void);
void few_results_free (FewResults *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewResults, few_results_free)
/* With no plan. */
void few_results_clear (FewResults *results);
/* Nothing is found yet, with no model; the plan's classes are shared. */
void few_results_begin (FewResults *results, const FewResultsPlan *plan);
const FewResultsPlan *few_results_get_plan (const FewResults *results);
/* With which it will be found: nothing is yet. Both may be NULL. */
void few_results_set_model (FewResults *results, const char *sha256, const char *fingerprint);
/* method: as those who ask number it, which need not be the job's number. */
void few_results_add (FewResults *results, guint method, FewCompared *compared);
guint few_results_count (const FewResults *results);
/* Borrowed; NULL when it has not run. seed: at most FEW_RESULTS_MOST_SEEDS. */
FewCompared *few_results_find (const FewResults *results, guint method, guint shots, guint64 seed);
void few_results_get_cell (const FewResults *results, guint method, guint shots, FewMeasure measure,
                           FewComparisonCell *cell);
/* Every run of a seed has the same ones: those of the first; *bare: how many have no label. */
guint few_results_count_test_pictures (const FewResults *results, guint *bare);

/* For a project, borrowed until something is found or cleared; NULL: nothing was found. Methods by
 * their specifications, so that another version knows them. */
FewProjectComparison *few_results_record (FewResults *results, const FewEntrants *entrants);
/* The other way: what was found by methods that this version has, which are among the entrants
 * then. Classes of other numbers than those of the list are gone: stand-ins have their names. */
void few_results_restore (FewResults *results, FewProjectComparison *record, FewEntrants *entrants,
                          GListModel *classes);
G_END_DECLS
