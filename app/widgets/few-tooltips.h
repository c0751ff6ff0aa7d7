/* SPDX-License-Identifier: MIT */
/* Tooltips of a window rest while another window or a menu is over it, which they would cover. UI
 * thread. */
#pragma once
#include <gtk/gtk.h>

/* Of all windows of the program, from now on. */
void few_tooltips_watch_windows (void);
/* Something else comes over a window, and goes. */
void few_tooltips_rest (GtkWindow *window);
void few_tooltips_return (GtkWindow *window);
