/* SPDX-License-Identifier: MIT */
/* The tables behind the plots of a run. */
#include "widgets/few-plot-table.h"
#include "shell/few-window.h"
#include <glib/gi18n.h>
#include <math.h>

static void
append_percent (GString *row, double fraction)
{
  if (isfinite (fraction))
    g_string_append_printf (row, "\t%.1f %%", 100 * fraction);
  else
    g_string_append (row, "\t–");
}

static void
training_table (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  const FewSnapshotInfo *info =
      few_snapshot_info (few_session_get_snapshot (few_window_get_session (widget)));
  const char *const titles[] = { _ ("Epoch"), _ ("Loss"), _ ("Training"), _ ("Validation"), NULL };
  GtkStringList *rows = gtk_string_list_new (NULL);
  for (guint e = 0; e < info->epoch; e++)
    {
      g_autoptr (GString) row = g_string_new (NULL);
      g_string_append_printf (row, "%u\t%.4f", e + 1, info->history[e].loss);
      append_percent (row, info->history[e].train_accuracy);
      append_percent (row, info->history[e].validation_accuracy);
      gtk_string_list_append (rows, row->str);
    }
  gtk_window_present (few_plot_table_new (widget, _ ("Training"), titles, rows));
}

static void
alpha_table (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSnapshot *snapshot = few_session_get_snapshot (few_window_get_session (widget));
  const char *const titles[] = { "α", _ ("Validation"), _ ("Test"), NULL };
  double test[FEW_CURVE_POINTS];
  GtkStringList *rows = gtk_string_list_new (NULL);
  few_lens_curve (snapshot, FEW_ROLE_TEST, test);
  for (guint i = 0; i < FEW_CURVE_POINTS; i++)
    {
      g_autoptr (GString) row = g_string_new (NULL);
      g_string_append_printf (row, "%.2f", i / (double) (FEW_CURVE_POINTS - 1));
      append_percent (row, few_snapshot_info (snapshot)->curve[i]);
      append_percent (row, test[i]);
      gtk_string_list_append (rows, row->str);
    }
  gtk_window_present (few_plot_table_new (widget, _ ("Accuracy against α"), titles, rows));
}

void
few_window_tables_init (FewWindow *self)
{
  static const GActionEntry actions[] = { { "training-table", training_table },
                                          { "alpha-table", alpha_table } };
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}
