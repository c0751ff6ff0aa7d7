/* SPDX-License-Identifier: MIT */
/* The classes of a session, at the side of the window. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CLASS_LIST (few_class_list_get_type ())
G_DECLARE_FINAL_TYPE (FewClassList, few_class_list, FEW, CLASS_LIST, GtkWidget)

/* Signals
 *   chosen (klass)   another class is selected; NULL: all classes */
GtkWidget *few_class_list_new (FewSession *session, FewThumbnails *thumbnails);
/* By its place in the list; −1: all classes. */
void few_class_list_select (FewClassList *self, int index);
G_END_DECLS
