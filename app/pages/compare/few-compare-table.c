/* SPDX-License-Identifier: MIT */
/* Methods as rows, shots as columns: what each came to, and a button to train with it. A heading
 * sorts by its column. */
#include "pages/compare/few-compare-table.h"
#include "pages/compare/few-compare-order.h"
#include "pages/compare/few-compare-words.h"
#include "session/few-methods.h"
#include "widgets/few-heat-map.h"
#include "widgets/few-series.h"
#include "widgets/few-tip.h"
#include "widgets/few-wrap.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum { ROW_HEIGHT = 34 };

/* One method of the table. */
typedef struct
{
  GtkWidget *check, *swatch, *seconds, *parameters, *grid, *use;
  GPtrArray *cells; /* GtkLabel, by shots of the run in view */
} Row;

struct _FewCompareTable
{
  GObject parent;
  GtkGrid *grid; /* borrowed: it goes with the page */
  FewComparison *comparison;
  GArray *rows;        /* Row */
  GArray *shown_shots; /* guint, the columns */
  GPtrArray *headings; /* GtkWidget: of the method, of shots, of seconds, of what was learned */
  guint sorted_by;     /* of these */
  FewSorting sorting;
};

G_DEFINE_FINAL_TYPE (FewCompareTable, few_compare_table, G_TYPE_OBJECT)

static void
row_clear (gpointer data)
{
  g_ptr_array_unref (((Row *) data)->cells);
}

static GtkWidget *
put_label (FewCompareTable *self, const char *text, int column, int row, const char *css)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, css);
  gtk_grid_attach (self->grid, label, column, row, 1, 1);
  return label;
}

/* The method whose row holds a widget. */
static guint
find_method (FewCompareTable *self, gconstpointer widget)
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
method_toggled_cb (FewCompareTable *self, GtkCheckButton *check)
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
  FewCompareTable *self = user;
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
make_grid_button (FewCompareTable *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-grid-symbolic");
  gtk_widget_add_css_class (button, "flat");
  few_tip_set (button, _ ("How the settings did on validation pictures"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How the settings did on validation pictures"), -1);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), show_grid, self, NULL);
  gtk_widget_set_visible (button, FALSE);
  return button;
}

/* Trains with the method and shows what it learned; NULL where nothing can be kept. */
static GtkWidget *
make_use_button (FewCompareTable *self, guint m)
{
  const char *specification = few_comparison_get_specification (self->comparison, m);
  if (!few_method_choice_is_kept (specification) || g_str_equal (specification, "zero-shot"))
    return NULL;
  GtkWidget *button = gtk_button_new_with_label (_ ("Use"));
  g_autofree char *spoken = g_strdup_printf (_ ("Train with %s on all pictures"),
                                             few_comparison_get_title (self->comparison, m));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.use-method");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", specification);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "use");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  few_tip_set (button, spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
  return button;
}

/* Method m with n shots. */
static void
add_row (FewCompareTable *self, guint m, guint n)
{
  Row row = { .check =
                  gtk_check_button_new_with_label (few_comparison_get_title (self->comparison, m)),
              .cells = g_ptr_array_new () };
  int at = (int) m + 1;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (row.check),
                               few_comparison_get_enabled (self->comparison, m));
  const char *sentence =
      few_method_choice_sentence (few_comparison_get_specification (self->comparison, m));
  if (sentence)
    {
      few_tip_set (row.check, sentence);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row.check),
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, sentence, -1);
    }
  few_wrap_label (GTK_LABEL (gtk_widget_get_last_child (row.check)));
  gtk_widget_set_hexpand (row.check, TRUE);
  gtk_widget_set_size_request (row.check, -1, ROW_HEIGHT);
  g_signal_connect_object (row.check, "toggled", G_CALLBACK (method_toggled_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_grid_attach (self->grid, row.check, 0, at, 1, 1);
  row.swatch = few_series_swatch_new (m);
  gtk_grid_attach (self->grid, row.swatch, 1, at, 1, 1);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (row.cells, put_label (self, "", 2 + (int) i, at, "numeric"));
  row.seconds = put_label (self, "", 2 + (int) n, at, "numeric");
  row.parameters = put_label (self, "", 3 + (int) n, at, "numeric");
  row.grid = make_grid_button (self);
  gtk_grid_attach (self->grid, row.grid, 4 + (int) n, at, 1, 1);
  row.use = make_use_button (self, m);
  if (row.use)
    gtk_grid_attach (self->grid, row.use, 5 + (int) n, at, 1, 1);
  g_array_append_val (self->rows, row);
}

/* ---- order */

/* For eyes by the grid's rows, for ears and Tab by the order of its children. */
static void
place_widget (FewCompareTable *self, GtkWidget *widget, int at)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self->grid));
  GtkLayoutChild *child = gtk_layout_manager_get_layout_child (layout, widget);
  gtk_grid_layout_child_set_row (GTK_GRID_LAYOUT_CHILD (child), at);
  gtk_widget_insert_before (widget, GTK_WIDGET (self->grid), NULL);
}

