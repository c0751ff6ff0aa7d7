/* SPDX-License-Identifier: MIT */
/* Inside FewAutomatic: the result of a fit and what was learned from. */
#pragma once
#include "adapt/methods/automatic.h"
#include "base/memory.h"
#include <fewshot/automatic.h>

/* A labelled picture and the probability of its label; infinite where nothing tells it */
typedef struct
{
  double p;
  guint32 picture;
} FewSuspect;

struct FewAutomatic
{
  int references; /* atomic */
  FewAutoFit *fit;
  FewAutomaticInfo info;
  FewRoom room; /* of the arrays below */
  guint32 *pictures, *labels;
  /* [n_told] of the told pictures, ascending */
  guint n_told;
  double *own_doubts;   /* 1 − probability of the label */
  FewSuspect *suspects; /* [n] */
};

/* 1 / |feature|; 0 for zeroes */
double few_automatic_inverse_norm (const float *feature, guint d);
/* x [D] = feature / |feature|; zeroes stay */
void few_automatic_unit (const float *feature, guint d, double *x);
/* Two doubles, for qsort. */
int few_automatic_compare (gconstpointer a, gconstpointer b);
/* few_automatic_answer_level of logits [.., K] of the pictures rows [n], for each coverage [m]:
 * levels [m]; doubts [n] is written to. */
void few_automatic_levels_of (const double *logits, guint k, const guint32 *labels,
                              const guint32 *rows, guint n, const double *coverages, guint m,
                              double *doubts, double *levels);
/* Of a labelled picture, out of fold: row [k] of logits */
double few_automatic_own_probability (const double *row, guint k, guint32 label);
/* Sorts what the told pictures say (automatic-trust.c). FALSE: there is no memory. */
gboolean few_automatic_collect (FewAutomatic *automatic, GError **error);
