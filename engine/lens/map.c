/* SPDX-License-Identifier: MIT */
/* A 2-D map of pictures: the plane of most variance (PCA) of what CLIP sees of them and what the
 * adapter makes of it, together. One plane for every α, so that pictures move as α does: with P
 * the projection and m the mean, the point of αa + (1−α)f is (αPa + (1−α)Pf) / |αa + (1−α)f| −
 * Pm, eight multiplications a picture. */
#include <fewshot/map.h>
#include "base/memory.h"
#include "base/random.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

enum { AXES = FEW_MAP_AXES, MOST_ROUNDS = 500 };

static const char WHAT[] = N_ ("the map");

struct FewMap
{
  gatomicrefcount refs;
  FewMapInfo info;
  float *pa, *pf;         /* [N, 2] */
  float *aa, *ff, *af;    /* [N] */
  double pm[AXES];
};

FewMap *
few_map_ref (FewMap *map)
{
  g_return_val_if_fail (map != NULL, NULL);
  g_atomic_ref_count_inc (&map->refs);
  return map;
}

void
few_map_unref (FewMap *map)
{
  g_return_if_fail (map != NULL);
  if (!g_atomic_ref_count_dec (&map->refs))
    return;
  g_free ((guint32 *) map->info.ids);
  g_free (map->pa);
  g_free (map->pf);
  g_free (map->aa);
  g_free (map->ff);
  g_free (map->af);
  g_free (map);
}

const FewMapInfo *
few_map_info (const FewMap *map)
{
  g_return_val_if_fail (map != NULL, NULL);
  return &map->info;
}

static double
multiply_rows (const float *a, const float *b, guint d)
{
  float sums[8] = { 0 };
  guint j = 0;
  for (; j + 8 <= d; j += 8)
    for (guint l = 0; l < 8; l++)
      sums[l] += a[j + l] * b[j + l];
  double sum = 0;
  for (guint l = 0; l < 8; l++)
    sum += sums[l];
  for (; j < d; j++)
    sum += (double) a[j] * b[j];
  return sum;
}

/* rows [n, d] to unit length, minus their mean; total: the sum of squares left */
static double
centre_rows (float *rows, guint n, guint d, float *mean)
{
  double total = 0;
  g_autofree double *sum = g_new0 (double, d);
  for (guint i = 0; i < n; i++)
    {
      float *row = rows + (gsize) i * d;
      double square = multiply_rows (row, row, d);
      float scale = square > 1e-24 ? (float) (1 / sqrt (square)) : 0;
      for (guint j = 0; j < d; j++)
        sum[j] += row[j] *= scale;
    }
  for (guint j = 0; j < d; j++)
    mean[j] = (float) (sum[j] / MAX (n, 1));
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < d; j++)
      {
        float *value = rows + (gsize) i * d + j;
        *value -= mean[j];
        total += (double) *value * *value;
      }
  return total;
}

/* axes [2, d] to orthonormal rows; their lengths before in size */
static void
orthonormalise_axes (float *axes, guint d, double size[AXES])
{
  for (guint k = 0; k < AXES; k++)
    {
      float *axis = axes + (gsize) k * d;
      for (guint p = 0; p < k; p++)
        {
          const float *other = axes + (gsize) p * d;
          float along = (float) multiply_rows (axis, other, d);
          for (guint j = 0; j < d; j++)
            axis[j] -= along * other[j];
        }
      size[k] = sqrt (multiply_rows (axis, axis, d));
      for (guint j = 0; j < d; j++)
        axis[j] = size[k] > 1e-12 ? (float) (axis[j] / size[k]) : 0;
    }
}

/* The two leading right singular vectors of rows [n, d], by subspace iteration; variance: their
 * eigenvalues of RᵀR. */
static gboolean
leading_axes (const float *rows, guint n, guint d, float *axes, double variance[AXES],
              GCancellable *cancellable, GError **error)
{
  g_autoptr (GRand) rand = few_rand_new (1);
  g_autofree float *next = g_new (float, (gsize) AXES *d);
  double before[AXES] = { 0 };
  for (gsize j = 0; j < (gsize) AXES * d; j++)
    axes[j] = (float) g_rand_double_range (rand, -1, 1);
  orthonormalise_axes (axes, d, variance);
  for (guint round = 0; round < MOST_ROUNDS; round++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      memset (next, 0, (gsize) AXES * d * sizeof *next);
      for (guint i = 0; i < n; i++)
        for (guint k = 0; k < AXES; k++)
          {
            const float *row = rows + (gsize) i * d;
            float along = (float) multiply_rows (row, axes + (gsize) k * d, d);
            float *sum = next + (gsize) k * d;
            for (guint j = 0; j < d; j++)
              sum[j] += along * row[j];
          }
      memcpy (axes, next, (gsize) AXES * d * sizeof *axes);
      orthonormalise_axes (axes, d, variance);
      if (fabs (variance[0] - before[0]) <= 1e-7 * variance[0]
          && fabs (variance[1] - before[1]) <= 1e-7 * variance[0])
        break;
      memcpy (before, variance, sizeof before);
    }
  for (guint k = 0; k < AXES; k++) /* the same way round every time: the largest part is positive */
    {
      float *axis = axes + (gsize) k * d;
      float largest = 0;
      for (guint j = 0; j < d; j++)
        largest = fabsf (axis[j]) > fabsf (largest) ? axis[j] : largest;
      for (guint j = 0; largest < 0 && j < d; j++)
        axis[j] = -axis[j];
    }
  return TRUE;
}

