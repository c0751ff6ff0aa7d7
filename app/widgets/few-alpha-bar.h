/* SPDX-License-Identifier: MIT */
/* The α slider over its curve; permanent under Train and Inspect. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_ALPHA_BAR (few_alpha_bar_get_type ())
G_DECLARE_FINAL_TYPE (FewAlphaBar, few_alpha_bar, FEW, ALPHA_BAR, GtkWidget)
void few_alpha_bar_set_session (FewAlphaBar *self, FewSession *session);
/* Moves the keyboard to the slider, so that the arrows step α. */
void few_alpha_bar_focus (FewAlphaBar *self);
G_END_DECLS
