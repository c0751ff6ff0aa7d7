/* SPDX-License-Identifier: MIT */
/* Lists that drop down and are no wider than there is room. The UI thread only. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS
/* The choice takes further lines where it is longer than the button, up to three; the list shows
 * all of it. */
void few_drop_down_shrink (GtkDropDown *list);
/* The same where all choices are the program's words, none of which is broken. */
void few_drop_down_shrink_words (GtkDropDown *list);
/* A row of settings leaves what is chosen its room: what is said of it takes further lines. */
void few_drop_down_keep_row (AdwComboRow *row);
/* Below what it shares a box with, where that leaves no room for its words, or beside it. */
void few_drop_down_stand_below (GtkDropDown *list, gboolean below);
G_END_DECLS
