/* SPDX-License-Identifier: MIT */
/* What closed forms make of the classes of several classifiers: what they would have learned from
 * all pictures at once. */
#include "adapt/gaussian.h"
#include "adapt/merge-private.h"
#include "backend/dense.h"
#include "base/error.h"
#include "base/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* scale · x · t */
gboolean
few_union_zero_shot (FewUnion *u, FewClassifierInfo *whole, GError **error)
{
  float *weight = few_room_new (&u->room, float, u->k, u->d);
  float *bias = few_room_new (&u->room, float, u->k, 1);
  if (few_room_is_short (&u->room, FEW_MERGE_WHAT, error))
    return FALSE;
  for (gsize i = 0; i < (gsize) u->k * u->d; i++)
    weight[i] = (float) (whole->logit_scale * u->text[i]);
  whole->kind = FEW_CLASSIFIER_LINEAR;
  whole->zero_scale = whole->logit_scale;
  whole->weight = weight;
  whole->bias = bias;
  return TRUE;
}

gboolean
few_union_gda (FewUnion *u, FewClassifierInfo *whole, GError **error)
{
  gsize d = u->d;
  FewGaussian gaussian;
  few_gaussian_init (&gaussian, u->k, u->d, &u->room);
  float *w = few_room_new (&u->room, float, u->k, d);
  float *b = few_room_new (&u->room, float, u->k, 1);
  float *weight = few_room_new (&u->room, float, u->k, d);
  float *bias = few_room_new (&u->room, float, u->k, 1);
  double *weights = few_room_new (&u->room, double, u->n, 1);
  double a;
  if (few_room_is_short (&u->room, FEW_MERGE_WHAT, error))
    return FALSE;
  gboolean told = FALSE;
  for (guint i = 0; i < u->n; i++)
    {
      weights[i] = u->parts[i]->statistics.a;
      told = told || !isnan (weights[i]);
    }
  weights[0] = told ? weights[0] : 1; /* GDA's own, where automatic learned */
  if (!few_union_agree ("a", u->options->a, weights, u->n, &a, error))
    return FALSE;
  for (gsize i = 0; i < u->k * d; i++)
    gaussian.means[i] = u->text[i];
  for (guint i = 0; i < u->n; i++)
    few_gaussian_add (&gaussian, &u->parts[i]->statistics, u->parts[i]->n_classes, u->maps[i]);
  if (!few_gaussian_solve (&gaussian, w, b, error))
    return FALSE;
  few_gaussian_blend (u->k, u->d, a, whole->logit_scale, u->text, w, b, weight, bias);
  whole->kind = FEW_CLASSIFIER_LINEAR;
  whole->zero_scale = whole->logit_scale;
  whole->weight = weight;
  whole->bias = bias;
  whole->statistics = few_gaussian_keep (&gaussian, a, &u->room);
  return !few_room_is_short (&u->room, FEW_MERGE_WHAT, error);
}

/* ---- caches */

/* A key with its class. */
typedef struct
{
  const float *key;
  guint32 label;
} Entry;

/* Numbers of unit vectors that came from one picture by way of different roundings. */
#define SAME 1e-6f

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  float one = ((const Entry *) a)->key[0];
  float other = ((const Entry *) b)->key[0];
  return (one > other) - (one < other);
}

static gboolean
is_same (const Entry *a, const Entry *b, guint d)
{
  gboolean same = a->label == b->label;
  for (guint j = 0; same && j < d; j++)
    same = fabsf (a->key[j] - b->key[j]) <= SAME;
  return same;
}

/* Whether an entry is among n others, sorted by their first numbers. */
static gboolean
is_known (const Entry *entries, guint n, const Entry *entry, guint d)
{
  guint low = 0;
  for (guint high = n; low < high;)
    {
      guint middle = low + (high - low) / 2;
      gboolean before = entries[middle].key[0] < entry->key[0] - SAME;
      low = before ? middle + 1 : low;
      high = before ? high : middle;
    }
  for (; low < n && entries[low].key[0] <= entry->key[0] + SAME; low++)
    if (is_same (&entries[low], entry, d))
      return TRUE;
  return FALSE;
}

/* The keys of all parts and their classes. What an earlier part has, too, is the same picture and
 * counts once, as it would have in one folder. */
