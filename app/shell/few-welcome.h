/* SPDX-License-Identifier: MIT */
/* What a window shows while it has no classes: ways to begin, and the projects of before. The UI
 * thread only. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_WELCOME (few_welcome_get_type ())
G_DECLARE_FINAL_TYPE (FewWelcome, few_welcome, FEW, WELCOME, GtkWidget)

/* Says how far the model is, and what to drop. */
void few_welcome_update (FewWelcome *self, FewSession *session);
/* The recent projects, here and in the window's menu. */
void few_welcome_list_recent (FewWelcome *self, GMenu *menu);
G_END_DECLS
