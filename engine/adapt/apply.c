/* SPDX-License-Identifier: MIT */
/* Snapshots that no training run makes: zero-shot CLIP's, a classifier's of features that it was
 * not trained on, and that of a run which a project kept. */
#include "clip/model.h"
#include "base/error.h"
#include "lens/lens.h"
#include "adapt/classifier.h"
#include "adapt/bottleneck.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <string.h>

enum { ROWS = 512 }; /* evaluated at once */

/* ---- zero-shot */

static FewSnapshot *
zero_shot_once (FewModel *model, const FewTask *task, GError **error)
{
  FewBackend *backend = few_model_backend (model);
  const FewBackendOps *ops = backend->ops;
  FewStream *stream = backend->stream;
  guint n = task->n;
  guint k = task->n_classes;
  guint d = few_model_dim (model);
  gsize n_features = (gsize) n * d;
  gsize n_text = (gsize) k * d;
  gsize cells = (gsize) n * k;
  float *memory = ops->alloc (backend, n_features + n_text + cells + n, error);
  if (!memory)
    return NULL;
  float *f = memory;
  float *t = f + n_features;
  float *ft = t + n_text;
  float *ff = ft + cells;
  ops->upload (stream, f, task->features, n_features);
  ops->upload (stream, t, task->text_features, n_text);
  if (n > 0)
    ops->gemm (stream, FALSE, TRUE, n, k, d, 1, f, d, t, d, 0, ft, k);
  ops->row_dots (stream, n, d, f, f, ff);
  g_autoptr (FewSnapshot) s = few_snapshot_new (n, k, d, task->labels, task->roles, task->ids);
  ops->download (stream, s->ft, ft, cells);
  ops->download (stream, s->ff, ff, n);
  gboolean ok = ops->check (stream, error);
  ops->free (backend, memory);
  if (!ok)
    return NULL;
  /* Untrained: a = f, so that every α shows CLIP itself. The largest table is there once. */
  g_free (s->at);
  s->at = s->ft;
  if (n > 0)
    {
      memcpy (s->aa, s->ff, n * sizeof (float));
      memcpy (s->af, s->ff, n * sizeof (float));
    }
  s->info.logit_scale = few_model_info (model)->logit_scale;
  few_snapshot_seal (s);
  return g_steal_pointer (&s);
}

typedef struct
{
  FewClassifier *classifier;
  const FewTask *task;
  FewSnapshot *snapshot; /* out */
} Attempt;

static gboolean
try_zero_shot (FewModel *model, gpointer user, GError **error)
{
  Attempt *attempt = user;
  attempt->snapshot = zero_shot_once (model, attempt->task, error);
  return attempt->snapshot != NULL;
}

FewSnapshot *
few_snapshot_zero_shot (FewModel *model, const FewTask *task, GError **error)
{
  g_return_val_if_fail (model != NULL && task != NULL, NULL);
  g_return_val_if_fail (task->n == 0 || (task->features && task->labels && task->roles), NULL);
  Attempt attempt = { .task = task };
  few_model_retry (model, try_zero_shot, &attempt, error);
  return attempt.snapshot;
}

/* ---- a classifier */

typedef struct
{
  FewBackend *backend;
  FewBottleneck bottleneck;
  guint d, k;
  float *memory, *text, *f, *a, *cosines, *dots;
} Scratch;

static gboolean
init_scratch (Scratch *s, FewBackend *backend, const FewClassifierInfo *classifier, GError **error)
{
  guint d = classifier->dim;
  guint h = classifier->hidden;
  guint k = classifier->n_classes;
  gsize half = (gsize) d * h;
  *s = (Scratch) { .backend = backend, .d = d, .k = k };
  s->memory = backend->ops->alloc (
      backend, 2 * half + (gsize) k * d + (gsize) ROWS * (2 * d + h + k + 1), error);
  if (!s->memory)
    return FALSE;
  s->bottleneck = (FewBottleneck) {
    .d = d, .h = h, .final_relu = classifier->final_relu, .w1 = s->memory, .w2 = s->memory + half
  };
  s->text = s->memory + 2 * half;
  s->f = s->text + (gsize) k * d;
  s->a = s->f + (gsize) ROWS * d;
  s->bottleneck.hidden = s->a + (gsize) ROWS * d;
  s->cosines = s->bottleneck.hidden + (gsize) ROWS * h;
  s->dots = s->cosines + (gsize) ROWS * k;
  backend->ops->upload (backend->stream, s->bottleneck.w1, classifier->w1, half);
  backend->ops->upload (backend->stream, s->bottleneck.w2, classifier->w2, half);
  backend->ops->upload (backend->stream, s->text, classifier->text_features, (gsize) k * d);
  return TRUE;
}

