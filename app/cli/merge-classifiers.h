/* SPDX-License-Identifier: MIT */
/* What merge and add are told of classifiers that become one. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  char *output, *as, *settings;
  gboolean join;
} CliJoining;

void cli_joining_clear (CliJoining *joining);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliJoining, cli_joining_clear)
GOptionEntry cli_joining_output_entry (CliJoining *joining);
GOptionEntry cli_joining_join_entry (CliJoining *joining);
GOptionEntry cli_joining_as_entry (CliJoining *joining);
GOptionEntry cli_joining_settings_entry (CliJoining *joining);

/* The classifiers at paths, NULL-terminated, into one. */
int cli_merge_classifiers (Cli *cli, const CliJoining *joining, const char *const *paths);
