/* SPDX-License-Identifier: MIT */
/* The pictures of a folder, those that are there and those that come, each once: what was answered
 * is written down and not given again after a restart, unless the file has become another. */
#pragma once
#include "cli/sources.h"

typedef struct CliWatch CliWatch;
/* `what` is what answers depend on (the classifier's file): of another, all are given again. NULL:
 * the folder is none, or somebody watches it with the same classifier (for seconds: who was killed
 * may hold it a moment longer). */
CliWatch *cli_watch_new (const char *folder, gboolean recursive, const char *what,
                         GCancellable *cancellable, GError **error);
void cli_watch_free (CliWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliWatch, cli_watch_free)
/* As cli_sources_next, but never FAILED; END: it was cancelled. */
CliSource cli_watch_next (CliWatch *watch, gboolean wait, char **path);
/* The answer for this path, which was given, is out. */
gboolean cli_watch_answered (CliWatch *watch, const char *path, GError **error);
/* What is written down so far outlasts the machine, too. */
gboolean cli_watch_done (CliWatch *watch, GError **error);
