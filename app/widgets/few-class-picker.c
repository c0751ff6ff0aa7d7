/* SPDX-License-Identifier: MIT */
/* A search entry over the list of classes that match: Enter takes the chosen one. */
#include "widgets/few-class-picker.h"
#include "widgets/few-dialog.h"
#include <glib/gi18n.h>

typedef struct
{
  GtkWindow *window;
  GtkSingleSelection *matching; /* FewClass */
  FewClassPickedFunc picked;
  GObject *user;
} Picker;

static void
picker_free (gpointer data)
{
  Picker *picker = data;
  g_object_unref (picker->matching);
  g_object_unref (picker->user);
  g_free (picker);
}

static void
pick_cb (Picker *picker)
{
  FewClass *klass = gtk_single_selection_get_selected_item (picker->matching);
  if (!klass)
    return;
  picker->picked (klass, picker->user);
  gtk_window_close (picker->window);
}

static void
setup_row_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "class-row");
  gtk_list_item_set_child (item, label);
}

static void
bind_row_cb (GtkListItemFactory *factory G_GNUC_UNUSED, GtkListItem *item)
{
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)),
                      few_class_get_name (gtk_list_item_get_item (item)));
}

static GtkWidget *
create_list (Picker *picker)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row_cb), NULL);
  GtkWidget *list =
      gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (picker->matching)), factory);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (list), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Classes"), -1);
  g_signal_connect_swapped (list, "activate", G_CALLBACK (pick_cb), picker);
  return list;
}

static void
stopped_cb (Picker *picker)
{
  gtk_window_close (picker->window);
}

/* What is typed narrows the list. */
static GtkWidget *
create_search (Picker *picker, GtkStringFilter *filter)
{
  GtkWidget *search = gtk_search_entry_new ();
  g_object_set (search, "placeholder-text", _ ("Name of a class"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Name of a class"), -1);
  g_object_bind_property (search, "text", filter, "search", G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (search, "activate", G_CALLBACK (pick_cb), picker);
  g_signal_connect_swapped (search, "stop-search", G_CALLBACK (stopped_cb), picker);
  return search;
}

static GListModel *
create_matching (GListModel *classes, GtkStringFilter *filter)
{
  return G_LIST_MODEL (
      gtk_filter_list_model_new (g_object_ref (classes), GTK_FILTER (g_object_ref (filter))));
}

static GtkWidget *
create_content (Picker *picker, GtkStringFilter *filter)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *search = create_search (picker, filter);
  gtk_widget_set_margin_start (search, 12);
  gtk_widget_set_margin_end (search, 12);
  gtk_widget_set_margin_bottom (search, 6);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), create_list (picker));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), search);
  gtk_box_append (GTK_BOX (box), scroller);
  return box;
}

void
few_class_picker_ask (GtkWindow *parent, const char *title, GListModel *classes,
                      FewClassPickedFunc picked, GObject *user)
{
  g_return_if_fail (GTK_IS_WINDOW (parent));
  g_return_if_fail (title && G_IS_LIST_MODEL (classes) && picked && G_IS_OBJECT (user));
  g_autoptr (GtkStringFilter) filter =
      gtk_string_filter_new (gtk_property_expression_new (FEW_TYPE_CLASS, NULL, "name"));
  Picker *picker = g_new0 (Picker, 1);
  picker->matching = gtk_single_selection_new (create_matching (classes, filter));
  picker->picked = picked;
  picker->user = g_object_ref (user);
  picker->window = few_dialog_new (parent, title, create_content (picker, filter));
  g_object_set_data_full (G_OBJECT (picker->window), "few-picker", picker, picker_free);
  gtk_window_set_default_size (picker->window, 340, 420);
  gtk_window_set_modal (picker->window, TRUE);
  gtk_window_present (picker->window);
}
