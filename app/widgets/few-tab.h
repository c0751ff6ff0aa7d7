/* SPDX-License-Identifier: MIT */
/* A list or grid as one stop of the Tab key: arrows move in it, Tab leaves it. GTK 4.8 would go
 * through each of its items. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
void few_tab_install (GtkWidget *widget);
G_END_DECLS
