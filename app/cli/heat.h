/* SPDX-License-Identifier: MIT */
/* Heat maps of the pictures that predict looks at: --heat and what goes with it. */
#pragma once
#include "cli/cli.h"

/* The options, as they were given. */
typedef struct
{
  char *folder, *class_name, *view, *by;
} CliHeatOptions;

typedef enum { CLI_HEAT_ADAPTED, CLI_HEAT_CLIP, CLI_HEAT_DIFFERENCE } CliHeatView;

typedef struct
{
  const char *folder;
  int class_index; /* −1: the one that is recognised */
  CliHeatView view;
  FewHeatMethod method;
} CliHeat;

void cli_heat_options_clear (CliHeatOptions *options);
/* What they mean. FALSE: a sentence is on standard error, it was wrong usage. */
gboolean cli_heat_read (const CliHeatOptions *options, const FewClassifierInfo *info,
                        CliHeat *heat);
/* Draws one picture's map, of class `best` where none was named, into the folder. */
gboolean cli_heat_draw (const CliHeat *heat, Cli *cli, FewModel *model,
                        const FewClassifier *classifier, double alpha, const char *path, guint best,
                        GError **error);