static void
place_row (FewCompareTable *self, const Row *row, int at)
{
  place_widget (self, row->check, at);
  place_widget (self, row->swatch, at);
  for (guint i = 0; i < row->cells->len; i++)
    place_widget (self, row->cells->pdata[i], at);
  place_widget (self, row->seconds, at);
  place_widget (self, row->parameters, at);
  place_widget (self, row->grid, at);
  if (row->use)
    place_widget (self, row->use, at);
}

static void
sort_rows (FewCompareTable *self)
{
  g_autoptr (GArray) order = few_compare_order (self->comparison, self->sorted_by, self->sorting);
  for (guint i = 0; i < order->len; i++)
    place_row (self, &g_array_index (self->rows, Row, g_array_index (order, guint, i)),
               (int) i + 1);
  for (guint i = 0; i < self->headings->len; i++)
    few_compare_heading_show (self->headings->pdata[i],
                              i == self->sorted_by ? self->sorting : FEW_UNSORTED);
}

/* The largest first, then the smallest, then as it was. */
static void
heading_clicked_cb (FewCompareTable *self, GtkWidget *heading)
{
  guint column;
  if (!g_ptr_array_find (self->headings, heading, &column))
    return;
  self->sorting = column == self->sorted_by ? (self->sorting + 1) % 3 : FEW_DESCENDING;
  self->sorted_by = column;
  sort_rows (self);
}

static void
put_heading (FewCompareTable *self, const char *title, int column)
{
  GtkWidget *heading = few_compare_heading_new (title, column > 0);
  g_signal_connect_object (heading, "clicked", G_CALLBACK (heading_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_grid_attach (self->grid, heading, column, 0, 1, 1);
  g_ptr_array_add (self->headings, heading);
}

static void
build_table (FewCompareTable *self)
{
  GtkWidget *child;
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))))
    gtk_grid_remove (self->grid, child);
  g_array_set_size (self->rows, 0);
  g_array_set_size (self->shown_shots, 0);
  g_array_append_vals (self->shown_shots, shots, n);
  g_ptr_array_set_size (self->headings, 0);
  self->sorting = FEW_UNSORTED;
  put_heading (self, _ ("Method"), 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *head = few_compare_words_shots (shots[i]);
      put_heading (self, head, 2 + (int) i);
    }
  if (n > 0)
    {
      put_heading (self, _ ("Seconds"), 2 + (int) n);
      put_heading (self, _ ("Learned"), 3 + (int) n);
    }
  for (guint m = 0; m < few_comparison_get_n_methods (self->comparison); m++)
    add_row (self, m, n);
}

static void
show_row (FewCompareTable *self, guint m, gboolean visible)
{
  Row *row = &g_array_index (self->rows, Row, m);
  gtk_widget_set_visible (row->check, visible);
  gtk_widget_set_visible (row->swatch, visible);
  for (guint i = 0; i < row->cells->len; i++)
    gtk_widget_set_visible (row->cells->pdata[i], visible);
  gtk_widget_set_visible (row->seconds, visible);
  gtk_widget_set_visible (row->parameters, visible);
  if (row->use)
    gtk_widget_set_visible (row->use, visible);
}

/* Returns the most shots with which a setting could not be chosen; 0: it always could. */
static guint
update_row (FewCompareTable *self, guint m)
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
      g_autofree char *text = few_compare_words_cell (&cell);
      g_autofree char *tip = few_compare_words_tip (self->comparison, m, shots[i], &cell);
      if (!cell.reason && cell.runs > 0)
        {
          too_few = cell.too_few ? MAX (too_few, shots[i]) : too_few;
          if (i == n - 1)
            {
              g_autofree char *seconds = g_strdup_printf ("%.2f", cell.seconds);
              g_autofree char *parameters = few_compare_words_short (cell.parameters);
              gtk_label_set_text (GTK_LABEL (row->seconds), seconds);
              gtk_label_set_text (GTK_LABEL (row->parameters), parameters);
              const FewCompared *one = few_comparison_find (self->comparison, m, shots[i], 1);
              has_grid =
                  one && one->result && one->result->grid.rows * one->result->grid.columns > 1;
            }
        }
      gtk_label_set_text (GTK_LABEL (row->cells->pdata[i]), text);
      if (tip
          || gtk_widget_get_has_tooltip (row->cells->pdata[i])) /* it asks where the pointer is */
        gtk_widget_set_tooltip_text (row->cells->pdata[i], tip);
      /* a number alone says nothing to those who do not see its row and column. Translators:
       * method, number of training pictures, accuracy */
      g_autofree char *spoken =
          g_strdup_printf (ngettext ("%s, %u shot: %s", "%s, %u shots: %s", shots[i]),
                           few_comparison_get_title (self->comparison, m), shots[i], text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row->cells->pdata[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
    }
  show_row (self, m, few_comparison_offers (self->comparison, m));
  gtk_widget_set_visible (row->grid, has_grid);
  if (gtk_check_button_get_active (GTK_CHECK_BUTTON (row->check))
      != few_comparison_get_enabled (self->comparison, m))
    gtk_check_button_set_active (GTK_CHECK_BUTTON (row->check),
                                 few_comparison_get_enabled (self->comparison, m));
  return too_few;
}

