/* SPDX-License-Identifier: MIT */
/* Two widgets beside each other where both have their natural width, and else one below the other.
 * The first takes what the second leaves, or the other way round. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_BESIDE (few_beside_get_type ())
G_DECLARE_FINAL_TYPE (FewBeside, few_beside, FEW, BESIDE, GtkWidget)

/* Properties: "first" and "second", widgets; "spacing" in pixels; "second-grows": it is the second
 * that takes what is left, and its least width is enough. */
GtkWidget *few_beside_new (GtkWidget *first, GtkWidget *second, int spacing);
G_END_DECLS
