/* SPDX-License-Identifier: MIT */
/* Widgets that were never in view are measured, some a turn of the main loop: GTK keeps what it
 * finds, so that the first frame that shows them is there sooner. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef struct FewWarm FewWarm;
/* Widgets that one turn takes. */
enum { FEW_WARM_PIECE = 12 };

/* All that are visible below root, and root. */
FewWarm *few_warm_new (GtkWidget *root);
void few_warm_free (FewWarm *warm);
/* FALSE: those were the last. */
gboolean few_warm_go_on (FewWarm *warm);
/* Lays out a widget that is not in view as its parent will when it shows it at that size, or at the
 * least one that it can have: then only what has changed since is laid out. Sentences that wrap
 * are what this takes long for, hence one part of a page after the other. */
void few_warm_lay_out (GtkWidget *widget, int width, int height);
G_END_DECLS
