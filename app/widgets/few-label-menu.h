/* SPDX-License-Identifier: MIT */
/* A menu of labels, with marks at those that all pictures have. The UI thread only. */
#pragma once
#include "session/few-picture.h"
#include "widgets/few-class-picker.h"

G_BEGIN_DECLS
/* More classes than these are chosen by typing. */
enum { FEW_LABEL_MENU_MOST = 24 };

/* For a popover over `widget`, which gets the actions. `toggled` is told which label was chosen;
 * `user` is an object that lives as long as the widget does. Free with g_object_unref. */
GMenuModel *few_label_menu_create (GtkWidget *widget, GListModel *classes, GPtrArray *pictures,
                                   FewClassPickedFunc toggled, GObject *user);
/* Whether all FewPicture have it; FALSE of none. */
gboolean few_label_menu_all_have (GPtrArray *pictures, FewClass *klass);
G_END_DECLS
