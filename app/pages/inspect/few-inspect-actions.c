/* SPDX-License-Identifier: MIT */
/* What a person can do while looking: move α, choose what is shown. */
#include "pages/inspect/few-inspect-page.h"
#include "widgets/few-actions.h"
#include <glib/gi18n.h>
#include <math.h>

#define FEW_TYPE_INSPECT_ACTIONS (few_inspect_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewInspectActions, few_inspect_actions, FEW, INSPECT_ACTIONS, FewActions)

struct _FewInspectActions
{
  FewActions parent;
  FewInspectPage *page; /* weak */
  gboolean peeking;     /* Z is held down */
};

G_DEFINE_FINAL_TYPE (FewInspectActions, few_inspect_actions, FEW_TYPE_ACTIONS)

static FewSession *
get_session (gpointer self)
{
  return few_actions_get_session (self);
}

/* ---- α */

static void
change_alpha_cb (GSimpleAction *action, GVariant *value, gpointer user)
{
  FewSession *session = get_session (user);
  few_view_set_alpha (few_session_get_view (session), g_variant_get_double (value));
  g_simple_action_set_state (
      action, g_variant_new_double (few_view_get_alpha (few_session_get_view (session))));
}

static void
move_alpha_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewSession *session = get_session (user);
  few_view_set_alpha (few_session_get_view (session),
                      few_view_get_alpha (few_session_get_view (session))
                          + g_variant_get_double (parameter));
}

/* NULL before anything was trained. */
static FewSnapshot *
get_trained (FewSession *session)
{
  FewSnapshot *snapshot = few_view_get_snapshot (few_session_get_view (session));
  return snapshot && few_snapshot_info (snapshot)->trained ? snapshot : NULL;
}

static void
take_best_alpha_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewSnapshot *snapshot = get_trained (get_session (user));
  FewAlphaChoice choice;
  if (!snapshot)
    return;
  few_lens_choose_alpha (snapshot, &choice);
  few_view_set_alpha (few_session_get_view (get_session (user)), choice.best);
  if (!choice.enough)
    few_actions_say (
        user,
        _ ("Not enough validation pictures to choose α; this is the one it was trained with."));
}

static void
take_trained_alpha_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewSnapshot *snapshot = get_trained (get_session (user));
  if (snapshot)
    few_view_set_alpha (few_session_get_view (get_session (user)),
                        few_snapshot_info (snapshot)->trained_alpha);
}

static void
lens_cb (FewActions *self)
{
  GtkWindow *window = few_actions_get_window (self);
  GAction *alpha = window ? g_action_map_lookup_action (G_ACTION_MAP (window), "alpha") : NULL;
  if (alpha)
    g_simple_action_set_state (
        G_SIMPLE_ACTION (alpha),
        g_variant_new_double (few_view_get_alpha (few_session_get_view (get_session (self)))));
}

/* ---- what is shown */

static void
choose_filter_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewInspectActions *self = user;
  few_inspect_page_set_filter (self->page, (guint) g_variant_get_int32 (parameter));
}

static void
choose_view_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewInspectActions *self = user;
  few_inspect_page_set_view (self->page, (guint) g_variant_get_int32 (parameter));
}

static void
choose_map_kind_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewInspectActions *self = user;
  few_inspect_page_set_map_kind (self->page, (FewMapKind) g_variant_get_int32 (parameter));
}

static void
toggle_look_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewInspectActions *self = user;
  few_inspect_page_set_look (self->page, !few_inspect_page_get_look (self->page));
}

static void
set_match_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewInspectActions *self = user;
  few_inspect_page_set_match (self->page, g_variant_get_boolean (parameter));
}

/* A model of pictures alone has no CLIP to blend with, nor have labels that are told each by
 * itself. */
static gboolean
can_blend (gpointer self)
{
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (get_session (self)));
  return (!model || model->reads_texts)
         && few_view_has_alpha (few_session_get_view (get_session (self)));
}

