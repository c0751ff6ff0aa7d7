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

/* The entries of --model and --alpha. */
GOptionEntry cli_given_model_entry (CliGiven *given);
GOptionEntry cli_given_alpha_entry (CliGiven *given);
/* After cli_parse. needs_rest: something must stand behind the classifier. FALSE: return *status;
 * clear in any case. */
gboolean cli_given_open (Cli *cli, const char *command, gboolean needs_rest, CliGiven *given,
                         int *status);
/* FALSE with a sentence: there is no such file; either: nor a model of that name. */
gboolean cli_given_check (const char *path, GError **error);
gboolean cli_given_check_either (const char *name, GError **error);
/* The classifier's file. */
const char *cli_given_path (const CliGiven *given);
void cli_given_clear (CliGiven *given);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliGiven, cli_given_clear)
/* A number from 0 to 1, `fallback` for NULL; FALSE when it is none. */
gboolean cli_parse_alpha (const char *text, double fallback, double *alpha);
