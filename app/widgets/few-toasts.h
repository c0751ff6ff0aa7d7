/* SPDX-License-Identifier: MIT */
/* Sentences for the person, as toasts of a window, one at a time: its action "say (ss)", a text
 * and the detailed action that takes back what was just done, or "". The UI thread only. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
/* The action of a toast about a file, and of one about a step of the history. */
#define FEW_TOASTS_SHOW_FILE "win.show-file"
#define FEW_TOASTS_UNDO_STEP "win.undo-step"

/* The action "say" of a window, shown by the overlay that is its own; its state changes with
 * few_toasts_can_take_back. */
void few_toasts_install (GActionMap *window, AdwToastOverlay *toasts);
/* The session's history is at this step now: a toast that would take back another one goes. */
void few_toasts_settle (AdwToastOverlay *toasts, guint64 step);
/* What is below them takes another height: a toast in view takes the room that this leaves. */
void few_toasts_fit (AdwToastOverlay *toasts);
/* Whether the toast in view, if any, offers to take back what the history does not know, and what
 * happened last: the history is where it was. */
gboolean few_toasts_can_take_back (GtkWindow *window);
/* It is taken back, if so. */
gboolean few_toasts_take_back (GtkWindow *window);

/* By that action; nothing is said when the window is NULL or gone. */
void few_toasts_say (GtkWindow *window, const char *text);
/* With a button that shows a file, or folder, in its own: "win.show-file"; path: absolute. */
void few_toasts_say_of_file (GtkWindow *window, const char *text, const char *path);
/* With a button that takes back this step of the session's history (few_session_get_step), and no
 * other: "win.undo-step". */
void few_toasts_say_undoable (GtkWindow *window, const char *text, guint64 step);
/* That action with that step; free with g_free. */
char *few_toasts_print_undo (guint64 step);
/* With a button for what the history does not know; `undo`: a detailed action, as "win.x". */
void few_toasts_say_with_undo (GtkWindow *window, const char *text, const char *undo);
G_END_DECLS
