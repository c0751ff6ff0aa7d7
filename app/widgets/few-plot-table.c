/* SPDX-License-Identifier: MIT */
/* A window with the values of a plot, for those who do not see it. */
#include "widgets/few-plot-table.h"
#include "widgets/few-columns.h"
#include <adwaita.h>

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
  GtkWidget *window = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
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
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_default_size (GTK_WINDOW (window), 420, 480);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  return GTK_WINDOW (window);
}
