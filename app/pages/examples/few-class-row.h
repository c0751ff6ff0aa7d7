/* SPDX-License-Identifier: MIT */
/* A class in a list: its colour, name, how much of it is recognised, how many pictures it has, and
 * the first of them. A thousand cost little: words are drawn, and only those in sight. The UI
 * thread only. */
#pragma once
#include "session/few-class.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CLASS_ROW (few_class_row_get_type ())
G_DECLARE_FINAL_TYPE (FewClassRow, few_class_row, FEW, CLASS_ROW, GtkWidget)

GtkWidget *few_class_row_new (FewThumbnails *thumbnails);
/* NULL: none, while it waits for another one. */
void few_class_row_set_class (FewClassRow *self, FewClass *klass);
FewClass *few_class_row_get_class (FewClassRow *self);
/* FewPicture, its first ones; NULL: no strip. */
void few_class_row_set_pictures (FewClassRow *self, GPtrArray *pictures);
/* "92 %" of the measured pictures, once something was learned; free with g_free. */
char *few_class_row_describe_recall (FewClassRow *self);
/* See few-in-sight.h: rows that came into sight are drawn. */
void few_class_rows_catch_up (GtkListView *list);
G_END_DECLS
