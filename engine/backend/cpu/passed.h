/* SPDX-License-Identifier: MIT */
/* What an op gives to the product behind it alone (FewBackendOps.pass_on): rows in the form of that
 * product's weights, made while they are in the cache, and never written as floats. */
#pragma once
#include "backend/cpu/stream.h"

/* FewBackendOps.pass_on */
void few_cpu_pass_on (FewStream *stream, const FewMatrix *reader);
/* Room for the m rows of k that an op is to write at y, where it was told to pass them on and puts
 * what can be: `piece` columns at once, whole rows for quads, an even number of them or whole rows
 * for pairs. NULL where they are to be written as floats. */
FewPassed *few_passed_begin (FewStream *stream, guint m, guint k, const float *y, guint piece);
/* Of a row the floats from column on, `width` of them: a piece, or the last ones. */
void few_passed_put (const FewStream *stream, FewPassed *passed, guint row, guint column,
                     guint width, const float *x);
/* The rows that stand for x [m, k], once; NULL where there are none in that form. */
FewPassed *few_passed_take (FewStream *stream, const float *x, guint k, FewForm form);
