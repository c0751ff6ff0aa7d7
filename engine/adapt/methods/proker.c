/* SPDX-License-Identifier: MIT */
/* ProKeR (Bendou et al., CVPR 2025): kernel ridge regression of what CLIP gets wrong, in closed
 * form. With C the cosines of pictures and texts, Y the labels one-hot, K = exp (−β (1 − x·xᵀ)) of
 * the training pictures and k of a picture with them,
 *
 *   logits = scale (x·t + k A),  A = (K/λ + 1)⁻¹ (Y − C)
 *
 * as their code has it: λ is the weight of the cache, too. β of 20 steps from .5 to 3 and λ of ten
 * from .001 to 1 by validation; where nothing can be chosen, what they give for ImageNet. Views of
 * a picture are keys of their own. */
#include "adapt/method.h"
#include "backend/dense.h"
#include "task/task.h"
#include <fewshot/method.h>
#include <math.h>
#include <string.h>

enum { SHARPNESS_STEPS = 20, RIDGE_STEPS = 10 };

typedef struct
{
  double sharpness, ridge; /* β and λ; NAN: chosen */
} ProkerSettings;

static const FewSetting settings[] = {
  FEW_OWN_NUMBER (ProkerSettings, sharpness, "sharpness", 0, 1000, NAN),
  FEW_OWN_NUMBER (ProkerSettings, ridge, "lambda", 1e-6, 1e6, NAN),
  FEW_SETTINGS_END,
};

typedef struct
{
  FewMethodRun *run;
  FewDense *dense;
  guint n_keys;
  float *keys;        /* device [n_keys, D] unit */
  double *cosines;    /* [n_keys, n_keys] of the keys */
  double *system;     /* [n_keys, n_keys] */
  double *inverses;
  double *missing;    /* [K, n_keys] (Y − C)ᵀ */
  double *a;          /* [K, n_keys] Aᵀ */
} Proker;

/* What their code takes where nothing is chosen: found on ImageNet, for 1, 2, 4, 8 and 16 shots. */
static void
take_published (const FewTask *task, double *sharpness, double *ridge)
{
  static const double published[][3] = {
    { 1, 3, 0.05 }, { 2, 2.6, 0.05 }, { 4, 1.5, 0.05 }, { 8, 1.66, 0.07 }, { 16, 1.7, 0.1 },
  };
  guint shots = few_task_most_shots (task);
  guint at = 0;
  while (at + 1 < G_N_ELEMENTS (published) && published[at + 1][0] <= shots)
    at++;
  *sharpness = published[at][1];
  *ridge = published[at][2];
}

static gboolean
prepare (Proker *p, GError **error)
{
  FewMethodRun *r = p->run;
  guint n = r->n_rows;
  p->n_keys = n;
  p->keys = few_run_upload_normalised (r, r->rows, n);
  float *text = few_run_upload (r, r->task->text_features, (gsize) r->k * r->d);
  float *near = few_run_alloc (r, (gsize) n * MAX (n, r->k));
  float *host = few_run_host (r, float, n, MAX (n, r->k));
  p->cosines = few_run_host (r, double, n, n);
  p->system = few_run_host (r, double, n, n);
  p->inverses = few_run_host (r, double, few_dense_inverses (n), 1);
  p->missing = few_run_host (r, double, r->k, n);
  p->a = few_run_host (r, double, r->k, n);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gemm (r->stream, FALSE, TRUE, n, r->k, r->d, 1, p->keys, r->d, text, r->d, 0, near, r->k);
  r->ops->download (r->stream, host, near, (gsize) n * r->k);
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < r->k; c++)
      p->missing[(gsize) c * n + i] = (r->row_labels[i] == c) - host[(gsize) i * r->k + c];
  r->ops->gemm (r->stream, FALSE, TRUE, n, n, r->d, 1, p->keys, r->d, p->keys, r->d, 0, near, n);
  r->ops->download (r->stream, host, near, (gsize) n * n);
  for (gsize i = 0; i < (gsize) n * n; i++)
    p->cosines[i] = host[i];
  return TRUE;
}

