/* SPDX-License-Identifier: MIT */
/* Labels in a GtkGrid rather than a drawing: each cell then has its own words for a screen
 * reader, and the table is the plot. */
#include "widgets/few-heat-map.h"
#include <glib/gi18n.h>
#include <math.h>

enum { CELLS_WITH_NUMBERS = 60 };

static const char *
shown_name (const char *name)
{
  return g_str_equal (name, "alpha")       ? "α"
         : g_str_equal (name, "beta")      ? "β"
         : g_str_equal (name, "tau")       ? "τ"
         : g_str_equal (name, "sharpness") ? "β"
                                           : name;
}

static void
attach (GtkGrid *grid, const char *text, const char *css, int column, int row)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, css);
  gtk_grid_attach (grid, label, column, row, 1, 1);
}

static char *
describe (const FewGrid *grid, guint row, guint column, double accuracy)
{
  gboolean by_row = grid->rows > 1;
  gboolean by_column = grid->columns > 1;
  /* Translators: two settings with their values, then the accuracy on validation pictures */
  if (by_row && by_column)
    return g_strdup_printf (_ ("%s %.3g, %s %.3g: %.1f %%"), shown_name (grid->row_name),
                            grid->row_values[row], shown_name (grid->column_name),
                            grid->column_values[column], 100 * accuracy);
  /* Translators: a setting with its value, then the accuracy on validation pictures */
  return g_strdup_printf (
      _ ("%s %.3g: %.1f %%"), shown_name (by_row ? grid->row_name : grid->column_name),
      by_row ? grid->row_values[row] : grid->column_values[column], 100 * accuracy);
}

GtkWidget *
few_heat_map_new (const FewGrid *grid)
{
  GtkWidget *table = gtk_grid_new ();
  double low = 1;
  double high = 0;
  for (guint i = 0; i < grid->rows * grid->columns; i++)
    if (isfinite (grid->accuracy[i]))
      {
        low = MIN (low, grid->accuracy[i]);
        high = MAX (high, grid->accuracy[i]);
      }
  gboolean numbers = grid->rows * grid->columns <= CELLS_WITH_NUMBERS;
  g_autofree char *corner = grid->rows == 1 ? g_strdup (shown_name (grid->column_name))
                            : grid->columns == 1
                                ? g_strdup (shown_name (grid->row_name))
                                : g_strdup_printf ("%s ↓  %s →", shown_name (grid->row_name),
                                                   shown_name (grid->column_name));
  attach (GTK_GRID (table), corner, "dim-label", 0, 0);
  for (guint c = 0; c < grid->columns; c++)
    {
      g_autofree char *head = g_strdup_printf ("%.3g", grid->column_values[c]);
      if (grid->columns > 1 && (numbers || c % 4 == 0))
        attach (GTK_GRID (table), head, "dim-label", (int) c + 1, 0);
    }
  for (guint r = 0; r < grid->rows; r++)
    {
      g_autofree char *head = g_strdup_printf ("%.3g", grid->row_values[r]);
      if (grid->rows > 1)
        attach (GTK_GRID (table), head, "dim-label", 0, (int) r + 1);
      for (guint c = 0; c < grid->columns; c++)
        {
          double accuracy = grid->accuracy[r * grid->columns + c];
          g_autofree char *number = isfinite (accuracy) && numbers
                                        ? g_strdup_printf ("%.0f %%", 100 * accuracy)
                                        : g_strdup ("");
          g_autofree char *spoken = describe (grid, r, c, accuracy);
          GtkWidget *cell = gtk_label_new (number);
          int shade = high > low && isfinite (accuracy)
                          ? (int) lrint (9 * (accuracy - low) / (high - low))
                          : 0;
          g_autofree char *css = g_strdup_printf ("heat-%d", shade);
          gtk_widget_add_css_class (cell, "heat");
          gtk_widget_add_css_class (cell, css);
          gtk_widget_add_css_class (cell, "numeric");
          gtk_widget_set_size_request (cell, numbers ? 52 : 14, numbers ? 30 : 14);
          gtk_widget_set_tooltip_text (cell, spoken);
          gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                          spoken, -1);
          gtk_grid_attach (GTK_GRID (table), cell, (int) c + 1, (int) r + 1, 1, 1);
        }
    }
  gtk_grid_set_column_spacing (GTK_GRID (table), 2);
  gtk_grid_set_row_spacing (GTK_GRID (table), 2);
  return table;
}
