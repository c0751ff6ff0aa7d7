/* SPDX-License-Identifier: MIT */
/* A map in its widget: where points are in pixels, and what stands beside them. */
#pragma once
#include "pages/inspect/few-map-places.h"
#include "pages/inspect/few-map-zoom.h"
#include "session/few-view.h"

G_BEGIN_DECLS
typedef struct
{
  GtkWidget *widget;
  FewMapZoom zoom;
  FewMapPlaces places;
} FewMapFrame;

/* Pixels of all of the map, were it not zoomed. */
double few_map_frame_width (const FewMapFrame *frame);
double few_map_frame_height (const FewMapFrame *frame);
/* Where point i is drawn. */
void few_map_frame_place (const FewMapFrame *frame, guint i, double *x, double *y);
/* What of the map lies there. */
void few_map_frame_find (const FewMapFrame *frame, double *x, double *y);
gboolean few_map_frame_shows (const FewMapFrame *frame, double x, double y);

/* The name of each class of the view in the middle of its pictures, or above or below another that
 * is there, while they are few enough to read; not where there is no room, which zooming makes. */
void few_map_frame_draw_names (const FewMapFrame *frame, GtkSnapshot *snapshot, FewView *view,
                               gboolean dark);
/* A ring around point i. */
void few_map_frame_draw_ring (const FewMapFrame *frame, GtkSnapshot *snapshot, guint i);
G_END_DECLS
