/* SPDX-License-Identifier: MIT */
/* Pictures that nobody has labelled, with their features. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  guint n, refused;
  char **paths;    /* [n], NULL-terminated */
  float *features; /* [n, D] */
} CliPictures;

/* Those of files and folders, and of what is below these; refused ones are left out, each told on
 * standard error. An error where there are none. Clear in any case. */
gboolean cli_pictures_load (Cli *cli, FewModel *model, const char *const *arguments,
                            CliPictures *pictures, GError **error);
void cli_pictures_clear (CliPictures *pictures);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliPictures, cli_pictures_clear)
