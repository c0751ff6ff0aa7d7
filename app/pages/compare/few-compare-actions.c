/* SPDX-License-Identifier: MIT */
/* What a person can do with the comparison of methods. */
#include "pages/compare/few-compare-page.h"
#include "pages/compare/few-compare-words.h"
#include "widgets/few-actions.h"
#include "widgets/few-plot-table.h"
#include <glib/gi18n.h>

static FewSession *
get_session (gpointer self)
{
  return few_actions_get_session (self);
}

static void
compare_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_actions_activate (user, "page", g_variant_new_string ("compare"));
  few_comparison_run (few_session_get_comparison (get_session (user)));
}

static void
stop_comparing_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_comparison_stop (few_session_get_comparison (get_session (user)));
}

static void
add_method_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GError) error = NULL;
  if (!few_comparison_add_method (few_session_get_comparison (get_session (user)),
                                  g_variant_get_string (parameter, NULL), &error))
    few_actions_say (user, error->message);
}

/* ---- its table, to be sorted and for other programs */

/* The measures that there are a number of. */
static guint
list_measures (FewComparison *comparison, FewMeasure measures[2])
{
  measures[0] = few_comparison_get_measure (comparison);
  if (measures[0] == FEW_MEASURE_ACCURACY)
    return 1;
  measures[0] = FEW_MEASURE_MAP;
  measures[1] = FEW_MEASURE_F1;
  return 2;
}

/* A measure after the other, then what it took with the most shots. NULL: it has not run. */
static char *
describe_method (FewComparison *comparison, guint m, const guint *shots, guint n)
{
  g_autoptr (GString) row = g_string_new (few_comparison_get_title (comparison, m));
  FewComparisonCell last = { 0 };
  FewMeasure measures[2];
  guint n_measures = list_measures (comparison, measures);
  for (guint c = 0; c < n_measures * n; c++)
    {
      FewComparisonCell cell;
      few_comparison_get_cell_by (comparison, m, shots[c % n], measures[c / n], &cell);
      g_autofree char *words = few_compare_words_cell (&cell);
      g_string_append_printf (row, "\t%s", words);
      last = c < n ? cell : last;
    }
  if (last.runs == 0)
    return NULL;
  g_autofree char *learned = few_compare_words_short (last.parameters);
  g_string_append_printf (row, "\t%.2f\t%s", last.seconds, learned);
  return g_string_free (g_steal_pointer (&row), FALSE);
}

static void
show_table_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewComparison *comparison = few_session_get_comparison (get_session (user));
  guint n;
  const guint *shots = few_comparison_get_shots (comparison, &n);
  g_autoptr (GStrvBuilder) titles = g_strv_builder_new ();
  GtkStringList *rows = gtk_string_list_new (NULL);
  FewMeasure measures[2];
  guint n_measures = list_measures (comparison, measures);
  g_strv_builder_add (titles, _ ("Method"));
  for (guint c = 0; c < n_measures * n; c++)
    {
      g_autofree char *head = few_compare_words_shots_by (shots[c % n], measures[c / n]);
      g_strv_builder_add (titles, head);
    }
  g_strv_builder_add_many (titles, _ ("Seconds"), _ ("Learned"), NULL);
  for (guint m = 0; m < few_comparison_get_n_methods (comparison); m++)
    {
      g_autofree char *row = describe_method (comparison, m, shots, n);
      if (row)
        gtk_string_list_append (rows, row);
    }
  g_auto (GStrv) heads = g_strv_builder_end (titles);
  gtk_window_present (few_plot_table_new (few_actions_get_window (user), _ ("Comparison"),
                                          (const char *const *) heads, rows));
}

static void
update_enabled (FewActions *self)
{
  FewSession *session = few_actions_get_session (self);
  gboolean comparing = few_comparison_is_running (few_session_get_comparison (session));
  guint n_classes =
      g_list_model_get_n_items (few_examples_get_classes (few_session_get_examples (session)));
  few_actions_enable (self, "compare",
                      !comparing && n_classes >= 2
                          && few_desk_get_model (few_session_get_desk (session)));
  few_actions_enable (self, "stop-comparing", comparing);
  few_actions_enable (self, "comparison-table",
                      few_comparison_has_results (few_session_get_comparison (session)));
}

void
few_compare_actions_install (GActionMap *window, FewSession *session, FewPage *page)
{
  static const GActionEntry entries[] = {
    { "compare", compare_cb },
    { "stop-comparing", stop_comparing_cb },
    { "add-method", add_method_cb, "s" },
    { "comparison-table", show_table_cb },
  };
  static const FewKeys accels[] = {
    { "win.compare", { "<Control>k" } },
    { "win.stop-comparing", { "<Control><Shift>k" } },
    { "win.comparison-table", { "<Control><Shift>g" } },
  };
  g_return_if_fail (FEW_IS_COMPARE_PAGE (page));
  FewActions *self = few_actions_new (FEW_TYPE_ACTIONS, window, session);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
  few_actions_watch (self, update_enabled);
}
