/* SPDX-License-Identifier: MIT */
/* Pictures that nobody has labelled, with their features. */
#pragma once
#include "cli/parts.h"

typedef struct
{
  guint n, refused;
  guint unknown, empty; /* pictures that the file of boxes does not know, or has nothing in */
  char **paths;    /* [n], NULL-terminated; addresses of parts */
  float *features; /* [n, D] */
} CliPictures;

/* Those of files and folders, and of what is below these, or their parts (NULL: whole); refused
 * ones are left out, each told on standard error. An error where there are none. Clear in any
 * case. */
gboolean cli_pictures_load (Cli *cli, FewModel *model, const char *const *arguments,
                            const CliParts *parts, CliPictures *pictures, GError **error);
void cli_pictures_clear (CliPictures *pictures);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliPictures, cli_pictures_clear)
