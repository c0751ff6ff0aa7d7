/* SPDX-License-Identifier: MIT */
/* DATA as a command line gives it: a folder, a file of labels, or an archive of either. */
#pragma once
#include "cli/cli.h"

/* Where an archive's pictures are until cli_close_data, as a folder of any other; another path is
 * itself. Free with g_free. */
char *cli_open_folder (Cli *cli, const char *path, GError **error);
/* Once, last. */
void cli_close_data (Cli *cli);
