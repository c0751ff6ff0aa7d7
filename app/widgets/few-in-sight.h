/* SPDX-License-Identifier: MIT */
/* A list whose rows put off what they show while they are out of sight: told when others may have
 * come into sight, for it was scrolled, or it, its window or a row has another size. The rows have
 * their places by then. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef void (*FewInSightFunc) (gpointer user);
/* A GtkListView or GtkGridView, as long as it is there; once it has the adjustment that it keeps,
 * and once a list. */
void few_in_sight_watch (GtkScrollable *list, FewInSightFunc func, gpointer user);
/* Its rows were moved among each other. */
void few_in_sight_look (GtkScrollable *list);
G_END_DECLS
