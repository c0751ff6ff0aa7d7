/* SPDX-License-Identifier: MIT */
/* FewComparison for the files that it is made of: few-comparison.c runs and finds,
 * few-comparison-wanted.c is what a person wants. */
#pragma once
#include "session/few-comparison.h"
#include "session/few-entrants.h"
#include "session/few-shots.h"

enum { MAX_SHOTS = FEW_RESULTS_MOST_SHOTS, MAX_SEEDS = FEW_RESULTS_MOST_SEEDS };

struct _FewComparison
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  FewChanges *changes;
  FewEntrants *methods;
  FewMeasure measure; /* of pictures with any number of labels */
  char *shots_text;
  guint wanted_shots[MAX_SHOTS];
  guint n_wanted_shots;
  guint seeds;
  /* the run in view */
  gboolean running;
  gboolean preparing; /* files are looked at before it begins */
  GPtrArray *specifications; /* of the job, NULL-terminated; borrowed from methods */
  GArray *rows; /* guint: which method each is */
  gboolean taking; /* what comes is of the results in view */
  guint64 seed_numbers[MAX_SEEDS]; /* from 1 on */
  FewResults *results;
  FewProjectComparison *aside; /* of another model, or kind of labels: not in view; NULL: none */
  guint done, total; /* steps of the method that runs */
};