static gboolean
gather_keys (FewUnion *u, FewClassifierInfo *whole, GError **error)
{
  gsize d = u->d;
  gsize total = 0;
  for (guint i = 0; i < u->n; i++)
    total += u->parts[i]->n_keys;
  float *keys = few_room_new (&u->room, float, total, d);
  guint32 *labels = few_room_new (&u->room, guint32, total, 1);
  Entry *entries = few_room_new (&u->room, Entry, total, 1);
  if (few_room_is_short (&u->room, FEW_MERGE_WHAT, error))
    return FALSE;
  guint n = 0;
  for (guint i = 0; i < u->n; i++)
    {
      const FewClassifierInfo *part = u->parts[i];
      guint known = n;
      for (guint j = 0; j < part->n_keys; j++)
        {
          const Entry entry = { part->keys + j * d, u->maps[i][part->key_labels[j]] };
          if (is_known (entries, known, &entry, u->d))
            {
              u->merged.n_twins++;
              continue;
            }
          memcpy (keys + n * d, entry.key, d * sizeof (float));
          labels[n] = entry.label;
          entries[n++] = entry;
        }
      qsort (entries, n, sizeof *entries, compare_entries);
    }
  whole->kind = FEW_CLASSIFIER_CACHE;
  whole->n_keys = n;
  whole->keys = keys;
  whole->key_labels = labels;
  return TRUE;
}

/* tau and sharpness of the parts. */
static gboolean
agree_on_cache (FewUnion *u, gboolean tau_given, FewClassifierInfo *whole, GError **error)
{
  double *taus = few_room_new (&u->room, double, u->n, 1);
  double *sharp = few_room_new (&u->room, double, u->n, 1);
  if (few_room_is_short (&u->room, FEW_MERGE_WHAT, error))
    return FALSE;
  for (guint i = 0; i < u->n; i++)
    {
      taus[i] = u->parts[i]->tau;
      sharp[i] = u->parts[i]->sharpness;
    }
  return few_union_agree ("tau", tau_given ? u->options->tau : NAN, taus, u->n, &whole->tau, error)
         && few_union_agree ("sharpness", u->options->sharpness, sharp, u->n, &whole->sharpness,
                             error);
}

gboolean
few_union_cache (FewUnion *u, FewClassifierInfo *whole, GError **error)
{
  return agree_on_cache (u, TRUE, whole, error) && gather_keys (u, whole, error);
}

/* ---- ProKeR: A = (K/λ + 1)⁻¹ (Y − C), see methods/proker.c */

typedef struct
{
  FewPool *pool;
  FewDense **dense; /* [threads] */
  GCancellable *cancellable;
} Solver;

static gboolean
solver_init (Solver *solver, GCancellable *cancellable, GError **error)
{
  solver->cancellable = cancellable;
  solver->pool = few_pool_new (0);
  solver->dense = few_dense_new_each (solver->pool, error);
  return solver->dense != NULL;
}

static void
solver_clear (Solver *solver)
{
  few_dense_free_each (solver->dense);
  few_pool_free (solver->pool);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Solver, solver_clear)

typedef struct
{
  guint n, k;
  double *kernel;  /* [n, n] */
  double *missing; /* [K, n] (Y − C)ᵀ */
  FewRoom room;
} Ridge;

/* Products of floats in double precision, [m, n]. */
static void
multiply (const Solver *solver, const float *a, guint m, const float *b, guint n, guint d,
          double *out, FewRoom *room)
{
  double *wide_a = few_room_new (room, double, m, d);
  double *wide_b = few_room_new (room, double, n, d);
  if (!wide_a || !wide_b)
    return;
  for (gsize i = 0; i < (gsize) m * d; i++)
    wide_a[i] = a[i];
  for (gsize i = 0; i < (gsize) n * d; i++)
    wide_b[i] = b[i];
  const FewDenseProduct product = { .m = m,
                                    .n = n,
                                    .k = d,
                                    .scale = 1,
                                    .a = wide_a,
                                    .lda = d,
                                    .b = wide_b,
                                    .ldb = d,
                                    .transpose_b = TRUE,
                                    .c = out,
                                    .ldc = n };
  few_dense_product_shared (solver->pool, solver->dense, &product);
}

/* FALSE: there is no room, or it was cancelled. */
static gboolean
set_up_ridge (Ridge *ridge, const Solver *solver, const FewClassifierInfo *info, double sharpness,
              GError **error)
{
  gsize n = ridge->n = info->n_keys;
  ridge->k = info->n_classes;
  ridge->kernel = few_room_new (&ridge->room, double, n, n);
  ridge->missing = few_room_new (&ridge->room, double, ridge->k, n);
  if (few_room_is_short (&ridge->room, FEW_MERGE_WHAT, error))
    return FALSE;
  multiply (solver, info->keys, ridge->n, info->keys, ridge->n, info->dim, ridge->kernel,
            &ridge->room);
  multiply (solver, info->text_features, ridge->k, info->keys, ridge->n, info->dim, ridge->missing,
            &ridge->room);
  for (gsize i = 0; i < n * n; i++)
    ridge->kernel[i] = exp (sharpness * (ridge->kernel[i] - 1));
  for (guint c = 0; c < ridge->k; c++)
    for (gsize i = 0; i < n; i++)
      ridge->missing[c * n + i] = (info->key_labels[i] == c) - ridge->missing[c * n + i];
  return !few_room_is_short (&ridge->room, FEW_MERGE_WHAT, error)
         && !g_cancellable_set_error_if_cancelled (solver->cancellable, error);
}

