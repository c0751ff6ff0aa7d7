/* SPDX-License-Identifier: MIT */
/* Recent projects, as the desktop remembers them, and drafts whose windows were closed. The UI
 * thread only. */
#pragma once
#include <gtk/gtk.h>

void few_recent_remember (const char *path);
/* As menu items, and as rows for the welcome page, which is not seen without any. Both activate
 * win.open-path. */
void few_recent_fill (GMenu *menu, GtkListBox *box);
/* The path of the newest one that has a file, or NULL; free with g_free. */
char *few_recent_find_newest (void);
