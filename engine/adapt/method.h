/* SPDX-License-Identifier: MIT */
/* What a method is, and what it is given: one subject a file in methods/, a table of what each can
 * do. method.c finds them, method-run.c runs them, method-tools.c and learning.c help them. */
#pragma once
#include "base/words.h"
#include "backend/memory.h"
#include "clip/model.h"
#include "base/error.h"
#include "base/memory.h"
#include "adapt/setting.h"
#include "adapt/textless.h"
#include <fewshot/apply.h>
#include <fewshot/method.h>

/* What a method gets: the task in the shape that all of them need. */
typedef struct
{
  FewModel *model;
  FewBackend *backend;
  const FewBackendOps *ops;
  FewStream *stream;
  const FewTask *task;
  const FewMethodOptions *options;
  guint n, d, k;
  double scale;             /* logit_scale */
  /* What is learned from: the training pictures, each with its views behind it, or the views
   * alone. */
  guint n_rows, n_pictures, views; /* n_rows = n_pictures · group */
  guint group;              /* rows of a picture: itself and its views, or these alone */
  gboolean alone, fresh;    /* see FewMethodOptions and FewMethodInfo */
  float *rows;              /* [n_rows, D] RAW */
  guint32 *row_labels;
  guint32 *validation;      /* pictures */
  guint n_validation;
  FewTrainOptions train;    /* the options', with fewer epochs when views make each longer */
  FewMemory memory;         /* of the device, freed after the run */
  FewRoom room;             /* of the host, freed after the run */
  const FewLearnWatch *watch;
  GCancellable *cancellable;
  FewMethodResult *result;  /* scores are to be filled; the rest may be */
  FewTrust *trust;          /* of the classifier that is kept; NULL, or the method's own */
  FewStatistics statistics; /* so, too; nothing, or the room's */
} FewMethodRun;

typedef struct
{
  FewMethodInfo info;
  const FewSetting *settings; /* its table; NULL: none */
  const char *preset; /* of the training settings that the table does not name; NULL: default */
  gboolean untrained; /* needs no training pictures */
  gboolean (*run) (FewMethodRun *run, GError **error);
} FewMethod;

/* NULL: there is none of that name. */
const FewMethod *few_method_find (const char *name);

/* few_method_run with one who sees more than how far it is; watch may be NULL. */
FewMethodResult *few_method_run_watched (FewModel *model, const FewTask *task,
                                         const FewMethodOptions *options,
                                         const FewLearnWatch *watch, GCancellable *cancellable,
                                         GError **error);

/* A file of methods/ defines an array of those that are in it, few_methods_<file>, with an entry
 * without a name behind the last; methods/meson.build lists the files. */

/* For what runs on the host: 0, one a processor, where the device is another. */
guint few_run_threads (const FewMethodRun *run);
/* Says how far it is; FALSE with an error when cancelled. */
gboolean few_run_tick (FewMethodRun *run, guint done, guint total, GError **error);
/* Device memory of the run, zeroed; see FewMemory. few_run_short says after the last call, of
 * these and of few_run_host, whether one failed. */
float *few_run_alloc (FewMethodRun *run, gsize n);
/* Host memory of the run, zeroed: rows × columns values of a type. */
#define few_run_host(run, type, rows, columns) few_room_new (&(run)->room, type, rows, columns)
gboolean few_run_short (FewMethodRun *run, GError **error);
/* What there may not be enough memory for, and where a helper that returns nothing leaves its
 * error: few_run_short tells. */
#define FEW_RUN_WHAT N_ ("learning from so many pictures and classes")
GError **few_run_first_error (FewMethodRun *run);
/* rows_host [m, D] → device, normalised */
float *few_run_upload_normalised (FewMethodRun *run, const float *rows_host, guint m);
float *few_run_upload (FewMethodRun *run, const float *host, gsize n);
/* result->scores [N, K] = scale · features [N, D] · wᵀ (+ bias [K], host, or NULL); all device
 * memory */
void few_run_score (FewMethodRun *run, const float *features, const float *w, double scale,
                    const float *bias);
/* Whether a setting that was not given can be chosen on validation pictures; when it cannot, the
 * result says so. */
gboolean few_run_may_choose (FewMethodRun *run);
/* Share of the validation pictures that `scores` [validation pictures, K] get right; ties go to
 * the first class. */
