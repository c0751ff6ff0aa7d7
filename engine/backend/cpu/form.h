/* SPDX-License-Identifier: MIT */
/* What the two sides of a product are made of. */
#pragma once
#include "backend/cpu/kernel-table.h"

/* What is in the place of one f32: itself, a pair of neighbours along K in bfloat16, four of them
 * in bytes. */
typedef enum { FEW_FORM_FLOATS, FEW_FORM_PAIRS, FEW_FORM_QUADS } FewForm;

/* how many of these K are, zeros that follow it among them */
static inline guint
few_form_units (FewForm form, guint k)
{
  if (form == FEW_FORM_FLOATS)
    return k;
  guint values = FEW_UNITS_AT_ONCE * (form == FEW_FORM_QUADS ? 4 : 2);
  return (k + values - 1) / values * FEW_UNITS_AT_ONCE;
}
