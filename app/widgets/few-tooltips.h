/* SPDX-License-Identifier: MIT */
/* Tooltips of a window rest while another window is over it, which they would cover. UI thread. */
#pragma once
#include <gtk/gtk.h>

/* Of all windows of the program, from now on. */
void few_tooltips_watch_windows (void);
