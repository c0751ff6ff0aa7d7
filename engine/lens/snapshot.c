/* SPDX-License-Identifier: MIT */
#include "lens/snapshot.h"
#include "clip/model.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <string.h>

FewSnapshot *
few_snapshot_new (guint n, guint n_classes, guint dim, const guint32 *labels, const guint8 *roles,
                  const guint32 *ids)
{
  FewSnapshot *s = g_new0 (FewSnapshot, 1);
  g_atomic_ref_count_init (&s->refs);
  gsize cells = (gsize) n * n_classes;
  s->at = g_new0 (float, cells);
  s->ft = g_new0 (float, cells);
  s->aa = g_new0 (float, n);
  s->ff = g_new0 (float, n);
  s->af = g_new0 (float, n);
  guint32 *own_ids = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    own_ids[i] = ids ? ids[i] : i;
  s->info = (FewSnapshotInfo) { .n = n,
                                .n_classes = n_classes,
                                .dim = dim,
                                .ids = own_ids,
                                .labels = g_memdup2 (labels, n * sizeof *labels),
                                .roles = g_memdup2 (roles, n),
                                .curve = s->curve };
  return s;
}

void
few_snapshot_seal (FewSnapshot *snapshot)
{
  few_lens_curve (snapshot, FEW_ROLE_VALIDATION, snapshot->curve);
}

FewSnapshot *
few_snapshot_ref (FewSnapshot *snapshot)
{
  g_atomic_ref_count_inc (&snapshot->refs);
  return snapshot;
}

void
few_snapshot_unref (FewSnapshot *snapshot)
{
  if (!g_atomic_ref_count_dec (&snapshot->refs))
    return;
  if (snapshot->at != snapshot->ft)
    g_free (snapshot->at);
  g_free (snapshot->ft);
  g_free (snapshot->aa);
  g_free (snapshot->ff);
  g_free (snapshot->af);
  g_free ((guint32 *) snapshot->info.ids);
  g_free ((guint32 *) snapshot->info.labels);
  g_free ((guint8 *) snapshot->info.roles);
  g_free ((FewEpoch *) snapshot->info.history);
  g_clear_pointer (&snapshot->info.adapter, few_adapter_unref);
  g_free (snapshot);
}

const FewSnapshotInfo *
few_snapshot_info (const FewSnapshot *snapshot)
{
  return &snapshot->info;
}

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

FewSnapshot *
few_snapshot_zero_shot (FewModel *model, const float *features, const guint32 *labels,
                        const guint8 *roles, const guint32 *ids, guint n,
                        const float *text_features, guint n_classes, GError **error)
{
  GError *local = NULL;
  FewSnapshot *s =
      zero_shot_once (model, features, labels, roles, ids, n, text_features, n_classes, &local);
  if (!s && few_model_fall_back (model, &local))
    s = zero_shot_once (model, features, labels, roles, ids, n, text_features, n_classes, &local);
  if (!s)
    g_propagate_error (error, local);
  return s;
}
