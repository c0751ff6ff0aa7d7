/* SPDX-License-Identifier: MIT */
/* What can be done with a class, as a menu of its row. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* klass: in view, which its actions act on. Free with g_object_unref. */
GMenuModel *few_class_menu_create (FewExamples *examples, FewClass *klass);
/* Typing the first letters of a class's name into the list chooses it; the rows show `classes`, of
 * FewClass. */
void few_class_menu_type_ahead (GtkListBox *list, GListModel *classes);
G_END_DECLS
