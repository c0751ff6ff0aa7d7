/* SPDX-License-Identifier: MIT */
/* Every op of the table, to be run on any backend with the same random input. */
#pragma once
#include "backend/op-run.h"

typedef struct
{
  const char *name;
  void (*run) (FewOpRun *run);
  /* products a result sums, of inputs that a reduced precision rounds; 0 when it rounds none */
  guint summed;
} FewOpCheck;

/* op-runs-repeat.c */
void few_op_run_repeat (FewOpRun *run);

extern const FewOpCheck few_op_checks[];
extern const guint few_n_op_checks;