/* K A, and A; FALSE: there is no room. */
static gboolean
apply_kernel (Ridge *ridge, const Solver *solver, const float *values, double **applied,
              double **wide, GError **error)
{
  gsize n = (gsize) ridge->n * ridge->k;
  *applied = few_room_new (&ridge->room, double, n, 1);
  *wide = few_room_new (&ridge->room, double, n, 1);
  if (few_room_is_short (&ridge->room, FEW_MERGE_WHAT, error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    (*wide)[i] = values[i];
  const FewDenseProduct product = { .m = ridge->n,
                                    .n = ridge->k,
                                    .k = ridge->n,
                                    .scale = 1,
                                    .a = ridge->kernel,
                                    .lda = ridge->n,
                                    .b = *wide,
                                    .ldb = ridge->k,
                                    .c = *applied,
                                    .ldc = ridge->k };
  few_dense_product_shared (solver->pool, solver->dense, &product);
  return TRUE;
}

/* The λ that a part's values were solved with, which its file does not tell: K A = λ (Y − C − A).
 * NAN: it has none. */
static gboolean
find_lambda (const Solver *solver, const FewClassifierInfo *part, double *lambda, GError **error)
{
  Ridge ridge = { 0 };
  *lambda = NAN;
  if (!part->key_values)
    return TRUE;
  double *applied;
  double *values;
  if (!set_up_ridge (&ridge, solver, part, part->sharpness, error)
      || !apply_kernel (&ridge, solver, part->key_values, &applied, &values, error))
    {
      few_room_clear (&ridge.room);
      return FALSE;
    }
  gsize n = ridge.n;
  double along = 0;
  double square = 0;
  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < ridge.k; c++)
      {
        double sum = applied[i * ridge.k + c];
        double left = ridge.missing[c * n + i] - values[i * ridge.k + c];
        along += sum * left;
        square += sum * sum;
      }
  few_room_clear (&ridge.room);
  *lambda = along > 0 ? square / along : NAN;
  return TRUE;
}

/* values [n, K] of the whole */
static gboolean
solve_ridge (FewUnion *u, const Solver *solver, double lambda, FewClassifierInfo *whole,
             GError **error)
{
  Ridge ridge = { 0 };
  gsize n = whole->n_keys;
  float *values = few_room_new (&u->room, float, n, u->k);
  double *inverses = few_room_new (&u->room, double, few_dense_inverses ((guint) n), 1);
  gboolean ok = !few_room_is_short (&u->room, FEW_MERGE_WHAT, error)
                && set_up_ridge (&ridge, solver, whole, whole->sharpness, error);
  for (gsize i = 0; ok && i < n * n; i++)
    ridge.kernel[i] = ridge.kernel[i] / lambda + (i % (n + 1) == 0);
  gboolean factored = ok
                      && few_dense_factor_shared (solver->pool, solver->dense, ridge.kernel,
                                                  ridge.n, inverses, solver->cancellable);
  if (ok && g_cancellable_set_error_if_cancelled (solver->cancellable, error))
    ok = FALSE;
  else if (ok && !factored)
    {
      few_fail (error, INPUT,
                "ProKeR cannot solve for these pictures. A larger lambda may do: lambda=1.");
      ok = FALSE;
    }
  if (ok)
    few_dense_solve_shared (solver->pool, solver->dense, ridge.kernel, inverses, ridge.n,
                            ridge.missing, ridge.k);
  for (gsize i = 0; ok && i < n; i++)
    for (guint c = 0; c < u->k; c++)
      values[i * u->k + c] = (float) ridge.missing[c * n + i];
  few_room_clear (&ridge.room);
  whole->key_values = values;
  return ok;
}

gboolean
few_union_kernel (FewUnion *u, FewClassifierInfo *whole, GError **error)
{
  g_auto (Solver) solver = { NULL };
  double *lambdas = few_room_new (&u->room, double, u->n, 1);
  double lambda;
  if (!solver_init (&solver, u->cancellable, error)
      || few_room_is_short (&u->room, FEW_MERGE_WHAT, error))
    return FALSE;
  for (guint i = 0; i < u->n; i++)
    if (!find_lambda (&solver, u->parts[i], &lambdas[i], error))
      return FALSE;
  return few_union_agree ("lambda", u->options->lambda, lambdas, u->n, &lambda, error)
         && agree_on_cache (u, FALSE, whole, error) && gather_keys (u, whole, error)
         && solve_ridge (u, &solver, lambda, whole, error);
}
