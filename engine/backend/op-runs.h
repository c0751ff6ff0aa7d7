/* SPDX-License-Identifier: MIT */
/* Every op of the table, to be run on any backend with the same random input. */
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

typedef struct
{
  const char *name;
  void (*run) (FewOpRun *run);
  /* products a result sums, of inputs that a reduced precision rounds; 0 when it rounds none */
  guint summed;
} FewOpCheck;

/* n random values in −1 … 1 on the device; a matrix of such; NULL after a failure */
float *few_op_values (FewOpRun *run, gsize n);
FewMatrix *few_op_matrix (FewOpRun *run, guint n, guint k);
/* So many values are what the run leaves, behind those before. */
void few_op_leave (FewOpRun *run, const float *memory, gsize n);
/* op-runs-repeat.c */
void few_op_run_repeat (FewOpRun *run);

extern const FewOpCheck few_op_checks[];
extern const guint few_n_op_checks;
