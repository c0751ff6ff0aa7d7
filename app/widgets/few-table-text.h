/* SPDX-License-Identifier: MIT */
/* A table as text that other programs take. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef enum { FEW_TABLE_TABS, FEW_TABLE_CSV, FEW_TABLE_MARKDOWN } FewTableForm;

/* titles: of the columns, NULL-terminated; rows: of GtkStringObject, the cells of each separated by
 * tabs. Free with g_free. */
char *few_table_text (const char *const *titles, GListModel *rows, FewTableForm form);
G_END_DECLS
