/* SPDX-License-Identifier: MIT */
/* A watched folder as a source of pictures. */
#pragma once
#include "cli/sources.h"
#include "common/watch.h"

/* As few_watch_new; what is wrong with the folder later on is said on standard error. */
FewWatch *cli_watch_new (const char *folder, gboolean recursive, const char *what,
                         GCancellable *cancellable, GError **error);
/* As cli_sources_next, but never FAILED; END: it was cancelled. patience: µs to wait for one. */
enum { CLI_WATCH_EVER = -1 };
CliSource cli_watch_next (FewWatch *watch, gint64 patience, GCancellable *cancellable, char **path);