/* Aᵀ of β and λ. */
static gboolean
solve (Proker *p, double sharpness, double ridge, GError **error)
{
  gsize n = p->n_keys;
  for (gsize i = 0; i < n * n; i++)
    p->system[i] = exp (sharpness * (p->cosines[i] - 1)) / ridge;
  for (gsize i = 0; i < n; i++)
    p->system[i * n + i] += 1;
  memcpy (p->a, p->missing, p->run->k * n * sizeof (double));
  if (!few_dense_factor (p->dense, p->system, p->n_keys, p->inverses))
    {
      few_fail (error, INPUT,
                "ProKeR cannot solve for these pictures. A larger lambda may do: lambda=1.");
      return FALSE;
    }
  few_dense_solve (p->dense, p->system, p->inverses, p->n_keys, p->a, p->run->k);
  return TRUE;
}

/* Accuracy on the validation pictures of every β and λ; near [n_validation, n_keys] are their
 * cosines with the keys. */
static gboolean
measure_grid (Proker *p, const double *sharpness, guint n_sharpness, const double *ridge,
              guint n_ridge, const double *near, double *kernel, double *logits, GError **error)
{
  FewMethodRun *r = p->run;
  guint n = r->n_validation;
  g_autofree float *zero_shot = few_run_validation_rows (r, r->result->scores);
  float *blend = few_run_host (r, float, n, r->k);
  few_run_grid (r, "sharpness", sharpness, n_sharpness, "lambda", ridge, n_ridge);
  const FewGrid *grid = &r->result->grid;
  if (few_run_short (r, error))
    return FALSE;
  for (guint cell = 0; cell < n_sharpness * n_ridge; cell++)
    {
      double beta = sharpness[cell / n_ridge];
      if (!few_run_tick (r, cell, n_sharpness * n_ridge, error)
          || !solve (p, beta, ridge[cell % n_ridge], error))
        return FALSE;
      for (gsize i = 0; i < (gsize) n * p->n_keys; i++)
        kernel[i] = exp (beta * (near[i] - 1));
      const FewDenseProduct product = { .m = n,
                                        .n = r->k,
                                        .k = p->n_keys,
                                        .scale = r->scale,
                                        .a = kernel,
                                        .lda = p->n_keys,
                                        .b = p->a,
                                        .ldb = p->n_keys,
                                        .transpose_b = TRUE,
                                        .c = logits,
                                        .ldc = r->k };
      few_dense_product (p->dense, &product);
      for (gsize i = 0; i < (gsize) n * r->k; i++)
        blend[i] = zero_shot[i] + (float) logits[i];
      grid->accuracy[cell] = few_run_validation_accuracy (r, blend);
    }
  return TRUE;
}

/* β and λ: those that were given, the best on validation pictures, or the published ones. */
static gboolean
choose (Proker *p, const ProkerSettings *own, const float *features, double *beta, double *lambda,
        GError **error)
{
  FewMethodRun *r = p->run;
  double sharpness[SHARPNESS_STEPS];
  double ridge[RIDGE_STEPS];
  guint row, column;
  gboolean given = !isnan (own->sharpness) && !isnan (own->ridge);
  guint n_sharpness = isnan (own->sharpness) ? SHARPNESS_STEPS : 1;
  guint n_ridge = isnan (own->ridge) ? RIDGE_STEPS : 1;
  take_published (r->task, beta, lambda);
  *beta = isnan (own->sharpness) ? *beta : own->sharpness;
  *lambda = isnan (own->ridge) ? *lambda : own->ridge;
  if (given || !few_run_may_choose (r) || r->n_validation == 0)
    return TRUE;
  for (guint i = 0; i < n_sharpness; i++)
    sharpness[i] = n_sharpness == 1 ? *beta : 0.5 + i * 2.5 / (SHARPNESS_STEPS - 1);
  for (guint i = 0; i < n_ridge; i++)
    ridge[i] = n_ridge == 1 ? *lambda : 0.001 + i * 0.999 / (RIDGE_STEPS - 1);
  gsize cells = (gsize) r->n_validation * p->n_keys;
  float *rows = few_run_alloc (r, (gsize) r->n_validation * r->d);
  float *device = few_run_alloc (r, cells);
  float *host = few_run_host (r, float, cells, 1);
  double *near = few_run_host (r, double, cells, 1);
  double *kernel = few_run_host (r, double, cells, 1);
  double *logits = few_run_host (r, double, r->n_validation, r->k);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gather_rows (r->stream, r->n_validation, r->d, r->validation, features, r->d, rows);
  r->ops->gemm (r->stream, FALSE, TRUE, r->n_validation, p->n_keys, r->d, 1, rows, r->d, p->keys,
                r->d, 0, device, p->n_keys);
  r->ops->download (r->stream, host, device, cells);
  for (gsize i = 0; i < cells; i++)
    near[i] = host[i];
  if (!measure_grid (p, sharpness, n_sharpness, ridge, n_ridge, near, kernel, logits, error))
    return FALSE;
  few_run_grid_best (r, &row, &column);
  *beta = sharpness[row];
  *lambda = ridge[column];
  return TRUE;
}

