/* SPDX-License-Identifier: MIT */
/* The pictures that the grid shows. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* pictures, filtered and sorted; tens of thousands in slices, between frames. The filter and the
 * sorter are taken over; for that view, which takes them gradually. Free with g_object_unref. */
GListModel *few_examples_model_new (GListModel *pictures, GtkFilter *filter, GtkSorter *sorter,
                                    GtkWidget *view);
G_END_DECLS
