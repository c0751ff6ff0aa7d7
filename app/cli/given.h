/* SPDX-License-Identifier: MIT */
/* A classifier and the model that it was trained on, as predict and eval are given them:
 * CLASSIFIER …, whose model is looked for; --model MODEL CLASSIFIER …; or MODEL CLASSIFIER … */
#pragma once
#include "cli/cli.h"

typedef struct
{
  char *model_name, *alpha_text; /* the options */
  char **arguments;              /* what cli_parse left */
  char **rest;                   /* those of them behind the classifier */
  FewModel *model;
  FewClassifier *classifier;
  double alpha;
} CliGiven;

#define CLI_GIVEN_ENTRIES(given)                                                                   \
  { "model", 0, 0, G_OPTION_ARG_FILENAME, &(given).model_name,                                     \
    "The model (the one on this computer that the classifier was trained on)", "MODEL" },          \
  {                                                                                                \
    "alpha", 0, 0, G_OPTION_ARG_STRING, &(given).alpha_text, "Residual ratio (the file's own)",    \
        "A"                                                                                        \
  }

/* After cli_parse. needs_rest: something must stand behind the classifier. FALSE: return *status;
 * clear in any case. */
gboolean cli_given_open (Cli *cli, const char *command, gboolean needs_rest, CliGiven *given,
                         int *status);
void cli_given_clear (CliGiven *given);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliGiven, cli_given_clear)
/* A number from 0 to 1, `fallback` for NULL; FALSE when it is none. */
gboolean cli_parse_alpha (const char *text, double fallback, double *alpha);
