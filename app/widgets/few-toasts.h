/* SPDX-License-Identifier: MIT */
/* Sentences for the person, as toasts of a window: its action "say (sb)", a text and whether to
 * offer to undo what was just done. The UI thread only. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
/* The action "say" of a window, shown by the overlay that is its own. */
void few_toasts_install (GActionMap *window, AdwToastOverlay *toasts);

/* By that action; nothing is said when the window is NULL or gone. */
void few_toasts_say (GtkWindow *window, const char *text);
/* With a button for "win.undo". */
void few_toasts_say_undoable (GtkWindow *window, const char *text);
G_END_DECLS
