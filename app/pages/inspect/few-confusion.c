/* SPDX-License-Identifier: MIT */
/* The confusion matrix as a grid of buttons, or as dots where there are many classes, and its
 * largest cells as a list. */
#include "pages/inspect/few-confusion.h"
#include "pages/inspect/few-confusion-map.h"
#include "session/few-mistakes.h"
#include "widgets/few-turned-label.h"
#include "widgets/few-wheel.h"
#include <glib/gi18n.h>

/* LEAST_LETTERS, MOST_LETTERS: of the names at the rows and columns, where they have so many */
enum { LEAST_LETTERS = 10, MOST_LETTERS = 24 };
enum { MOST_CLASSES = 16, MOST_MISTAKES = 30, SHADES = 10 };
static const guint NO_SHADE = G_MAXUINT;

struct _FewConfusion
{
  GtkWidget parent;
  FewSession *session;
  FewView *view; /* the session's */
  GtkWidget *box;
  GtkWidget *heading;
  GtkGrid *grid;
  FewConfusionMap *dots; /* of more classes than the grid has room for */
  GtkListBox *mistakes;
  guint32 *counts; /* [K, K] */
  guint k;
  gboolean low; /* heads that stand upright leave rows their room */
  GPtrArray *classes; /* of the snapshot in the matrix */
  GtkWidget *cells[MOST_CLASSES][MOST_CLASSES];
  guint shades[MOST_CLASSES][MOST_CLASSES]; /* as the cells show them */
  GArray *listed;                           /* FewMistake, as the rows show them */
};

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewConfusion, few_confusion, GTK_TYPE_WIDGET)

static const char *
name_of (FewConfusion *self, guint k)
{
  return few_class_get_name (few_view_get_class (self->view, k));
}

/* ---- the matrix */

/* The first row and column of the grid are names. */
static void
find_cell (FewConfusion *self, GtkWidget *button, guint *label, guint *predicted)
{
  int row, column, width, height;
  gtk_grid_query_child (self->grid, button, &column, &row, &width, &height);
  *label = (guint) row - 1;
  *predicted = (guint) column - 1;
}

static void
cell_clicked_cb (GtkWidget *button, FewConfusion *self)
{
  guint label, predicted;
  find_cell (self, button, &label, &predicted);
  g_signal_emit (self, signals[CHOSEN], 0, label, predicted);
}

static char *
describe_cell (guint i, guint j, gpointer user)
{
  FewConfusion *self = user;
  guint count = self->counts[(gsize) i * self->k + j];
  /* Translators: so many pictures of the first class are taken for the second */
  return g_strdup_printf (
      ngettext ("%u picture of %s taken for %s", "%u pictures of %s taken for %s", count), count,
      name_of (self, i), name_of (self, j));
}

/* Asked for when it is wanted, as in FewTile: α changes many cells at once. */
static gboolean
query_tooltip_cb (GtkWidget *button, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
                  FewConfusion *self)
{
  guint label, predicted;
  find_cell (self, button, &label, &predicted);
  g_autofree char *spoken = describe_cell (label, predicted, self);
  gtk_tooltip_set_text (tooltip, spoken);
  return TRUE;
}

static GtkWidget *
make_header (const char *text, float xalign, int chars)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), chars);
  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (label, "caption");
  return label;
}

/* Its least width is what the cells leave of a common pane. */
static GtkWidget *
make_row_head (const char *name)
{
  GtkWidget *label = make_header (name, 1, MOST_LETTERS);
  int letters = (int) g_utf8_strlen (name, -1);
  gtk_label_set_width_chars (GTK_LABEL (label), MIN (letters, LEAST_LETTERS));
  return label;
}

static GtkWidget *
make_column_head (const char *name, gboolean low)
{
  GtkWidget *label = few_turned_label_new (name, low ? LEAST_LETTERS : MOST_LETTERS);
  gtk_widget_set_valign (label, GTK_ALIGN_END);
  gtk_widget_add_css_class (label, "caption");
  return label;
}

static GtkWidget *
make_cell (FewConfusion *self)
{
  GtkWidget *button = gtk_button_new ();
  /* a child, not the button's label: newer GTK would call the cell by that, "4" */
  gtk_button_set_child (GTK_BUTTON (button), gtk_label_new (""));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "heat");
  gtk_widget_add_css_class (button, "confusion-cell");
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_set_has_tooltip (button, TRUE);
  g_signal_connect (button, "query-tooltip", G_CALLBACK (query_tooltip_cb), self);
  g_signal_connect (button, "clicked", G_CALLBACK (cell_clicked_cb), self);
  return button;
}

