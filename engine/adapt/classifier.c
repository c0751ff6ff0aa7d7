/* SPDX-License-Identifier: MIT */
/* A classifier as a value, and what it makes of one picture: the plain reference. */
#include "adapt/classifier.h"
#include "base/memory.h"
#include <fewshot/classifier.h>
#include <fewshot/several.h>
#include <fewshot/trust.h>
#include <math.h>
#include <string.h>

struct FewClassifier
{
  gatomicrefcount refs;
  FewClassifierInfo info;
  GMutex lock;           /* of the room that one picture's answer takes */
  float *hidden, *unit, *blended, *cosines; /* [H], [D], [D], [K] */
  FewRoom room;
};

/* What the kind has not stays NULL. */
static gboolean
copy_floats (const float **own, const float *values, gsize n, GError **error)
{
  *own = values ? few_try_copy (values, n, sizeof *values, "the classifier", error) : NULL;
  return *own || !values;
}

static gboolean
copy_labels (const guint32 **own, const guint32 *labels, guint n, GError **error)
{
  *own = labels ? few_try_copy (labels, n, sizeof *labels, "the classifier", error) : NULL;
  return *own || !labels;
}

static char *
copy_text (const char *text)
{
  return g_strdup (text ? text : "");
}

static gboolean
copy_learned (FewClassifierInfo *own, const FewClassifierInfo *info, GError **error)
{
  gsize half = (gsize) (info->width ? info->width : info->dim) * info->hidden;
  gsize cells = (gsize) info->n_classes * info->dim;
  gsize keys = (gsize) info->n_keys * info->dim;
  return copy_floats (&own->text_features, info->text_features, cells, error)
         && copy_floats (&own->w1, info->w1, half, error)
         && copy_floats (&own->w2, info->w2, half, error)
         && copy_floats (&own->weight, info->weight, cells, error)
         && copy_floats (&own->part_text, info->part_text, cells, error)
         && copy_floats (&own->bias, info->bias, info->n_classes, error)
         && copy_floats (&own->keys, info->keys, keys, error)
         && copy_floats (&own->key_values, info->key_values, (gsize) info->n_keys * info->n_classes,
                         error)
         && copy_labels (&own->key_labels, info->key_labels, info->n_keys, error)
         && copy_floats (&own->thresholds, info->thresholds, info->n_classes, error)
         && copy_labels (&own->positives, info->positives, info->n_classes, error);
}

static gboolean
copy_statistics (FewClassifierInfo *own, const FewClassifierInfo *info, GError **error)
{
  const FewStatistics *from = &info->statistics;
  gsize d = info->dim;
  own->statistics = (FewStatistics) { .a = from->a };
  return copy_labels (&own->statistics.counts, from->counts, info->n_classes, error)
         && copy_floats (&own->statistics.means, from->means, info->n_classes * d, error)
         && copy_floats (&own->statistics.scatter, from->scatter, d * d, error);
}

static gboolean
copy_origin (FewOrigin *own, const FewOrigin *origin, GError **error)
{
  own->version = copy_text (origin->version);
  own->trained = copy_text (origin->trained);
  own->measured = copy_text (origin->measured);
  own->made = copy_text (origin->made);
  own->parents = (const char *const *) g_strdupv ((char **) origin->parents);
  own->several = origin->several ? few_several_copy (origin->several, error) : NULL;
  return own->several || !origin->several;
}

FewClassifier *
few_classifier_new (const FewClassifierInfo *info, GError **error)
{
  g_assert (info && info->text_features && info->classes);
  g_autoptr (FewClassifier) classifier = g_new0 (FewClassifier, 1);
  FewClassifierInfo *own = &classifier->info;
  char **names = few_try_strings (info->classes, info->n_classes, "the classifier", error);
  g_atomic_ref_count_init (&classifier->refs);
  g_mutex_init (&classifier->lock);
  if (!names)
    return NULL;
  *own = *info;
  own->text_features = own->w1 = own->w2 = own->weight = own->bias = own->keys = NULL;
  own->key_values = own->part_text = own->thresholds = NULL;
  own->key_labels = own->positives = NULL;
  own->trust = info->trust ? few_trust_ref (info->trust) : NULL;
  own->prompts = (const char *const *) g_strdupv ((char **) info->prompts);
  own->statistics = (FewStatistics) { NULL };
  gboolean told = copy_origin (&own->origin, &info->origin, error);
  own->rejects = g_memdup2 (info->rejects, info->n_rejects * sizeof *info->rejects);
  own->classes = (const char *const *) names;
  own->method = copy_text (info->method);
  own->template_text = copy_text (info->template_text);
  own->backbone = copy_text (info->backbone);
  own->backbone_sha256 = copy_text (info->backbone_sha256);
  own->backbone_fingerprint = copy_text (info->backbone_fingerprint);
  own->backbone_precision = copy_text (info->backbone_precision);
  classifier->hidden = few_room_new (&classifier->room, float, info->hidden, 1);
  classifier->unit = few_room_new (&classifier->room, float, info->dim, 1);
  classifier->blended = few_room_new (&classifier->room, float, info->dim, 1);
  classifier->cosines = few_room_new (&classifier->room, float, info->n_classes, 1);
  if (!told || few_room_is_short (&classifier->room, "the classifier", error))
    return NULL;
  gboolean copied = copy_learned (own, info, error) && copy_statistics (own, info, error);
  return copied ? g_steal_pointer (&classifier) : NULL;
}

