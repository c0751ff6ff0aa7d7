/* SPDX-License-Identifier: MIT */
/* A 2-D map of pictures: the plane of most variance (PCA) of what CLIP sees of them and what the
 * adapter makes of it, together. One plane for every α, so that pictures move as α does: with P
 * the projection and m the mean, the point of αa + (1−α)f is (αPa + (1−α)Pf) / |αa + (1−α)f| −
 * Pm, eight multiplications a picture. Or layouts, map-neighbours.c, and straight ways between
 * them. */
#include "lens/map.h"
#include "base/memory.h"
#include "base/words.h"
#include "lens/axes.h"
#include <math.h>
#include <string.h>

enum { AXES = FEW_MAP_AXES };

static const char WHAT[] = N_ ("the map");

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
  g_free (map->frames);
  g_free (map);
}

const FewMapInfo *
few_map_info (const FewMap *map)
{
  g_return_val_if_fail (map != NULL, NULL);
  return &map->info;
}

FewMap *
few_map_alloc (FewMapKind kind, const guint32 *ids, guint n, GError **error)
{
  g_autoptr (FewMap) map = g_new0 (FewMap, 1);
  g_atomic_ref_count_init (&map->refs);
  map->info.kind = kind;
  map->info.n = n;
  map->info.ids = few_try_copy (ids, n, sizeof *ids, WHAT, error);
  for (guint k = 0; k < AXES; k++)
    {
      map->info.low[k] = INFINITY;
      map->info.high[k] = -INFINITY;
    }
  return map->info.ids ? g_steal_pointer (&map) : NULL;
}

void
few_map_cover (FewMap *map, const float *points)
{
  for (guint i = 0; i < map->info.n; i++)
    for (guint k = 0; k < AXES; k++)
      {
        map->info.low[k] = MIN (map->info.low[k], points[AXES * i + k]);
        map->info.high[k] = MAX (map->info.high[k], points[AXES * i + k]);
      }
}

/* One scale for every α: points must not jump while the slider moves. */
static gboolean
measure_bounds (FewMap *map, GError **error)
{
  g_autofree float *points = few_try_floats (map->info.n, AXES, WHAT, error);
  for (guint step = 0; points && step <= 8; step++)
    {
      few_map_points (map, step / 8.0, points);
      few_map_cover (map, points);
    }
  return points != NULL;
}

/* Room for n pictures on a plane. */
static FewMap *
alloc_plane (const guint32 *ids, guint n, GError **error)
{
  g_autoptr (FewMap) map = few_map_alloc (FEW_MAP_PLANE, ids, n, error);
  if (!map)
    return NULL;
  map->pa = few_try_floats (n, AXES, WHAT, error);
  map->pf = map->pa ? few_try_floats (n, AXES, WHAT, error) : NULL;
  map->aa = map->pf ? few_try_floats (n, 1, WHAT, error) : NULL;
  map->ff = map->aa ? few_try_floats (n, 1, WHAT, error) : NULL;
  map->af = map->ff ? few_try_floats (n, 1, WHAT, error) : NULL;
  return map->af ? g_steal_pointer (&map) : NULL;
}

static void
project_pictures (FewMap *map, const float *f, const float *a, guint d, const float *axes)
{
  for (guint i = 0; i < map->info.n; i++)
    {
      const float *fi = f + (gsize) i * d;
      const float *ai = a + (gsize) i * d;
      map->aa[i] = (float) few_axes_multiply (ai, ai, d);
      map->ff[i] = (float) few_axes_multiply (fi, fi, d);
      map->af[i] = (float) few_axes_multiply (ai, fi, d);
      for (guint k = 0; k < AXES; k++)
        {
          const float *axis = axes + (gsize) k * d;
          map->pa[AXES * i + k] = (float) few_axes_multiply (ai, axis, d);
          map->pf[AXES * i + k] = (float) few_axes_multiply (fi, axis, d);
        }
    }
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
  double total = few_axes_centre (rows, 2 * n, d, mean);
  g_autoptr (FewPool) pool = few_pool_new (0);
  g_autoptr (FewMap) map = few_axes_find (pool, rows, 2 * n, d, axes, variance, cancellable, error)
                               ? alloc_plane (ids, n, error)
                               : NULL;
  if (!map)
    return NULL;
  project_pictures (map, f, a, d, axes);
  for (guint k = 0; k < AXES; k++)
    {
      map->pm[k] = few_axes_multiply (mean, axes + (gsize) k * d, d);
      map->info.share[k] = total > 0 ? variance[k] / total : 0;
    }
  return measure_bounds (map, error) ? g_steal_pointer (&map) : NULL;
}

static void
follow_frames (const FewMap *map, double alpha, float *points)
{
  gsize size = (gsize) AXES * map->info.n;
  double place = CLAMP (alpha, 0, 1) * (map->n_frames - 1);
  guint before = MIN ((guint) place, map->n_frames - 1);
  guint after = MIN (before + 1, map->n_frames - 1);
  float share = (float) (place - before);
  const float *from = map->frames + before * size;
  const float *to = map->frames + after * size;
  for (gsize i = 0; i < size; i++)
    points[i] = from[i] + share * (to[i] - from[i]);
}

void
few_map_points (const FewMap *map, double alpha, float *points)
{
  g_return_if_fail (map != NULL && (map->info.n == 0 || points));
  double b = 1 - alpha;
  if (map->info.kind == FEW_MAP_NEIGHBOURS)
    {
      follow_frames (map, alpha, points);
      return;
    }
  for (guint i = 0; i < map->info.n; i++)
    {
      double square = alpha * alpha * map->aa[i] + 2 * alpha * b * map->af[i] + b * b * map->ff[i];
      double scale = square > 1e-24 ? 1 / sqrt (square) : 0;
      for (guint k = 0; k < AXES; k++)
        {
          double along = alpha * map->pa[AXES * i + k] + b * map->pf[AXES * i + k];
          points[AXES * i + k] = (float) ((scale > 0 ? along * scale : 0) - map->pm[k]);
        }
    }
}
