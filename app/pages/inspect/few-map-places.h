/* SPDX-License-Identifier: MIT */
/* Where the points of a map are: arithmetic without a widget. Lengths are shares of the whole map,
 * from its left and its top. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct
{
  guint n;
  guint32 *ids;     /* [n] */
  float *at;        /* [n, 2] where they are drawn */
  float *from, *to; /* [n, 2] on the way between two maps */
  gint32 *labels;   /* [n], the owner's; −1: not to be drawn */
  const FewMap *of; /* only to tell it from another */
} FewMapPlaces;

/* TRUE when the pictures are those of the map before, but lie elsewhere in it: they are still where
 * they were, until few_map_places_blend says how far they have come. */
gboolean few_map_places_set (FewMapPlaces *places, FewMap *map, double alpha);
void few_map_places_blend (FewMapPlaces *places, double share);
void few_map_places_clear (FewMapPlaces *places);

/* Index of a picture, or −1. */
int few_map_places_find (const FewMapPlaces *places, guint32 id);
/* The nearest to a place, −1: none within `reach`. width, height: pixels of the whole map. */
int few_map_places_nearest (const FewMapPlaces *places, double x, double y, double reach,
                            double width, double height);
/* The nearest to point `index` towards (dx, dy), one of which is 0; −1: there is none. */
int few_map_places_next (const FewMapPlaces *places, guint index, int dx, int dy, double width,
                         double height);
/* Indices (guint) of those within a closed line of n corners [n, 2]. */
GArray *few_map_places_inside (const FewMapPlaces *places, const double *corners, guint n);
G_END_DECLS
