/* SPDX-License-Identifier: MIT */
/* The part that all groups of actions share: their window, their session, keys and toasts. */
#include "widgets/few-actions.h"
#include "widgets/few-toasts.h"

typedef struct
{
  GtkWindow *window; /* weak: it has the actions, which have the group */
  FewSession *session;
  GQueue held; /* Held, while the session waits for a project */
} FewActionsPrivate;

/* What a person did while a project was on its way in: done once it is there. */
typedef struct
{
  GSimpleAction *action;
  GVariant *value;
  gboolean changes_state;
} Held;

G_DEFINE_TYPE_WITH_PRIVATE (FewActions, few_actions, G_TYPE_OBJECT)

static FewActionsPrivate *
get_private (FewActions *self)
{
  return few_actions_get_instance_private (self);
}

static void
held_free (gpointer data)
{
  Held *held = data;
  g_object_unref (held->action);
  g_clear_pointer (&held->value, g_variant_unref);
  g_free (held);
}

static void
few_actions_dispose (GObject *object)
{
  FewActionsPrivate *private = get_private (FEW_ACTIONS (object));
  g_queue_clear_full (&private->held, held_free);
  g_clear_weak_pointer (&private->window);
  g_clear_object (&private->session);
  G_OBJECT_CLASS (few_actions_parent_class)->dispose (object);
}

static void
few_actions_class_init (FewActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_actions_dispose;
}

static void
few_actions_init (FewActions *self)
{
}

static void
do_held (const Held *held)
{
  if (held->changes_state)
    g_action_change_state (G_ACTION (held->action), held->value);
  else
    g_action_activate (G_ACTION (held->action), held->value);
}

/* In the order in which they were asked for, of this group. One of them may close the window. */
static void
waiting_cb (FewActions *self)
{
  g_autoptr (FewActions) kept = g_object_ref (self);
  FewActionsPrivate *private = get_private (kept);
  Held *held;
  while (!(private->session && few_session_is_waiting (private->session))
         && (held = g_queue_pop_head (&private->held)) != NULL)
    {
      if (private->window)
        do_held (held);
      held_free (held);
    }
}

static void
hold (FewActions *self, GSimpleAction *action, GVariant *value, gboolean changes_state)
{
  Held *held = g_new (Held, 1);
  *held = (Held) { g_object_ref (action), value ? g_variant_ref (value) : NULL, changes_state };
  g_queue_push_tail (&get_private (self)->held, held);
}

static gboolean
has_to_wait (FewActions *self)
{
  FewSession *session = get_private (self)->session;
  return session && few_session_is_waiting (session);
}

static void
hold_activation_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  if (!has_to_wait (user))
    return;
  g_signal_stop_emission_by_name (action, "activate");
  hold (user, action, parameter, FALSE);
}

static void
hold_change_cb (GSimpleAction *action, GVariant *value, gpointer user)
{
  if (!has_to_wait (user))
    return;
  g_signal_stop_emission_by_name (action, "change-state");
  hold (user, action, value, TRUE);
}

gpointer
few_actions_new (GType type, GActionMap *window, FewSession *session)
{
  g_return_val_if_fail (g_type_is_a (type, FEW_TYPE_ACTIONS), NULL);
  g_return_val_if_fail (GTK_IS_WINDOW (window), NULL);
  g_return_val_if_fail (!session || FEW_IS_SESSION (session), NULL);
  FewActions *self = g_object_new (type, NULL);
  FewActionsPrivate *private = get_private (self);
  g_set_weak_pointer (&private->window, GTK_WINDOW (window));
  g_set_object (&private->session, session);
  if (session)
    g_signal_connect_object (session, "notify::waiting", G_CALLBACK (waiting_cb), self,
                             G_CONNECT_SWAPPED);
  return self;
}

GtkWindow *
few_actions_get_window (FewActions *self)
{
  g_return_val_if_fail (FEW_IS_ACTIONS (self), NULL);
  return get_private (self)->window;
}

FewSession *
few_actions_get_session (FewActions *self)
{
  g_return_val_if_fail (FEW_IS_ACTIONS (self), NULL);
  return get_private (self)->session;
}

/* ---- actions */

