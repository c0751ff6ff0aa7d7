/* SPDX-License-Identifier: MIT */
/* A DATA folder with its features. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  guint n, n_classes, refused, cached;
  float *features; /* [n, D] */
  guint32 *labels;
  guint8 *roles;
  char **classes; /* [n_classes], NULL-terminated */
  char **paths;   /* [n], NULL-terminated */
} CliData;

/* Encodes a data set; refused pictures are left out. Roles stay as they are. */
gboolean cli_data_encode (Cli *cli, FewModel *model, const FewDataset *set, CliData *data,
                          GError **error);
/* Scans, encodes and splits. shots and seed as few_split; a folder with train/ and test/ keeps
 * its own test pictures. */
gboolean cli_data_load (Cli *cli, FewModel *model, const char *folder, guint shots, guint64 seed,
                        CliData *data, GError **error);
void cli_data_clear (CliData *data);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliData, cli_data_clear)
