/* SPDX-License-Identifier: MIT */
/* The classes nearest to one picture: name, bar, cosine, probability,
 * and what each is likely to be by itself where the model tells; the nearest first. */
#pragma once
#include <fewshot.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_TOP_CLASSES (few_top_classes_get_type ())
G_DECLARE_FINAL_TYPE (FewTopClasses, few_top_classes, FEW, TOP_CLASSES, GtkWidget)

GtkWidget *few_top_classes_new (guint most);
/* Row `row` of the snapshot at α; classes: FewClass, as the snapshot numbers them; model: the one
 * that it is of, NULL: not known. */
void few_top_classes_set (FewTopClasses *self, const FewSnapshot *snapshot, guint row, double alpha,
                          GPtrArray *classes, const FewModelInfo *model);
G_END_DECLS
