/* SPDX-License-Identifier: MIT */
/* GDA (Wang et al., ICLR 2024), closed form on normalised features: class means μ, one
 * covariance for all classes, shrunk, Σ⁻¹ = D·((N−1)Σ̂ + tr (Σ̂) I)⁻¹, w = Σ⁻¹μ, b = log (1/K) −
 * ½ μᵀΣ⁻¹μ; logits = scale·f·t + a·(f·w + b), a by validation. `search=published` takes a from the
 * seven that the authors' code tries, 10⁻⁴ … 100, however few validation pictures there are. With
 * one picture a class there is no covariance: ours is the identity then, theirs (a pseudo-inverse
 * of zeroes) leaves zero-shot CLIP. */
#include "adapt/gaussian.h"
#include "adapt/method.h"
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

/* Class means and scatter of normalised rows; the scatter on the device. A class without pictures
 * takes its text feature for its mean. */
static gboolean
measure_classes (FewMethodRun *r, const float *device_rows, FewGaussian *gaussian, GError **error)
{
  gsize d = r->d;
  guint n = r->n_rows;
  float *rows = few_run_host (r, float, n, d);
  float *covariance = few_run_host (r, float, d, d);
  float *product = few_run_alloc (r, d * d);
  few_gaussian_init (gaussian, r->k, r->d, &r->room);
  if (few_run_short (r, error))
    return FALSE;
  double *means = gaussian->means;
  r->ops->download (r->stream, rows, device_rows, n * d);
  for (guint i = 0; i < n; i++)
    {
      gaussian->counts[r->row_labels[i]]++;
      for (gsize j = 0; j < d; j++)
        means[r->row_labels[i] * d + j] += rows[i * d + j];
    }
  for (gsize c = 0; c < r->k; c++)
    for (gsize j = c * d; j < (c + 1) * d; j++)
      means[j] = gaussian->counts[c] ? means[j] / gaussian->counts[c] : r->task->text_features[j];
  for (guint i = 0; i < n; i++)
    for (gsize j = 0; j < d; j++)
      rows[i * d + j] -= (float) means[r->row_labels[i] * d + j];
  float *centred = few_run_upload (r, rows, n * d);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gemm (r->stream, TRUE, FALSE, r->d, r->d, n, 1, centred, r->d, centred, r->d, 0, product,
                r->d);
  r->ops->download (r->stream, covariance, product, d * d);
  for (gsize i = 0; i < d * d; i++)
    gaussian->scatter[i] = covariance[i];
  return few_run_tick (r, 1, 3, error);
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

static void
keep_sum (FewMethodRun *r, double a, const float *w, const float *b)
{
  float *weight = few_run_host (r, float, r->k, r->d);
  float *bias = few_run_host (r, float, r->k, 1);
  if (!weight || !bias)
    return;
  few_gaussian_blend (r->k, r->d, a, r->scale, r->task->text_features, w, b, weight, bias);
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
  FewGaussian gaussian;
  if (few_run_short (r, error) || !measure_classes (r, rows, &gaussian, error)
      || !few_gaussian_solve (&gaussian, w, b, error) || !few_run_tick (r, 2, 3, error))
    return FALSE;
  gboolean published = own.search == FEW_SEARCH_PUBLISHED;
  gboolean zero_shot = published && r->views == 0 && few_task_most_shots (r->task) <= 1;
  if (zero_shot)
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
  if (!zero_shot && r->task->class_names)
    r->statistics = few_gaussian_keep (&gaussian, a, &r->room);
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
