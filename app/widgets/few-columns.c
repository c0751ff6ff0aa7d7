/* SPDX-License-Identifier: MIT */
/* Cells that write themselves again when their item says that it has changed. */
#include "widgets/few-columns.h"
#include "base/few-turns.h"
#include <math.h>

enum { LEAST_CHARS = 8 }; /* of what is cut where there is no room */
#define CELL "few-cell"   /* a label's */

/* Of its factory's handlers and of its sorter: goes with the last of them. */
typedef struct
{
  FewColumn what;
  guint column;
  GHashTable *handlers; /* GtkListItem → gulong *, what follows the item it shows */
  GHashTable *behind; /* of these: what changed while nobody saw it */
} Column;

static void
column_clear (gpointer data)
{
  Column *c = data;
  g_hash_table_unref (c->handlers);
  g_hash_table_unref (c->behind);
}

static void
column_unref (gpointer column)
{
  g_rc_box_release_full (column, column_clear);
}

static void
column_unref_cb (gpointer column, GClosure *closure G_GNUC_UNUSED)
{
  column_unref (column);
}

/* One cell, as long as it shows its item, or as long as it is there. */
typedef struct
{
  Column *column;
  GtkListItem *item;
} Cell;

static void
cell_free_cb (gpointer cell, GClosure *closure G_GNUC_UNUSED)
{
  g_free (cell);
}

static void
fill_cell (const Column *c, GtkListItem *item)
{
  g_autofree char *text = c->what.text (gtk_list_item_get_item (item), c->column);
  GtkLabel *label = GTK_LABEL (gtk_list_item_get_child (item));
  gtk_label_set_text (label, text);
  if (c->what.whole > LEAST_CHARS)
    gtk_label_set_width_chars (label, (int) MIN (g_utf8_strlen (text, -1), c->what.whole));
}

/* Not in a page that is out of view, nor in a row that is: there it is written once it comes in. */
static void
item_changed_cb (const Cell *cell)
{
  GtkWidget *label = gtk_list_item_get_child (cell->item);
  if (gtk_widget_get_mapped (label))
    fill_cell (cell->column, cell->item);
  else
    g_hash_table_add (cell->column->behind, cell->item);
}

static void
catch_up (gpointer label)
{
  const Cell *cell = g_object_get_data (label, CELL);
  if (g_hash_table_remove (cell->column->behind, cell->item))
    fill_cell (cell->column, cell->item);
}

/* Rows come in while they are laid out, when nothing may grow. */
static void
mapped_cb (GtkWidget *label)
{
  const Cell *cell = g_object_get_data (G_OBJECT (label), CELL);
  if (g_hash_table_contains (cell->column->behind, cell->item))
    few_turns_add (label, catch_up);
}

static void
own_cell_free (gpointer data)
{
  column_unref (((Cell *) data)->column);
  g_free (data);
}

static void
watch_label (GtkWidget *label, GtkListItem *item, Column *c)
{
  Cell *cell = g_new (Cell, 1);
  *cell = (Cell) { g_rc_box_acquire (c), item };
  g_object_set_data_full (G_OBJECT (label), CELL, cell, own_cell_free);
  g_signal_connect (label, "map", G_CALLBACK (mapped_cb), NULL);
}

static void
setup_cell_cb (GtkListItemFactory *factory, GtkListItem *item, Column *c)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), c->what.number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), c->what.ellipsize);
  if (c->what.ellipsize != PANGO_ELLIPSIZE_NONE)
    gtk_label_set_width_chars (GTK_LABEL (label), LEAST_CHARS);
  if (c->what.number)
    gtk_widget_add_css_class (label, "numeric");
  if (c->what.changed)
    watch_label (label, item, c);
  gtk_list_item_set_child (item, label);
}

static void
follow_item (Column *c, GtkListItem *item)
{
  gulong *handler = g_new (gulong, 1);
  Cell *cell = g_new (Cell, 1);
  *cell = (Cell) { c, item };
  *handler =
      g_signal_connect_data (gtk_list_item_get_item (item), c->what.changed,
                             G_CALLBACK (item_changed_cb), cell, cell_free_cb, G_CONNECT_SWAPPED);
  g_hash_table_insert (c->handlers, item, handler);
}

static void
bind_cell_cb (GtkListItemFactory *factory, GtkListItem *item, Column *c)
{
  if (c->what.changed)
    follow_item (c, item);
  fill_cell (c, item);
}

static void
unbind_cell_cb (GtkListItemFactory *factory, GtkListItem *item, Column *c)
{
  const gulong *handler = g_hash_table_lookup (c->handlers, item);
  if (handler)
    g_signal_handler_disconnect (gtk_list_item_get_item (item), *handler);
  g_hash_table_remove (c->handlers, item);
  g_hash_table_remove (c->behind, item);
}

static int
compare_items (gconstpointer a, gconstpointer b, gpointer column)
{
  const Column *c = column;
  return c->what.compare ((gpointer) a, (gpointer) b, c->column);
}

static void
connect_factory (GtkListItemFactory *factory, const char *signal, GCallback handler, Column *c)
{
  g_signal_connect_data (factory, signal, handler, g_rc_box_acquire (c), column_unref_cb, 0);
}

void
few_columns_add (GtkColumnView *view, guint column, const FewColumn *what)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));
  g_return_if_fail (what != NULL && what->text != NULL);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) view_column = gtk_column_view_column_new (what->title, factory);
  Column *c = g_rc_box_new0 (Column);
  c->what = *what;
  c->column = column;
  c->handlers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  c->behind = g_hash_table_new (NULL, NULL);
  connect_factory (factory, "setup", G_CALLBACK (setup_cell_cb), c);
  connect_factory (factory, "bind", G_CALLBACK (bind_cell_cb), c);
  connect_factory (factory, "unbind", G_CALLBACK (unbind_cell_cb), c);
  if (what->compare)
    {
      g_autoptr (GtkSorter) sorter =
          GTK_SORTER (gtk_custom_sorter_new (compare_items, g_rc_box_acquire (c), column_unref));
      gtk_column_view_column_set_sorter (view_column, sorter);
    }
  column_unref (c);
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
