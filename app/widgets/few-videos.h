/* SPDX-License-Identifier: MIT */
/* Videos among files that were dropped, pasted or chosen: pictures are taken out of them first. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef void (*FewPathsFunc) (gpointer user, const char *const *paths);

/* Hands the paths on, at once where there is no video among them; or else once a person has said
 * which pictures to take: these stand in the place of the videos then. What is left when the person
 * wants none of that is handed on, too, unless nothing is. user: freed by free_user (may be NULL)
 * in any case. widget: what they were dropped on, in a window. */
void few_videos_resolve (GtkWidget *widget, const char *const *paths, FewPathsFunc taken,
                         gpointer user, GDestroyNotify free_user);
G_END_DECLS
