/* SPDX-License-Identifier: MIT */
/* Which part of a map is in view. Lengths are shares of the whole map, or of what is in view. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef struct
{
  double scale; /* 1: all of it */
  double x, y;  /* what of the map is in the middle, 0 … 1 */
  gboolean chooses; /* a drag does not move the view, but goes around points */
} FewMapZoom;

enum { FEW_MAP_ZOOM_MOST = 40 };

void few_map_zoom_reset (FewMapZoom *zoom);
/* What lies at (x, y) of the view stays there. */
void few_map_zoom_by (FewMapZoom *zoom, double factor, double x, double y);
/* The map follows by so much of the view. */
void few_map_zoom_pan (FewMapZoom *zoom, double dx, double dy);
/* Where the point of the map is in the view; within 0 … 1 it can be seen. */
void few_map_zoom_place (const FewMapZoom *zoom, double *x, double *y);

/* The place of the map that is there in the view. */
void few_map_zoom_find (const FewMapZoom *zoom, double *x, double *y);
/* As little as brings the point of the map into view. */
void few_map_zoom_show (FewMapZoom *zoom, double x, double y);
/* Whether what a gesture does now is for choosing: by itself, or with Shift. */
gboolean few_map_zoom_chooses (const FewMapZoom *zoom, GtkGesture *gesture);

/* Wheel and pinch at the pointer, drag, and the keys + − 0 and the arrows with Shift of a widget
 * that is drawn by `zoom`; `changed` follows each. */
void few_map_zoom_install (FewMapZoom *zoom, GtkWidget *widget, void (*changed) (GtkWidget *));
G_END_DECLS
