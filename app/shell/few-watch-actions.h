/* SPDX-License-Identifier: MIT */
/* Actions of the application for watched folders. */
#pragma once
#include "watch/few-watcher.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
/* "watch-add (ssss)": folder, classifier (empty: the last one that was exported), "list", "tags" or
 * "sort", the folder to sort into; "watch-remove (s)": a folder; "watch-pause", a state; "watch-log
 * (s)": opens the log of an id, or of the only folder for "". */
void few_watch_actions_install (GtkApplication *application, FewWatcher *watcher);
/* This window of it was to be closed and stays. */
void few_watch_actions_stay (GtkWindow *window);
G_END_DECLS
