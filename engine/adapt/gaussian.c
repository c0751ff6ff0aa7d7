/* SPDX-License-Identifier: MIT */
/* Gaussian discriminants from sums. */
#include "adapt/gaussian.h"
#include "backend/dense.h"
#include "base/error.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

#define WHAT N_ ("the statistics of the classes")

void
few_gaussian_init (FewGaussian *gaussian, guint k, guint d, FewRoom *room)
{
  *gaussian = (FewGaussian) { .k = k,
                              .d = d,
                              .counts = few_room_new (room, guint32, k, 1),
                              .means = few_room_new (room, double, k, d),
                              .scatter = few_room_new (room, double, d, d) };
}

/* unit [n, D] */
static void
normalise_rows (const float *features, const guint32 *places, guint n, guint d, double *unit)
{
  for (guint i = 0; i < n; i++)
    {
      const float *row = features + (places ? places[i] : i) * (gsize) d;
      double square = 0;
      for (guint j = 0; j < d; j++)
        square += (double) row[j] * row[j];
      double scale = square > 0 ? 1 / sqrt (square) : 0;
      for (guint j = 0; j < d; j++)
        unit[(gsize) i * d + j] = row[j] * scale;
    }
}

gboolean
few_gaussian_measure (FewGaussian *gaussian, const float *features, const guint32 *labels,
                      const guint32 *places, guint n, const float *text, GError **error)
{
  gsize d = gaussian->d;
  g_auto (FewRoom) room = { 0 };
  g_autoptr (FewDense) dense = few_dense_new (error);
  double *unit = few_room_new (&room, double, n, d);
  if (!dense || few_room_is_short (&room, WHAT, error))
    return FALSE;
  normalise_rows (features, places, n, gaussian->d, unit);
  memset (gaussian->counts, 0, gaussian->k * sizeof *gaussian->counts);
  memset (gaussian->means, 0, gaussian->k * d * sizeof (double));
  for (guint i = 0; i < n; i++)
    {
      guint32 label = labels[places ? places[i] : i];
      gaussian->counts[label]++;
      for (gsize j = 0; j < d; j++)
        gaussian->means[label * d + j] += unit[i * d + j];
    }
  for (gsize c = 0; c < gaussian->k; c++)
    for (gsize j = c * d; j < (c + 1) * d; j++)
      gaussian->means[j] = gaussian->counts[c] ? gaussian->means[j] / gaussian->counts[c] : text[j];
  for (guint i = 0; i < n; i++)
    for (gsize j = 0; j < d; j++)
      unit[i * d + j] -= gaussian->means[labels[places ? places[i] : i] * d + j];
  const FewDenseProduct product = { .m = gaussian->d,
                                    .n = gaussian->d,
                                    .k = n,
                                    .scale = 1,
                                    .a = unit,
                                    .lda = d,
                                    .transpose_a = TRUE,
                                    .b = unit,
                                    .ldb = d,
                                    .c = gaussian->scatter,
                                    .ldc = d,
                                    .lower = TRUE };
  few_dense_product (dense, &product);
  few_dense_mirror (gaussian->scatter, gaussian->d);
  return TRUE;
}

/* The class's mean moves, and its scatter grows by how far the two were apart. */
static void
add_class (FewGaussian *gaussian, guint c, const float *mean, guint32 n)
{
  gsize d = gaussian->d;
  double *own = gaussian->means + c * d;
  double before = gaussian->counts[c];
  double share = n > 0 ? n / (before + n) : 0;
  if (before + n == 0 || (before > 0 && n == 0))
    return;
  for (gsize i = 0; i < d; i++)
    for (gsize j = 0; j < d; j++)
      gaussian->scatter[i * d + j] += before * share * (mean[i] - own[i]) * (mean[j] - own[j]);
  for (gsize j = 0; j < d; j++)
    own[j] += share * (mean[j] - own[j]);
  gaussian->counts[c] += n;
}

void
few_gaussian_add (FewGaussian *gaussian, const FewStatistics *other, guint n_classes,
                  const guint32 *map)
{
  gsize d = gaussian->d;
  for (gsize i = 0; i < d * d; i++)
    gaussian->scatter[i] += other->scatter[i];
  for (guint c = 0; c < n_classes; c++)
    add_class (gaussian, map[c], other->means + c * d, other->counts[c]);
}

/* (N − 1) Σ̂ + tr (Σ̂) I; one picture a class: nothing but the means */
static void
shrink (const FewGaussian *gaussian, double *sigma)
{
  gsize d = gaussian->d;
  double n = 0;
  double trace = 0;
  for (guint c = 0; c < gaussian->k; c++)
    n += gaussian->counts[c];
  memcpy (sigma, gaussian->scatter, d * d * sizeof (double));
  for (gsize i = 0; i < d; i++)
    trace += sigma[i * d + i] / MAX (n - 1, 1);
  for (gsize i = 0; i < d; i++)
    sigma[i * d + i] += trace > 0 ? trace : 1;
}

gboolean
few_gaussian_solve (const FewGaussian *gaussian, float *w, float *b, GError **error)
{
  guint k = gaussian->k;
  guint d = gaussian->d;
  g_auto (FewRoom) room = { 0 };
  g_autoptr (FewDense) dense = few_dense_new (error);
  double *sigma = few_room_new (&room, double, d, d);
  double *x = few_room_new (&room, double, k, d);
  double *inverses = few_room_new (&room, double, few_dense_inverses (d), 1);
  if (!dense || few_room_is_short (&room, WHAT, error))
    return FALSE;
  shrink (gaussian, sigma);
  if (!few_dense_factor (dense, sigma, d, inverses))
    {
      few_fail (error, INPUT, "The pictures' features have no covariance that can be inverted.");
      return FALSE;
    }
  memcpy (x, gaussian->means, (gsize) k * d * sizeof (double));
  few_dense_solve (dense, sigma, inverses, d, x, k);
  for (guint c = 0; c < k; c++)
    {
      double along = 0;
      for (gsize j = (gsize) c * d; j < (gsize) (c + 1) * d; j++)
        {
          w[j] = (float) (d * x[j]);
          along += gaussian->means[j] * d * x[j];
        }
      b[c] = (float) (-log (k) - 0.5 * along);
    }
  return TRUE;
}

void
few_gaussian_blend (guint k, guint d, double a, double scale, const float *text, const float *w,
                    const float *b, float *weight, float *bias)
{
  double shared_bias = 0;
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
        weight[i] = (float) (a * w[i] - shared + scale * text[i]);
    }
}

FewStatistics
few_gaussian_keep (const FewGaussian *gaussian, double a, FewRoom *room)
{
  gsize d = gaussian->d;
  float *means = few_room_new (room, float, gaussian->k, d);
  float *scatter = few_room_new (room, float, d, d);
  if (!means || !scatter)
    return (FewStatistics) { .a = NAN };
  for (gsize i = 0; i < gaussian->k * d; i++)
    means[i] = (float) gaussian->means[i];
  for (gsize i = 0; i < d * d; i++)
    scatter[i] = (float) gaussian->scatter[i];
  return (FewStatistics) { gaussian->counts, means, scatter, a };
}
