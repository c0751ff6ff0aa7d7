/* SPDX-License-Identifier: MIT */
/* Spin buttons on a page that scrolls. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

/* The wheel over the spin buttons below `root` scrolls what is around them: their values change by
 * their buttons, keys and typing alone. */
void few_spin_ignore_wheel (GtkWidget *root);
