/* SPDX-License-Identifier: MIT */
/* What can be done with a class, as a menu of its row. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* klass: in view, which its actions act on. Free with g_object_unref. */
GMenuModel *few_class_menu_create (FewExamples *examples, FewClass *klass);
/* Typing the first letters of a class's name into the list has it chosen; classes: FewClass, as the
 * list shows them. Handlers get `user`, which lives as long as the list. */
typedef void (*FewClassFunc) (gpointer user, FewClass *klass);
void few_class_menu_type_ahead (GtkWidget *list, GListModel *classes, FewClassFunc chosen,
                                gpointer user);
G_END_DECLS
