/* SPDX-License-Identifier: MIT */
/* The tables behind the plots of a run. */
#include "export/few-table-actions.h"
#include "base/few-percent.h"
#include "widgets/few-actions.h"
#include "widgets/few-plot-table.h"
#include <glib/gi18n.h>

static void
append_percent (GString *row, double fraction)
{
  g_autofree char *share = few_percent (fraction, 1);
  g_string_append_printf (row, "\t%s", share);
}

static void
show_training_table_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  const FewSnapshotInfo *info = few_snapshot_info (
      few_view_get_snapshot (few_session_get_view (few_actions_get_session (user))));
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
  gtk_window_present (
      few_plot_table_new (few_actions_get_window (user), _ ("Training"), titles, rows));
}

static void
show_alpha_table_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewSnapshot *snapshot =
      few_view_get_snapshot (few_session_get_view (few_actions_get_session (user)));
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
  gtk_window_present (
      few_plot_table_new (few_actions_get_window (user), _ ("Accuracy against α"), titles, rows));
}

static void
update_enabled (FewActions *self)
{
  FewSnapshot *snapshot =
      few_view_get_snapshot (few_session_get_view (few_actions_get_session (self)));
  gboolean trained = snapshot && few_snapshot_info (snapshot)->trained;
  few_actions_enable (self, "training-table", trained);
  few_actions_enable (self, "alpha-table", trained);
}

void
few_table_actions_install (GActionMap *window, FewSession *session)
{
  static const GActionEntry entries[] = {
    { "training-table", show_training_table_cb },
    { "alpha-table", show_alpha_table_cb },
  };
  static const FewKeys accels[] = {
    { "win.training-table", { "<Control><Shift>l" } },
    { "win.alpha-table", { "<Control><Shift>a" } },
  };
  FewActions *self = few_actions_new (FEW_TYPE_ACTIONS, window, session);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
  few_actions_watch (self, update_enabled);
}
