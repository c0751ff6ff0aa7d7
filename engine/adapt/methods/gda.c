/* SPDX-License-Identifier: MIT */
/* GDA (Wang et al., ICLR 2024), closed form on normalised features: class means μ, one
 * covariance for all classes, shrunk, Σ⁻¹ = D·((N−1)Σ̂ + tr (Σ̂) I)⁻¹, w = Σ⁻¹μ, b = log (1/K) −
 * ½ μᵀΣ⁻¹μ; logits = scale·f·t + a·(f·w + b), a by validation. `search=published` takes a from the
 * seven that the authors' code tries, 10⁻⁴ … 100, however few validation pictures there are. With
 * one picture a class there is no covariance: ours is the identity then, theirs (a pseudo-inverse
 * of zeroes) leaves zero-shot CLIP. */
#include "adapt/method.h"
#include "backend/dense.h"
#include "task/task.h"
#include <math.h>
#include <string.h>

typedef struct
{
  double a; /* weight of the classifier */
  FewSearch search;
} GdaSettings;

static const FewSetting settings[] = {
  FEW_OWN_NUMBER (GdaSettings, a, "a", 0, 1e6, NAN),
  FEW_OWN_SEARCH (GdaSettings, search),
  FEW_SETTINGS_END,
};

/* The mean of each class [K, D], which is taken out of the rows. A class without pictures takes its
 * text feature for its mean. means and counts [K] are zeroes at first. */
static void
centre_classes (const FewMethodRun *r, float *rows, double *means, guint *counts)
{
  guint d = r->d;
  for (guint i = 0; i < r->n_rows; i++)
    {
      counts[r->row_labels[i]]++;
      for (guint j = 0; j < d; j++)
        means[(gsize) r->row_labels[i] * d + j] += rows[(gsize) i * d + j];
    }
  for (guint c = 0; c < r->k; c++)
    for (guint j = 0; j < d; j++)
      means[(gsize) c * d + j] = counts[c] ? means[(gsize) c * d + j] / counts[c]
                                           : r->task->text_features[(gsize) c * d + j];
  for (guint i = 0; i < r->n_rows; i++)
    for (guint j = 0; j < d; j++)
      rows[(gsize) i * d + j] -= (float) means[(gsize) r->row_labels[i] * d + j];
}

/* (N−1)Σ̂ + tr (Σ̂) I of centred rows, [D, D] */
static gboolean
shrink_covariance (FewMethodRun *r, const float *rows, double *sigma, GError **error)
{
  guint d = r->d;
  guint n = r->n_rows;
  gsize cells = (gsize) d * d;
  float *covariance = few_run_host (r, float, d, d);
  float *centred = few_run_upload (r, rows, (gsize) n * d);
  float *product = few_run_alloc (r, cells);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gemm (r->stream, TRUE, FALSE, d, d, n, 1, centred, d, centred, d, 0, product, d);
  r->ops->download (r->stream, covariance, product, cells);
  double trace = 0;
  for (guint i = 0; i < d; i++)
    trace += covariance[(gsize) i * d + i] / (double) MAX (n - 1, 1);
  for (gsize i = 0; i < cells; i++)
    sigma[i] = covariance[i];
  for (guint i = 0; i < d; i++)
    sigma[(gsize) i * d + i] += trace > 0 ? trace : 1; /* one shot a class: nothing but the means */
  return TRUE;
}

/* w [K, D] and b [K] from normalised rows. */
static gboolean
fit_classifier (FewMethodRun *r, const float *device_rows, float *w, float *b, GError **error)
{
  guint d = r->d;
  guint k = r->k;
  gsize n_values = (gsize) r->n_rows * d;
  float *rows = few_run_host (r, float, r->n_rows, d);
  double *means = few_run_host (r, double, k, d);
  double *x = few_run_host (r, double, k, d);
  guint *counts = few_run_host (r, guint, k, 1);
  double *sigma = few_run_host (r, double, d, d);
  double *inverses = few_run_host (r, double, few_dense_inverses (d), 1);
  g_autoptr (FewDense) dense = few_dense_new (few_run_first_error (r));
  if (few_run_short (r, error))
    return FALSE;
  r->ops->download (r->stream, rows, device_rows, n_values);
  centre_classes (r, rows, means, counts);
  if (!shrink_covariance (r, rows, sigma, error) || !few_run_tick (r, 1, 3, error))
    return FALSE;
  if (!few_dense_factor (dense, sigma, d, inverses))
    {
      few_fail (error, INPUT, "The pictures' features have no covariance that can be inverted.");
      return FALSE;
    }
  memcpy (x, means, (gsize) k * d * sizeof (double));
  few_dense_solve (dense, sigma, inverses, d, x, k);
  for (guint c = 0; c < k; c++)
    {
      double along = 0;
      for (gsize j = (gsize) c * d; j < (gsize) (c + 1) * d; j++)
        {
          w[j] = (float) (d * x[j]);
          along += means[j] * d * x[j];
        }
      b[c] = (float) (-log (k) - 0.5 * along);
    }
  return few_run_tick (r, 2, 3, error);
}

