/* SPDX-License-Identifier: MIT */
/* An op of one backend, run on random input that is the same on each. */
#pragma once
#include "backend/backend.h"

/* One op on one backend: what it is given, and what it leaves. */
typedef struct
{
  FewBackend *backend;
  const FewBackendOps *ops;
  FewStream *stream;
  GRand *random; /* the same on both */
  GPtrArray *memory, *matrices;
  GArray *left; /* float */
  GError *error;
} FewOpRun;

/* n random values in −1 … 1 on the host, to be freed with g_free; on the device; a matrix of such.
 * These two are NULL after a failure. */
float *few_op_draw (FewOpRun *run, gsize n);
float *few_op_values (FewOpRun *run, gsize n);
FewMatrix *few_op_matrix (FewOpRun *run, guint n, guint k);
/* The matrix, which goes with the run; it may be NULL. */
FewMatrix *few_op_keep (FewOpRun *run, FewMatrix *matrix);
/* So many values are what the run leaves, behind those before. */
void few_op_leave (FewOpRun *run, const float *memory, gsize n);