static void
build_matrix (FewConfusion *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))))
    gtk_grid_remove (self->grid, child);
  gtk_widget_set_visible (GTK_WIDGET (self->grid), self->k <= MOST_CLASSES);
  gtk_widget_set_visible (GTK_WIDGET (self->dots), self->k > MOST_CLASSES);
  if (self->k > MOST_CLASSES)
    return;
  for (guint i = 0; i < self->k; i++)
    {
      gtk_grid_attach (self->grid, make_row_head (name_of (self, i)), 0, (int) i + 1, 1, 1);
      gtk_grid_attach (self->grid, make_column_head (name_of (self, i), self->low), (int) i + 1, 0,
                       1, 1);
      for (guint j = 0; j < self->k; j++)
        {
          self->cells[i][j] = make_cell (self);
          self->shades[i][j] = NO_SHADE;
          gtk_grid_attach (self->grid, self->cells[i][j], (int) j + 1, (int) i + 1, 1, 1);
        }
    }
}

static void
fill_cell (FewConfusion *self, guint i, guint j, guint total)
{
  GtkWidget *button = self->cells[i][j];
  GtkLabel *label = GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button)));
  guint count = self->counts[i * self->k + j];
  guint shade = total ? MIN (SHADES - 1, count * SHADES / total) : 0;
  char text[16] = "";
  if (count)
    g_snprintf (text, sizeof text, "%u", count);
  if (g_str_equal (gtk_label_get_text (label), text) && self->shades[i][j] == shade)
    return;
  g_autofree char *spoken = describe_cell (i, j, self);
  char style[16];
  for (guint s = 0; s < SHADES; s++)
    {
      g_snprintf (style, sizeof style, "%s-%u", i == j ? "heat" : "wrong", s);
      if (s == shade && count)
        gtk_widget_add_css_class (button, style);
      else
        gtk_widget_remove_css_class (button, style);
    }
  self->shades[i][j] = shade;
  gtk_label_set_text (label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
}

/* ---- the most frequent mistakes */

static void
mistake_activated_cb (FewConfusion *self, GtkListBoxRow *row)
{
  const FewMistake *mistake =
      &g_array_index (self->listed, FewMistake, gtk_list_box_row_get_index (row));
  g_signal_emit (self, signals[CHOSEN], 0, mistake->label, mistake->taken);
}

static void
set_mistake (FewConfusion *self, guint at, const FewMistake *mistake)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->mistakes, (int) at);
  if (!row)
    {
      row = GTK_LIST_BOX_ROW (gtk_list_box_row_new ());
      GtkWidget *label = make_header ("", 0, 40);
      gtk_widget_remove_css_class (label, "caption");
      gtk_widget_add_css_class (label, "class-row");
      gtk_list_box_row_set_child (row, label);
      gtk_list_box_append (self->mistakes, GTK_WIDGET (row));
    }
  /* Translators: a class, the class that it is taken for, how many times */
  g_autofree char *text = g_strdup_printf (_ ("%s → %s: %u"), name_of (self, mistake->label),
                                           name_of (self, mistake->taken), mistake->n);
  gtk_label_set_text (GTK_LABEL (gtk_list_box_row_get_child (row)), text);
}

/* Takes them: FewMistake. */
static void
list_mistakes (FewConfusion *self, GArray *mistakes)
{
  GtkListBoxRow *extra;
  g_array_unref (self->listed);
  self->listed = mistakes;
  guint n = MIN (self->listed->len, MOST_MISTAKES);
  for (guint i = 0; i < n; i++)
    set_mistake (self, i, &g_array_index (self->listed, FewMistake, i));
  while ((extra = gtk_list_box_get_row_at_index (self->mistakes, (int) n)))
    gtk_list_box_remove (self->mistakes, GTK_WIDGET (extra));
  gtk_label_set_text (GTK_LABEL (self->heading),
                      n ? _ ("Most frequent mistakes") : _ ("No mistakes"));
}

/* ---- what the session says */

/* k² counts, for which there may be no memory: then none are shown. */
static gboolean
make_room (FewConfusion *self, guint k)
{
  g_free (self->counts);
  self->counts = g_try_new (guint32, (gsize) k * k + 1);
  if (self->counts)
    return TRUE;
  self->k = 0;
  build_matrix (self);
  list_mistakes (self, g_array_new (FALSE, FALSE, sizeof (FewMistake)));
  gtk_label_set_text (GTK_LABEL (self->heading),
                      _ ("There is not enough memory for the mistakes of so many classes."));
  return FALSE;
}

static void lens_changed_cb (FewConfusion *self);
static void renamed_cb (FewConfusion *self);

/* Those that the matrix shows, whose names it follows; NULL: it is made anew. */
static void
take_classes (FewConfusion *self, GPtrArray *classes)
{
  for (guint i = 0; self->classes && i < self->classes->len; i++)
    g_signal_handlers_disconnect_by_func (self->classes->pdata[i], renamed_cb, self);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  self->classes = classes ? g_ptr_array_ref (classes) : NULL;
  for (guint i = 0; classes && i < classes->len; i++)
    g_signal_connect_swapped (classes->pdata[i], "notify::name", G_CALLBACK (renamed_cb), self);
}

static void
renamed_cb (FewConfusion *self)
{
  take_classes (self, NULL);
  lens_changed_cb (self);
}