/* The cache's share is added to the scores, and kept. */
static gboolean
add_share (Proker *p, const float *features, double sharpness, GError **error)
{
  enum { ROWS = 512 };
  FewMethodRun *r = p->run;
  gsize n = p->n_keys;
  float *values = few_run_host (r, float, n, r->k);
  float *near = few_run_alloc (r, ROWS * n);
  float *share = few_run_alloc (r, (gsize) ROWS * r->k);
  float *host = few_run_host (r, float, ROWS, r->k);
  if (few_run_short (r, error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < r->k; c++)
      values[i * r->k + c] = (float) p->a[(gsize) c * n + i];
  float *device = few_run_upload (r, values, n * r->k);
  if (few_run_short (r, error))
    return FALSE;
  for (guint first = 0; first < r->n; first += ROWS)
    {
      guint m = MIN (ROWS, r->n - first);
      r->ops->gemm (r->stream, FALSE, TRUE, m, p->n_keys, r->d, 1, features + (gsize) first * r->d,
                    r->d, p->keys, r->d, 0, near, p->n_keys);
      r->ops->affinity (r->stream, m * n, (float) sharpness, near);
      r->ops->gemm (r->stream, FALSE, FALSE, m, r->k, p->n_keys, (float) r->scale, near, p->n_keys,
                    device, r->k, 0, share, r->k);
      r->ops->download (r->stream, host, share, (gsize) m * r->k);
      for (gsize i = 0; i < (gsize) m * r->k; i++)
        r->result->scores[(gsize) first * r->k + i] += host[i];
    }
  few_run_learned (r, "values", n, r->k, values);
  few_run_keep_kernel (r, p->keys, r->row_labels, values, p->n_keys, r->scale, sharpness);
  return TRUE;
}

static gboolean
run_proker (FewMethodRun *r, GError **error)
{
  ProkerSettings own;
  double sharpness, ridge;
  g_autoptr (FewDense) dense = few_dense_new (error);
  Proker p = { .run = r, .dense = dense };
  few_settings_own (r->options, &own, sizeof own);
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *text = few_run_upload (r, r->task->text_features, (gsize) r->k * r->d);
  if (!dense || few_run_short (r, error) || !prepare (&p, error))
    return FALSE;
  few_run_score (r, features, text, r->scale, NULL);
  if (!choose (&p, &own, features, &sharpness, &ridge, error)
      || !solve (&p, sharpness, ridge, error))
    return FALSE;
  few_run_chose (r, "sharpness", sharpness);
  few_run_chose (r, "lambda", ridge);
  r->result->parameters = (guint64) p.n_keys * r->k;
  return add_share (&p, features, sharpness, error);
}

const FewMethod few_methods_proker[] = {
  { .info = { .name = "proker",
              .title = "ProKeR",
              .reference = "Bendou et al., CVPR 2025",
              .chooses = TRUE,
              .published_views = 10,
              .keeps = TRUE },
    .settings = settings,
    .run = run_proker },
  { .run = NULL },
};
