/* SPDX-License-Identifier: MIT */
/* What a classifier says of one feature: classes in order, refusals, answer sets. */
#pragma once
#include "cli/answers.h"

typedef struct
{
  const FewClassifier *classifier;
  double alpha;
  guint top;              /* classes told, 1 … K */
  gboolean sets, refuses; /* what is told */
  FewRefusal refusal;
  /* inside: room */
  guint *order;                   /* [top] */
  guint32 *set;                   /* [K] */
  float *cosines, *probabilities; /* [K] */
} CliJudge;

/* The members above the room are set. */
void cli_judge_begin (CliJudge *judge);
void cli_judge_clear (CliJudge *judge);
/* All of the answer but its path. It points into the judge, until the next. */
void cli_judge (CliJudge *judge, const float *feature, CliAnswer *answer);
/* The labels that an answer's probabilities come to, where pictures have any number. */
void cli_judge_labels (CliJudge *judge, CliAnswer *answer);
