/* SPDX-License-Identifier: MIT */
/* Where two parts of a page meet. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* The handle goes back to where its template, or a person, has put it once there is room again:
 * GtkPaned forgets that when it is squeezed for a moment, as by a toast in a low window. */
void few_split_keep (GtkPaned *paned);
/* To a place that a page chooses, which counts as a person's; it is kept already. */
void few_split_put (GtkPaned *paned, int position);
G_END_DECLS
