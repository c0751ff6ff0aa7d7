/* SPDX-License-Identifier: MIT */
/* A line drawn around points with the pointer: with Shift, or while a drag is said to be for that.
 * The UI thread only. */
#pragma once
#include "pages/inspect/few-map-zoom.h"

G_BEGIN_DECLS
/* Lies in what is drawn by `zoom`; `around` gets the corners [n, 2] in the widget's pixels. */
typedef void (*FewMapAround) (GtkWidget *widget, const double *corners, guint n);
void few_map_lasso_install (GtkWidget *widget, const FewMapZoom *zoom, FewMapAround around);
/* The line so far, if one is drawn. */
void few_map_lasso_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);
G_END_DECLS