/* Rows first … first + m of the snapshot. */
static void
evaluate_rows (Scratch *s, const float *features, guint first, guint m, FewSnapshot *out)
{
  const FewBackendOps *ops = s->backend->ops;
  FewStream *stream = s->backend->stream;
  gsize cells = (gsize) m * s->k;
  gsize at = (gsize) first * s->k;
  ops->upload (stream, s->f, features + (gsize) first * s->d, (gsize) m * s->d);
  few_bottleneck_forward (&s->bottleneck, ops, stream, m, s->f, s->d, s->a, s->d);
  ops->gemm (stream, FALSE, TRUE, m, s->k, s->d, 1, s->a, s->d, s->text, s->d, 0, s->cosines, s->k);
  ops->download (stream, out->at + at, s->cosines, cells);
  ops->gemm (stream, FALSE, TRUE, m, s->k, s->d, 1, s->f, s->d, s->text, s->d, 0, s->cosines, s->k);
  ops->download (stream, out->ft + at, s->cosines, cells);
  ops->row_dots (stream, m, s->d, s->a, s->a, s->dots);
  ops->download (stream, out->aa + first, s->dots, m);
  ops->row_dots (stream, m, s->d, s->a, s->f, s->dots);
  ops->download (stream, out->af + first, s->dots, m);
  ops->row_dots (stream, m, s->d, s->f, s->f, s->dots);
  ops->download (stream, out->ff + first, s->dots, m);
}

static FewSnapshot *
apply_once (FewModel *model, FewClassifier *classifier, const FewTask *task, GError **error)
{
  const FewModelInfo *info = few_model_info (model);
  const FewClassifierInfo *a = few_classifier_info (classifier);
  guint n = task->n;
  Scratch s;
  FewModelMatch match = few_model_match (info, a->backbone_sha256, a->backbone_fingerprint);
  if (a->dim != info->dim || match == FEW_MODEL_OTHER || match == FEW_MODEL_OTHER_SETTINGS)
    {
      few_fail (error, INPUT,
                "The classifier was trained with another model. Open that model, or train again.");
      return NULL;
    }
  if (!init_scratch (&s, few_model_backend (model), a, error))
    return NULL;
  g_autoptr (FewSnapshot) out =
      few_snapshot_new (n, a->n_classes, a->dim, task->labels, task->roles, task->ids);
  for (guint first = 0; first < n; first += ROWS)
    evaluate_rows (&s, task->features, first, MIN (ROWS, n - first), out);
  gboolean ok = s.backend->ops->check (s.backend->stream, error);
  s.backend->ops->free (s.backend, s.memory);
  if (!ok)
    return NULL;
  few_snapshot_take_classifier (out, few_classifier_ref (classifier),
                                (GDestroyNotify) few_classifier_unref);
  out->info.trained = TRUE;
  out->info.trained_alpha = a->trained_alpha;
  out->info.logit_scale = info->logit_scale;
  few_snapshot_seal (out);
  return g_steal_pointer (&out);
}

static gboolean
try_adapter (FewModel *model, gpointer user, GError **error)
{
  Attempt *attempt = user;
  attempt->snapshot = apply_once (model, attempt->classifier, attempt->task, error);
  return attempt->snapshot != NULL;
}

FewSnapshot *
few_snapshot_apply (FewModel *model, FewClassifier *classifier, const FewTask *task, GError **error)
{
  g_return_val_if_fail (model != NULL && classifier != NULL && task != NULL, NULL);
  g_return_val_if_fail (task->n == 0 || (task->features && task->labels && task->roles), NULL);
  Attempt attempt = { .classifier = classifier, .task = task };
  few_model_retry (model, try_adapter, &attempt, error);
  return attempt.snapshot;
}

/* ---- runs that a project keeps */

