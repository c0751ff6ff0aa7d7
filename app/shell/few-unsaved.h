/* SPDX-License-Identifier: MIT */
/* Questions about a project that could not be written. */
#pragma once
#include "document/few-document.h"
#include <gtk/gtk.h>

/* Asked of who closes a window. kept: it is in a draft that comes back at the next start. */
void few_unsaved_ask_closing (GtkWindow *window, const char *problem, gboolean kept);
/* Asked when somebody else has written the file. */
void few_unsaved_ask_conflict (GtkWindow *window, FewDocument *document, const char *path);
