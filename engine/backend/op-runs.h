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

extern const FewOpCheck few_op_checks[];
extern const guint few_n_op_checks;
