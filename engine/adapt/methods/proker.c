/* SPDX-License-Identifier: MIT */
/* ProKeR (Bendou et al., CVPR 2025): kernel ridge regression of what CLIP gets wrong, in closed
 * form. With C the cosines of pictures and texts, Y the labels one-hot, K = exp (−β (1 − x·xᵀ)) of
 * the training pictures and k of a picture with them,
 *
 *   logits = scale (x·t + k A),  A = (K/λ + 1)⁻¹ (Y − C)
 *
 * as their code has it: λ is the weight of the cache, too. β of 20 steps from .5 to 3 and λ of ten
 * from .001 to 1 by validation, of more than 8,400 keys (pictures and their views) of five and
 * four in the same ranges; where nothing can be chosen, what they give for ImageNet. */
#include "adapt/method.h"
#include "backend/dense.h"
#include "task/task.h"
#include <fewshot/method.h>
#include <math.h>
#include <string.h>

enum { SHARPNESS_STEPS = 20, RIDGE_STEPS = 10, FEW_SHARPNESSES = 5, NEAR_ROWS = 512 };

/* Multiplications and additions of the factors of all pairs of β and λ, beyond which fewer are
 * tried: minutes. 200 pairs are 8,400 keys. */
static const double MOST_PRODUCTS = 4e13;

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
  FewPool *pool;
  FewDense **dense;   /* one a thread */
  guint n_keys;
  float *keys;        /* device [n_keys, D] unit */
  float *near;        /* device [NEAR_ROWS, n_keys] */
  float *cosines;     /* [n_keys, n_keys] of the keys */
  double *system;     /* [n_keys, n_keys], below its diagonal */
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

/* The cosines [m, n_keys] of unit rows on the device with the keys. */
static void
take_cosines (const Proker *p, const float *rows, guint m, float *cosines)
{
  FewMethodRun *r = p->run;
  for (guint first = 0; first < m; first += NEAR_ROWS)
    {
      guint some = MIN (NEAR_ROWS, m - first);
      r->ops->gemm (r->stream, FALSE, TRUE, some, p->n_keys, r->d, 1, rows + (gsize) first * r->d,
                    r->d, p->keys, r->d, 0, p->near, p->n_keys);
      r->ops->download (r->stream, cosines + (gsize) first * p->n_keys, p->near,
                        (gsize) some * p->n_keys);
    }
}

/* What grows with the square of the pictures: the cosines and the system of all pairs. */
static gboolean
check_room (const FewMethodRun *r, GError **error)
{
  static const double pair = sizeof (float) + sizeof (double);
  double needed = pair * r->n_rows * r->n_rows;
  guint64 left = few_memory_left ();
  if (needed < (double) left)
    return TRUE;
  few_fail (error, LIMIT,
            "ProKeR takes %.0f MB for %u training pictures and their views, and %.0f MB are free. "
            "Use fewer shots or views, or another method.",
            needed / (1 << 20), r->n_rows, (double) left / (1 << 20));
  return FALSE;
}

static gboolean
prepare (Proker *p, const float *text, GError **error)
{
  FewMethodRun *r = p->run;
  guint n = r->n_rows;
  if (!check_room (r, error))
    return FALSE;
  p->n_keys = n;
  p->keys = few_run_upload_normalised (r, r->rows, n);
  p->near = few_run_alloc (r, (gsize) NEAR_ROWS * n);
  float *scores = few_run_alloc (r, (gsize) n * r->k);
  float *host = few_run_host (r, float, n, r->k);
  p->cosines = few_run_host (r, float, n, n);
  p->system = few_run_host (r, double, n, n);
  p->inverses = few_run_host (r, double, few_dense_inverses (n), 1);
  p->missing = few_run_host (r, double, r->k, n);
  p->a = few_run_host (r, double, r->k, n);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gemm (r->stream, FALSE, TRUE, n, r->k, r->d, 1, p->keys, r->d, text, r->d, 0, scores,
                r->k);
  r->ops->download (r->stream, host, scores, (gsize) n * r->k);
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < r->k; c++)
      p->missing[(gsize) c * n + i] = (r->row_labels[i] == c) - host[(gsize) i * r->k + c];
  take_cosines (p, p->keys, n, p->cosines);
  return TRUE;
}

/* K of some rows, over a divisor. */
typedef struct
{
  const float *cosines;
  double sharpness, divisor;
  guint n_keys;
  gboolean square; /* they are the keys: what is above the diagonal is not read, 1 is added to it */
  double *kernel;
} Kernel;

static void
fill_row (gpointer user, guint i, guint thread G_GNUC_UNUSED)
{
  const Kernel *kernel = user;
  const float *cosines = kernel->cosines + (gsize) i * kernel->n_keys;
  double *row = kernel->kernel + (gsize) i * kernel->n_keys;
  guint n = kernel->square ? i + 1 : kernel->n_keys;
  for (guint j = 0; j < n; j++)
    row[j] = exp (kernel->sharpness * (cosines[j] - 1.0)) / kernel->divisor;
  if (kernel->square)
    row[i] += 1;
}

