/* SPDX-License-Identifier: MIT */
/* What is said on standard error, by how grave it is. */
#pragma once
#include <fewshot.h>

/* error: the command fails. warning: a picture or a folder is left out, the rest goes on. info:
 * what a command that goes on does, its begin and its end. debug: each request, each picture. */
typedef enum { CLI_ERROR, CLI_WARNING, CLI_INFO, CLI_DEBUG } CliLevel;

/* By name; from now on nothing beyond it is said. Before that, info. FALSE: no such level. */
gboolean cli_log_set (const char *name);
gboolean cli_logs (CliLevel level);
/* One line on standard error, whatever line ends the names in the sentence have; where that is the
 * journal, with the level as systemd-journald reads it. */
void cli_log (CliLevel level, const char *what, const char *sentence);
/* cli_log of a warning. */
void cli_complain (const char *what, const char *sentence);
