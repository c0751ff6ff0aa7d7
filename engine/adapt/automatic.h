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
};

/* x [D] = feature / |feature|; zeroes stay */
void few_automatic_unit (const float *feature, guint d, double *x);
/* Two doubles, for qsort. */
int few_automatic_compare (gconstpointer a, gconstpointer b);
