/* SPDX-License-Identifier: MIT */
/* The chosen picture with where the model looks over it, and what that is a map of. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_LOOK_PANE (few_look_pane_get_type ())
G_DECLARE_FINAL_TYPE (FewLookPane, few_look_pane, FEW, LOOK_PANE, GtkWidget)

GtkWidget *few_look_pane_new (void);
/* Once. */
void few_look_pane_set_session (FewLookPane *self, FewSession *session);
/* NULL: none, and nothing is computed. */
void few_look_pane_set_picture (FewLookPane *self, FewPicture *picture);
/* The controls below the picture, or beside it. */
void few_look_pane_set_narrow (FewLookPane *self, gboolean narrow);
G_END_DECLS
