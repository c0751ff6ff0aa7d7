/* SPDX-License-Identifier: MIT */
/* The list keeps GTK's own rows; the button, which has the focus, gets a label of several lines,
 * and the name that the whole has. */
#include "widgets/few-drop-down.h"
#include "widgets/few-wrap.h"

enum { LINES = 3 };

static void
name_button (GtkListItem *item, GtkDropDown *list)
{
  gtk_accessible_update_relation (GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (list))),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, list,
                                  gtk_list_item_get_child (item), NULL, -1);
}

/* Words of a person's own are of any length: what three lines do not hold is cut. */
static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item, GtkDropDown *list)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_lines (GTK_LABEL (label), LINES);
  gtk_list_item_set_child (item, label);
  name_button (item, list);
}

/* Words of the program are whole. */
static void
setup_words_cb (GtkListItemFactory *factory, GtkListItem *item, GtkDropDown *list)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  few_wrap_label (GTK_LABEL (label));
  gtk_list_item_set_child (item, label);
  name_button (item, list);
}

/* As GTK's own rows read it. */
static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, GtkDropDown *list)
{
  GtkExpression *expression = gtk_drop_down_get_expression (list);
  gpointer object = gtk_list_item_get_item (item);
  GtkLabel *label = GTK_LABEL (gtk_list_item_get_child (item));
  g_auto (GValue) value = G_VALUE_INIT;
  if (expression && gtk_expression_evaluate (expression, object, &value))
    gtk_label_set_text (label, g_value_get_string (&value));
  else if (GTK_IS_STRING_OBJECT (object))
    gtk_label_set_text (label, gtk_string_object_get_string (object));
}

/* ---- a height for each width, which GTK 4.8 does not ask of its own */

static GtkSizeRequestMode
request_mode_cb (GtkWidget *list)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure_cb (GtkWidget *list, GtkOrientation orientation, int for_size, int *minimum, int *natural,
            int *minimum_baseline, int *natural_baseline)
{
  GTK_WIDGET_GET_CLASS (list)->measure (list, orientation, for_size, minimum, natural,
                                        minimum_baseline, natural_baseline);
}

static void
allocate_cb (GtkWidget *list, int width, int height, int baseline)
{
  GTK_WIDGET_GET_CLASS (list)->size_allocate (list, width, height, baseline);
}

static void
shrink (GtkDropDown *list, GCallback setup)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_object (factory, "setup", setup, list, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), list, 0);
  gtk_drop_down_set_list_factory (list, gtk_drop_down_get_factory (list));
  gtk_drop_down_set_factory (list, factory);
  if (!gtk_widget_get_layout_manager (GTK_WIDGET (list)))
    gtk_widget_set_layout_manager (
        GTK_WIDGET (list), gtk_custom_layout_new (request_mode_cb, measure_cb, allocate_cb));
}

void
few_drop_down_shrink (GtkDropDown *list)
{
  g_return_if_fail (GTK_IS_DROP_DOWN (list));
  shrink (list, G_CALLBACK (setup_cb));
}

void
few_drop_down_shrink_words (GtkDropDown *list)
{
  g_return_if_fail (GTK_IS_DROP_DOWN (list));
  shrink (list, G_CALLBACK (setup_words_cb));
}

static void
setup_row_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);
  few_wrap_label (GTK_LABEL (label));
  gtk_list_item_set_child (item, label);
}

static void
bind_row_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkStringObject *string = GTK_STRING_OBJECT (gtk_list_item_get_item (item));
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)),
                      gtk_string_object_get_string (string));
}

void
few_drop_down_keep_row (AdwComboRow *row)
{
  g_return_if_fail (ADW_IS_COMBO_ROW (row));
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row_cb), NULL);
  adw_combo_row_set_list_factory (row, adw_combo_row_get_factory (row));
  adw_combo_row_set_factory (row, factory);
}

void
few_drop_down_stand_below (GtkDropDown *list, gboolean below)
{
  g_return_if_fail (GTK_IS_DROP_DOWN (list));
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (list));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (row),
                                  below ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}