/* One scale for every α: points must not jump while the slider moves. */
static gboolean
measure_bounds (FewMap *map, GError **error)
{
  guint n = map->info.n;
  g_autofree float *points = few_try_floats (n, AXES, WHAT, error);
  if (!points)
    return FALSE;
  for (guint k = 0; k < AXES; k++)
    {
      map->info.low[k] = INFINITY;
      map->info.high[k] = -INFINITY;
    }
  for (guint step = 0; step <= 8; step++)
    {
      few_map_points (map, step / 8.0, points);
      for (guint i = 0; i < n; i++)
        for (guint k = 0; k < AXES; k++)
          {
            map->info.low[k] = MIN (map->info.low[k], points[AXES * i + k]);
            map->info.high[k] = MAX (map->info.high[k], points[AXES * i + k]);
          }
    }
  return TRUE;
}

/* Room for n pictures. */
static FewMap *
alloc_map (const guint32 *ids, guint n, GError **error)
{
  g_autoptr (FewMap) map = g_new0 (FewMap, 1);
  g_atomic_ref_count_init (&map->refs);
  map->info.n = n;
  map->info.ids = few_try_copy (ids, n, sizeof *ids, WHAT, error);
  map->pa = map->info.ids ? few_try_floats (n, AXES, WHAT, error) : NULL;
  map->pf = map->pa ? few_try_floats (n, AXES, WHAT, error) : NULL;
  map->aa = map->pf ? few_try_floats (n, 1, WHAT, error) : NULL;
  map->ff = map->aa ? few_try_floats (n, 1, WHAT, error) : NULL;
  map->af = map->ff ? few_try_floats (n, 1, WHAT, error) : NULL;
  return map->af ? g_steal_pointer (&map) : NULL;
}

FewMap *
few_map_new (const float *f, const float *a, const guint32 *ids, guint n, guint d,
             GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (d > 0 && (n == 0 || (f && a)), NULL);
  gsize size = (gsize) n * d;
  g_autofree float *rows = few_try_floats (n, 2 * (gsize) d, WHAT, error);
  g_autofree float *axes = g_new (float, (gsize) AXES *d);
  g_autofree float *mean = g_new0 (float, d);
  double variance[AXES];
  if (!rows)
    return NULL;
  memcpy (rows, f, size * sizeof (float));
  memcpy (rows + size, a, size * sizeof (float));
  double total = centre_rows (rows, 2 * n, d, mean);
  if (!leading_axes (rows, 2 * n, d, axes, variance, cancellable, error))
    return NULL;
  g_autoptr (FewMap) map = alloc_map (ids, n, error);
  if (!map)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      const float *fi = f + (gsize) i * d;
      const float *ai = a + (gsize) i * d;
      map->aa[i] = (float) multiply_rows (ai, ai, d);
      map->ff[i] = (float) multiply_rows (fi, fi, d);
      map->af[i] = (float) multiply_rows (ai, fi, d);
      for (guint k = 0; k < AXES; k++)
        {
          map->pa[AXES * i + k] = (float) multiply_rows (ai, axes + (gsize) k * d, d);
          map->pf[AXES * i + k] = (float) multiply_rows (fi, axes + (gsize) k * d, d);
        }
    }
  for (guint k = 0; k < AXES; k++)
    {
      map->pm[k] = multiply_rows (mean, axes + (gsize) k * d, d);
      map->info.share[k] = total > 0 ? variance[k] / total : 0;
    }
  return measure_bounds (map, error) ? g_steal_pointer (&map) : NULL;
}

void
few_map_points (const FewMap *map, double alpha, float *points)
{
  g_return_if_fail (map != NULL && (map->info.n == 0 || points));
  double b = 1 - alpha;
  for (guint i = 0; i < map->info.n; i++)
    {
      double square = alpha * alpha * map->aa[i] + 2 * alpha * b * map->af[i] + b * b * map->ff[i];
      double scale = square > 1e-24 ? 1 / sqrt (square) : 0;
      for (guint k = 0; k < AXES; k++)
        points[AXES * i + k] =
            (float) ((alpha * map->pa[AXES * i + k] + b * map->pf[AXES * i + k]) * scale
                     - map->pm[k]);
    }
}
