/* SPDX-License-Identifier: MIT */
/* Many pictures seen through a classifier, by matrix products. A bottleneck and a tower fill the
 * lens's table with what it is made for, a·t, f·t, |a|², a·f, |f|². The other kinds have logits and
 * no feature of their own: they take the place of a·t and f·t, over logit_scale, and all lengths
 * are 1, which makes the lens's blend that of the logits. */
#include "adapt/scoring.h"
#include "adapt/bottleneck.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

enum { ROWS = 512 }; /* at once */

typedef struct
{
  FewBackend *backend;
  const FewBackendOps *ops;
  FewStream *stream;
  const FewClassifierInfo *info;
  FewBottleneck bottleneck;
  guint d, k;
  float *memory, *text, *learned, *f, *a, *logits, *dots;
  float *part_text; /* of a sum: the text, or its own */
  float *unit, *host; /* host: [ROWS, D] and [ROWS, n_keys] */
} Scoring;

/* How many rows of D what was learned has, beside the text features. */
static gsize
count_learned_rows (const FewClassifierInfo *info)
{
  switch (info->kind)
    {
    case FEW_CLASSIFIER_LINEAR:
    case FEW_CLASSIFIER_INDEPENDENT:
      return info->n_classes;
    case FEW_CLASSIFIER_CACHE:
      return info->n_keys;
    case FEW_CLASSIFIER_SUM:
      return (info->part_text ? 2 : 1) * (gsize) info->n_classes + 2 * (gsize) info->hidden;
    case FEW_CLASSIFIER_TOWER:
      return 0;
    case FEW_CLASSIFIER_BOTTLENECK:
      return 2 * (gsize) info->hidden;
    }
  g_assert_not_reached ();
}

static void
upload_learned (Scoring *s)
{
  const FewClassifierInfo *info = s->info;
  gsize half = (gsize) info->hidden * s->d;
  s->ops->upload (s->stream, s->text, info->text_features, (gsize) s->k * s->d);
  if (info->weight)
    s->ops->upload (s->stream, s->learned, info->weight, (gsize) s->k * s->d);
  if (info->keys)
    s->ops->upload (s->stream, s->learned, info->keys, (gsize) info->n_keys * s->d);
  s->part_text = s->text;
  if (info->part_text)
    {
      s->part_text = s->learned + (gsize) s->k * s->d;
      s->ops->upload (s->stream, s->part_text, info->part_text, (gsize) s->k * s->d);
    }
  if (info->w1 && info->kind != FEW_CLASSIFIER_TOWER)
    {
      gsize before = (info->weight ? 1 : 0) + (info->part_text ? 1 : 0);
      float *weights = s->learned + before * s->k * s->d;
      s->bottleneck = (FewBottleneck) { .d = s->d,
                                        .h = info->hidden,
                                        .final_relu = info->final_relu,
                                        .w1 = weights,
                                        .w2 = weights + half,
                                        .hidden = s->dots + ROWS };
      s->ops->upload (s->stream, s->bottleneck.w1, info->w1, half);
      s->ops->upload (s->stream, s->bottleneck.w2, info->w2, half);
    }
}

static void
clear_scoring (Scoring *s)
{
  g_clear_pointer (&s->unit, g_free);
  g_clear_pointer (&s->host, g_free);
  s->ops->free (s->backend, s->memory);
}

static gboolean
init_scoring (Scoring *s, FewBackend *backend, const FewClassifierInfo *info, GError **error)
{
  gsize d = info->dim;
  gsize wide = MAX (MAX (info->n_classes, info->n_keys), 1);
  gsize learned = count_learned_rows (info) * d;
  *s = (Scoring) { .backend = backend,
                   .ops = backend->ops,
                   .stream = backend->stream,
                   .info = info,
                   .d = info->dim,
                   .k = info->n_classes };
  s->memory = s->ops->alloc (
      backend, info->n_classes * d + learned + (gsize) ROWS * (2 * d + wide + 1 + info->hidden),
      error);
  if (!s->memory)
    return FALSE;
  s->text = s->memory;
  s->learned = s->text + info->n_classes * d;
  s->f = s->learned + learned;
  s->a = s->f + ROWS * d;
  s->logits = s->a + ROWS * d;
  s->dots = s->logits + ROWS * wide;
  s->unit = few_try_floats (ROWS, d, "the scores", error);
  s->host = s->unit ? few_try_floats (ROWS, wide, "the scores", error) : NULL;
  if (!s->host)
    {
      clear_scoring (s);
      return FALSE;
    }
  upload_learned (s);
  return TRUE;
}

