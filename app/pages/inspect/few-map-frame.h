/* SPDX-License-Identifier: MIT */
/* Which part of a map is in view: all of it, or a part that was zoomed into. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* All: zoom 1, centre (.5, .5), in shares of the map's sides. */
typedef struct
{
  double zoom, x, y;
} FewMapFrame;

#define FEW_MAP_FRAME_ALL ((FewMapFrame) { 1, .5, .5 })

/* Where a place of the map, 0 … 1 along a side, is seen along a side of `size` pixels. */
double few_map_frame_place_x (const FewMapFrame *frame, double at, double size);
double few_map_frame_place_y (const FewMapFrame *frame, double at, double size);
/* What is seen at (x, y), in shares of the sides of what is seen, stays there. */
void few_map_frame_zoom (FewMapFrame *frame, double factor, double x, double y);
/* By shares of what is seen. */
void few_map_frame_move (FewMapFrame *frame, double x, double y);
G_END_DECLS
