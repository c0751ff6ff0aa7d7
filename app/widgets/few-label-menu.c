/* SPDX-License-Identifier: MIT */
/* An action a label, whose state is the mark: "labels.3" is the third class. */
#include "widgets/few-label-menu.h"
#include "base/few-menu-label.h"
#include <glib/gi18n.h>

/* What the actions of one menu are about. */
typedef struct
{
  GtkWidget *widget; /* borrowed: it has the actions */
  GListModel *classes;
  FewClassPickedFunc toggled;
  GObject *user; /* borrowed */
} Labels;

static void
labels_clear (gpointer data)
{
  g_object_unref (((Labels *) data)->classes);
}

static void
labels_unref (gpointer labels, GClosure *closure G_GNUC_UNUSED)
{
  g_rc_box_release_full (labels, labels_clear);
}

gboolean
few_label_menu_all_have (GPtrArray *pictures, FewClass *klass)
{
  g_return_val_if_fail (pictures && FEW_IS_CLASS (klass), FALSE);
  gboolean all = pictures->len > 0;
  for (guint i = 0; all && i < pictures->len; i++)
    all = few_picture_has_class (pictures->pdata[i], klass);
  return all;
}

static void
toggle_cb (GSimpleAction *action, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  const Labels *labels = data;
  guint64 number = g_ascii_strtoull (g_action_get_name (G_ACTION (action)), NULL, 10);
  g_autoptr (FewClass) klass = g_list_model_get_item (labels->classes, (guint) number - 1);
  if (klass)
    labels->toggled (klass, labels->user);
}

static void
pick_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  const Labels *labels = data;
  few_class_picker_ask (GTK_WINDOW (gtk_widget_get_root (labels->widget)),
                        _ ("Give or Take a Label"), labels->classes, labels->toggled, labels->user);
}

/* Takes over the action; `handler` gets the labels. */
static void
add_action (GSimpleActionGroup *group, GSimpleAction *action, GCallback handler, Labels *labels)
{
  g_signal_connect_data (action, "activate", handler, g_rc_box_acquire (labels), labels_unref, 0);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
  g_object_unref (action);
}

static void
add_label (GMenu *menu, GSimpleActionGroup *group, guint i, GPtrArray *pictures, Labels *labels)
{
  g_autoptr (FewClass) klass = g_list_model_get_item (labels->classes, i);
  g_autofree char *name = g_strdup_printf ("%u", i + 1);
  g_autofree char *detailed = g_strdup_printf ("labels.%u", i + 1);
  g_autoptr (GMenuItem) item = g_menu_item_new (NULL, detailed);
  gboolean all = few_label_menu_all_have (pictures, klass);
  g_autofree char *label = few_menu_label (few_class_get_name (klass));
  g_menu_item_set_label (item, label);
  g_menu_append_item (menu, item);
  add_action (group, g_simple_action_new_stateful (name, NULL, g_variant_new_boolean (all)),
              G_CALLBACK (toggle_cb), labels);
}

GMenuModel *
few_label_menu_create (GtkWidget *widget, GListModel *classes, GPtrArray *pictures,
                       FewClassPickedFunc toggled, GObject *user)
{
  g_return_val_if_fail (GTK_IS_WIDGET (widget) && G_IS_LIST_MODEL (classes), NULL);
  g_return_val_if_fail (pictures && toggled && G_IS_OBJECT (user), NULL);
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  guint n = g_list_model_get_n_items (classes);
  GMenu *menu = g_menu_new ();
  Labels *labels = g_rc_box_new (Labels);
  *labels = (Labels) {
    .widget = widget, .classes = g_object_ref (classes), .toggled = toggled, .user = user
  };
  for (guint i = 0; n <= FEW_LABEL_MENU_MOST && i < n; i++)
    add_label (menu, group, i, pictures, labels);
  g_menu_append (menu, _ ("_Give or Take a Label…"), "labels.pick");
  add_action (group, g_simple_action_new ("pick", NULL), G_CALLBACK (pick_cb), labels);
  gtk_widget_insert_action_group (widget, "labels", G_ACTION_GROUP (group));
  labels_unref (labels, NULL);
  return G_MENU_MODEL (menu);
}