/* ---- kinds: rows first … first + m of the snapshot */

/* f and a [m, D] are there. */
static void
measure_features (Scoring *s, guint first, guint m, FewSnapshot *out)
{
  const FewBackendOps *ops = s->ops;
  gsize cells = (gsize) m * s->k;
  gsize at = (gsize) first * s->k;
  ops->gemm (s->stream, FALSE, TRUE, m, s->k, s->d, 1, s->a, s->d, s->text, s->d, 0, s->logits,
             s->k);
  ops->download (s->stream, out->at + at, s->logits, cells);
  ops->gemm (s->stream, FALSE, TRUE, m, s->k, s->d, 1, s->f, s->d, s->text, s->d, 0, s->logits,
             s->k);
  ops->download (s->stream, out->ft + at, s->logits, cells);
  ops->row_dots (s->stream, m, s->d, s->a, s->a, s->dots);
  ops->download (s->stream, out->aa + first, s->dots, m);
  ops->row_dots (s->stream, m, s->d, s->a, s->f, s->dots);
  ops->download (s->stream, out->af + first, s->dots, m);
  ops->row_dots (s->stream, m, s->d, s->f, s->f, s->dots);
  ops->download (s->stream, out->ff + first, s->dots, m);
}

static void
score_bottleneck (Scoring *s, const float *features, guint first, guint m, FewSnapshot *out)
{
  s->ops->upload (s->stream, s->f, features, (gsize) m * s->d);
  few_bottleneck_forward (&s->bottleneck, s->ops, s->stream, m, s->f, s->d, s->a, s->d);
  measure_features (s, first, m, out);
}

/* Features [m, 2 D]: f and g side by side */
static void
score_tower (Scoring *s, const float *features, guint first, guint m, FewSnapshot *out)
{
  float *halves[] = { s->f, s->a };
  for (guint h = 0; h < 2; h++)
    {
      for (guint i = 0; i < m; i++)
        memcpy (s->unit + (gsize) i * s->d, features + (2 * (gsize) i + h) * s->d,
                s->d * sizeof *s->unit);
      s->ops->upload (s->stream, halves[h], s->unit, (gsize) m * s->d);
    }
  for (guint i = 0; i < m; i++)
    memcpy (out->inserted + (gsize) (first + i) * s->d, features + (2 * (gsize) i + 1) * s->d,
            s->d * sizeof *features);
  measure_features (s, first, m, out);
}

/* Unit features to the device; all lengths 1. */
static void
upload_unit (Scoring *s, const float *features, guint first, guint m, FewSnapshot *out)
{
  for (guint i = 0; i < m; i++)
    {
      const float *row = features + (gsize) i * s->d;
      float *unit = s->unit + (gsize) i * s->d;
      double sum = 0;
      for (guint j = 0; j < s->d; j++)
        sum += (double) row[j] * row[j];
      float inverse = sum > 1e-24 ? (float) (1 / sqrt (sum)) : 0;
      for (guint j = 0; j < s->d; j++)
        unit[j] = row[j] * inverse;
      out->aa[first + i] = out->af[first + i] = out->ff[first + i] = 1;
    }
  s->ops->upload (s->stream, s->f, s->unit, (gsize) m * s->d);
}

/* host [m, columns] = scale · x · rowsᵀ; x [m, D] on the device */
static void
multiply_rows (Scoring *s, guint m, const float *x, const float *rows, guint columns, double scale,
               float *host)
{
  s->ops->gemm (s->stream, FALSE, TRUE, m, columns, s->d, (float) scale, x, s->d, rows, s->d, 0,
                s->logits, columns);
  s->ops->download (s->stream, host, s->logits, (gsize) m * columns);
}

static void
score_linear (Scoring *s, const float *features, guint first, guint m, FewSnapshot *out)
{
  const FewClassifierInfo *info = s->info;
  float *at = out->at + (gsize) first * s->k;
  upload_unit (s, features, first, m, out);
  multiply_rows (s, m, s->f, s->text, s->k, info->zero_scale / info->logit_scale,
                 out->ft + (gsize) first * s->k);
  if (info->raw)
    s->ops->upload (s->stream, s->a, features, (gsize) m * s->d);
  multiply_rows (s, m, info->raw ? s->a : s->f, s->learned, s->k, 1 / info->logit_scale, at);
  for (guint i = 0; i < m; i++)
    for (guint c = 0; c < s->k; c++)
      at[(gsize) i * s->k + c] += (float) (info->bias[c] / info->logit_scale);
}

