/* SPDX-License-Identifier: MIT */
/* What an automatic classifier answers: probabilities of features, at its own α or another. */
#include "adapt/automatic.h"
#include "base/error.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

double
few_automatic_inverse_norm (const float *feature, guint d)
{
  double square = 0;
  for (guint j = 0; j < d; j++)
    square += (double) feature[j] * feature[j];
  return square > 0 ? 1 / sqrt (square) : 0;
}

void
few_automatic_unit (const float *feature, guint d, double *x)
{
  double inverse = few_automatic_inverse_norm (feature, d);
  for (guint j = 0; j < d; j++)
    x[j] = feature[j] * inverse;
}

gboolean
few_automatic_probabilities (const FewAutomatic *automatic, double alpha, const float *features,
                             guint n, double *probabilities, GError **error)
{
  enum { ROWS = 256 };
  const FewAutoFit *fit = automatic->fit;
  gsize d = fit->d;
  gsize k = fit->k;
  g_autoptr (FewDense) dense = few_dense_new (error);
  g_auto (FewRoom) room = { 0 };
  double *x = few_room_new (&room, double, ROWS, d);
  double *weight = isnan (alpha) ? NULL : few_room_new (&room, double, k, d);
  double *bias = isnan (alpha) ? NULL : few_room_new (&room, double, k, 1);
  if (!dense || few_room_is_short (&room, "the probabilities", error))
    return FALSE;
  if (weight)
    few_auto_fit_at (fit, alpha, weight, bias);
  for (guint first = 0; first < n; first += ROWS)
    {
      guint m = MIN (ROWS, n - first);
      double *rows = probabilities + first * k;
      for (guint i = 0; i < m; i++)
        few_automatic_unit (features + (first + i) * d, fit->d, x + i * d);
      for (gsize i = 0; i < m * k; i++)
        rows[i] = (bias ? bias : fit->b)[i % k];
      FewDenseProduct product = { .m = m,
                                  .n = fit->k,
                                  .k = fit->d,
                                  .scale = 1,
                                  .beta = 1,
                                  .a = x,
                                  .lda = d,
                                  .b = weight ? weight : fit->w,
                                  .ldb = d,
                                  .transpose_b = TRUE,
                                  .c = rows,
                                  .ldc = k };
      few_dense_product (dense, &product);
      for (guint i = 0; i < m; i++)
        few_dense_softmax (dense, fit->k, rows + i * k);
    }
  return TRUE;
}

int
few_automatic_compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;
  return (x > y) - (x < y);
}
