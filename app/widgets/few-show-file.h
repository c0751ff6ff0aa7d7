/* SPDX-License-Identifier: MIT */
/* Files shown by other programs: opened, or marked in a file manager. The UI thread only. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* By the program that opens its kind; what goes wrong is a toast of the window. */
void few_show_file_open (GtkWindow *window, const char *path);
/* In its folder, marked; where no file manager answers, the folder alone. */
void few_show_file_in_folder (GtkWindow *window, const char *path);
G_END_DECLS
