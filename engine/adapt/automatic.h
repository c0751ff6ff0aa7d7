/* SPDX-License-Identifier: MIT */
/* Inside FewAutomatic: the result of a fit and what was learned from. */
#pragma once
#include "adapt/methods/automatic.h"
#include <fewshot/automatic.h>

struct FewAutomatic
{
  int references; /* atomic */
  FewAutoFit *fit;
  FewAutomaticInfo info;
  guint32 *pictures, *labels;
  /* [n_told] of the told pictures, ascending */
  guint n_told;
  double *distances, *doubts; /* Mahalanobis distances; 1 − largest probability */
  double *strangeness;
};

/* x [D] = feature / |feature|; zeroes stay */
void few_automatic_unit (const float *feature, guint d, double *x);
/* Two doubles, for qsort. */
int few_automatic_compare (gconstpointer a, gconstpointer b);
/* Sorts what the told pictures say (automatic-trust.c). */
void few_automatic_collect (FewAutomatic *automatic);
