/* SPDX-License-Identifier: MIT */
/* The list keeps GTK's own rows; the button, which has the focus, gets a label that may be cut, and
 * the name that the whole has. */
#include "widgets/few-drop-down.h"

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item, GtkDropDown *list)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (list))),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, list, label, NULL, -1);
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

void
few_drop_down_shrink (GtkDropDown *list)
{
  g_return_if_fail (GTK_IS_DROP_DOWN (list));
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), list, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), list, 0);
  gtk_drop_down_set_list_factory (list, gtk_drop_down_get_factory (list));
  gtk_drop_down_set_factory (list, factory);
}

void
few_drop_down_stand_below (GtkDropDown *list, gboolean below)
{
  g_return_if_fail (GTK_IS_DROP_DOWN (list));
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (list));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (row),
                                  below ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}
