/* SPDX-License-Identifier: MIT */
/* A class chosen by typing its first letters: for projects that have more than keys. The UI thread
 * only. */
#pragma once
#include "session/few-class.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef void (*FewClassPickedFunc) (FewClass *klass, gpointer user);

/* A small window over `parent`; `picked` is not called when it is closed. `user` is an object that
 * lives as long as the window does. */
void few_class_picker_ask (GtkWindow *parent, const char *title, GListModel *classes,
                           FewClassPickedFunc picked, GObject *user);
G_END_DECLS
