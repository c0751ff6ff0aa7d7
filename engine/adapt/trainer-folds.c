/* SPDX-License-Identifier: MIT */
/* A trainer and the adapters of its folds, which follow it step for step and choose α and a
 * temperature at the end. */
#include "adapt/textless.h"
#include "adapt/adapter-folds.h"
#include "adapt/trainer-private.h"
#include "adapt/training-groups.h"
#include "base/memory.h"

enum { FOLD_STEPS = 16 }; /* between two turns of the folds */

static void
free_folds (gpointer folds)
{
  few_adapter_folds_free (folds);
}

/* One adapter a fold of the training pictures. */
static gboolean
make_folds (FewTrainer *t, const FewTask *task, GError **error)
{
  g_autofree guint32 *fold = few_try_copy (NULL, t->n, sizeof (guint32), "the folds", error);
  if (!fold)
    return FALSE;
  guint threads = g_str_equal (t->backend->name, "cpu") ? t->backend->lanes : 0;
  guint folds =
      few_training_folds (task, t->d, FEW_ADAPTER_FOLDS, t->options.seed, threads, fold, error);
  if (folds == 0)
    return FALSE;
  t->folds = few_adapter_folds_new (t->model, &t->options, task, fold, folds, error);
  t->free_folds = free_folds;
  return t->folds != NULL;
}

FewTrainer *
few_trainer_new (FewModel *model, const FewTrainOptions *options, const FewTask *task,
                 GError **error)
{
  g_return_val_if_fail (model != NULL && options != NULL && task != NULL, NULL);
  g_return_val_if_fail (task->n == 0 || (task->features && task->labels && task->roles), NULL);
  g_return_val_if_fail (task->text_features != NULL && task->class_names != NULL, NULL);
  if (!few_method_check_texts (model, "CLIP-Adapter", error))
    return NULL;
  g_autoptr (FewTrainer) t = few_trainer_begin (model, options, task, error);
  gboolean folds = options->folds && options->side == FEW_SIDE_VISUAL && !options->learn_ratios;
  if (!t || (folds && !make_folds (t, task, error)))
    return NULL;
  return g_steal_pointer (&t);
}

void
few_trainer_views_from (FewTrainer *t, guint n)
{
  if (t->folds)
    few_adapter_folds_views_from (t->folds, n);
}

/* What the pictures choose when the adapters of all folds are learned. */
static void
end_folds (FewTrainer *t)
{
  t->out_of_fold = few_adapter_folds_snapshot (t->folds, &t->failure);
  if (t->out_of_fold)
    few_adapter_choose (t->out_of_fold, &t->alpha, &t->temperature);
  g_clear_pointer (&t->folds, few_adapter_folds_free);
}

gboolean
few_trainer_step (FewTrainer *t)
{
  g_return_val_if_fail (t != NULL, FALSE);
  if (t->epoch >= t->options.epochs)
    return FALSE;
  gboolean going = few_trainer_step_alone (t);
  if (!t->folds || t->failure || (going && ++t->since < FOLD_STEPS))
    return going;
  t->since = 0;
  double share = going ? few_trainer_share (t) : 1;
  if (few_adapter_folds_advance (t->folds, share, &t->failure) && !going)
    end_folds (t);
  return going;
}
