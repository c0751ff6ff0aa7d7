/* SPDX-License-Identifier: MIT */
/* Points of a map, scaled to it, and questions about them. */
#include "pages/inspect/few-map-places.h"
#include <math.h>
#include <string.h>

static const double ASIDE = 2; /* how much farther a point is for lying beside the direction */

void
few_map_places_clear (FewMapPlaces *places)
{
  g_clear_pointer (&places->ids, g_free);
  g_clear_pointer (&places->at, g_free);
  g_clear_pointer (&places->from, g_free);
  g_clear_pointer (&places->to, g_free);
  g_clear_pointer (&places->labels, g_free);
  *places = (FewMapPlaces) { 0 };
}

static void
scale_points (const FewMapInfo *info, float *points)
{
  for (guint i = 0; i < info->n; i++)
    {
      double across = MAX (info->high[0] - info->low[0], 1e-6);
      double down = MAX (info->high[1] - info->low[1], 1e-6);
      points[2 * i] = (float) ((points[2 * i] - info->low[0]) / across);
      points[2 * i + 1] = (float) (1 - (points[2 * i + 1] - info->low[1]) / down);
    }
}

static void
make_room (FewMapPlaces *places, const FewMapInfo *info)
{
  guint n = info->n;
  few_map_places_clear (places);
  places->n = n;
  places->ids = g_memdup2 (info->ids, n * sizeof *info->ids);
  places->at = g_new (float, 2 * (gsize) n + 1);
  places->from = g_new0 (float, 2 * (gsize) n + 1); /* the way to another map may go on */
  places->to = g_new (float, 2 * (gsize) n + 1);
  places->labels = g_new0 (gint32, n + 1);
}

gboolean
few_map_places_set (FewMapPlaces *places, FewMap *map, double alpha)
{
  g_return_val_if_fail (places && map, FALSE);
  const FewMapInfo *info = few_map_info (map);
  gboolean same = places->n == info->n && info->n > 0
                  && memcmp (places->ids, info->ids, info->n * sizeof *info->ids) == 0;
  gboolean moves = same && places->of != map;
  if (!same)
    make_room (places, info);
  places->of = map;
  few_map_points (map, alpha, places->to);
  scale_points (info, places->to);
  memcpy (moves ? places->from : places->at, moves ? places->at : places->to,
          2 * (gsize) info->n * sizeof (float));
  return moves;
}

void
few_map_places_blend (FewMapPlaces *places, double share)
{
  g_return_if_fail (places);
  for (guint i = 0; i < 2 * places->n; i++)
    places->at[i] = places->from[i] + (float) share * (places->to[i] - places->from[i]);
}

int
few_map_places_find (const FewMapPlaces *places, guint32 id)
{
  g_return_val_if_fail (places, -1);
  for (guint i = 0; i < places->n; i++)
    if (places->ids[i] == id)
      return (int) i;
  return -1;
}

int
few_map_places_nearest (const FewMapPlaces *places, double x, double y, double reach, double width,
                        double height)
{
  g_return_val_if_fail (places, -1);
  double nearest = reach * reach;
  int found = -1;
  for (guint i = 0; i < places->n; i++)
    {
      double dx = (places->at[2 * i] - x) * width;
      double dy = (places->at[2 * i + 1] - y) * height;
      if (places->labels[i] < 0 || dx * dx + dy * dy >= nearest)
        continue;
      nearest = dx * dx + dy * dy;
      found = (int) i;
    }
  return found;
}

int
few_map_places_next (const FewMapPlaces *places, guint index, int dx, int dy, double width,
                     double height)
{
  g_return_val_if_fail (places && index < places->n, -1);
  double nearest = INFINITY;
  int found = -1;
  for (guint i = 0; i < places->n; i++)
    {
      double x = (places->at[2 * i] - places->at[2 * index]) * width;
      double y = (places->at[2 * i + 1] - places->at[2 * index + 1]) * height;
      double along = x * dx + y * dy;
      double aside = ASIDE * (x * dy + y * dx);
      if (places->labels[i] < 0 || along <= 0 || along * along + aside * aside >= nearest)
        continue;
      nearest = along * along + aside * aside;
      found = (int) i;
    }
  return found;
}

/* Whether the line from a to b crosses the one that goes right from (x, y). */
static gboolean
crosses (const double *a, const double *b, double x, double y)
{
  return (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
}

GArray *
few_map_places_inside (const FewMapPlaces *places, const double *corners, guint n)
{
  g_return_val_if_fail (places && (n == 0 || corners), NULL);
  GArray *inside = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < places->n; i++)
    {
      gboolean odd = FALSE;
      for (guint c = 0; c < n; c++)
        if (crosses (corners + 2 * c, corners + 2 * ((c + 1) % n), places->at[2 * i],
                     places->at[2 * i + 1]))
          odd = !odd;
      if (odd && places->labels[i] >= 0)
        g_array_append_val (inside, i);
    }
  return inside;
}
