/* SPDX-License-Identifier: MIT */
/* Fills a grid with the methods of a comparison. The UI thread only. */
#pragma once
#include "session/few-comparison.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_COMPARE_TABLE (few_compare_table_get_type ())
G_DECLARE_FINAL_TYPE (FewCompareTable, few_compare_table, FEW, COMPARE_TABLE, GObject)

/* The grid is borrowed and must live as long. */
FewCompareTable *few_compare_table_new (GtkGrid *grid, FewComparison *comparison);
/* Makes the grid what the comparison is now. Returns the most shots with which some method could
 * not choose a setting; 0: each always could. */
guint few_compare_table_update (FewCompareTable *self);
/* The text of a method's cell; NULL without such a column. */
const char *few_compare_table_get_cell (FewCompareTable *self, guint method, guint shots);
G_END_DECLS
