/* SPDX-License-Identifier: MIT */
/* A row a method: its title, why it cannot be chosen, and a mark where it is the one. */
#include "pages/train/few-method-list.h"
#include "session/few-methods.h"
#include <glib/gi18n.h>

static GtkWidget *
make_label (GtkWidget *box, const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 32);
  if (css)
    gtk_widget_add_css_class (label, css);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

/* The words one below the other, then the mark. */
static void
setup_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_hexpand (words, TRUE);
  make_label (words, NULL);
  make_label (words, "caption");
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_list_item_set_child (item, row);
}

static void
show_mark (GtkListItem *item, AdwComboRow *methods)
{
  GtkWidget *mark = gtk_widget_get_last_child (gtk_list_item_get_child (item));
  gboolean chosen = adw_combo_row_get_selected (methods) == gtk_list_item_get_position (item);
  gtk_widget_set_opacity (mark, chosen ? 1 : 0);
}

static void
selected_cb (AdwComboRow *methods, GParamSpec *spec G_GNUC_UNUSED, GtkListItem *item)
{
  show_mark (item, methods);
}

static FewDesk *
get_desk (AdwComboRow *methods)
{
  return g_object_get_data (G_OBJECT (methods), "few-desk");
}

static void
bind_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item, AdwComboRow *methods)
{
  GtkWidget *row = gtk_list_item_get_child (item);
  GtkWidget *title = gtk_widget_get_first_child (gtk_widget_get_first_child (row));
  GtkWidget *reason = gtk_widget_get_next_sibling (title);
  const FewMethodChoice *choice = few_method_choice (gtk_list_item_get_position (item));
  const FewModelInfo *model = few_desk_get_model (get_desk (methods));
  gboolean suits = !choice || few_method_choice_suits (choice->specification, model);
  GtkStringObject *text = gtk_list_item_get_item (item);
  gtk_label_set_text (GTK_LABEL (title), gtk_string_object_get_string (text));
  gtk_label_set_text (GTK_LABEL (reason),
                      suits ? "" : _ ("Learns from class names, which this model does not read"));
  gtk_widget_set_visible (reason, !suits);
  gtk_widget_set_sensitive (row, suits);
  gtk_list_item_set_selectable (item, suits);
  gtk_list_item_set_activatable (item, suits);
  show_mark (item, methods);
  g_signal_connect_object (methods, "notify::selected", G_CALLBACK (selected_cb), item, 0);
}

static void
unbind_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item, AdwComboRow *methods)
{
  g_signal_handlers_disconnect_by_func (methods, selected_cb, item);
}

void
few_method_list_show (AdwComboRow *methods, FewDesk *desk)
{
  g_return_if_fail (ADW_IS_COMBO_ROW (methods) && FEW_IS_DESK (desk));
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_object_set_data_full (G_OBJECT (methods), "few-desk", g_object_ref (desk), g_object_unref);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), methods, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), methods, 0);
  adw_combo_row_set_list_factory (methods, factory);
}
