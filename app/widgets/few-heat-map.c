/* SPDX-License-Identifier: MIT */
/* Labels in a GtkGrid rather than a drawing: each cell then has its own words for a screen
 * reader, and the table is the plot. */
#include "widgets/few-heat-map.h"
#include "base/few-percent.h"
#include <glib/gi18n.h>
#include <math.h>

enum { CELLS_WITH_NUMBERS = 60 };

/* As papers write the settings of methods. */
static const char *
shown_name (const char *name)
{
  static const char *const greek[][2] = {
    { "alpha", "α" }, { "beta", "β" }, { "tau", "τ" }, { "sharpness", "β" }
  };
  for (guint i = 0; i < G_N_ELEMENTS (greek); i++)
    if (g_str_equal (name, greek[i][0]))
      return greek[i][1];
  return name;
}

static void
attach_label (GtkGrid *grid, const char *text, const char *css, int column, int row)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, css);
  gtk_grid_attach (grid, label, column, row, 1, 1);
}

static char *
describe_cell (const FewGrid *grid, guint row, guint column, double accuracy)
{
  gboolean by_row = grid->rows > 1;
  gboolean by_column = grid->columns > 1;
  g_autofree char *share = few_percent (accuracy, 1);
  /* Translators: two settings with their values, then the accuracy on validation pictures */
  if (by_row && by_column)
    return g_strdup_printf (_ ("%s %.3g, %s %.3g: %s"), shown_name (grid->row_name),
                            grid->row_values[row], shown_name (grid->column_name),
                            grid->column_values[column], share);
  /* Translators: a setting with its value, then the accuracy on validation pictures */
  return g_strdup_printf (_ ("%s %.3g: %s"),
                          shown_name (by_row ? grid->row_name : grid->column_name),
                          by_row ? grid->row_values[row] : grid->column_values[column], share);
}

static char *
describe_corner (const FewGrid *grid)
{
  if (grid->rows == 1)
    return g_strdup (shown_name (grid->column_name));
  if (grid->columns == 1)
    return g_strdup (shown_name (grid->row_name));
  return g_strdup_printf ("%s ↓  %s →", shown_name (grid->row_name),
                          shown_name (grid->column_name));
}

static void
find_range (const FewGrid *grid, double *low, double *high)
{
  *low = 1;
  *high = 0;
  for (guint i = 0; i < grid->rows * grid->columns; i++)
    if (isfinite (grid->accuracy[i]))
      {
        *low = MIN (*low, grid->accuracy[i]);
        *high = MAX (*high, grid->accuracy[i]);
      }
}

static GtkWidget *
make_cell (const FewGrid *grid, guint row, guint column, double low, double high)
{
  double accuracy = grid->accuracy[row * grid->columns + column];
  gboolean numbers = grid->rows * grid->columns <= CELLS_WITH_NUMBERS;
  int shade =
      high > low && isfinite (accuracy) ? (int) lrint (9 * (accuracy - low) / (high - low)) : 0;
  g_autofree char *number =
      isfinite (accuracy) && numbers ? few_percent (accuracy, 0) : g_strdup ("");
  g_autofree char *spoken = describe_cell (grid, row, column, accuracy);
  g_autofree char *css = g_strdup_printf ("heat-%d", shade);
  GtkWidget *cell = gtk_label_new (number);
  gtk_widget_add_css_class (cell, "heat");
  gtk_widget_add_css_class (cell, css);
  gtk_widget_add_css_class (cell, "numeric");
  gtk_widget_set_size_request (cell, numbers ? 52 : 14, numbers ? 30 : 14);
  gtk_widget_set_tooltip_text (cell, spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return cell;
}

static void
attach_heads (GtkGrid *table, const FewGrid *grid)
{
  gboolean numbers = grid->rows * grid->columns <= CELLS_WITH_NUMBERS;
  g_autofree char *corner = describe_corner (grid);
  attach_label (table, corner, "dim-label", 0, 0);
  for (guint c = 0; grid->columns > 1 && c < grid->columns; c++)
    {
      g_autofree char *head = g_strdup_printf ("%.3g", grid->column_values[c]);
      if (numbers || c % 4 == 0)
        attach_label (table, head, "dim-label", (int) c + 1, 0);
    }
  for (guint r = 0; grid->rows > 1 && r < grid->rows; r++)
    {
      g_autofree char *head = g_strdup_printf ("%.3g", grid->row_values[r]);
      attach_label (table, head, "dim-label", 0, (int) r + 1);
    }
}

GtkWidget *
few_heat_map_new (const FewGrid *grid)
{
  g_return_val_if_fail (grid != NULL, NULL);
  GtkGrid *table = GTK_GRID (gtk_grid_new ());
  double low, high;
  find_range (grid, &low, &high);
  attach_heads (table, grid);
  for (guint r = 0; r < grid->rows; r++)
    for (guint c = 0; c < grid->columns; c++)
      gtk_grid_attach (table, make_cell (grid, r, c, low, high), (int) c + 1, (int) r + 1, 1, 1);
  gtk_grid_set_column_spacing (table, 2);
  gtk_grid_set_row_spacing (table, 2);
  return GTK_WIDGET (table);
}
