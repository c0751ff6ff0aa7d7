/* SPDX-License-Identifier: MIT */
/* What the shards of predict printed or wrote, as one file. */
#pragma once
#include "cli/cli.h"

/* Whether the file holds lines of `predict --json-lines` or a table of `predict --csv`. */
gboolean cli_lines_recognise (const char *path);
/* Joins them in the order of the pictures' paths, which is that of a folder: byte for byte what
 * one run over it gives. No path twice. Memory does not grow with the files. */
gboolean cli_lines_merge (const char *const *paths, guint n, const char *output, guint64 *pictures,
                          GError **error);
