/* SPDX-License-Identifier: MIT */
/* A window with the values of a plot, for those who do not see it. */
#include "widgets/few-plot-table.h"
#include "widgets/few-columns.h"
#include "widgets/few-dialog.h"

static char *
cell_text (gpointer item, guint column)
{
  g_auto (GStrv) cells = g_strsplit (gtk_string_object_get_string (item), "\t", -1);
  return g_strdup (column < g_strv_length (cells) ? cells[column] : "");
}

GtkWindow *
few_plot_table_new (GtkWindow *parent, const char *title, const char *const *titles,
                    GtkStringList *rows)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  g_autoptr (GtkSelectionModel) model =
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (rows)));
  GtkWidget *view = gtk_column_view_new (NULL);
  for (guint i = 0; titles[i]; i++)
    few_columns_add (
        GTK_COLUMN_VIEW (view), i,
        &(FewColumn) { titles[i], TRUE, TRUE, PANGO_ELLIPSIZE_END, cell_text, NULL, NULL });
  gtk_column_view_set_model (GTK_COLUMN_VIEW (view), model);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  GtkWindow *window = few_dialog_new (parent, title, scroller);
  gtk_window_set_default_size (window, 420, 480);
  return window;
}