FewClassifier *
few_classifier_ref (FewClassifier *classifier)
{
  g_return_val_if_fail (classifier != NULL, NULL);
  g_atomic_ref_count_inc (&classifier->refs);
  return classifier;
}

void
few_classifier_unref (FewClassifier *classifier)
{
  g_return_if_fail (classifier != NULL);
  if (!g_atomic_ref_count_dec (&classifier->refs))
    return;
  const FewClassifierInfo *info = &classifier->info;
  g_free ((float *) info->text_features);
  g_free ((float *) info->w1);
  g_free ((float *) info->w2);
  g_free ((float *) info->weight);
  g_free ((float *) info->bias);
  g_free ((float *) info->part_text);
  g_free ((float *) info->keys);
  g_free ((float *) info->key_values);
  g_free ((guint32 *) info->key_labels);
  g_free ((float *) info->thresholds);
  g_free ((guint32 *) info->positives);
  g_free ((guint32 *) info->statistics.counts);
  g_free ((float *) info->statistics.means);
  g_free ((float *) info->statistics.scatter);
  g_free ((FewReject *) info->rejects);
  g_clear_pointer (&classifier->info.trust, few_trust_unref);
  g_strfreev ((char **) info->classes);
  g_free ((char *) info->method);
  g_strfreev ((char **) info->prompts);
  g_free ((char *) info->origin.version);
  g_free ((char *) info->origin.trained);
  g_free ((char *) info->origin.measured);
  g_free ((char *) info->origin.made);
  g_strfreev ((char **) info->origin.parents);
  g_clear_pointer ((FewSeveralScores **) &classifier->info.origin.several, few_several_free);
  g_free ((char *) info->template_text);
  g_free ((char *) info->backbone);
  g_free ((char *) info->backbone_sha256);
  g_free ((char *) info->backbone_fingerprint);
  g_free ((char *) info->backbone_precision);
  few_room_clear (&classifier->room);
  g_mutex_clear (&classifier->lock);
  g_free (classifier);
}

const FewClassifierInfo *
few_classifier_info (const FewClassifier *classifier)
{
  g_return_val_if_fail (classifier != NULL, NULL);
  return &classifier->info;
}

/* ---- one picture at a time, for prediction and verification; many of them: scoring.c */

static float
dot (const float *row, const float *x, guint n)
{
  float sums[8] = { 0 };
  guint j;
  for (j = 0; j + 8 <= n; j += 8)
    for (guint l = 0; l < 8; l++)
      sums[l] += row[j + l] * x[j + l];
  for (; j < n; j++)
    sums[0] += row[j] * x[j];
  float sum = 0;
  for (guint l = 0; l < 8; l++)
    sum += sums[l];
  return sum;
}

static void
matrix_vector (const float *w, guint rows, guint columns, gboolean relu, const float *x, float *y)
{
  for (guint i = 0; i < rows; i++)
    {
      float sum = dot (w + (gsize) i * columns, x, columns);
      y[i] = relu && sum < 0 ? 0 : sum;
    }
}

static float
inverse_length (const float *x, guint n)
{
  double sum = 0;
  for (guint i = 0; i < n; i++)
    sum += (double) x[i] * x[i];
  return sum > 1e-24 ? (float) (1 / sqrt (sum)) : 0;
}

guint
few_classifier_length (const FewClassifier *classifier)
{
  g_return_val_if_fail (classifier != NULL, 0);
  const FewClassifierInfo *info = &classifier->info;
  return info->kind == FEW_CLASSIFIER_TOWER ? 2 * info->dim : info->dim;
}

/* A (f), or g, of n features; hidden [H] is written to. */
static void
adapt_features (const FewClassifierInfo *k, const float *features, guint n, float *hidden, float *a)
{
  gsize d = k->dim;
  if (k->kind == FEW_CLASSIFIER_TOWER)
    {
      for (guint i = 0; i < n; i++)
        memcpy (a + i * d, features + (2 * (gsize) i + 1) * d, d * sizeof *a);
      return;
    }
  if (!k->w1)
    {
      memcpy (a, features, (gsize) n * k->dim * sizeof *a);
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      matrix_vector (k->w1, k->hidden, k->dim, TRUE, features + (gsize) i * k->dim, hidden);
      matrix_vector (k->w2, k->dim, k->hidden, k->final_relu, hidden, a + (gsize) i * k->dim);
    }
}

void
few_classifier_apply (const FewClassifier *classifier, const float *features, guint n, float *a)
{
  g_return_if_fail (classifier != NULL && (n == 0 || (features != NULL && a != NULL)));
  FewClassifier *self = (FewClassifier *) classifier;
  g_mutex_lock (&self->lock);
  adapt_features (&self->info, features, n, self->hidden, a);
  g_mutex_unlock (&self->lock);
}

