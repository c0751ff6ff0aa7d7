/* SPDX-License-Identifier: MIT */
/* A model in the Models window: what it is, how far it is here, and what can be done about it. */
#pragma once
#include "models/few-models.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_MODEL_ROW (few_model_row_get_type ())
G_DECLARE_FINAL_TYPE (FewModelRow, few_model_row, FEW, MODEL_ROW, GtkListBoxRow)

GtkWidget *few_model_row_new (FewModelItem *item);
G_END_DECLS
