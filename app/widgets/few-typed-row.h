/* SPDX-License-Identifier: MIT */
/* A row of a list that something is typed in, a GtkEditable: as AdwEntryRow, but its title takes
 * further lines where AdwEntryRow cuts it. Enter answers the dialog. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_TYPED_ROW (few_typed_row_get_type ())
G_DECLARE_FINAL_TYPE (FewTypedRow, few_typed_row, FEW, TYPED_ROW, AdwPreferencesRow)
G_END_DECLS
