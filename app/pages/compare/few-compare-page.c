/* SPDX-License-Identifier: MIT */
/* Methods as rows, shots as columns, and what runs; a plot and the differences below. */
#include "pages/compare/few-compare-page.h"
#include "pages/compare/few-disagreements.h"
#include "widgets/few-heat-map.h"
#include "widgets/few-series.h"
#include "pages/compare/few-shots-plot.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* ms between updates of the table while methods run */
enum { ROW_HEIGHT = 34, TABLE_INTERVAL = 80 };

/* One method of the table. */
typedef struct
{
  GtkWidget *check, *seconds, *parameters, *grid;
  GPtrArray *cells; /* GtkLabel, by shots of the run in view */
} Row;

struct _FewComparePage
{
  GtkWidget parent;
  FewSession *session;
  FewComparison *comparison;
  GtkWidget *box;
  GtkGrid *table;
  GtkLabel *status, *notes;
  GtkProgressBar *progress;
  FewShotsPlot *plot;
  FewDisagreements *disagreements;
  GtkEntry *method, *shots;
  GtkSpinButton *seeds;
  GArray *rows;        /* Row */
  GArray *shown_shots; /* guint: columns of the table */
  guint update;        /* timeout */
};

static void few_compare_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewComparePage, few_compare_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_compare_page_iface_init))

/* ---- the table */

static void
row_clear (gpointer data)
{
  g_ptr_array_unref (((Row *) data)->cells);
}

static GtkWidget *
put_label (FewComparePage *self, const char *text, int column, int row, const char *css)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, css);
  gtk_grid_attach (self->table, label, column, row, 1, 1);
  return label;
}

/* The method whose row holds a widget. */
static guint
find_method (FewComparePage *self, gconstpointer widget)
{
  guint m = 0;
  for (; m < self->rows->len; m++)
    {
      const Row *row = &g_array_index (self->rows, Row, m);
      if (row->check == widget || row->grid == widget)
        break;
    }
  return m;
}

static void
method_toggled_cb (FewComparePage *self, GtkCheckButton *check)
{
  guint method = find_method (self, check);
  gboolean wanted = gtk_check_button_get_active (check);
  g_return_if_fail (method < self->rows->len);
  if (few_comparison_get_enabled (self->comparison, method) != wanted)
    few_comparison_set_enabled (self->comparison, method, wanted);
}

/* The popover shows the grid of the most shots' first draw. */
static void
show_grid (GtkMenuButton *button, gpointer user)
{
  FewComparePage *self = user;
  guint method = find_method (self, button);
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  const FewCompared *one =
      n ? few_comparison_find (self->comparison, method, shots[n - 1], 1) : NULL;
  if (!one || !one->result || one->result->grid.rows == 0)
    return;
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  g_autofree char *text =
      g_strdup_printf (_ ("Right on validation pictures, by setting. Taken: %s"),
                       one->result->chosen ? one->result->chosen : "");
  GtkWidget *title = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (title), 40);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller),
                                 few_heat_map_new (&one->result->grid));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_menu_button_set_popover (button, popover);
}

static GtkWidget *
make_grid_button (FewComparePage *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-grid-symbolic");
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("How the settings did on validation pictures"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How the settings did on validation pictures"), -1);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), show_grid, self, NULL);
  gtk_widget_set_visible (button, FALSE);
  return button;
}

/* Method m with n shots. */
static void
add_row (FewComparePage *self, guint m, guint n)
{
  Row row = { .check =
                  gtk_check_button_new_with_label (few_comparison_get_title (self->comparison, m)),
              .cells = g_ptr_array_new () };
  int at = (int) m + 1;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (row.check),
                               few_comparison_get_enabled (self->comparison, m));
  gtk_widget_set_hexpand (row.check, TRUE);
  gtk_widget_set_size_request (row.check, -1, ROW_HEIGHT);
  g_signal_connect_object (row.check, "toggled", G_CALLBACK (method_toggled_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_grid_attach (self->table, row.check, 0, at, 1, 1);
  gtk_grid_attach (self->table, few_series_swatch_new (m), 1, at, 1, 1);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (row.cells, put_label (self, "", 2 + (int) i, at, "numeric"));
  row.seconds = put_label (self, "", 2 + (int) n, at, "numeric");
  row.parameters = put_label (self, "", 3 + (int) n, at, "numeric");
  row.grid = make_grid_button (self);
  gtk_grid_attach (self->table, row.grid, 4 + (int) n, at, 1, 1);
  g_array_append_val (self->rows, row);
}

static void
build_table (FewComparePage *self)
{
  GtkWidget *child;
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->table))))
    gtk_grid_remove (self->table, child);
  g_array_set_size (self->rows, 0);
  g_array_set_size (self->shown_shots, 0);
  g_array_append_vals (self->shown_shots, shots, n);
  gtk_label_set_xalign (GTK_LABEL (put_label (self, _ ("Method"), 0, 0, "dim-label")), 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *head =
          g_strdup_printf (ngettext ("%u shot", "%u shots", shots[i]), shots[i]);
      put_label (self, head, 2 + (int) i, 0, "dim-label");
    }
  if (n > 0)
    {
      put_label (self, _ ("Seconds"), 2 + (int) n, 0, "dim-label");
      put_label (self, _ ("Learned"), 3 + (int) n, 0, "dim-label");
    }
  for (guint m = 0; m < few_comparison_get_n_methods (self->comparison); m++)
    add_row (self, m, n);
}