/* The linear part, and the adapter's cosines added to it. */
static void
score_sum (Scoring *s, const float *features, guint first, guint m, FewSnapshot *out)
{
  const FewClassifierInfo *info = s->info;
  float *at = out->at + (gsize) first * s->k;
  float weight = (float) (info->part_scale / info->logit_scale);
  score_linear (s, features, first, m, out);
  s->ops->upload (s->stream, s->f, features, (gsize) m * s->d);
  few_bottleneck_forward (&s->bottleneck, s->ops, s->stream, m, s->f, s->d, s->a, s->d);
  s->ops->blend_normalise (s->stream, m, s->d, (float) info->part_alpha, s->a, s->f, s->a, s->dots);
  multiply_rows (s, m, s->a, s->part_text, s->k, 1, s->host);
  for (gsize i = 0; i < (gsize) m * s->k; i++)
    at[i] += weight * s->host[i];
}

static void
score_cache (Scoring *s, const float *features, guint first, guint m, FewSnapshot *out)
{
  const FewClassifierInfo *info = s->info;
  float *ft = out->ft + (gsize) first * s->k;
  float *at = out->at + (gsize) first * s->k;
  float weight = (float) (info->tau / info->logit_scale);
  upload_unit (s, features, first, m, out);
  multiply_rows (s, m, s->f, s->text, s->k, 1, ft);
  multiply_rows (s, m, s->f, s->learned, info->n_keys, 1, s->host);
  for (guint i = 0; i < m; i++)
    {
      const float *cosines = s->host + (gsize) i * info->n_keys;
      float *row = at + (gsize) i * s->k;
      for (guint c = 0; c < s->k; c++)
        row[c] = ft[(gsize) i * s->k + c];
      for (guint key = 0; key < info->n_keys; key++)
        {
          float near = weight * expf ((float) info->sharpness * (cosines[key] - 1));
          const float *values = info->key_values ? info->key_values + (gsize) key * s->k : NULL;
          if (!values)
            row[info->key_labels[key]] += near;
          for (guint c = 0; values && c < s->k; c++)
            row[c] += near * values[c];
        }
    }
}

gboolean
few_score_pictures (FewBackend *backend, const FewClassifierInfo *classifier, const float *features,
                    FewSnapshot *out, GError **error)
{
  static void (*const scorers[]) (Scoring *, const float *, guint, guint, FewSnapshot *) = {
    [FEW_CLASSIFIER_BOTTLENECK] = score_bottleneck, [FEW_CLASSIFIER_LINEAR] = score_linear,
    [FEW_CLASSIFIER_CACHE] = score_cache,           [FEW_CLASSIFIER_SUM] = score_sum,
    [FEW_CLASSIFIER_TOWER] = score_tower,           [FEW_CLASSIFIER_INDEPENDENT] = score_linear,
  };
  Scoring s;
  guint n = out->info.n;
  gboolean tower = classifier->kind == FEW_CLASSIFIER_TOWER;
  gsize length = (tower ? 2 : 1) * (gsize) classifier->dim;
  if (tower && !(out->inserted = few_try_floats (n, classifier->dim, "the scores", error)))
    return FALSE;
  if (!init_scoring (&s, backend, classifier, error))
    return FALSE;
  out->info.inserted = out->inserted;
  for (guint first = 0; first < n; first += ROWS)
    {
      guint m = MIN (ROWS, n - first);
      const float *rows = features + first * length;
      scorers[classifier->kind](&s, rows, first, m, out);
    }
  gboolean ok = s.ops->check (s.stream, error);
  clear_scoring (&s);
  return ok;
}

float *
few_join_features (const FewTask *task, const float *inserted, gsize dim, GError **error)
{
  float *joined = few_try_floats (task->n, 2 * dim, "the features of pictures", error);
  for (gsize i = 0; joined && i < task->n; i++)
    {
      memcpy (joined + 2 * i * dim, task->features + i * dim, dim * sizeof *joined);
      memcpy (joined + (2 * i + 1) * dim, inserted + i * dim, dim * sizeof *joined);
    }
  return joined;
}