static void
lens_changed_cb (FewConfusion *self)
{
  FewSnapshot *snapshot = self->session ? few_view_get_snapshot (self->view) : NULL;
  if (!snapshot || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return; /* on map */
  guint k = few_snapshot_info (snapshot)->n_classes;
  if ((k != self->k || !self->counts) && !make_room (self, k))
    return;
  if (k != self->k || self->classes != few_view_get_classes (self->view))
    {
      self->k = k;
      take_classes (self, few_view_get_classes (self->view));
      build_matrix (self);
    }
  few_lens_confusion (snapshot, few_view_get_measured_role (self->view),
                      few_view_get_alpha (self->view), self->counts);
  for (guint i = 0; k <= MOST_CLASSES && i < k; i++)
    {
      guint total = 0;
      for (guint j = 0; j < k; j++)
        total += self->counts[i * k + j];
      for (guint j = 0; j < k; j++)
        fill_cell (self, i, j, total);
    }
  if (k > MOST_CLASSES)
    few_confusion_map_set (self->dots, self->counts, k);
  list_mistakes (self, few_mistakes_count (few_snapshot_info (snapshot),
                                           few_view_get_predicted (self->view),
                                           few_view_get_measured_role (self->view)));
}

static void
dot_chosen_cb (FewConfusion *self, guint label, guint predicted)
{
  g_signal_emit (self, signals[CHOSEN], 0, label, predicted);
}

/* ---- life */

static void
few_confusion_dispose (GObject *object)
{
  FewConfusion *self = FEW_CONFUSION (object);
  if (self->session)
    g_signal_handlers_disconnect_by_data (self->view, self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  take_classes (self, NULL);
  g_clear_pointer (&self->counts, g_free);
  G_OBJECT_CLASS (few_confusion_parent_class)->dispose (object);
}

static void
few_confusion_finalize (GObject *object)
{
  g_array_unref (FEW_CONFUSION (object)->listed);
  G_OBJECT_CLASS (few_confusion_parent_class)->finalize (object);
}

static void
few_confusion_class_init (FewConfusionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_confusion_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_confusion_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CHOSEN] = g_signal_new ("chosen", FEW_TYPE_CONFUSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
few_confusion_init (FewConfusion *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *across = gtk_scrolled_window_new ();
  self->listed = g_array_new (FALSE, FALSE, sizeof (FewMistake));
  self->grid = GTK_GRID (grid);
  gtk_grid_set_row_spacing (self->grid, 2);
  gtk_grid_set_column_spacing (self->grid, 2);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (grid), GTK_ACCESSIBLE_PROPERTY_LABEL,
      _ ("Rows: the class of a picture. Columns: what it is taken for."), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (across), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  few_wheel_page_first (across);
  GtkWidget *matrix = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->dots = FEW_CONFUSION_MAP (few_confusion_map_new (describe_cell, self));
  gtk_widget_set_visible (GTK_WIDGET (self->dots), FALSE);
  g_signal_connect_swapped (self->dots, "chosen", G_CALLBACK (dot_chosen_cb), self);
  gtk_box_append (GTK_BOX (matrix), grid);
  gtk_box_append (GTK_BOX (matrix), GTK_WIDGET (self->dots));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (across), matrix);
  GtkWidget *note =
      make_header (_ ("Rows: the class of a picture. Columns: what it is taken for."), 0, 60);
  gtk_label_set_ellipsize (GTK_LABEL (note), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_widget_add_css_class (note, "dim-label");
  self->heading = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->heading), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->heading), 0);
  gtk_widget_add_css_class (self->heading, "heading");
  self->mistakes = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->mistakes, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->mistakes), "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->mistakes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Most frequent mistakes"), -1);
  g_signal_connect_swapped (self->mistakes, "row-activated", G_CALLBACK (mistake_activated_cb),
                            self);
  gtk_widget_add_css_class (content, "side");
  gtk_box_append (GTK_BOX (content), across);
  gtk_box_append (GTK_BOX (content), note);
  gtk_box_append (GTK_BOX (content), self->heading);
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->mistakes));
  self->box = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->box), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->box), content);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (lens_changed_cb), NULL);
}

void
few_confusion_set_session (FewConfusion *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_CONFUSION (self));
  self->session = g_object_ref (session);
  self->view = few_session_get_view (session);
  g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_changed_cb), self);
}

void
few_confusion_set_low (FewConfusion *self, gboolean low)
{
  g_return_if_fail (FEW_IS_CONFUSION (self));
  if (low == self->low)
    return;
  self->low = low;
  take_classes (self, NULL);
  lens_changed_cb (self);
}

guint
few_confusion_get_count (FewConfusion *self, guint label, guint predicted)
{
  g_return_val_if_fail (FEW_IS_CONFUSION (self), 0);
  return self->counts && label < self->k && predicted < self->k
             ? self->counts[(gsize) label * self->k + predicted]
             : 0;
}
