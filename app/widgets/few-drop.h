/* SPDX-License-Identifier: MIT */
/* Files and folders dropped on a widget. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* paths: at least one, all on this computer. */
typedef void (*FewDroppedFunc) (GtkWidget *widget, const char *const *paths, gpointer user);

/* Has the widget take drops; a project is opened (win.open-path), everything else is told. The
 * handler only passes paths on: folders are read on the worker. user: freed with the widget by
 * free_user, unless that is NULL. */
void few_drop_add (GtkWidget *widget, FewDroppedFunc dropped, gpointer user,
                   GDestroyNotify free_user);
G_END_DECLS
