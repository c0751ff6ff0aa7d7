/* SPDX-License-Identifier: MIT */
/* Convolutions of 2 × 2 pixels without overlap are a matrix over squares of four. */
#pragma once
#include "backend/backend.h"

/* x [B, side, side, C] → rows [B·(side/2)², 4·C], a square of four pixels each in the order row,
 * column, channel; side is even */
void few_gather_squares (const FewBackendOps *ops, FewStream *stream, guint b, guint side, guint c,
                         const float *x, float *rows);
