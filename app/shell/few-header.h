/* SPDX-License-Identifier: MIT */
/* The window's header where there is little room, and what it names. The UI thread only. */
#pragma once
#include "session/few-desk.h"
#include <adwaita.h>

G_BEGIN_DECLS
/* Whether the button, which the menu has, too, is shown in a window of that width: what else is in
 * the header goes first. */
void few_header_fit (GtkWidget *button, gboolean narrow);
/* Calls it, with the widget, when letters have another size or font. */
void few_header_follow_letters (GtkWidget *widget, GCallback changed);
/* The model that is open stands below the title; of the built-in one, whose name says little, a
 * tooltip of the title says what it is. */
void few_header_follow_model (AdwViewSwitcherTitle *title, FewDesk *desk);
G_END_DECLS
