/* SPDX-License-Identifier: MIT */
/* A menu of actions of the window; and rows found by their first letters. */
#include "pages/examples/few-class-menu.h"
#include "base/few-menu-label.h"
#include <glib/gi18n.h>

/* More classes than these are chosen by typing. */
enum { MOST_LISTED = 24 };

/* ---- the menu */

static GMenuModel *
create_others (GListModel *classes, FewClass *klass)
{
  GMenu *menu = g_menu_new ();
  for (guint i = 0; i < g_list_model_get_n_items (classes); i++)
    {
      g_autoptr (FewClass) other = g_list_model_get_item (classes, i);
      g_autoptr (GMenuItem) item = g_menu_item_new (NULL, NULL);
      if (other == klass)
        continue;
      g_autofree char *label = few_menu_label (few_class_get_name (other));
      g_menu_item_set_label (item, label);
      g_menu_item_set_action_and_target (item, "win.merge-class", "i", (int) i);
      g_menu_append_item (menu, item);
    }
  return G_MENU_MODEL (menu);
}

GMenuModel *
few_class_menu_create (FewExamples *examples, FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples) && FEW_IS_CLASS (klass), NULL);
  GListModel *classes = few_examples_get_classes (examples);
  guint n = g_list_model_get_n_items (classes);
  GMenu *menu = g_menu_new ();
  g_menu_append (menu, _ ("_Rename"), "win.rename-class");
  g_menu_append (menu, _ ("Edit _Prompt"), "win.edit-prompt");
  if (n > 1 && n <= MOST_LISTED)
    {
      g_autoptr (GMenuModel) others = create_others (classes, klass);
      g_menu_append_submenu (menu, _ ("_Merge Into"), others);
    }
  else if (n > 1)
    g_menu_append (menu, _ ("_Merge Into…"), "win.merge-class-into");
  g_menu_append (menu, _ ("Re_move Class"), "win.remove-class");
  return G_MENU_MODEL (menu);
}

/* ---- first letters */

typedef struct
{
  GListModel *classes;
  GString *typed;
  gint64 last; /* when the last letter came, µs */
  FewClassFunc chosen;
  gpointer user;
} Typing;

static void
typing_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Typing *typing = data;
  g_object_unref (typing->classes);
  g_string_free (typing->typed, TRUE);
  g_free (typing);
}

/* NULL: none; free with g_object_unref. */
static FewClass *
find_named (const Typing *typing)
{
  g_autofree char *wanted = g_utf8_casefold (typing->typed->str, -1);
  for (guint i = 0; i < g_list_model_get_n_items (typing->classes); i++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (typing->classes, i);
      g_autofree char *name = g_utf8_casefold (few_class_get_name (klass), -1);
      if (g_str_has_prefix (name, wanted))
        return g_steal_pointer (&klass);
    }
  return NULL;
}

/* A pause begins a new name. */
static gboolean
key_pressed_cb (GtkEventControllerKey *keys G_GNUC_UNUSED, guint key, guint code G_GNUC_UNUSED,
                GdkModifierType state, Typing *typing)
{
  enum { PAUSE = G_USEC_PER_SEC };
  gunichar letter = gdk_keyval_to_unicode (key);
  gint64 now = g_get_monotonic_time ();
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0 || !g_unichar_isalpha (letter))
    return GDK_EVENT_PROPAGATE;
  if (now - typing->last > PAUSE)
    g_string_truncate (typing->typed, 0);
  typing->last = now;
  g_string_append_unichar (typing->typed, letter);
  g_autoptr (FewClass) klass = find_named (typing);
  if (klass)
    typing->chosen (typing->user, klass);
  return GDK_EVENT_STOP;
}

void
few_class_menu_type_ahead (GtkWidget *list, GListModel *classes, FewClassFunc chosen, gpointer user)
{
  g_return_if_fail (GTK_IS_WIDGET (list) && G_IS_LIST_MODEL (classes));
  g_return_if_fail (chosen);
  GtkEventController *keys = gtk_event_controller_key_new ();
  Typing *typing = g_new0 (Typing, 1);
  typing->classes = g_object_ref (classes);
  typing->typed = g_string_new (NULL);
  typing->chosen = chosen;
  typing->user = user;
  g_signal_connect_data (keys, "key-pressed", G_CALLBACK (key_pressed_cb), typing, typing_free_cb,
                         0);
  gtk_widget_add_controller (list, keys);
}
