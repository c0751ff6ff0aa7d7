/* SPDX-License-Identifier: MIT */
/* What the trainer's files share: trainer.c (making and freeing), trainer-step.c (learning),
 * trainer-view.c (what it has come to), trainer-folds.c (the folds that follow it). */
#pragma once
#include "adapt/batches.h"
#include "adapt/bottleneck.h"
#include "adapt/epochs.h"
#include "base/memory.h"
#include <fewshot/model.h>
#include <fewshot/trainer.h>

enum { EVALUATION_ROWS = 256 };

/* One side: rows x, adapted to out = normalise (ratio · A (x) + (1 − ratio) · x). */
typedef struct
{
  gboolean adapted;
  FewBottleneck mlp;
  double ratio;
  /* rows in, A (x), rows out, 1/norms, gradients of out and then of a */
  float *x, *a, *out, *norm, *d;
} FewTrainerSide;

struct FewTrainer
{
  FewModel *model;
  FewBackend *backend;
  FewStream *stream; /* of the whole device, or a lane's while folds are learned side by side */
  FewTrainOptions options;
  guint n, d, k, h;
  guint32 *labels, *ids;
  guint8 *roles;
  char **class_names;
  char *template_text;
  char **prompts; /* few_classifier_prompts */
  float *text_host; /* [K, D] */
  FewRoom room; /* of the arrays on the host */
  double scale;
  /* device */
  float *memory; /* [n_memory] */
  gsize n_memory;
  float *features, *ft, *ff;          /* [N, D], [N, K], [N] */
  /* [n_weights]: W1, W2 of each adapted side, then the ratios' logits when they are learned */
  float *weights, *gradients, *m, *v;
  gsize n_weights;
  FewTrainerSide visual, text; /* a batch or EVALUATION_ROWS pictures; K classes */
  float *logits, *dots;
  /* the epoch under way */
  guint32 *train, *validation; /* rows */
  guint32 *order; /* [n_train] of the batches */
  guint n_train, n_validation;
  FewBatches batches;
  guint epoch;
  guint64 step;
  double rate;
  guint seen; /* pictures of the epoch */
  FewEpochs epochs;
  gint64 started;
  GError *failure; /* of a lane's stream, or of the folds */
  struct FewAdapterFolds *folds; /* NULL: not asked for */
  GDestroyNotify free_folds;
  guint since; /* steps since their last turn */
  /* what they chose, once all is learned; until then what it is trained at, and 1 */
  FewSnapshot *out_of_fold;
  double alpha, temperature;
};

/* rows x [m, D] → side->out, 1/norms, and side->a where the side is adapted */
void few_trainer_side_forward (FewTrainer *trainer, FewTrainerSide *side, guint m, const float *x);
/* Ratios that are learned live as logits at the end of the weights: into the sides. Waits for the
 * device then. */
void few_trainer_read_ratios (FewTrainer *trainer);
/* The text features that pictures are held against now, [K, D] on the device. */
const float *few_trainer_text (const FewTrainer *trainer);
void few_trainer_begin_epoch (FewTrainer *trainer);
/* few_trainer_new and few_trainer_step without folds. */
FewTrainer *few_trainer_begin (FewModel *model, const FewTrainOptions *options, const FewTask *task,
                               GError **error);
gboolean few_trainer_step_alone (FewTrainer *trainer);
/* Pictures from place n on are views of others: they are learned from and tell nothing. */
void few_trainer_views_from (FewTrainer *trainer, guint n);
/* How much of it is done, 0 … 1. */
double few_trainer_share (const FewTrainer *trainer);
/* At the end of a turn on a lane's stream: what was done is there for any other. Then, from any
 * thread, whether it was. */
void few_trainer_hand_over (FewTrainer *trainer);
gboolean few_trainer_handed_over (FewTrainer *trainer, GError **error);
