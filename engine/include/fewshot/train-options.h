/* SPDX-License-Identifier: MIT */
/* Settings of a run of training, and what its epochs come to: A(f) = [ReLU] (W2 · ReLU (W1 · f)),
 * f' = α·A(f) + (1−α)·f on the un-normalised feature. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef enum { FEW_OPTIMIZER_ADAMW, FEW_OPTIMIZER_ADAM, FEW_OPTIMIZER_SGD } FewOptimizer;

/* What is adapted: the picture's feature, the text features (f, α → t, β), or both. */
typedef enum { FEW_SIDE_VISUAL, FEW_SIDE_TEXT, FEW_SIDE_BOTH } FewSide;

typedef struct
{
  FewSide side;
  double alpha, beta; /* 0..1, the residual ratios used in training */
  /* α and a temperature are those of the least log-loss of the training pictures, each seen by an
   * adapter that was trained without it, on the visual side with a fixed ratio. */
  gboolean folds;
  gboolean learn_ratios; /* α and β are trained too, as sigmoids, from the values above */
  guint hidden; /* H; 0: D/4 */
  gboolean final_relu; /* as the published code */
  FewOptimizer optimizer;
  double learning_rate, weight_decay, momentum;
  gboolean cosine; /* learning rate to 0 over the epochs; constant otherwise */
  guint warmup_epochs; /* at 1e-5 */
  guint epochs, batch;
  /* Updates of the weights; what counts is them, not passes over few pictures. As many epochs are
   * made as hold them, whatever `epochs` says; 0: `epochs` counts. */
  guint steps;
  /* An epoch's incomplete last batch is left out, as Dassl's loader does; with fewer pictures than
   * a batch there is one of all of them. */
  gboolean drop_last;
  /* Each epoch takes one of so many rows of a picture, in turn, which lie behind each other; 0:
   * each row is a picture. */
  guint fresh;
  guint64 seed;
} FewTrainOptions;

/* The preset "default". */
FEW_API void few_train_options_init (FewTrainOptions *options);
/* "default": 1,000 steps, what tests/bench/schedule.py chose; "seed": batch 32, lr 1e-5 and the
 * 100,000 steps that 16 shots of ImageNet take, minutes long; "published": SGD .002, cosine, 200
 * epochs. FALSE when unknown. */
FEW_API gboolean few_train_options_preset (FewTrainOptions *options, const char *name);

/* The epochs that `rows` rows to learn from are passed over: by `steps`, or `epochs`. */
FEW_API guint few_train_options_epochs (const FewTrainOptions *options, guint rows);

/* What is kept from training, in percent of the pictures of a class. 0: FEW_SHARE_USUAL. */
typedef struct
{
  guint test, validation;
} FewShares;
enum { FEW_SHARE_USUAL = 20, FEW_SHARE_LEAST = 5, FEW_SHARE_MOST = 60 };

typedef struct
{
  /* What learns, as few_method_parse reads it; interned. NULL: the visual adapter, live, by the
   * options. Other methods take no options but the seed. */
  const char *method;
  FewTrainOptions options;
  guint shots; /* 0: all */
  FewShares shares; /* where shots is 0 and nobody has said what to test on */
  guint64 split_seed;
  gboolean folders; /* pictures of one sub-folder stay together (few_groups_of_files) */
} FewTrainJob;

/* One point an epoch. Accuracies are fractions at the training α; NaN where there are no such
 * pictures. */
typedef struct
{
  float loss, train_accuracy, validation_accuracy;
} FewEpoch;

G_END_DECLS
