/* SPDX-License-Identifier: MIT */
/* Precision and recall of every class, sortable: the table behind the bars and the matrix. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_CLASS_TABLE (few_class_table_get_type ())
G_DECLARE_FINAL_TYPE (FewClassTable, few_class_table, FEW, CLASS_TABLE, GtkWidget)

void few_class_table_set_session (FewClassTable *self, FewSession *session);
G_END_DECLS
