/* SPDX-License-Identifier: MIT */
/* Snapshots that no training run makes: zero-shot CLIP's, and a classifier's of features that it
 * was not trained on. */
#include "adapt/textless.h"
#include "clip/model.h"
#include "base/error.h"
#include "base/memory.h"
#include "lens/lens.h"
#include "adapt/classifier.h"
#include "adapt/scoring.h"
#include "adapt/trust.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <math.h>
#include <string.h>

/* ---- zero-shot */

enum { ROWS = 2048 }; /* pictures at once: beside the snapshot's there is no second large table */

/* memory: [D] of as many pictures and of the texts, [K] and one of the pictures */
static void
score_texts (FewBackend *backend, const FewTask *task, guint d, float *memory, FewSnapshot *s)
{
  const FewBackendOps *ops = backend->ops;
  FewStream *stream = backend->stream;
  guint k = task->n_classes;
  float *f = memory;
  float *t = f + (gsize) MIN (ROWS, task->n) * d;
  float *ft = t + (gsize) k * d;
  float *ff = ft + (gsize) MIN (ROWS, task->n) * k;
  ops->upload (stream, t, task->text_features, (gsize) k * d);
  for (guint first = 0; first < task->n; first += ROWS)
    {
      guint m = MIN (ROWS, task->n - first);
      ops->upload (stream, f, task->features + (gsize) first * d, (gsize) m * d);
      ops->gemm (stream, FALSE, TRUE, m, k, d, 1, f, d, t, d, 0, ft, k);
      ops->row_dots (stream, m, d, f, f, ff);
      ops->download (stream, s->ft + (gsize) first * k, ft, (gsize) m * k);
      ops->download (stream, s->ff + first, ff, m);
    }
}

static FewSnapshot *
zero_shot_once (FewModel *model, const FewTask *task, GError **error)
{
  FewBackend *backend = few_model_backend (model);
  const FewBackendOps *ops = backend->ops;
  guint n = task->n;
  guint k = task->n_classes;
  guint d = few_model_dim (model);
  gsize rows = MIN (ROWS, n);
  float *memory = ops->alloc (backend, rows * ((gsize) d + k + 1) + (gsize) k * d, error);
  if (!memory)
    return NULL;
  g_autoptr (FewSnapshot) s =
      few_snapshot_new_zero_shot (n, k, d, task->labels, task->roles, task->ids, error);
  few_snapshot_take_sets (s, task->sets);
  if (s)
    score_texts (backend, task, d, memory, s);
  gboolean ok = s && ops->check (backend->stream, error);
  ops->free (backend, memory);
  if (!ok)
    return NULL;
  if (n > 0) /* untrained: every α shows CLIP itself */
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
  if (!few_method_check_texts (model, "Zero-shot CLIP", error))
    return NULL;
  Attempt attempt = { .task = task };
  few_model_retry (model, try_zero_shot, &attempt, error);
  return attempt.snapshot;
}

/* ---- a classifier */

static FewSnapshot *
apply_once (FewModel *model, FewClassifier *classifier, const FewTask *task, GError **error)
{
  const FewModelInfo *info = few_model_info (model);
  const FewClassifierInfo *c = few_classifier_info (classifier);
  FewModelMatch match = few_model_match (info, c->backbone_sha256, c->backbone_fingerprint);
  if (c->dim != info->dim || !few_model_match_fits (match))
    {
      few_fail (error, INPUT,
                "The classifier was trained with another model. Open that model, or train again.");
      return NULL;
    }
  g_autoptr (FewSnapshot) out =
      few_snapshot_new (task->n, c->n_classes, c->dim, task->labels, task->roles, task->ids, error);
  few_snapshot_take_sets (out, task->sets);
  if (!out || !few_score_pictures (few_model_backend (model), c, task->features, out, error)
      || !few_trust_look_all (c->trust, task->features, out, error))
    return NULL;
  few_snapshot_take_classifier (out, few_classifier_ref (classifier),
                                (GDestroyNotify) few_classifier_unref);
  out->info.trained = TRUE;
  out->info.thresholds = c->thresholds;
  out->info.trained_alpha = c->trained_alpha;
  out->info.logit_scale = c->logit_scale;
  few_snapshot_seal (out);
  return g_steal_pointer (&out);
}

static gboolean
try_classifier (FewModel *model, gpointer user, GError **error)
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
  few_model_retry (model, try_classifier, &attempt, error);
  return attempt.snapshot;
}
