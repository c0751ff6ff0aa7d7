/* SPDX-License-Identifier: MIT */
/* Settings of training: the defaults and the presets. */
#include <fewshot/train-options.h>

void
few_train_options_init (FewTrainOptions *options)
{
  g_return_if_fail (options != NULL);
  *options = (FewTrainOptions) {
    .alpha = 0.6,
    .beta = 0.2,
    .final_relu = TRUE,
    .optimizer = FEW_OPTIMIZER_ADAMW,
    .folds = TRUE,
    .learning_rate = 3e-3,
    .weight_decay = 1e-4,
    .momentum = 0.9,
    .cosine = TRUE,
    .steps = 1000,
    .epochs = 50,
    .batch = 32,
    .seed = 1,
  };
}

guint
few_train_options_epochs (const FewTrainOptions *options, guint rows)
{
  g_return_val_if_fail (options != NULL, 0);
  guint batch = MAX (options->batch, 1);
  if (options->steps == 0 || rows == 0)
    return options->epochs;
  guint whole = options->drop_last && rows >= batch ? rows / batch : (rows + batch - 1) / batch;
  return MAX (1, options->steps / whole + (options->steps % whole > 0));
}

gboolean
few_train_options_preset (FewTrainOptions *options, const char *name)
{
  g_return_val_if_fail (options != NULL && name != NULL, FALSE);
  few_train_options_init (options);
  if (g_str_equal (name, "default"))
    return TRUE;
  if (g_str_equal (name, "seed"))
    {
      /* batch 32, learning rate 1e-5; Adam, as the text names no optimiser. The iterations are
       * those of its 16 shots of ImageNet, 200 epochs of 500 batches: so low a rate needs them. */
      options->optimizer = FEW_OPTIMIZER_ADAM;
      options->learning_rate = 1e-5;
      options->weight_decay = 0;
      options->cosine = FALSE;
      options->folds = FALSE;
      options->steps = 100000;
      return TRUE;
    }
  if (g_str_equal (name, "published"))
    {
      /* CoOp's schedule, which the published code inherits; α = 0.2 there */
      options->alpha = 0.2;
      options->optimizer = FEW_OPTIMIZER_SGD;
      options->learning_rate = 0.002;
      options->weight_decay = 5e-4;
      options->warmup_epochs = 1;
      options->drop_last = TRUE;
      options->folds = FALSE;
      options->steps = 0;
      options->epochs = 200;
      return TRUE;
    }
  return FALSE;
}