double few_run_validation_accuracy (const FewMethodRun *run, const float *scores);
/* the scores of the validation pictures, copied out of [N, K]; NULL: few_run_short tells */
float *few_run_validation_rows (FewMethodRun *run, const float *scores);
void few_run_learned (FewMethodRun *run, const char *name, gsize rows, gsize columns,
                      const float *values);
void few_run_learned_device (FewMethodRun *run, const char *name, gsize rows, gsize columns,
                             const float *device);
/* What was learned, as result->classifier; the last call counts. Logits W x + b of the unit feature
 * x, weight [K, D], bias [K] or NULL, host. */
void few_run_keep_linear (FewMethodRun *run, const float *weight, const float *bias);
/* W f + b of the RAW feature */
void few_run_keep_raw (FewMethodRun *run, const float *weight, const float *bias);
/* As few_run_keep_linear where they are blended with zero_scale · x · t, at α; see
 * FEW_CLASSIFIER_LINEAR. */
void few_run_keep_blend (FewMethodRun *run, const float *weight, const float *bias,
                         double zero_scale, double alpha);
/* W x + b of which each class's own probability is σ, said from thresholds [K] on; positives [K]
 * and what it was learned with as FewClassifierInfo's. */
void few_run_keep_independent (FewMethodRun *run, const float *weight, const float *bias,
                               const float *thresholds, const guint32 *positives, double strength,
                               double prior);
/* scale · device [K, D], without a bias */
void few_run_keep_scaled (FewMethodRun *run, const float *device, double scale);
void few_run_keep_cache (FewMethodRun *run, const float *device_keys, const guint32 *labels,
                         guint n_keys, double tau, double sharpness);
/* As few_run_keep_cache, with values [n_keys, K] of the keys, host. */
void few_run_keep_kernel (FewMethodRun *run, const float *device_keys, const guint32 *labels,
                          const float *values, guint n_keys, double tau, double sharpness);
/* weights: W1 [H, D], W2 [D, H], host */
void few_run_keep_bottleneck (FewMethodRun *run, const float *weights, guint hidden,
                              gboolean final_relu, double alpha);
/* The same with the text features [K, D] that were learned at its α, normalised */
void few_run_keep_both (FewMethodRun *run, const float *weights, guint hidden, gboolean final_relu,
                        double alpha, const float *text);
/* What is to be inserted into the image tower */
void few_run_keep_tower (FewMethodRun *run, const FewInserted *inserted);
/* Appends to result->chosen. */
void few_run_chose (FewMethodRun *run, const char *name, double value);
void few_run_add_epochs (FewMethodRun *run, const FewEpoch *epochs, guint n);
double few_run_sum (FewMethodRun *run, const float *device, guint m);

/* bias [K] −= log (n_k K / n), of the rows that are learned from: what maximum likelihood on uneven
 * classes adds to each (Menon et al., ICLR 2021). A class without any counts as if it had one. */
void few_run_balance (const FewMethodRun *run, float *bias);
guint few_run_argmax (const float *row, guint k);
/* Makes result->grid, accuracies NAN. Its size is the method's, not the task's. */
void few_run_grid (FewMethodRun *run, const char *row_name, const double *row_values, guint rows,
                   const char *column_name, const double *column_values, guint columns);
/* The first cell of the grid with the most right. */
void few_run_grid_best (const FewMethodRun *run, guint *row, guint *column);

/* Learning by steps. */
typedef struct
{
  guint n, stride; /* rows to learn from; row i has the label row_labels [i · stride] */
  guint batch; /* no more than n */
  /* device [m]: where `step` leaves those of its batch; few_run_learn sets them */
  float *loss, *correct;
  gsize n_weights; /* device: what is learned, its gradient and the optimiser's moments */
  float *weights, *gradient, *first, *second;
  float epsilon; /* of Adam; 0: its usual 1e-8 */
  /* fills loss, correct and gradient for the m given rows */
  void (*step) (gpointer user, const guint32 *rows, const guint32 *labels, guint m);
  gpointer user;
} FewLearning;

/* Rows and stride 1, the options' batch. */
void few_run_learning_init (const FewMethodRun *run, FewLearning *learning);
/* Moments for n_weights, weights as given; the gradient too. */
void few_run_learning_alloc (FewMethodRun *run, FewLearning *learning, float *weights,
                             gsize n_weights);
/* The options' epochs by their schedule and optimiser; fills the history. */
gboolean few_run_learn (FewMethodRun *run, FewLearning *learning, GError **error);
