/* SPDX-License-Identifier: MIT */
/* A classifier as a value, and what it makes of one picture: the plain reference. */
#include "adapt/classifier.h"
#include <fewshot/classifier.h>
#include <math.h>
#include <string.h>

struct FewClassifier
{
  gatomicrefcount refs;
  FewClassifierInfo info;
};

FewClassifier *
few_classifier_new (guint dim, guint hidden, gboolean final_relu, const float *weights,
                    const float *text_features, const char *const *classes, guint n_classes,
                    double logit_scale, double trained_alpha, const char *template_text,
                    const FewBackbone *backbone)
{
  FewClassifier *classifier = g_new0 (FewClassifier, 1);
  g_atomic_ref_count_init (&classifier->refs);
  gsize half = (gsize) dim * hidden;
  char **names = g_new0 (char *, n_classes + 1);
  for (guint i = 0; i < n_classes; i++)
    names[i] = g_strdup (classes[i]);
  classifier->info = (FewClassifierInfo) {
    .dim = dim,
    .hidden = hidden,
    .n_classes = n_classes,
    .final_relu = final_relu,
    .trained_alpha = trained_alpha,
    .alpha = trained_alpha,
    .logit_scale = logit_scale,
    .w1 = g_memdup2 (weights, half * sizeof (float)),
    .w2 = g_memdup2 (weights + half, half * sizeof (float)),
    .text_features = g_memdup2 (text_features, (gsize) n_classes * dim * sizeof (float)),
    .classes = (const char *const *) names,
    .template_text = g_strdup (template_text ? template_text : ""),
    .backbone = g_strdup (backbone->name),
    .backbone_sha256 = g_strdup (backbone->sha256),
    .backbone_fingerprint = g_strdup (backbone->fingerprint),
  };
  return classifier;
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
  g_free ((float *) classifier->info.w1);
  g_free ((float *) classifier->info.w2);
  g_free ((float *) classifier->info.text_features);
  g_strfreev ((char **) classifier->info.classes);
  g_free ((char *) classifier->info.template_text);
  g_free ((char *) classifier->info.backbone);
  g_free ((char *) classifier->info.backbone_sha256);
  g_free ((char *) classifier->info.backbone_fingerprint);
  g_free (classifier);
}

const FewClassifierInfo *
few_classifier_info (const FewClassifier *classifier)
{
  g_return_val_if_fail (classifier != NULL, NULL);
  return &classifier->info;
}

/* A plain reference: one picture at a time, for prediction and verification. Training runs over
 * the op table. */
static void
matrix_vector (const float *w, guint rows, guint columns, gboolean relu, const float *x, float *y)
{
  for (guint i = 0; i < rows; i++)
    {
      const float *row = w + (gsize) i * columns;
      float sums[8] = { 0 };
      guint j;
      for (j = 0; j + 8 <= columns; j += 8)
        for (guint l = 0; l < 8; l++)
          sums[l] += row[j + l] * x[j + l];
      for (; j < columns; j++)
        sums[0] += row[j] * x[j];
      float sum = 0;
      for (guint l = 0; l < 8; l++)
        sum += sums[l];
      y[i] = relu && sum < 0 ? 0 : sum;
    }
}

void
few_classifier_apply (const FewClassifier *classifier, const float *features, guint n, float *a)
{
  g_return_if_fail (classifier != NULL && (n == 0 || (features != NULL && a != NULL)));
  const FewClassifierInfo *k = &classifier->info;
  g_autofree float *h = g_new (float, k->hidden);
  for (guint i = 0; i < n; i++)
    {
      matrix_vector (k->w1, k->hidden, k->dim, TRUE, features + (gsize) i * k->dim, h);
      matrix_vector (k->w2, k->dim, k->hidden, k->final_relu, h, a + (gsize) i * k->dim);
    }
}

void
few_classifier_predict (const FewClassifier *classifier, const float *feature, double alpha,
                        float *cosines, float *probabilities)
{
  g_return_if_fail (classifier != NULL && feature != NULL);
  const FewClassifierInfo *k = &classifier->info;
  g_autofree float *u = g_new (float, k->dim);
  g_autofree float *own = g_new (float, k->n_classes);
  few_classifier_apply (classifier, feature, 1, u);
  double sum = 0;
  for (guint i = 0; i < k->dim; i++)
    {
      u[i] = (float) (alpha * u[i] + (1 - alpha) * feature[i]);
      sum += (double) u[i] * u[i];
    }
  float scale = sum > 1e-24 ? (float) (1 / sqrt (sum)) : 0;
  float largest = -2;
  float total = 0;
  float *c = cosines ? cosines : own;
  matrix_vector (k->text_features, k->n_classes, k->dim, FALSE, u, c);
  for (guint i = 0; i < k->n_classes; i++)
    {
      c[i] *= scale;
      largest = MAX (largest, c[i]);
    }
  if (!probabilities)
    return;
  for (guint i = 0; i < k->n_classes; i++)
    total += probabilities[i] = expf ((float) k->logit_scale * (c[i] - largest));
  for (guint i = 0; i < k->n_classes; i++)
    probabilities[i] /= total;
}
