/* SPDX-License-Identifier: MIT */
/* The window of keyboard shortcuts, made when it is first wanted: it is as large as a page. */
#pragma once
#include <gtk/gtk.h>

/* "win.show-help-overlay" of a GtkApplicationWindow, as GTK calls it, and its keys. */
void few_shortcuts_install (GActionMap *window);
