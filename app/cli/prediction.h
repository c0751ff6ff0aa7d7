/* SPDX-License-Identifier: MIT */
/* Inside predict: what the command line says, and how far the pictures are. */
#pragma once
#include "cli/acts.h"
#include "cli/answers.h"
#include "cli/cli.h"
#include "cli/given.h"
#include "cli/heat.h"
#include "cli/judge.h"
#include "cli/keep.h"
#include "cli/parts.h"
#include "cli/refusal.h"
#include "cli/serve.h"
#include "cli/sources.h"
#include "cli/watch.h"

enum { PREDICT_BATCH = 128 }; /* encoded at once */

/* What the command line says. */
typedef struct
{
  CliGiven given;
  char *list, *csv, *sort, *tags, *shard, *reject, *watch, *serve;
  gboolean recursive, json_lines, sets, expose;
  int top;
  CliHeatOptions heat_options;
  CliKeep keep;
  CliParts parts;
  /* what that means */
  CliHeat heat;
  guint shard_index, shards;
  FewRefusal refusal; /* with `reject` */
} PredictOptions;

typedef struct
{
  Cli *cli;
  const PredictOptions *options;
  CliParts *cut; /* of the options */
  const FewClassifierInfo *info;
  CliAnswers *answers;
  CliActs acts;
  FewKeeper *keeper; /* NULL: no other program is to read it */
  char *title;       /* the keeper's */
  CliJudge judge;
  FewWatch *watch; /* NULL: the pictures are those that were named */
  CliBest best;    /* of tiles */
  gboolean unreadable; /* the picture that the last part was of: that is told */
  /* the batch */
  GPtrArray *parts; /* CliPart *, in their order */
  GPtrArray *paths; /* addresses of those that are encoded, borrowed */
  guint length;      /* of a feature */
  float *features;   /* [PREDICT_BATCH, length] */
  GError **refusals; /* [PREDICT_BATCH] */
  /* so far */
  guint64 done; /* pictures, or parts of them, that were encoded */
  guint64 pictures, refused, none_of_these, undrawn;
  GPtrArray *held;   /* char *: of a watch, pictures that the file of boxes does not know yet */
  guint64 unknown, empty; /* pictures that the file of boxes does not know, or has nothing in */
  gint64 started;
  gboolean cut_off; /* standard output failed before all pictures were looked at */
} Prediction;

/* Answers for all of them, a batch at a time. */
gboolean cli_prediction_run (Prediction *prediction, CliSources *sources, GError **error);
