/* SPDX-License-Identifier: MIT */
/* predict --format: answers for other programs. */
#pragma once
#include "cli/answers.h"
#include "cli/given.h"
#include "common/keep.h"

enum { CLI_KEPT_CLASSES = 5 }; /* of each picture, at most */

typedef struct
{
  char *format, *output, *by; /* the options */
  char **told;
  /* what they mean */
  FewKeepFormat kind;
  FewDeployment deployment; /* of all pictures that are of none of the others */
  GPtrArray *deployments;   /* FewDeployment *, of folders; NULL: there are none */
  GPtrArray *pairs;         /* char **, that their strings are of */
} CliKeep;

GOptionEntry cli_keep_format_entry (CliKeep *keep);
GOptionEntry cli_keep_output_entry (CliKeep *keep);
GOptionEntry cli_keep_deployment_entry (CliKeep *keep);
GOptionEntry cli_keep_deployments_entry (CliKeep *keep);
void cli_keep_clear (CliKeep *keep);
/* What is wrong with the options; NULL: nothing. */
const char *cli_keep_check (CliKeep *keep);
/* boxes: whose detections answers are of, NULL: none. NULL without an error: nothing is asked for.
 * *title is to stay as long: free with g_free. */
FewKeeper *cli_keep_open (const CliKeep *keep, const CliGiven *given, const FewBoxes *boxes,
                          char **title, GError **error);
/* keeper may be NULL. n: classes that the answer orders; 0: nothing was asked. */
gboolean cli_keep_add (FewKeeper *keeper, const CliAnswer *answer, guint n, GError **error);
/* Of a classifier that tells each label by itself: all labels of the answer, or none. */
gboolean cli_keep_add_labels (FewKeeper *keeper, const CliAnswer *answer, GError **error);
gboolean cli_keep_finish (FewKeeper *keeper, GError **error);