/* Aᵀ of β and λ. */
static gboolean
solve (Proker *p, double sharpness, double ridge, GError **error)
{
  guint n = p->n_keys;
  Kernel kernel = { p->cosines, sharpness, ridge, n, TRUE, p->system };
  few_pool_run (p->pool, n, fill_row, &kernel);
  memcpy (p->a, p->missing, (gsize) p->run->k * n * sizeof (double));
  gboolean factored =
      few_dense_factor_shared (p->pool, p->dense, p->system, n, p->inverses, p->run->cancellable);
  if (g_cancellable_set_error_if_cancelled (p->run->cancellable, error))
    return FALSE;
  if (!factored)
    {
      few_fail (error, INPUT,
                "ProKeR cannot solve for these pictures. A larger lambda may do: lambda=1.");
      return FALSE;
    }
  few_dense_solve_shared (p->pool, p->dense, p->system, p->inverses, n, p->a, p->run->k);
  return TRUE;
}

/* ---- β and λ */

typedef struct
{
  double sharpness[SHARPNESS_STEPS], ridge[RIDGE_STEPS];
  guint n_sharpness, n_ridge;
  float *cosines; /* [n_validation, n_keys] */
  double *kernel; /* so */
  double *logits; /* [n_validation, K] */
  float *zero_shot, *blend; /* so */
} Choice;

static gboolean
is_long (const Proker *p, const Choice *choice)
{
  double n = p->n_keys;
  return choice->n_sharpness * choice->n_ridge * n * n * n / 3 > MOST_PRODUCTS;
}

/* Those that are tried: all of theirs, or fewer. */
static void
take_steps (const Proker *p, const ProkerSettings *own, Choice *choice)
{
  static const guint8 few_ridges[] = { 0, 1, 3, 9 };
  choice->n_sharpness = isnan (own->sharpness) ? SHARPNESS_STEPS : 1;
  choice->n_ridge = isnan (own->ridge) ? RIDGE_STEPS : 1;
  gboolean coarse = is_long (p, choice);
  if (coarse && choice->n_sharpness > 1)
    choice->n_sharpness = FEW_SHARPNESSES;
  if (coarse && choice->n_ridge > 1)
    choice->n_ridge = G_N_ELEMENTS (few_ridges);
  for (guint i = 0; i < choice->n_sharpness; i++)
    choice->sharpness[i] =
        choice->n_sharpness == 1 ? own->sharpness : 0.5 + i * 2.5 / (choice->n_sharpness - 1);
  for (guint i = 0; i < choice->n_ridge; i++)
    {
      guint step = coarse ? few_ridges[i] : i;
      choice->ridge[i] =
          choice->n_ridge == 1 ? own->ridge : 0.001 + step * 0.999 / (RIDGE_STEPS - 1);
    }
}

static gboolean
prepare_choice (const Proker *p, const float *features, Choice *choice, GError **error)
{
  FewMethodRun *r = p->run;
  guint n = r->n_validation;
  float *rows = few_run_alloc (r, (gsize) n * r->d);
  choice->cosines = few_run_host (r, float, n, p->n_keys);
  choice->kernel = few_run_host (r, double, n, p->n_keys);
  choice->logits = few_run_host (r, double, n, r->k);
  choice->blend = few_run_host (r, float, n, r->k);
  choice->zero_shot = few_run_validation_rows (r, r->result->scores);
  few_run_grid (r, "sharpness", choice->sharpness, choice->n_sharpness, "lambda", choice->ridge,
                choice->n_ridge);
  if (few_run_short (r, error))
    return FALSE;
  r->ops->gather_rows (r->stream, n, r->d, r->validation, features, r->d, rows);
  take_cosines (p, rows, n, choice->cosines);
  return TRUE;
}

/* Accuracy on the validation pictures of the i-th β and the j-th λ; the kernel is β's. */
static gboolean
measure_cell (Proker *p, Choice *choice, guint i, guint j, GError **error)
{
  FewMethodRun *r = p->run;
  guint cell = i * choice->n_ridge + j;
  if (!few_run_tick (r, cell, choice->n_sharpness * choice->n_ridge, error)
      || !solve (p, choice->sharpness[i], choice->ridge[j], error))
    return FALSE;
  const FewDenseProduct product = { .m = r->n_validation,
                                    .n = r->k,
                                    .k = p->n_keys,
                                    .scale = r->scale,
                                    .a = choice->kernel,
                                    .lda = p->n_keys,
                                    .b = p->a,
                                    .ldb = p->n_keys,
                                    .transpose_b = TRUE,
                                    .c = choice->logits,
                                    .ldc = r->k };
  few_dense_product_shared (p->pool, p->dense, &product);
  for (gsize l = 0; l < (gsize) r->n_validation * r->k; l++)
    choice->blend[l] = choice->zero_shot[l] + (float) choice->logits[l];
  r->result->grid.accuracy[cell] = few_run_validation_accuracy (r, choice->blend);
  return TRUE;
}

