/* SPDX-License-Identifier: MIT */
/* What a person prefers, in GSettings. UI thread. */
#pragma once
#include <gtk/gtk.h>

/* Borrowed. Installed or not, there is a schema: a program that runs from its build folder takes
 * the one beside it. */
GSettings *few_settings (void);
/* The folder of the model that a new window opens: the preferred one while it is there, or the
 * pocket model. NULL: neither; free with g_free. */
char *few_settings_model (void);
/* Device and precision as few_worker_open_model takes them; free with g_free. */
char *few_settings_device (void);
/* Applies the style to the whole program, now and whenever it changes. */
void few_settings_apply_style (void);
/* The next window begins with the size of this one. */
void few_settings_keep_size (GtkWindow *window);
void few_settings_restore_size (GtkWindow *window);
