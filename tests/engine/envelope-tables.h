/* SPDX-License-Identifier: MIT */
/* Snapshots of made-up similarities. */
#pragma once
#include "lens/snapshot.h"
#include <fewshot/dataset.h>

/* f·t of a class, other = 0, or then a·t of it, other = f·t */
typedef float (*TableFill) (GRand *rand, guint class, float other);

typedef struct
{
  const char *name;
  TableFill fill;
  guint n, k;
  gboolean numbers; /* all are */
  double most;      /* contenders a picture; 0: not said */
} Tables;

enum { ENVELOPE_TABLES = 17 };
extern const Tables envelope_tables[ENVELOPE_TABLES];

float envelope_fill_random (GRand *rand, guint class, float other);
float envelope_fill_zero (GRand *rand, guint class, float other);
FewSnapshot *envelope_snapshot (const Tables *x);