FewProjectRun *
few_project_run_new (const char *title, const FewTrainJob *job, const FewSnapshot *snapshot,
                     const char *const *prompts, gboolean stopped)
{
  g_return_val_if_fail (job != NULL && snapshot != NULL, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_return_val_if_fail (info->classifier != NULL, NULL);
  const FewClassifierInfo *classifier = few_classifier_info (info->classifier);
  FewProjectRun *run = g_new0 (FewProjectRun, 1);
  gsize half = (gsize) classifier->hidden * classifier->dim;
  g_atomic_ref_count_init (&run->refs);
  run->title = g_strdup (title);
  run->job = *job;
  run->stopped = stopped;
  run->seconds = info->seconds;
  run->test_accuracy = few_lens_accuracy (snapshot, FEW_ROLE_TEST, info->trained_alpha);
  run->zero_shot_accuracy = few_lens_accuracy (snapshot, FEW_ROLE_TEST, 0);
  for (guint i = 0; i < info->n; i++)
    run->n_test += info->roles[i] == FEW_ROLE_TEST;
  run->n_classes = info->n_classes;
  run->names = g_strdupv ((char **) classifier->classes);
  run->prompts = g_new0 (char *, info->n_classes + 1);
  for (guint k = 0; prompts && k < info->n_classes; k++)
    run->prompts[k] = g_strdup (prompts[k]);
  run->template_text = g_strdup (classifier->template_text);
  run->epochs = info->epoch;
  run->history = g_memdup2 (info->history, info->epoch * sizeof *info->history);
  run->n = info->n;
  run->ids = g_memdup2 (info->ids, info->n * sizeof *info->ids);
  run->labels = g_memdup2 (info->labels, info->n * sizeof *info->labels);
  run->roles = g_memdup2 (info->roles, info->n);
  run->dim = classifier->dim;
  run->hidden = classifier->hidden;
  run->weights = g_new (float, 2 * half);
  memcpy (run->weights, classifier->w1, half * sizeof (float));
  memcpy (run->weights + half, classifier->w2, half * sizeof (float));
  run->backbone_sha256 = g_strdup (classifier->backbone_sha256);
  run->backbone_fingerprint =
      *classifier->backbone_fingerprint ? g_strdup (classifier->backbone_fingerprint) : NULL;
  return run;
}

/* Why a run cannot be shown. */
static void
fail_restore (const FewProjectRun *run, FewModelMatch match, GError **error)
{
  if (!run->weights)
    few_fail (error, INPUT, "“%s” was kept without its weights. Train again to see it.",
              run->title);
  else if (match == FEW_MODEL_OTHER_SETTINGS)
    few_fail (error, INPUT,
              "“%s” was trained with these weights and another config, preprocessing or "
              "tokenizer. Open that model to see it, or train again.",
              run->title);
  else
    few_fail (error, INPUT,
              "“%s” was trained with another model. Open that model to see it, or train again.",
              run->title);
}

FewSnapshot *
few_snapshot_restore (FewModel *model, const FewProjectRun *run, const FewTask *task,
                      GError **error)
{
  g_return_val_if_fail (model != NULL && run != NULL && task != NULL, NULL);
  g_return_val_if_fail (task->text_features != NULL, NULL);
  const FewModelInfo *info = few_model_info (model);
  FewModelMatch match = few_model_match (info, run->backbone_sha256, run->backbone_fingerprint);
  if (!run->weights || run->dim != info->dim || match == FEW_MODEL_OTHER
      || match == FEW_MODEL_OTHER_SETTINGS)
    {
      fail_restore (run, match, error);
      return NULL;
    }
  g_autoptr (FewClassifier) classifier = few_classifier_new (
      run->dim, run->hidden, run->job.options.final_relu, run->weights, task->text_features,
      (const char *const *) run->names, run->n_classes, info->logit_scale, run->job.options.alpha,
      run->template_text,
      &(FewBackbone) { info->name, run->backbone_sha256,
                       run->backbone_fingerprint ? run->backbone_fingerprint : "" });
  FewSnapshot *out = few_snapshot_apply (model, classifier, task, error);
  if (!out)
    return NULL;
  out->info.epoch = run->epochs;
  out->info.epochs = run->stopped ? MAX (run->epochs, run->job.options.epochs) : run->epochs;
  out->info.history = g_memdup2 (run->history, run->epochs * sizeof *run->history);
  out->info.seconds = run->seconds;
  return out;
}
