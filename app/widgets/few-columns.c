/* SPDX-License-Identifier: MIT */
#include "widgets/few-columns.h"
#include <math.h>

typedef struct
{
  FewColumn what;
  guint column;
} Column;

static void
fill (GtkListItem *item)
{
  const Column *c = g_object_get_data (G_OBJECT (item), "column");
  g_autofree char *text = c->what.text (gtk_list_item_get_item (item), c->column);
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static void
setup (GtkListItemFactory *factory, GtkListItem *item, Column *c)
{
  GtkWidget *label = gtk_label_new (NULL);
  g_object_set_data (G_OBJECT (item), "column", c);
  gtk_label_set_xalign (GTK_LABEL (label), c->what.number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), c->what.ellipsize);
  if (c->what.number)
    gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind (GtkListItemFactory *factory, GtkListItem *item, Column *c)
{
  if (c->what.changed)
    g_signal_connect_object (gtk_list_item_get_item (item), c->what.changed, G_CALLBACK (fill),
                             item, G_CONNECT_SWAPPED);
  fill (item);
}

static void
unbind (GtkListItemFactory *factory, GtkListItem *item, Column *c)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), fill, item);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer column)
{
  const Column *c = column;
  return c->what.compare ((gpointer) a, (gpointer) b, c->column);
}

void
few_columns_add (GtkColumnView *view, guint column, const FewColumn *what)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) view_column = gtk_column_view_column_new (what->title, factory);
  Column *c = g_new (Column, 1);
  *c = (Column) { *what, column };
  /* as long as its cells */
  g_object_set_data_full (G_OBJECT (view), g_intern_string (what->title), c, g_free);
  g_signal_connect (factory, "setup", G_CALLBACK (setup), c);
  g_signal_connect (factory, "bind", G_CALLBACK (bind), c);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind), c);
  if (what->compare)
    {
      g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, c, NULL));
      gtk_column_view_column_set_sorter (view_column, sorter);
    }
  gtk_column_view_column_set_expand (view_column, what->expand);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  gtk_column_view_append_column (view, view_column);
}

int
few_columns_compare_numbers (float a, float b)
{
  a = isfinite (a) ? a : -INFINITY;
  b = isfinite (b) ? b : -INFINITY;
  return (a > b) - (a < b);
}
