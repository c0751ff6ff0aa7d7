/* SPDX-License-Identifier: MIT */
/* The frame never leaves the map. */
#include "pages/inspect/few-map-frame.h"

static const double MOST = 32;

static double
place (double centre, double zoom, double at, double size)
{
  return size * ((at - centre) * zoom + .5);
}

double
few_map_frame_place_x (const FewMapFrame *frame, double at, double size)
{
  return place (frame->x, frame->zoom, at, size);
}

double
few_map_frame_place_y (const FewMapFrame *frame, double at, double size)
{
  return place (frame->y, frame->zoom, at, size);
}

static void
stay_inside (FewMapFrame *frame)
{
  double half = .5 / frame->zoom;
  frame->x = CLAMP (frame->x, half, 1 - half);
  frame->y = CLAMP (frame->y, half, 1 - half);
}

void
few_map_frame_zoom (FewMapFrame *frame, double factor, double x, double y)
{
  g_return_if_fail (frame != NULL && factor > 0);
  double zoom = CLAMP (frame->zoom * factor, 1, MOST);
  frame->x += (x - .5) * (1 / frame->zoom - 1 / zoom);
  frame->y += (y - .5) * (1 / frame->zoom - 1 / zoom);
  frame->zoom = zoom;
  stay_inside (frame);
}

void
few_map_frame_move (FewMapFrame *frame, double x, double y)
{
  g_return_if_fail (frame != NULL);
  frame->x += x / frame->zoom;
  frame->y += y / frame->zoom;
  stay_inside (frame);
}
