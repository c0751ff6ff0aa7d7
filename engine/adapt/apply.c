/* SPDX-License-Identifier: MIT */
/* Adapters applied to features that they were not trained on in this session: new pictures, and
 * runs that a project kept. */
#include "clip/model.h"
#include "base/error.h"
#include "lens/lens.h"
#include "adapt/adapter.h"
#include "adapt/bottleneck.h"
#include <fewshot/apply.h>
#include <string.h>

enum { ROWS = 512 }; /* evaluated at once */

/* ---- before training */

static FewSnapshot *
zero_shot_once (FewModel *model, const float *features, const guint32 *labels, const guint8 *roles,
                const guint32 *ids, guint n, const float *text_features, guint n_classes,
                GError **error)
{
  FewBackend *backend = few_model_backend (model);
  const FewBackendOps *ops = backend->ops;
  FewStream *stream = backend->stream;
  guint d = few_model_dim (model);
  gsize n_features = (gsize) n * d;
  gsize n_text = (gsize) n_classes * d;
  gsize cells = (gsize) n * n_classes;
  float *memory = ops->alloc (backend, n_features + n_text + cells + n, error);
  if (!memory)
    return NULL;
  float *f = memory;
  float *t = f + n_features;
  float *ft = t + n_text;
  float *ff = ft + cells;
  ops->upload (stream, f, features, n_features);
  ops->upload (stream, t, text_features, n_text);
  if (n > 0)
    ops->gemm (stream, FALSE, TRUE, n, n_classes, d, 1, f, d, t, d, 0, ft, n_classes);
  ops->row_dots (stream, n, d, f, f, ff);
  g_autoptr (FewSnapshot) s = few_snapshot_new (n, n_classes, d, labels, roles, ids);
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
  const float *features, *text_features;
  const guint32 *labels, *ids;
  const guint8 *roles;
  guint n, n_classes;
  FewAdapter *adapter;
  FewSnapshot *snapshot; /* out */
} Application;

static gboolean
try_zero_shot (FewModel *model, gpointer user, GError **error)
{
  Application *z = user;
  z->snapshot = zero_shot_once (model, z->features, z->labels, z->roles, z->ids, z->n,
                                z->text_features, z->n_classes, error);
  return z->snapshot != NULL;
}

FewSnapshot *
few_snapshot_zero_shot (FewModel *model, const float *features, const guint32 *labels,
                        const guint8 *roles, const guint32 *ids, guint n,
                        const float *text_features, guint n_classes, GError **error)
{
  Application z = { .features = features,
                    .text_features = text_features,
                    .labels = labels,
                    .ids = ids,
                    .roles = roles,
                    .n = n,
                    .n_classes = n_classes };
  few_model_retry (model, try_zero_shot, &z, error);
  return z.snapshot;
}

/* ---- an adapter */

typedef struct
{
  FewBackend *backend;
  FewBottleneck bottleneck;
  guint d, k;
  float *memory, *text, *f, *a, *cosines, *dots;
} Scratch;

static gboolean
scratch_init (Scratch *s, FewBackend *backend, const FewAdapterInfo *adapter, GError **error)
{
  guint d = adapter->dim;
  guint h = adapter->hidden;
  guint k = adapter->n_classes;
  gsize half = (gsize) d * h;
  *s = (Scratch) { .backend = backend, .d = d, .k = k };
  s->memory = backend->ops->alloc (
      backend, 2 * half + (gsize) k * d + (gsize) ROWS * (2 * d + h + k + 1), error);
  if (!s->memory)
    return FALSE;
  s->bottleneck = (FewBottleneck) {
    .d = d, .h = h, .final_relu = adapter->final_relu, .w1 = s->memory, .w2 = s->memory + half
  };
  s->text = s->memory + 2 * half;
  s->f = s->text + (gsize) k * d;
  s->a = s->f + (gsize) ROWS * d;
  s->bottleneck.hidden = s->a + (gsize) ROWS * d;
  s->cosines = s->bottleneck.hidden + (gsize) ROWS * h;
  s->dots = s->cosines + (gsize) ROWS * k;
  backend->ops->upload (backend->stream, s->bottleneck.w1, adapter->w1, half);
  backend->ops->upload (backend->stream, s->bottleneck.w2, adapter->w2, half);
  backend->ops->upload (backend->stream, s->text, adapter->text_features, (gsize) k * d);
  return TRUE;
}

