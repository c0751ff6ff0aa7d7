/* SPDX-License-Identifier: MIT */
/* What is chosen of a list. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
guint few_chosen_count (GtkSelectionModel *list);
/* In the list's order, each with a reference of the array's; free with g_ptr_array_unref. */
GPtrArray *few_chosen_get (GtkSelectionModel *list);
G_END_DECLS
