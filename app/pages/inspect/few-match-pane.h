/* SPDX-License-Identifier: MIT */
/* The chosen picture beside one that is most like it, the parts that match numbered on both. */
#pragma once
#include "session/few-matching.h"
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_MATCH_PANE (few_match_pane_get_type ())
G_DECLARE_FINAL_TYPE (FewMatchPane, few_match_pane, FEW, MATCH_PANE, GtkWidget)

GtkWidget *few_match_pane_new (void);
/* Once. */
void few_match_pane_set_session (FewMatchPane *self, FewSession *session);
/* Whether the session's model tells what of a picture is what of another. */
gboolean few_match_pane_serves (FewSession *session);
/* NULL, or another one while a run learns: none, and nothing is computed. The most alike are asked
 * for. */
void few_match_pane_set_picture (FewMatchPane *self, FewPicture *picture);
/* The words below the pictures, or beside them. */
void few_match_pane_set_narrow (FewMatchPane *self, gboolean narrow);
/* The next (1) or the one before (−1) of those that are most like it. */
void few_match_pane_step (FewMatchPane *self, int by);
/* What the marks are, in words. */
const char *few_match_pane_get_text (FewMatchPane *self);
/* Of the two, as it is shown now; NULL. */
FewPicture *few_match_pane_get_other (FewMatchPane *self);
FewMatching *few_match_pane_get_matching (FewMatchPane *self);
G_END_DECLS
