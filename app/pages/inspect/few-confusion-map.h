/* SPDX-License-Identifier: MIT */
/* The confusion matrix of many classes: a dot a cell, read under the pointer and by keyboard. Emits
 * "chosen (label, predicted)". The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CONFUSION_MAP (few_confusion_map_get_type ())
G_DECLARE_FINAL_TYPE (FewConfusionMap, few_confusion_map, FEW, CONFUSION_MAP, GtkWidget)

/* In plain words; free with g_free. */
typedef char *(*FewDescribeCell) (guint label, guint predicted, gpointer user);

/* user: outlives the widget. */
GtkWidget *few_confusion_map_new (FewDescribeCell describe, gpointer user);
/* counts [k, k]: row of a picture's class, column of what it is taken for; read, not kept. */
void few_confusion_map_set (FewConfusionMap *self, const guint32 *counts, guint k);
/* The cell that lies at a place of the widget; FALSE: none does. */
gboolean few_confusion_map_find (FewConfusionMap *self, double x, double y, guint *label,
                                 guint *predicted);
G_END_DECLS