/* The weight a of the classifier that is best on validation pictures. NAN without memory:
 * few_run_short tells. */
static double
choose_weight (FewMethodRun *r, FewSearch search, const float *scores, const float *classifier)
{
  static const double none[] = { 0 };
  enum { STEPS = 16, PUBLISHED_STEPS = 7 };
  guint steps = search == FEW_SEARCH_PUBLISHED ? PUBLISHED_STEPS : STEPS;
  double values[STEPS];
  gsize cells = (gsize) r->n_validation * r->k;
  for (guint i = 0; i < steps; i++)
    values[i] = search == FEW_SEARCH_PUBLISHED
                    ? pow (10, (int) i - 4) /* 0.0001 … 100 */
                    : 0.01 * pow (10, i * 4.0 / (STEPS - 1)); /* 0.01 … 100 */
  few_run_grid (r, "", none, 1, "a", values, steps);
  g_autofree float *zero_shot = few_run_validation_rows (r, scores);
  g_autofree float *own = few_run_validation_rows (r, classifier);
  float *blend = few_run_host (r, float, r->n_validation, r->k);
  if (!zero_shot || !own || !blend)
    return NAN;
  for (guint step = 0; step < steps; step++)
    {
      for (gsize i = 0; i < cells; i++)
        blend[i] = zero_shot[i] + (float) values[step] * own[i];
      r->result->grid.accuracy[step] = few_run_validation_accuracy (r, blend);
    }
  guint row, column;
  few_run_grid_best (r, &row, &column);
  return values[column];
}

/* a (W x + b) + scale · x · t, less what all classes share: that says nothing and costs digits. */
static void
keep_sum (FewMethodRun *r, double a, const float *w, const float *b)
{
  guint d = r->d;
  guint k = r->k;
  float *weight = few_run_host (r, float, k, d);
  float *bias = few_run_host (r, float, k, 1);
  double shared_bias = 0;
  if (!weight || !bias)
    return;
  for (guint c = 0; c < k; c++)
    shared_bias += a * b[c] / k;
  for (guint c = 0; c < k; c++)
    bias[c] = (float) (a * b[c] - shared_bias);
  for (guint j = 0; j < d; j++)
    {
      double shared = 0;
      for (gsize i = j; i < (gsize) k * d; i += d)
        shared += a * w[i] / k;
      for (gsize i = j; i < (gsize) k * d; i += d)
        weight[i] = (float) (a * w[i] - shared + r->scale * r->task->text_features[i]);
    }
  few_run_keep_linear (r, weight, bias);
}

static gboolean
run_gda (FewMethodRun *r, GError **error)
{
  guint d = r->d;
  guint k = r->k;
  gsize cells = (gsize) r->n * k;
  gsize n_weights = (gsize) k * d;
  GdaSettings own;
  few_settings_own (r->options, &own, sizeof own);
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  float *text = few_run_upload (r, r->task->text_features, n_weights);
  float *w = few_run_host (r, float, k, d);
  float *b = few_run_host (r, float, k, 1);
  float *classifier = few_run_host (r, float, r->n, k);
  if (few_run_short (r, error) || !fit_classifier (r, rows, w, b, error))
    return FALSE;
  gboolean published = own.search == FEW_SEARCH_PUBLISHED;
  if (published && r->views == 0 && few_task_most_shots (r->task) <= 1)
    {
      memset (w, 0, n_weights * sizeof (float));
      memset (b, 0, k * sizeof (float));
    }
  float *device_w = few_run_upload (r, w, n_weights);
  if (few_run_short (r, error))
    return FALSE;
  few_run_score (r, features, device_w, 1, b);
  memcpy (classifier, r->result->scores, cells * sizeof (float));
  few_run_score (r, features, text, r->scale, NULL);
  float *scores = r->result->scores;
  double a = own.a;
  if (isnan (a))
    {
      gboolean may_choose = few_run_may_choose (r) || published;
      a = may_choose && r->n_validation > 0 ? choose_weight (r, own.search, scores, classifier) : 1;
    }
  for (gsize i = 0; i < cells; i++)
    scores[i] += (float) a * classifier[i];
  few_run_learned (r, "weight", k, d, w);
  few_run_learned (r, "bias", 1, k, b);
  r->result->parameters = (guint64) k * (d + 1);
  few_run_chose (r, "a", a);
  keep_sum (r, a, w, b);
  return TRUE;
}

const FewMethod few_methods_gda[] = {
  { .info = { .name = "gda",
              .title = "GDA",
              .reference = "Wang et al., ICLR 2024",
              .chooses = TRUE,
              .usual = TRUE,
              .published_views = 10,
              .keeps = TRUE },
    .settings = settings,
    .run = run_gda },
  { .run = NULL },
};
