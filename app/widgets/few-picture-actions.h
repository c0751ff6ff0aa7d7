/* SPDX-License-Identifier: MIT */
/* What a person can do with the examples that are chosen on the page in view: move, leave out,
 * remove, open, copy, find on disk. The UI thread only. */
#pragma once
#include "widgets/few-page.h"

G_BEGIN_DECLS
/* The page in view; NULL: none. */
typedef FewPage *(*FewVisiblePageFunc) (GtkWindow *window);

/* Moves pictures (FewPicture), or gives them one label more where they may have several, and says
 * so, with a way back. */
void few_picture_actions_move (GtkWindow *window, FewSession *session, GPtrArray *pictures,
                               FewClass *klass);
/* The same; but of several labels takes this one away where all have it. */
void few_picture_actions_toggle (GtkWindow *window, FewSession *session, GPtrArray *pictures,
                                 FewClass *klass);

/* "remove", "exclude", "reassign (i)" (a class, counted from 1), "move-to", "view-picture",
 * "open-pictures", "copy-pictures", "show-in-files". */
void few_picture_actions_install (GActionMap *window, FewSession *session,
                                  FewVisiblePageFunc get_page);
G_END_DECLS
