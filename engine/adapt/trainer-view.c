/* SPDX-License-Identifier: MIT */
/* What a trainer has come to: epochs, ratios, scores, snapshots. */
#include "adapt/classifier.h"
#include "adapt/trainer-private.h"
#include "base/memory.h"
#include "clip/model.h"
#include "config.h"
#include "lens/lens.h"
#include <fewshot/dataset.h>
#include <math.h>

guint
few_trainer_epoch (const FewTrainer *t)
{
  g_return_val_if_fail (t != NULL, 0);
  return t->epoch;
}

const FewEpoch *
few_trainer_history (FewTrainer *t, guint *n)
{
  g_return_val_if_fail (t != NULL && n != NULL, NULL);
  return few_epochs_read (&t->epochs, n);
}

gboolean
few_trainer_check (FewTrainer *t, GError **error)
{
  g_return_val_if_fail (t != NULL, FALSE);
  return few_trainer_handed_over (t, error) && t->backend->ops->check (t->stream, error);
}

void
few_trainer_ratios (FewTrainer *t, double *alpha, double *beta)
{
  g_return_if_fail (t != NULL && alpha != NULL && beta != NULL);
  few_trainer_read_ratios (t);
  *alpha = t->visual.adapted ? t->visual.ratio : 0;
  *beta = t->text.adapted ? t->text.ratio : 0;
}

void
few_trainer_scores (FewTrainer *t, float *scores)
{
  g_return_if_fail (t != NULL && scores != NULL);
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->stream;
  few_trainer_read_ratios (t);
  if (t->text.adapted)
    few_trainer_side_forward (t, &t->text, t->k, t->text.x);
  for (guint first = 0; first < t->n; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n - first);
      few_trainer_side_forward (t, &t->visual, m, t->features + (gsize) first * t->d);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, (float) t->scale, t->visual.out, t->d,
                 few_trainer_text (t), t->d, 0, t->logits, t->k);
      ops->download (s, scores + (gsize) first * t->k, t->logits, (gsize) m * t->k);
    }
}

/* a·t, |a|², a·f of every picture at the weights as they are; f·t and |f|², which never change */
static void
evaluate_pictures (FewTrainer *t, FewSnapshot *snapshot)
{
  const FewBackendOps *ops = t->backend->ops;
  FewStream *s = t->stream;
  for (guint first = 0; first < t->n; first += EVALUATION_ROWS)
    {
      guint m = MIN (EVALUATION_ROWS, t->n - first);
      const float *f = t->features + (gsize) first * t->d;
      const float *a = t->visual.a;
      few_trainer_side_forward (t, &t->visual, m, f);
      ops->gemm (s, FALSE, TRUE, m, t->k, t->d, 1, a, t->d, t->text.x, t->d, 0, t->logits, t->k);
      ops->download (s, snapshot->at + (gsize) first * t->k, t->logits, (gsize) m * t->k);
      ops->row_dots (s, m, t->d, a, a, t->dots);
      ops->download (s, snapshot->aa + first, t->dots, m);
      ops->row_dots (s, m, t->d, a, f, t->dots);
      ops->download (s, snapshot->af + first, t->dots, m);
    }
  ops->download (s, snapshot->ft, t->ft, (gsize) t->n * t->k);
  ops->download (s, snapshot->ff, t->ff, t->n);
}

static void
describe_folds (const FewTrainer *t, FewSnapshotInfo *info)
{
  if (!t->out_of_fold)
    return;
  few_lens_scores (t->out_of_fold, FEW_ROLE_VALIDATION, t->alpha, &info->cross_validated);
  info->chosen_alpha = info->cross_validated.n ? t->alpha : NAN;
}

/* The adapter, and how far the run is. */
static gboolean
describe_run (FewTrainer *t, FewSnapshot *snapshot, GError **error)
{
  FewSnapshotInfo *info = &snapshot->info;
  g_autofree float *weights = few_try_floats (t->n_weights, 1, "the classifier", error);
  if (!weights)
    return FALSE;
  t->backend->ops->download (t->stream, weights, t->weights, t->n_weights);
  const FewModelInfo *model = few_model_info (t->model);
  g_autofree char *now = few_origin_now ();
  const FewClassifierInfo learned = { .kind = FEW_CLASSIFIER_BOTTLENECK,
                                      .method = "clip-adapter",
                                      .dim = t->d,
                                      .n_classes = t->k,
                                      .trained_alpha = t->visual.ratio,
                                      .alpha = t->out_of_fold ? t->alpha : t->visual.ratio,
                                      .logit_scale = t->scale * t->temperature,
                                      .text_features = t->text_host,
                                      .hidden = t->h,
                                      .final_relu = t->options.final_relu,
                                      .w1 = weights,
                                      .w2 = weights + (gsize) t->d * t->h,
                                      .classes = (const char *const *) t->class_names,
                                      .template_text = t->template_text,
                                      .prompts = (const char *const *) t->prompts,
                                      .origin = { .version = FEW_VERSION, .trained = now },
                                      .backbone = model->name,
                                      .backbone_sha256 = model->sha256,
                                      .backbone_fingerprint = model->fingerprint,
                                      .backbone_precision = model->precision };
  FewClassifier *classifier = few_classifier_new (&learned, error);
  if (!classifier)
    return FALSE;
  few_snapshot_take_classifier (snapshot, classifier, (GDestroyNotify) few_classifier_unref);
  info->trained = TRUE;
  info->trained_alpha = t->visual.ratio;
  info->logit_scale = t->scale * t->temperature;
  describe_folds (t, info);
  const FewEpoch *history = few_epochs_read (&t->epochs, &info->epoch);
  info->history = few_try_copy (history, info->epoch, sizeof *history, "the run", error);
  if (!info->history)
    return FALSE;
  info->epochs = t->options.epochs;
  info->seconds = (double) (g_get_monotonic_time () - t->started) / G_USEC_PER_SEC;
  double done = t->epoch + (double) t->batches.at / t->batches.n;
  info->seconds_left = done > 0 ? info->seconds / done * (t->options.epochs - done) : 0;
  return TRUE;
}

FewSnapshot *
few_trainer_snapshot (FewTrainer *t, GError **error)
{
  g_return_val_if_fail (t != NULL && t->options.side == FEW_SIDE_VISUAL, NULL);
  few_trainer_read_ratios (t);
  g_autoptr (FewSnapshot) snapshot =
      few_snapshot_new (t->n, t->k, t->d, t->labels, t->roles, t->ids, error);
  if (!snapshot)
    return NULL;
  evaluate_pictures (t, snapshot);
  if (!few_trainer_check (t, error) || !describe_run (t, snapshot, error))
    return NULL;
  few_snapshot_seal (snapshot);
  return g_steal_pointer (&snapshot);
}
