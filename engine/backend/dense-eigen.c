/* SPDX-License-Identifier: MIT */
/* The largest eigenvalue of a symmetric matrix by Lanczos's method, each vector made orthogonal to
 * all before it, and of the tridiagonal matrix that comes of it by bisection. */
#include "backend/dense.h"
#include "base/memory.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_STEPS = 300 };

/* How many eigenvalues of the tridiagonal matrix (diagonal [n], off [n − 1]) are below x: the
 * signs of Sturm's sequence. */
static guint
count_below (const double *diagonal, const double *off, guint n, double x)
{
  guint below = 0;
  double q = 1;
  for (guint i = 0; i < n; i++)
    {
      double square = i ? off[i - 1] * off[i - 1] : 0;
      double before = fabs (q) > DBL_MIN ? q : DBL_MIN;
      q = diagonal[i] - x - square / before;
      below += q < 0;
    }
  return below;
}

static double
largest_of_tridiagonal (const double *diagonal, const double *off, guint n)
{
  double low = diagonal[0];
  double high = diagonal[0];
  for (guint i = 0; i < n; i++)
    {
      double radius = (i ? fabs (off[i - 1]) : 0) + (i + 1 < n ? fabs (off[i]) : 0);
      low = MIN (low, diagonal[i] - radius);
      high = MAX (high, diagonal[i] + radius);
    }
  high += DBL_EPSILON * fabs (high) + DBL_MIN;
  for (guint step = 0; step < 200 && high - low > DBL_EPSILON * fabs (high); step++)
    {
      double middle = low + (high - low) / 2;
      if (count_below (diagonal, off, n, middle) == n)
        high = middle;
      else
        low = middle;
    }
  return low + (high - low) / 2;
}

static void
multiply (const double *a, guint d, const double *x, double *y)
{
  memset (y, 0, d * sizeof (double));
  for (guint j = 0; j < d; j++)
    for (guint i = 0; i < d; i++)
      y[i] += x[j] * a[(gsize) j * d + i];
}

static double
norm (const double *x, guint d)
{
  double sum = 0;
  for (guint i = 0; i < d; i++)
    sum += x[i] * x[i];
  return sqrt (sum);
}

/* y −= Σ (y·v) v over the vectors so far, twice: once leaves rounding errors */
static void
orthogonalise (const double *vectors, guint n, guint d, double *y)
{
  for (guint pass = 0; pass < 2; pass++)
    for (guint j = 0; j < n; j++)
      {
        const double *v = vectors + (gsize) j * d;
        double dot = 0;
        for (guint i = 0; i < d; i++)
          dot += y[i] * v[i];
        for (guint i = 0; i < d; i++)
          y[i] -= dot * v[i];
      }
}

gboolean
few_dense_largest_eigenvalue (const double *a, guint d, double *eigenvalue, GError **error)
{
  guint steps = MIN (d, MOST_STEPS);
  g_auto (FewRoom) room = { 0 };
  double *vectors = few_room_new (&room, double, (gsize) steps + 1, d);
  double *diagonal = few_room_new (&room, double, steps, 1);
  double *off = few_room_new (&room, double, steps, 1);
  double largest = 0;
  guint same = 0;
  guint64 state = 1;
  if (few_room_is_short (&room, "a matrix", error))
    return FALSE;
  /* any direction that no eigenvector is likely to be at right angles to */
  for (guint i = 0; i < d; i++)
    {
      state = state * 6364136223846793005u + 1442695040888963407u;
      vectors[i] = 1 + (double) (state >> 33) / 4294967296.0;
    }
  double length = norm (vectors, d);
  for (guint i = 0; i < d; i++)
    vectors[i] /= length;
  for (guint step = 0; step < steps; step++)
    {
      const double *v = vectors + (gsize) step * d;
      double *next = vectors + (gsize) (step + 1) * d;
      multiply (a, d, v, next);
      diagonal[step] = 0;
      for (guint i = 0; i < d; i++)
        diagonal[step] += v[i] * next[i];
      orthogonalise (vectors, step + 1, d, next);
      off[step] = norm (next, d);
      double before = largest;
      largest = largest_of_tridiagonal (diagonal, off, step + 1);
      same = fabs (largest - before) <= 4 * DBL_EPSILON * fabs (largest) ? same + 1 : 0;
      if (same == 4 || !(off[step] > DBL_EPSILON * fabs (largest)))
        break;
      for (guint i = 0; i < d; i++)
        next[i] /= off[step];
    }
  *eigenvalue = largest;
  return TRUE;
}
