/* SPDX-License-Identifier: MIT */
/* Words from below upwards, as the head of a narrow column. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_TURNED_LABEL (few_turned_label_get_type ())
G_DECLARE_FINAL_TYPE (FewTurnedLabel, few_turned_label, FEW, TURNED_LABEL, GtkWidget)

/* As long as its text, up to so many letters; what is longer is cut, and whole in its tooltip. */
GtkWidget *few_turned_label_new (const char *text, guint most);
gboolean few_turned_label_is_cut (FewTurnedLabel *self);
G_END_DECLS
