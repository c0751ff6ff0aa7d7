/* SPDX-License-Identifier: MIT */
/* Products of bytes: weights rounded once, a scale a column, rows of the other side as they are. */
#pragma once
#include "backend/cpu/matmul.h"

/* Whether sums of so many products of bytes fit into 32 bits. */
gboolean few_cpu_fits_quads (guint k);
/* weights_host [N, K]; K as few_cpu_fits_quads says */
FewMatrix *few_cpu_quads_new (FewBackend *backend, guint n, guint k, const float *weights_host,
                              GError **error);
/* Weight i of column `column`, as its byte says. */
float few_cpu_quads_at (const FewMatrix *matrix, guint columns, guint column, guint i);
/* x [m, k] in bytes, in the stream's `packed` until its next use, with what an epilogue has to know
 * of its rows; NULL where there is no room */
const float *few_cpu_to_quads (FewStream *stream, guint m, guint k, const float *x, gsize ldx,
                               gsize *ld_quads, FewEpilogue *epilogue);
