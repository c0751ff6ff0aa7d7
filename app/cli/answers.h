/* SPDX-License-Identifier: MIT */
/* What predict says of each picture: lines, JSON, lines of JSON, CSV, one picture after the
 * other. */
#pragma once
#include "cli/cli.h"

typedef struct
{
  const char *path;
  const GError *error;         /* it could not be read; nothing below then */
  const float *cosines, *probabilities; /* [K] */
  const guint *order;          /* [top], the nearest class first */
  gboolean refused;            /* likely none of the classes */
  /* [n_set] what it may well be, the likeliest first; of a classifier that tells each label by
   * itself, the picture's labels */
  const guint32 *set;
  guint n_set;
  const double *box;           /* [4] which part of it, in shares of its sides; NULL: the whole */
  const FewBoxFound *found;    /* the detection; NULL: it is none */
} CliAnswer;

typedef struct
{
  const FewClassifierInfo *info;
  double alpha;
  guint top;                   /* classes told a picture, 1 … K */
  gboolean top_given;
  gboolean rejects;            /* some are refused */
  const FewModelInfo *alone; /* a model that has a probability of each class alone; NULL: none */
  gboolean sets; /* answer sets are told */
  gboolean boxes; /* parts of pictures are */
  gboolean json, json_lines; /* in the place of lines */
  const char *csv; /* and this file; NULL: none */
} CliAnswerOptions;

/* Of the part that it is of, or of the picture; free with g_free. */
char *cli_answer_address (const CliAnswer *answer);
/* One answer as a JSON object on a line; free with g_free. */
char *cli_answer_to_json (const CliAnswerOptions *options, const CliAnswer *answer);

typedef struct CliAnswers CliAnswers;
/* NULL when the file cannot be written. What the options point to is to stay. */
CliAnswers *cli_answers_new (const CliAnswerOptions *options, GError **error);
gboolean cli_answers_add (CliAnswers *answers, const CliAnswer *answer, GError **error);
/* Last. With JSON, `counts` (name, number; a NULL name ends them) stand beside the predictions. */
typedef struct
{
  const char *name;
  guint64 n;
} CliAnswerCount;
gboolean cli_answers_finish (CliAnswers *answers, const CliAnswerCount *counts, GError **error);
/* Without cli_answers_finish, there is no file and no JSON object. */
void cli_answers_free (CliAnswers *answers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliAnswers, cli_answers_free)
