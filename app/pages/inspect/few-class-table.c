/* SPDX-License-Identifier: MIT */
/* Precision, recall and number of pictures of each class, in sortable columns. */
#include "pages/inspect/few-class-table.h"
#include "base/few-percent.h"
#include "widgets/few-columns.h"
#include "widgets/few-gradual.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewClassTable
{
  GtkWidget parent;
  FewSession *session;
  GtkWidget *scroller;
  GtkColumnView *view;
};

G_DEFINE_FINAL_TYPE (FewClassTable, few_class_table, GTK_TYPE_WIDGET)

enum {
  COLUMN_NAME,
  COLUMN_AP, /* this one, */
  COLUMN_PRECISION,
  COLUMN_RECALL,
  COLUMN_F1,        /* this, */
  COLUMN_THRESHOLD, /* and this are of labels that are told each by itself */
  COLUMN_PICTURES
};

enum { WHOLE = 24 }; /* letters of a name: longer ones are cut */

static char *
cell_text (gpointer item, guint column)
{
  const FewClassScores *scores = few_class_get_scores (item);
  switch (column)
    {
    case COLUMN_NAME:
      return g_strdup (few_class_get_name (item));
    case COLUMN_PRECISION:
      return few_percent (scores->precision, 1);
    case COLUMN_RECALL:
      return few_percent (scores->recall, 1);
    case COLUMN_AP:
      return few_percent (scores->ap, 1);
    case COLUMN_F1:
      return few_percent (scores->f1, 1);
    case COLUMN_THRESHOLD:
      return few_percent (scores->threshold, 0);
    default:
      return g_strdup_printf ("%u", scores->pictures);
    }
}

static int
compare_classes (gpointer a, gpointer b, guint column)
{
  const FewClassScores *x = few_class_get_scores (a);
  const FewClassScores *y = few_class_get_scores (b);
  switch (column)
    {
    case COLUMN_NAME:
      return g_utf8_collate (few_class_get_name (a), few_class_get_name (b));
    case COLUMN_PRECISION:
      return few_columns_compare_numbers (x->precision, y->precision);
    case COLUMN_RECALL:
      return few_columns_compare_numbers (x->recall, y->recall);
    case COLUMN_AP:
      return few_columns_compare_numbers (x->ap, y->ap);
    case COLUMN_F1:
      return few_columns_compare_numbers (x->f1, y->f1);
    case COLUMN_THRESHOLD:
      return few_columns_compare_numbers (x->threshold, y->threshold);
    default:
      return few_columns_compare_numbers ((float) x->pictures, (float) y->pictures);
    }
}

/* Nobody makes hundreds of rows that were never in view. */
static void
mapped_cb (FewClassTable *self)
{
  if (!self->session || gtk_column_view_get_model (self->view))
    return;
  GtkSorter *sorter = gtk_column_view_get_sorter (self->view);
  g_autoptr (GtkSortListModel) sorted = gtk_sort_list_model_new (
      g_object_ref (few_examples_get_classes (few_session_get_examples (self->session))),
      g_object_ref (sorter));
  g_autoptr (GtkSelectionModel) selection = GTK_SELECTION_MODEL (
      gtk_no_selection_new (few_gradual_new (G_LIST_MODEL (sorted), GTK_WIDGET (self->view))));
  gtk_column_view_set_model (self->view, selection);
}

static void
snapshot_cb (FewClassTable *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);
  static const guint of_labels[] = { COLUMN_AP, COLUMN_F1, COLUMN_THRESHOLD };
  for (guint i = 0; i < G_N_ELEMENTS (of_labels); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, of_labels[i]);
      gtk_column_view_column_set_visible (
          column, few_view_is_several (few_session_get_view (self->session)));
    }
}

static void
few_class_table_dispose (GObject *object)
{
  FewClassTable *self = FEW_CLASS_TABLE (object);
  if (self->session)
    g_signal_handlers_disconnect_by_data (few_session_get_view (self->session), self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (few_class_table_parent_class)->dispose (object);
}

static void
few_class_table_class_init (FewClassTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_class_table_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_class_table_init (FewClassTable *self)
{
  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Precision and recall of each class"), -1);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->view));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (mapped_cb), NULL);
  const char *const titles[] = { _ ("Class"),
                                 /* Translators: average precision; keep it short */
                                 _ ("AP"), _ ("Precision"), _ ("Recall"), _ ("F1"),
                                 /* Translators: the probability from which on a label is given */
                                 _ ("From"), _ ("Pictures") };
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    few_columns_add (self->view, i,
                     &(FewColumn) { titles[i], i != COLUMN_NAME, i == COLUMN_NAME,
                                    PANGO_ELLIPSIZE_END, cell_text, compare_classes,
                                    "notify::scores", i == COLUMN_NAME ? WHOLE : 0 });
}

void
few_class_table_set_session (FewClassTable *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_CLASS_TABLE (self));
  self->session = g_object_ref (session);
  g_signal_connect_swapped (few_session_get_view (session), "snapshot", G_CALLBACK (snapshot_cb),
                            self);
  snapshot_cb (self);
}
