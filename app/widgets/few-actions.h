/* SPDX-License-Identifier: MIT */
/* A group of a window's actions: what a room can do, installed with what it needs. The actions own
 * their group, so that it lives as long as they do. The UI thread only. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_ACTIONS (few_actions_get_type ())
G_DECLARE_DERIVABLE_TYPE (FewActions, few_actions, FEW, ACTIONS, GObject)

struct _FewActionsClass
{
  GObjectClass parent_class;
};

/* A key, or two, and the action with its target in GAction's detailed form. */
typedef struct
{
  const char *action, *keys[3];
} FewKeys;

/* type: FEW_TYPE_ACTIONS or one derived from it. `window` is a GtkWindow that is an action map; the
 * session may be NULL. Give the group away by few_actions_add. */
gpointer few_actions_new (GType type, GActionMap *window, FewSession *session);
/* NULL once the window is gone. */
GtkWindow *few_actions_get_window (FewActions *self);
FewSession *few_actions_get_session (FewActions *self);

/* Takes over the caller's reference of the group: the actions keep it. Handlers get the group, and
 * are not called while the session waits for a project: once it is there. */
void few_actions_add (FewActions *self, const GActionEntry *entries, guint n);
/* Keys that work whatever has the focus, in all windows. */
void few_actions_set_accels (const FewKeys *keys, guint n);
/* Bare keys: only what the widget with the focus leaves of them, as an entry that takes its
 * letters. */
void few_actions_set_bindings (FewActions *self, const FewKeys *keys, guint n);

/* All of a window that closes. Actions keep the session, and GTK's tooltip, which outlives the
 * window, would keep the actions. */
void few_actions_remove (GActionMap *window);
/* Calls `changed` now and whenever the session's state changes, to enable what can be done. */
void few_actions_watch (FewActions *self, void (*changed) (FewActions *self));
void few_actions_enable (FewActions *self, const char *name, gboolean enabled);
/* Another action of the window, with a floating target or NULL. */
void few_actions_activate (FewActions *self, const char *name, GVariant *target);
void few_actions_say (FewActions *self, const char *text);
/* With a button that takes back the session's last step, as long as it is the last. */
void few_actions_say_undoable (FewActions *self, const char *text);
/* With a button that shows the file, or folder, in a file manager. */
void few_actions_say_of_file (FewActions *self, const char *text, const char *path);
/* With a button for something else; `undo`: a detailed action. */
void few_actions_say_with_undo (FewActions *self, const char *text, const char *undo);
G_END_DECLS
