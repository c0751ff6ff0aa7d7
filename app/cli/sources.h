/* SPDX-License-Identifier: MIT */
/* The pictures that a command is to look at, one after the other: files, folders and lists of
 * either, however many they name, in memory that does not grow with them. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  const char *const *arguments; /* NULL-terminated; "-": a list on standard input */
  const char *list;             /* a file of paths, one a line; NULL: none */
  gboolean recursive;           /* the sub-folders of folders, too */
  guint shard, shards;          /* as in FewEmbedJob, by the path below a folder, or as given */
} CliSourceOptions;

typedef enum { CLI_SOURCE_PATH, CLI_SOURCE_LATER, CLI_SOURCE_END, CLI_SOURCE_FAILED } CliSource;

typedef struct CliSources CliSources;
/* What the options point to is to stay. */
CliSources *cli_sources_new (const CliSourceOptions *options, GCancellable *cancellable);
void cli_sources_free (CliSources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliSources, cli_sources_free)
/* PATH: *path is the next one, to be freed. LATER: nothing has come on standard input yet, where
 * it is not to be waited for. FAILED: with an error, when it was cancelled or a list cannot be
 * read. Folders that cannot be listed are told on standard error and counted. */
CliSource cli_sources_next (CliSources *sources, gboolean wait, char **path, GError **error);
guint cli_sources_passed_over (const CliSources *sources);
