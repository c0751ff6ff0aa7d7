/* SPDX-License-Identifier: MIT */
/* Rows of cells with tabs between them, as CSV, as Markdown, or as they are. */
#include "widgets/few-table-text.h"
#include "common/csv.h"
#include <string.h>

/* What ends a cell of a Markdown table is escaped. */
static void
add_markdown (GString *text, const char *const *cells)
{
  for (guint i = 0; cells[i]; i++)
    {
      g_autoptr (GString) cell = g_string_new (cells[i]);
      g_string_replace (cell, "\\", "\\\\", 0);
      g_string_replace (cell, "|", "\\|", 0);
      g_string_append_printf (text, "| %s ", cell->str);
    }
  g_string_append (text, "|\n");
}

static void
add_row (GString *text, const char *const *cells, FewTableForm form)
{
  g_autofree char *tabs = g_strjoinv ("\t", (char **) cells);
  if (form == FEW_TABLE_MARKDOWN)
    {
      add_markdown (text, cells);
      return;
    }
  if (form == FEW_TABLE_TABS)
    {
      g_string_append_printf (text, "%s\n", tabs);
      return;
    }
  for (guint i = 0; cells[i]; i++)
    few_csv_text (text, cells[i]);
  few_csv_end (text);
}

char *
few_table_text (const char *const *titles, GListModel *rows, FewTableForm form)
{
  g_return_val_if_fail (titles != NULL && titles[0] != NULL && G_IS_LIST_MODEL (rows), NULL);
  GString *text = g_string_new (NULL);
  add_row (text, titles, form);
  for (guint i = 0; form == FEW_TABLE_MARKDOWN && titles[i]; i++)
    g_string_append (text, titles[i + 1] ? "|---" : "|---|\n");
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GtkStringObject) item = g_list_model_get_item (rows, i);
      g_autoptr (GString) row = g_string_new (gtk_string_object_get_string (item));
      g_string_replace (row, "\u00a0", " ", 0); /* a spreadsheet reads "87.5 %" */
      g_auto (GStrv) cells = g_strsplit (row->str, "\t", -1);
      add_row (text, (const char *const *) cells, form);
    }
  return g_string_free (text, FALSE);
}
