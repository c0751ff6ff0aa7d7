/* SPDX-License-Identifier: MIT */
/* The wheel over a list within a page that has to be scrolled, too: the page goes first. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* Over `inner`, which lies in a GtkScrolledWindow of the page, the wheel moves that as far as it
 * goes, and from there on what `inner` itself scrolls. A page that is whole in view stays. */
void few_wheel_page_first (GtkWidget *inner);
G_END_DECLS