static void
set_class (GtkWidget *widget, const char *name, gboolean wanted)
{
  if (wanted)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

/* The method that is right most often with so many shots; G_MAXUINT: none ran. */
static guint
find_best (FewCompareTable *self, guint shots)
{
  guint best = G_MAXUINT;
  double most = -1;
  for (guint m = 0; m < self->rows->len; m++)
    {
      FewComparisonCell cell;
      few_comparison_get_cell (self->comparison, m, shots, &cell);
      if (cell.runs == 0 || cell.mean <= most)
        continue;
      most = cell.mean;
      best = m;
    }
  return best;
}

/* In bold; that with the most shots is the one to use. */
static void
mark_best (FewCompareTable *self)
{
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  guint best = G_MAXUINT;
  for (guint i = 0; i < n; i++)
    {
      best = find_best (self, shots[i]);
      for (guint m = 0; m < self->rows->len; m++)
        set_class (g_array_index (self->rows, Row, m).cells->pdata[i], "best", m == best);
    }
  for (guint m = 0; m < self->rows->len; m++)
    if (g_array_index (self->rows, Row, m).use)
      {
        GtkWidget *use = g_array_index (self->rows, Row, m).use;
        set_class (use, "suggested-action", m == best);
        set_class (use, "flat", m != best);
      }
}

/* Whether the table has a row for every method and a column for all shots. */
static gboolean
fits_table (FewCompareTable *self)
{
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  return few_comparison_get_n_methods (self->comparison) == self->rows->len
         && n == self->shown_shots->len
         && memcmp (shots, self->shown_shots->data, n * sizeof *shots) == 0;
}

guint
few_compare_table_update (FewCompareTable *self)
{
  g_return_val_if_fail (FEW_IS_COMPARE_TABLE (self), 0);
  guint too_few = 0;
  if (!fits_table (self))
    build_table (self);
  for (guint m = 0; m < self->rows->len; m++)
    too_few = MAX (too_few, update_row (self, m));
  mark_best (self);
  if (self->sorting != FEW_UNSORTED)
    sort_rows (self);
  return too_few;
}

const char *
few_compare_table_get_cell (FewCompareTable *self, guint method, guint shots)
{
  g_return_val_if_fail (FEW_IS_COMPARE_TABLE (self), NULL);
  for (guint i = 0; i < self->shown_shots->len && method < self->rows->len; i++)
    if (g_array_index (self->shown_shots, guint, i) == shots)
      return gtk_label_get_text (
          GTK_LABEL (g_array_index (self->rows, Row, method).cells->pdata[i]));
  return NULL;
}

/* ---- life */

static void
few_compare_table_finalize (GObject *object)
{
  FewCompareTable *self = FEW_COMPARE_TABLE (object);
  g_array_unref (self->rows);
  g_array_unref (self->shown_shots);
  g_ptr_array_unref (self->headings);
  g_object_unref (self->comparison);
  G_OBJECT_CLASS (few_compare_table_parent_class)->finalize (object);
}

static void
few_compare_table_class_init (FewCompareTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_compare_table_finalize;
}

static void
few_compare_table_init (FewCompareTable *self)
{
  self->rows = g_array_new (FALSE, TRUE, sizeof (Row));
  g_array_set_clear_func (self->rows, row_clear);
  self->shown_shots = g_array_new (FALSE, FALSE, sizeof (guint));
  self->headings = g_ptr_array_new ();
}

FewCompareTable *
few_compare_table_new (GtkGrid *grid, FewComparison *comparison)
{
  g_return_val_if_fail (GTK_IS_GRID (grid) && FEW_IS_COMPARISON (comparison), NULL);
  FewCompareTable *self = g_object_new (FEW_TYPE_COMPARE_TABLE, NULL);
  self->grid = grid;
  self->comparison = g_object_ref (comparison);
  return self;
}
