#include "few-class-table.h"
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

typedef enum { COLUMN_NAME, COLUMN_PRECISION, COLUMN_RECALL, COLUMN_PICTURES } Column;

static Column
column_of (gpointer object)
{
  return (Column) GPOINTER_TO_INT (g_object_get_data (object, "column"));
}

static char *
percent (float value)
{
  return isfinite (value) ? g_strdup_printf ("%.1f %%", 100 * value) : g_strdup ("–");
}

static void
fill (GtkListItem *item)
{
  FewClass *klass = gtk_list_item_get_item (item);
  const FewClassScores *scores = few_class_get_scores (klass);
  Column column = column_of (item);
  g_autofree char *text = column == COLUMN_NAME        ? g_strdup (few_class_get_name (klass))
                          : column == COLUMN_PRECISION ? percent (scores->precision)
                          : column == COLUMN_RECALL    ? percent (scores->recall)
                                                       : g_strdup_printf ("%u", scores->pictures);
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static void
setup (GtkListItemFactory *factory, GtkListItem *item)
{
  Column column = column_of (factory);
  GtkWidget *label = gtk_label_new (NULL);
  g_object_set_data (G_OBJECT (item), "column", GINT_TO_POINTER (column));
  gtk_label_set_xalign (GTK_LABEL (label), column == COLUMN_NAME ? 0 : 1);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind (GtkListItemFactory *factory, GtkListItem *item)
{
  g_signal_connect_object (gtk_list_item_get_item (item), "notify::scores", G_CALLBACK (fill), item, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_list_item_get_item (item), "notify::name", G_CALLBACK (fill), item, G_CONNECT_SWAPPED);
  fill (item);
}

static void
unbind (GtkListItemFactory *factory, GtkListItem *item)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), fill, item);
}

static int
compare_numbers (float a, float b)
{
  a = isfinite (a) ? a : -1, b = isfinite (b) ? b : -1;
  return (a > b) - (a < b);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer column)
{
  FewClass *x = (FewClass *) a, *y = (FewClass *) b;
  const FewClassScores *p = few_class_get_scores (x), *q = few_class_get_scores (y);
  switch (GPOINTER_TO_INT (column))
    {
    case COLUMN_NAME:
      return g_utf8_collate (few_class_get_name (x), few_class_get_name (y));
    case COLUMN_PRECISION:
      return compare_numbers (p->precision, q->precision);
    case COLUMN_RECALL:
      return compare_numbers (p->recall, q->recall);
    default:
      return (p->pictures > q->pictures) - (p->pictures < q->pictures);
    }
}

static void
add_column (FewClassTable *self, Column column, const char *title)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_object_set_data (G_OBJECT (factory), "column", GINT_TO_POINTER (column));
  g_signal_connect (factory, "setup", G_CALLBACK (setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind), NULL);
  g_autoptr (GtkColumnViewColumn) view_column = gtk_column_view_column_new (title, factory);
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, GINT_TO_POINTER (column), NULL));
  gtk_column_view_column_set_sorter (view_column, sorter);
  gtk_column_view_column_set_expand (view_column, column == COLUMN_NAME);
  gtk_column_view_append_column (self->view, view_column);
}

static void
few_class_table_dispose (GObject *object)
{
  FewClassTable *self = FEW_CLASS_TABLE (object);
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
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Precision and recall of each class"), -1);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->view));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  add_column (self, COLUMN_NAME, _("Class"));
  add_column (self, COLUMN_PRECISION, _("Precision"));
  add_column (self, COLUMN_RECALL, _("Recall"));
  add_column (self, COLUMN_PICTURES, _("Pictures"));
}

void
few_class_table_set_session (FewClassTable *self, FewSession *session)
{
  self->session = g_object_ref (session);
  GtkSorter *sorter = gtk_column_view_get_sorter (self->view);
  GtkSortListModel *sorted = gtk_sort_list_model_new (g_object_ref (few_session_get_classes (session)), g_object_ref (sorter));
  g_autoptr (GtkSelectionModel) selection = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (sorted)));
  gtk_column_view_set_model (self->view, selection);
}