static char *
short_count (guint64 n)
{
  if (n >= 1000000)
    return g_strdup_printf ("%.1f M", (double) n / 1e6);
  return n >= 1000 ? g_strdup_printf ("%.0f k", (double) n / 1e3)
                   : g_strdup_printf ("%" G_GUINT64_FORMAT, n);
}

/* Returns the most shots with which a setting could not be chosen; 0: it always could. */
static guint
update_row (FewComparePage *self, guint m)
{
  Row *row = &g_array_index (self->rows, Row, m);
  gboolean has_grid = FALSE;
  guint n;
  guint too_few = 0;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  for (guint i = 0; i < n; i++)
    {
      FewComparisonCell cell;
      few_comparison_get_cell (self->comparison, m, shots[i], &cell);
      g_autofree char *text = NULL;
      g_autofree char *tip = NULL;
      if (cell.reason)
        {
          text = g_strdup ("–");
          tip = g_strdup (cell.reason);
        }
      else if (cell.runs > 0)
        {
          text = isnan (cell.deviation)
                     ? g_strdup_printf ("%.1f", 100 * cell.mean)
                     : g_strdup_printf ("%.1f ± %.1f", 100 * cell.mean, 100 * cell.deviation);
          /* Translators: how many draws, the ends of an interval in per cent */
          tip = g_strdup_printf (ngettext ("%u draw; 95 %% interval of one: %.1f–%.1f %%",
                                           "%u draws; 95 %% interval of one: %.1f–%.1f %%",
                                           cell.runs),
                                 cell.runs, 100 * cell.low, 100 * cell.high);
          too_few = cell.too_few ? MAX (too_few, shots[i]) : too_few;
          if (i == n - 1)
            {
              g_autofree char *seconds = g_strdup_printf ("%.2f", cell.seconds);
              g_autofree char *parameters = short_count (cell.parameters);
              gtk_label_set_text (GTK_LABEL (row->seconds), seconds);
              gtk_label_set_text (GTK_LABEL (row->parameters), parameters);
              const FewCompared *one = few_comparison_find (self->comparison, m, shots[i], 1);
              has_grid =
                  one && one->result && one->result->grid.rows * one->result->grid.columns > 1;
            }
        }
      gtk_label_set_text (GTK_LABEL (row->cells->pdata[i]), text ? text : "");
      gtk_widget_set_tooltip_text (row->cells->pdata[i], tip);
      /* a number alone says nothing to those who do not see its row and column. Translators:
       * method, number of training pictures, accuracy */
      g_autofree char *spoken = g_strdup_printf (
          ngettext ("%s, %u shot: %s", "%s, %u shots: %s", shots[i]),
          few_comparison_get_title (self->comparison, m), shots[i], text ? text : "");
      gtk_accessible_update_property (GTK_ACCESSIBLE (row->cells->pdata[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
    }
  gtk_widget_set_visible (row->grid, has_grid);
  if (gtk_check_button_get_active (GTK_CHECK_BUTTON (row->check))
      != few_comparison_get_enabled (self->comparison, m))
    gtk_check_button_set_active (GTK_CHECK_BUTTON (row->check),
                                 few_comparison_get_enabled (self->comparison, m));
  return too_few;
}

static void
update_status (FewComparePage *self, guint too_few)
{
  gboolean running = few_comparison_is_running (self->comparison);
  gboolean results = few_comparison_has_results (self->comparison);
  guint tests = few_comparison_get_test_pictures (self->comparison);
  g_autofree char *what = NULL;
  double fraction = few_comparison_get_progress (self->comparison, &what);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), running);
  gtk_progress_bar_set_fraction (self->progress, fraction);
  if (running)
    gtk_label_set_text (self->status, what ? what : _ ("Preparing…"));
  else if (results)
    {
      g_autofree char *text =
          g_strdup_printf (ngettext ("Per cent of %u test picture that are right, mean ± standard "
                                     "deviation over the draws",
                                     "Per cent of %u test pictures that are right, mean ± standard "
                                     "deviation over the draws",
                                     tests),
                           tests);
      gtk_label_set_text (self->status, text);
    }
  else
    gtk_label_set_text (self->status, _ ("Choose methods and compare them on your own pictures: "
                                         "half of each class is kept to test on, and every method "
                                         "learns from the same few of the other half."));
  g_autofree char *note =
      g_strdup_printf (ngettext ("With %u shot there are too few pictures to choose settings by: "
                                 "the methods’ own values were "
                                 "used. CLAP and GDA are made for that.",
                                 "With up to %u shots there are too few pictures to choose "
                                 "settings by: the methods’ own values "
                                 "were used. CLAP and GDA are made for that.",
                                 too_few),
                       too_few);
  gtk_label_set_text (self->notes, note);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), too_few > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->plot), results);
}