static void
update_enabled (FewActions *self)
{
  static const char *const names[] = { "alpha", "alpha-by", "alpha-best", "alpha-trained" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    few_actions_enable (self, names[i], can_blend (self));
}

/* Z held down shows what CLIP alone would say. */
static gboolean
key_pressed_cb (FewInspectActions *self, guint key, guint code, GdkModifierType state)
{
  if ((key != GDK_KEY_z && key != GDK_KEY_Z) || !can_blend (self)
      || state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK))
    return GDK_EVENT_PROPAGATE;
  if (!self->peeking)
    few_view_peek_alpha (few_session_get_view (get_session (self)), 0);
  self->peeking = TRUE;
  return GDK_EVENT_STOP;
}

static void
key_released_cb (FewInspectActions *self, guint key)
{
  if (!self->peeking || (key != GDK_KEY_z && key != GDK_KEY_Z))
    return;
  few_view_peek_alpha (few_session_get_view (get_session (self)), NAN);
  self->peeking = FALSE;
}

/* ---- life */

static void
few_inspect_actions_dispose (GObject *object)
{
  g_clear_weak_pointer (&FEW_INSPECT_ACTIONS (object)->page);
  G_OBJECT_CLASS (few_inspect_actions_parent_class)->dispose (object);
}

static void
few_inspect_actions_class_init (FewInspectActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_inspect_actions_dispose;
}

static void
few_inspect_actions_init (FewInspectActions *self)
{
}

static const GActionEntry entries[] = {
  { "alpha", NULL, NULL, "0.6", change_alpha_cb },
  { "alpha-by", move_alpha_cb, "d" },
  { "alpha-best", take_best_alpha_cb },
  { "alpha-trained", take_trained_alpha_cb },
  { "filter", choose_filter_cb, "i" },
  { "view", choose_view_cb, "i" },
  { "map-kind", choose_map_kind_cb, "i" },
  { "look", toggle_look_cb },
  { "match", set_match_cb, "b" },
};

static const FewKeys accels[] = {
  { "win.filter(0)", { "<Control>1" } },      { "win.filter(1)", { "<Control>2" } },
  { "win.filter(2)", { "<Control>3" } },      { "win.filter(3)", { "<Control>4" } },
  { "win.filter(4)", { "<Control>5" } },      { "win.view(0)", { "<Control><Shift>b" } },
  { "win.view(1)", { "<Control><Shift>c" } }, { "win.view(2)", { "<Control><Shift>t" } },
  { "win.view(3)", { "<Control><Shift>p" } }, { "win.view(4)", { "<Control><Shift>y" } },
};

static const FewKeys bindings[] = {
  { "win.alpha-best", { "b" } },
  { "win.alpha-trained", { "t" } },
  { "win.alpha-by(-0.01)", { "bracketleft" } },
  { "win.alpha-by(0.01)", { "bracketright" } },
  { "win.look", { "w" } },
};

void
few_inspect_actions_install (GActionMap *window, FewSession *session, FewPage *page)
{
  g_return_if_fail (FEW_IS_INSPECT_PAGE (page));
  FewInspectActions *self = few_actions_new (FEW_TYPE_INSPECT_ACTIONS, window, session);
  FewActions *actions = FEW_ACTIONS (self);
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_set_weak_pointer (&self->page, FEW_INSPECT_PAGE (page));
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_set_bindings (actions, bindings, G_N_ELEMENTS (bindings));
  few_actions_add (actions, entries, G_N_ELEMENTS (entries));
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (keys, "key-released", G_CALLBACK (key_released_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (window), keys);
  few_actions_watch (actions, update_enabled);
  g_signal_connect_object (few_session_get_view (session), "lens", G_CALLBACK (lens_cb), self,
                           G_CONNECT_SWAPPED);
  lens_cb (actions); /* it may have moved before there was this page */
}