static gboolean
measure_grid (Proker *p, Choice *choice, GError **error)
{
  for (guint i = 0; i < choice->n_sharpness; i++)
    {
      Kernel kernel = {
        choice->cosines, choice->sharpness[i], 1, p->n_keys, FALSE, choice->kernel
      };
      few_pool_run (p->pool, p->run->n_validation, fill_row, &kernel);
      for (guint j = 0; j < choice->n_ridge; j++)
        if (!measure_cell (p, choice, i, j, error))
          return FALSE;
    }
  return TRUE;
}

/* β and λ: those that were given, the best on validation pictures, or the published ones. */
static gboolean
choose (Proker *p, const ProkerSettings *own, const float *features, double *beta, double *lambda,
        GError **error)
{
  FewMethodRun *r = p->run;
  Choice choice = { .n_ridge = 0 };
  guint row, column;
  gboolean given = !isnan (own->sharpness) && !isnan (own->ridge);
  take_published (r->task, beta, lambda);
  *beta = isnan (own->sharpness) ? *beta : own->sharpness;
  *lambda = isnan (own->ridge) ? *lambda : own->ridge;
  if (given || !few_run_may_choose (r) || r->n_validation == 0)
    return TRUE;
  take_steps (p, own, &choice);
  gboolean measured =
      prepare_choice (p, features, &choice, error) && measure_grid (p, &choice, error);
  g_free (choice.zero_shot);
  if (!measured)
    return FALSE;
  few_run_grid_best (r, &row, &column);
  *beta = choice.sharpness[row];
  *lambda = choice.ridge[column];
  return TRUE;
}

/* ---- */

/* The cache's share is added to the scores, and kept. */
static gboolean
add_share (Proker *p, const float *features, double sharpness, GError **error)
{
  FewMethodRun *r = p->run;
  gsize n = p->n_keys;
  float *values = few_run_host (r, float, n, r->k);
  float *share = few_run_alloc (r, (gsize) NEAR_ROWS * r->k);
  float *host = few_run_host (r, float, NEAR_ROWS, r->k);
  if (few_run_short (r, error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < r->k; c++)
      values[i * r->k + c] = (float) p->a[(gsize) c * n + i];
  float *device = few_run_upload (r, values, n * r->k);
  if (few_run_short (r, error))
    return FALSE;
  for (guint first = 0; first < r->n; first += NEAR_ROWS)
    {
      guint m = MIN (NEAR_ROWS, r->n - first);
      r->ops->gemm (r->stream, FALSE, TRUE, m, p->n_keys, r->d, 1, features + (gsize) first * r->d,
                    r->d, p->keys, r->d, 0, p->near, p->n_keys);
      r->ops->affinity (r->stream, m * n, (float) sharpness, p->near);
      r->ops->gemm (r->stream, FALSE, FALSE, m, r->k, p->n_keys, (float) r->scale, p->near,
                    p->n_keys, device, r->k, 0, share, r->k);
      r->ops->download (r->stream, host, share, (gsize) m * r->k);
      for (gsize i = 0; i < (gsize) m * r->k; i++)
        r->result->scores[(gsize) first * r->k + i] += host[i];
    }
  few_run_learned (r, "values", n, r->k, values);
  few_run_keep_kernel (r, p->keys, r->row_labels, values, p->n_keys, r->scale, sharpness);
  return TRUE;
}

static gboolean
learn (Proker *p, GError **error)
{
  FewMethodRun *r = p->run;
  ProkerSettings own;
  double sharpness, ridge;
  few_settings_own (r->options, &own, sizeof own);
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *text = few_run_upload (r, r->task->text_features, (gsize) r->k * r->d);
  if (few_run_short (r, error) || !prepare (p, text, error))
    return FALSE;
  few_run_score (r, features, text, r->scale, NULL);
  if (!choose (p, &own, features, &sharpness, &ridge, error) || !solve (p, sharpness, ridge, error))
    return FALSE;
  few_run_chose (r, "sharpness", sharpness);
  few_run_chose (r, "lambda", ridge);
  r->result->parameters = (guint64) p->n_keys * r->k;
  return add_share (p, features, sharpness, error);
}

static gboolean
run_proker (FewMethodRun *r, GError **error)
{
  g_autoptr (FewPool) pool = few_pool_new (few_run_threads (r));
  Proker p = { .run = r, .pool = pool, .dense = few_dense_new_each (pool, error) };
  gboolean ok = p.dense && learn (&p, error);
  few_dense_free_each (p.dense);
  return ok;
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