static GSimpleAction *
create_action (const GActionEntry *entry)
{
  g_autofree GVariantType *type =
      entry->parameter_type ? g_variant_type_new (entry->parameter_type) : NULL;
  if (!entry->state)
    return g_simple_action_new (entry->name, type);
  GVariant *state = g_variant_parse (NULL, entry->state, NULL, NULL, NULL);
  g_assert (state);
  return g_simple_action_new_stateful (entry->name, type, state);
}

static void
connect_handler (GSimpleAction *action, const char *signal, GCallback gate, GCallback handler,
                 FewActions *self)
{
  if (!handler)
    return;
  g_signal_connect_object (action, signal, gate, self, 0);
  g_signal_connect_data (action, signal, handler, g_object_ref (self),
                         (GClosureNotify) (void (*) (void)) g_object_unref, 0);
}

void
few_actions_add (FewActions *self, const GActionEntry *entries, guint n)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  g_return_if_fail (n > 0);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GSimpleAction) action = create_action (&entries[i]);
      connect_handler (action, "activate", G_CALLBACK (hold_activation_cb),
                       G_CALLBACK (entries[i].activate), self);
      connect_handler (action, "change-state", G_CALLBACK (hold_change_cb),
                       G_CALLBACK (entries[i].change_state), self);
      g_action_map_add_action (G_ACTION_MAP (get_private (self)->window), G_ACTION (action));
    }
  g_object_unref (self);
}

void
few_actions_remove (GActionMap *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));
  g_auto (GStrv) names = g_action_group_list_actions (G_ACTION_GROUP (window));
  for (guint i = 0; names[i]; i++)
    g_action_map_remove_action (window, names[i]);
}

void
few_actions_watch (FewActions *self, void (*changed) (FewActions *self))
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  FewSession *session = get_private (self)->session;
  g_return_if_fail (FEW_IS_SESSION (session));
  g_signal_connect_object (session, "state", G_CALLBACK (changed), self, G_CONNECT_SWAPPED);
  changed (self);
}

void
few_actions_enable (FewActions *self, const char *name, gboolean enabled)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  GtkWindow *window = get_private (self)->window;
  GAction *action = window ? g_action_map_lookup_action (G_ACTION_MAP (window), name) : NULL;
  if (action)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
few_actions_activate (FewActions *self, const char *name, GVariant *target)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  g_autoptr (GVariant) kept = target ? g_variant_ref_sink (target) : NULL;
  GtkWindow *window = get_private (self)->window;
  if (window)
    g_action_group_activate_action (G_ACTION_GROUP (window), name, kept);
}

void
few_actions_say (FewActions *self, const char *text)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  few_toasts_say (get_private (self)->window, text);
}

void
few_actions_say_undoable (FewActions *self, const char *text)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  FewActionsPrivate *private = get_private (self);
  few_toasts_say_undoable (private->window, text, few_session_get_step (private->session));
}

void
few_actions_say_with_undo (FewActions *self, const char *text, const char *undo)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  few_toasts_say_with_undo (get_private (self)->window, text, undo);
}

void
few_actions_say_of_file (FewActions *self, const char *text, const char *path)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  few_toasts_say_of_file (get_private (self)->window, text, path);
}

/* ---- keys */

void
few_actions_set_accels (const FewKeys *keys, guint n)
{
  g_return_if_fail (keys);
  GApplication *application = g_application_get_default ();
  for (guint i = 0; application && i < n; i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), keys[i].action,
                                           keys[i].keys);
}

static GtkShortcut *
create_shortcut (const char *key, const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  gboolean parsed = g_action_parse_detailed_name (detailed, &name, &target, NULL);
  g_assert (parsed);
  GtkShortcut *shortcut =
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string (key), gtk_named_action_new (name));
  gtk_shortcut_set_arguments (shortcut, target);
  return shortcut;
}

void
few_actions_set_bindings (FewActions *self, const FewKeys *keys, guint n)
{
  g_return_if_fail (FEW_IS_ACTIONS (self));
  GtkEventController *controller = gtk_shortcut_controller_new ();
  for (guint i = 0; i < n; i++)
    for (guint k = 0; keys[i].keys[k]; k++)
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                            create_shortcut (keys[i].keys[k], keys[i].action));
  gtk_widget_add_controller (GTK_WIDGET (get_private (self)->window), controller);
}
