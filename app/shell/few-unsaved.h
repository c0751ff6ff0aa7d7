/* SPDX-License-Identifier: MIT */
/* Questions about a project that could not be written. */
#pragma once
#include "document/few-document.h"
#include <gtk/gtk.h>

/* Asked of who closes a window. kept: it is in a draft that comes back at the next start. */
void few_unsaved_ask_closing (GtkWindow *window, const char *problem, gboolean kept);
/* Shows the document's problem as long as it has one, and asks what to do when somebody else has
 * written its file. All of these are the window's. */
void few_unsaved_watch (GtkWindow *window, FewDocument *document, GtkRevealer *revealer,
                        GtkLabel *label);