/* The feature that is blended, against text [K, D] */
static void
blend_feature (FewClassifier *classifier, const float *feature, const float *text, double alpha,
               float *c)
{
  const FewClassifierInfo *k = &classifier->info;
  float *u = classifier->blended;
  adapt_features (k, feature, 1, classifier->hidden, u);
  for (guint i = 0; i < k->dim; i++)
    u[i] = (float) (alpha * u[i] + (1 - alpha) * feature[i]);
  float inverse = inverse_length (u, k->dim);
  matrix_vector (text, k->n_classes, k->dim, FALSE, u, c);
  for (guint i = 0; i < k->n_classes; i++)
    c[i] *= inverse;
}

/* x: the unit feature */
static void
blend_linear (const FewClassifierInfo *k, double alpha, const float *feature, const float *x,
              float *c)
{
  float mine = (float) (alpha / k->logit_scale);
  float clip = (float) ((1 - alpha) * k->zero_scale / k->logit_scale);
  matrix_vector (k->text_features, k->n_classes, k->dim, FALSE, x, c);
  for (guint i = 0; i < k->n_classes; i++)
    {
      float learned = dot (k->weight + (gsize) i * k->dim, k->raw ? feature : x, k->dim);
      c[i] = mine * (learned + k->bias[i]) + clip * c[i];
    }
}

static void
blend_cache (const FewClassifierInfo *k, double alpha, const float *x, float *c)
{
  float weight = (float) (alpha * k->tau / k->logit_scale);
  matrix_vector (k->text_features, k->n_classes, k->dim, FALSE, x, c);
  for (guint i = 0; i < k->n_keys; i++)
    {
      float near =
          weight
          * expf ((float) k->sharpness * (dot (k->keys + (gsize) i * k->dim, x, k->dim) - 1));
      if (!k->key_values)
        c[k->key_labels[i]] += near;
      for (guint j = 0; k->key_values && j < k->n_classes; j++)
        c[j] += near * k->key_values[(gsize) i * k->n_classes + j];
    }
}

/* x: the unit feature; the linear part, and what the adapter's adds to it */
static void
blend_sum (FewClassifier *classifier, double alpha, const float *feature, const float *x, float *c)
{
  const FewClassifierInfo *k = &classifier->info;
  float *cosines = classifier->cosines;
  float weight = (float) (alpha * k->part_scale / k->logit_scale);
  blend_feature (classifier, feature, k->part_text ? k->part_text : k->text_features, k->part_alpha,
                 cosines);
  blend_linear (k, alpha, feature, x, c);
  for (guint i = 0; i < k->n_classes; i++)
    c[i] += weight * cosines[i];
}

/* c [K] = what stands in the softmax, over logit_scale */
static void
blend (FewClassifier *self, const float *feature, double alpha, float *c)
{
  const FewClassifierInfo *k = &self->info;
  float inverse = inverse_length (feature, k->dim);
  for (guint i = 0; i < k->dim; i++)
    self->unit[i] = feature[i] * inverse;
  switch (k->kind)
    {
    case FEW_CLASSIFIER_LINEAR:
    case FEW_CLASSIFIER_INDEPENDENT:
      blend_linear (k, alpha, feature, self->unit, c);
      break;
    case FEW_CLASSIFIER_CACHE:
      blend_cache (k, alpha, self->unit, c);
      break;
    case FEW_CLASSIFIER_SUM:
      blend_sum (self, alpha, feature, self->unit, c);
      break;
    case FEW_CLASSIFIER_BOTTLENECK:
    case FEW_CLASSIFIER_TOWER:
      blend_feature (self, feature, k->text_features, alpha, c);
    }
}

/* c [K] logits over `scale` → each its own probability */
static void
tell_apart (float scale, const float *c, guint n, float *probabilities)
{
  for (guint i = 0; i < n; i++)
    probabilities[i] = 1 / (1 + expf (-scale * c[i]));
}

void
few_classifier_predict (const FewClassifier *classifier, const float *feature, double alpha,
                        float *cosines, float *probabilities)
{
  g_return_if_fail (classifier != NULL && feature != NULL && (cosines || probabilities));
  const FewClassifierInfo *k = &classifier->info;
  FewClassifier *self = (FewClassifier *) classifier;
  float *c = cosines ? cosines : probabilities;
  g_mutex_lock (&self->lock);
  blend (self, feature, alpha, c);
  g_mutex_unlock (&self->lock);
  if (!probabilities)
    return;
  if (k->kind == FEW_CLASSIFIER_INDEPENDENT)
    {
      tell_apart ((float) k->logit_scale, c, k->n_classes, probabilities);
      return;
    }
  float largest = -G_MAXFLOAT;
  float total = 0;
  for (guint i = 0; i < k->n_classes; i++)
    largest = MAX (largest, c[i]);
  for (guint i = 0; i < k->n_classes; i++)
    total += probabilities[i] = expf ((float) k->logit_scale * (c[i] - largest));
  for (guint i = 0; i < k->n_classes; i++)
    probabilities[i] /= total;
}