/* Whether the table has a row for every method and a column for all shots. */
static gboolean
fits_table (FewComparePage *self)
{
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  return few_comparison_get_n_methods (self->comparison) == self->rows->len
         && n == self->shown_shots->len
         && memcmp (shots, self->shown_shots->data, n * sizeof *shots) == 0;
}

static gboolean
update_cb (gpointer user)
{
  FewComparePage *self = user;
  guint too_few = 0;
  self->update = 0;
  if (!fits_table (self))
    build_table (self);
  for (guint m = 0; m < self->rows->len; m++)
    too_few = MAX (too_few, update_row (self, m));
  update_status (self, too_few);
  return G_SOURCE_REMOVE;
}

static void
comparison_changed_cb (FewComparePage *self)
{
  if (!self->update)
    self->update = g_timeout_add (TABLE_INTERVAL, update_cb, self);
}

/* ---- what is wanted */

static void
mark_entry (GtkEntry *entry, gboolean good)
{
  if (good)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
}

static void
method_activated_cb (FewComparePage *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *specification =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->method))));
  gboolean good = few_comparison_add_method (self->comparison, specification, &error);
  mark_entry (self->method, good);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->method), good ? NULL : error->message);
  if (good)
    gtk_editable_set_text (GTK_EDITABLE (self->method), "");
  else
    few_session_say (self->session, error->message);
}

static void
shots_changed_cb (FewComparePage *self)
{
  mark_entry (self->shots,
              few_comparison_set_shots (self->comparison,
                                        gtk_editable_get_text (GTK_EDITABLE (self->shots))));
}

static void
seeds_changed_cb (FewComparePage *self)
{
  if (self->comparison)
    few_comparison_set_seeds (self->comparison,
                              (guint) gtk_spin_button_get_value_as_int (self->seeds));
}

/* ---- life */

static void
few_compare_page_dispose (GObject *object)
{
  FewComparePage *self = FEW_COMPARE_PAGE (object);
  g_clear_handle_id (&self->update, g_source_remove);
  if (self->comparison)
    g_signal_handlers_disconnect_by_data (self->comparison, self);
  g_clear_object (&self->comparison);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_compare_page_parent_class)->dispose (object);
}

static void
few_compare_page_finalize (GObject *object)
{
  g_array_unref (FEW_COMPARE_PAGE (object)->rows);
  g_array_unref (FEW_COMPARE_PAGE (object)->shown_shots);
  G_OBJECT_CLASS (few_compare_page_parent_class)->finalize (object);
}

static void
few_compare_page_class_init (FewComparePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_compare_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_compare_page_finalize;
  g_type_ensure (FEW_TYPE_SHOTS_PLOT);
  g_type_ensure (FEW_TYPE_DISAGREEMENTS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/compare/few-compare-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, box);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, table);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, status);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, notes);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, progress);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, plot);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, disagreements);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, method);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, shots);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, seeds);
  gtk_widget_class_bind_template_callback (widget_class, method_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, shots_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, seeds_changed_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_compare_page_init (FewComparePage *self)
{
  self->shown_shots = g_array_new (FALSE, FALSE, sizeof (guint));
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (self->rows, row_clear);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
few_compare_page_set_session (FewPage *page, FewSession *session, FewThumbnails *thumbnails)
{
  FewComparePage *self = FEW_COMPARE_PAGE (page);
  self->session = g_object_ref (session);
  self->comparison = g_object_ref (few_session_get_comparison (session));
  few_shots_plot_set_comparison (self->plot, self->comparison);
  few_disagreements_set_session (self->disagreements, session, thumbnails);
  gtk_editable_set_text (GTK_EDITABLE (self->shots),
                         few_comparison_get_shots_text (self->comparison));
  gtk_spin_button_set_value (self->seeds, few_comparison_get_seeds (self->comparison));
  g_signal_connect_swapped (self->comparison, "changed", G_CALLBACK (comparison_changed_cb), self);
  g_signal_connect_swapped (self->comparison, "methods", G_CALLBACK (comparison_changed_cb), self);
  update_cb (self);
}

static void
few_compare_page_iface_init (FewPageInterface *iface)
{
  iface->name = "compare";
  iface->title = N_ ("Compare");
  iface->icon_name = "view-list-symbolic";
  iface->set_session = few_compare_page_set_session;
}

const char *
few_compare_page_get_cell (FewComparePage *self, guint method, guint shots)
{
  g_return_val_if_fail (FEW_IS_COMPARE_PAGE (self), NULL);
  for (guint i = 0; i < self->shown_shots->len && method < self->rows->len; i++)
    if (g_array_index (self->shown_shots, guint, i) == shots)
      return gtk_label_get_text (
          GTK_LABEL (g_array_index (self->rows, Row, method).cells->pdata[i]));
  return NULL;
}
