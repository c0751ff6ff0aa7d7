/* SPDX-License-Identifier: MIT */
/* GDA (Wang et al., ICLR 2024), closed form on normalised features: class means μ, one
 * covariance for all classes, shrunk, Σ⁻¹ = D·((N−1)Σ̂ + tr (Σ̂) I)⁻¹, w = Σ⁻¹μ, b = log (1/K) −
 * ½ μᵀΣ⁻¹μ; logits = scale·f·t + a·(f·w + b), a by validation. */
#include "adapt/method.h"
#include <math.h>
#include <string.h>

/* L [d, d] in place of the lower half of a symmetric positive definite matrix. FALSE when it is
 * not. */
static gboolean
cholesky (double *a, guint d)
{
  for (guint j = 0; j < d; j++)
    {
      double *row_j = a + (gsize) j * d;
      for (guint i = j; i < d; i++)
        {
          double *row_i = a + (gsize) i * d;
          double sum = row_i[j];
          for (guint l = 0; l < j; l++)
            sum -= row_i[l] * row_j[l];
          if (i == j && !(sum > 0))
            return FALSE;
          row_i[j] = i == j ? sqrt (sum) : sum / row_j[j];
        }
    }
  return TRUE;
}

/* x of L Lᵀ x = b, in place */
static void
solve (const double *l, guint d, double *x)
{
  for (guint i = 0; i < d; i++)
    {
      for (guint j = 0; j < i; j++)
        x[i] -= l[(gsize) i * d + j] * x[j];
      x[i] /= l[(gsize) i * d + i];
    }
  for (guint i = d; i-- > 0;)
    {
      x[i] /= l[(gsize) i * d + i];
      for (guint j = 0; j < i; j++)
        x[j] -= l[(gsize) i * d + j] * x[i];
    }
}

/* w [K, D] and b [K] from normalised rows. A class without pictures takes its text feature for
 * its mean. */
static gboolean
fit (FewMethodRun *r, const float *device_rows, float *w, float *b, GError **error)
{
  guint d = r->d;
  guint k = r->k;
  guint n = r->n_rows;
  g_autofree float *rows = g_new (float, (gsize) n *d);
  g_autofree float *covariance = g_new (float, (gsize) d *d);
  g_autofree double *means = g_new0 (double, (gsize) k *d);
  g_autofree double *sigma = g_new (double, (gsize) d *d);
  g_autofree guint *counts = g_new0 (guint, k);
  r->ops->download (r->stream, rows, device_rows, (gsize) n * d);
  for (guint i = 0; i < n; i++)
    {
      counts[r->row_labels[i]]++;
      for (guint j = 0; j < d; j++)
        means[(gsize) r->row_labels[i] * d + j] += rows[(gsize) i * d + j];
    }
  for (guint c = 0; c < k; c++)
    for (guint j = 0; j < d; j++)
      means[(gsize) c * d + j] = counts[c] ? means[(gsize) c * d + j] / counts[c]
                                           : r->task->text_features[(gsize) c * d + j];
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < d; j++)
      rows[(gsize) i * d + j] -= (float) means[(gsize) r->row_labels[i] * d + j];
  float *centred = few_run_upload (r, rows, (gsize) n * d);
  float *product = few_run_alloc (r, (gsize) d * d);
  if (few_run_short (r, error))
    return FALSE;
  /* (N−1)Σ̂, whose classes are centred already */
  r->ops->gemm (r->stream, TRUE, FALSE, d, d, n, 1, centred, d, centred, d, 0, product, d);
  r->ops->download (r->stream, covariance, product, (gsize) d * d);
  double trace = 0;
  for (guint i = 0; i < d; i++)
    trace += covariance[(gsize) i * d + i] / (double) MAX (n - 1, 1);
  for (gsize i = 0; i < (gsize) d * d; i++)
    sigma[i] = covariance[i];
  for (guint i = 0; i < d; i++)
    sigma[(gsize) i * d + i] += trace > 0 ? trace : 1; /* one shot a class: nothing but the means */
  if (!few_run_tick (r, 1, 3, error))
    return FALSE;
  if (!cholesky (sigma, d))
    {
      few_fail (error, INPUT, "The pictures' features have no covariance that can be inverted.");
      return FALSE;
    }
  for (guint c = 0; c < k; c++)
    {
      g_autofree double *x = g_memdup2 (means + (gsize) c * d, d * sizeof (double));
      double along = 0;
      solve (sigma, d, x);
      for (guint j = 0; j < d; j++)
        {
          w[(gsize) c * d + j] = (float) (d * x[j]);
          along += means[(gsize) c * d + j] * d * x[j];
        }
      b[c] = (float) (-log (k) - 0.5 * along);
    }
  return few_run_tick (r, 2, 3, error);
}

static gboolean
run (FewMethodRun *r, GError **error)
{
  guint d = r->d;
  guint k = r->k;
  gsize cells = (gsize) r->n * k;
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  float *text = few_run_upload (r, r->task->text_features, (gsize) k * d);
  g_autofree float *w = g_new (float, (gsize) k *d);
  g_autofree float *b = g_new (float, k);
  if (few_run_short (r, error) || !fit (r, rows, w, b, error))
    return FALSE;
  float *device_w = few_run_upload (r, w, (gsize) k * d);
  if (few_run_short (r, error))
    return FALSE;
  few_run_score (r, features, device_w, 1, b);
  g_autofree float *classifier = g_memdup2 (r->result->scores, cells * sizeof (float));
  few_run_score (r, features, text, r->scale, NULL);
  float *scores = r->result->scores;
  double a = r->options->gda;
  if (isnan (a) && !few_run_may_choose (r))
    a = 1;
  else if (isnan (a))
    {
      static const double none[] = { 0 };
      enum { STEPS = 16 };
      double values[STEPS];
      for (guint i = 0; i < STEPS; i++)
        values[i] = 0.01 * pow (10, i * 4.0 / (STEPS - 1)); /* 0.01 … 100 */
      few_run_grid (r, "", none, 1, "a", values, STEPS);
      g_autofree float *zero_shot = few_run_validation_rows (r, scores);
      g_autofree float *own = few_run_validation_rows (r, classifier);
      g_autofree float *blend = g_new (float, (gsize) r->n_validation *k);
      for (guint step = 0; step < STEPS; step++)
        {
          for (gsize i = 0; i < (gsize) r->n_validation * k; i++)
            blend[i] = zero_shot[i] + (float) values[step] * own[i];
          r->result->grid.accuracy[step] = few_run_validation_accuracy (r, blend);
        }
      guint row, column;
      few_run_grid_best (r, &row, &column);
      a = values[column];
    }
  for (gsize i = 0; i < cells; i++)
    scores[i] += (float) a * classifier[i];
  few_run_learned (r, "weight", k, d, w);
  few_run_learned (r, "bias", 1, k, b);
  r->result->parameters = (guint64) k * (d + 1);
  few_run_chose (r, "a", a);
  return TRUE;
}

const FewMethod few_method_gda = {
  { .name = "gda",
    .title = "GDA",
    .reference = "Wang et al., ICLR 2024",
    .keys = "a",
    .chooses = TRUE },
  NULL,
  run,
};