/* Rows first … first + m of the snapshot. */
static void
evaluate (Scratch *s, const float *features, guint first, guint m, FewSnapshot *out)
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
apply_once (FewModel *model, FewAdapter *adapter, const float *features, const guint32 *labels,
            const guint8 *roles, const guint32 *ids, guint n, GError **error)
{
  const FewModelInfo *info = few_model_info (model);
  const FewAdapterInfo *a = few_adapter_info (adapter);
  Scratch s;
  if (a->dim != info->dim || g_strcmp0 (a->backbone_sha256, info->sha256) != 0)
    {
      few_fail (error, INPUT,
                "The adapter was trained with another model. Open that model, or train again.");
      return NULL;
    }
  if (!scratch_init (&s, few_model_backend (model), a, error))
    return NULL;
  g_autoptr (FewSnapshot) out = few_snapshot_new (n, a->n_classes, a->dim, labels, roles, ids);
  for (guint first = 0; first < n; first += ROWS)
    evaluate (&s, features, first, MIN (ROWS, n - first), out);
  gboolean ok = s.backend->ops->check (s.backend->stream, error);
  s.backend->ops->free (s.backend, s.memory);
  if (!ok)
    return NULL;
  few_snapshot_take_adapter (out, few_adapter_ref (adapter), (GDestroyNotify) few_adapter_unref);
  out->info.trained = TRUE;
  out->info.trained_alpha = a->trained_alpha;
  out->info.logit_scale = info->logit_scale;
  few_snapshot_seal (out);
  return g_steal_pointer (&out);
}

static gboolean
try_adapter (FewModel *model, gpointer user, GError **error)
{
  Application *a = user;
  a->snapshot =
      apply_once (model, a->adapter, a->features, a->labels, a->roles, a->ids, a->n, error);
  return a->snapshot != NULL;
}

FewSnapshot *
few_snapshot_apply (FewModel *model, FewAdapter *adapter, const float *features,
                    const guint32 *labels, const guint8 *roles, const guint32 *ids, guint n,
                    GError **error)
{
  Application a = {
    .features = features, .labels = labels, .ids = ids, .roles = roles, .n = n, .adapter = adapter
  };
  few_model_retry (model, try_adapter, &a, error);
  return a.snapshot;
}

FewSnapshot *
few_snapshot_restore (FewModel *model, const FewProjectRun *run, const float *features,
                      const guint32 *labels, const guint8 *roles, const guint32 *ids, guint n,
                      const float *text_features, GError **error)
{
  const FewModelInfo *info = few_model_info (model);
  if (!run->weights || run->dim != info->dim || g_strcmp0 (run->backbone_sha256, info->sha256) != 0)
    {
      few_fail (
          error, INPUT,
          run->weights
              ? "“%s” was trained with another model. Open that model to see it, or train again."
              : "“%s” was kept without its weights. Train again to see it.",
          run->title);
      return NULL;
    }
  g_autoptr (FewAdapter) adapter = few_adapter_new (
      run->dim, run->hidden, run->job.options.final_relu, run->weights, text_features,
      (const char *const *) run->names, run->n_classes, info->logit_scale, run->job.options.alpha,
      run->template_text, info->name, info->sha256);
  FewSnapshot *out = few_snapshot_apply (model, adapter, features, labels, roles, ids, n, error);
  if (!out)
    return NULL;
  out->info.epoch = run->epochs;
  out->info.epochs = run->stopped ? MAX (run->epochs, run->job.options.epochs) : run->epochs;
  out->info.history = g_memdup2 (run->history, run->epochs * sizeof *run->history);
  out->info.seconds = run->seconds;
  return out;
}
