/* SPDX-License-Identifier: MIT */
/* A block of threads: what block.c, which says whose turn it is, and thread.c share. */
#pragma once
#include "fake.h"

enum { LANES = 32 };
/* GOES: its turn has come, which ends in another state. */
typedef enum { RUNS, GOES, AT_BARRIER, AT_SHUFFLE, DONE } State;

typedef struct
{
  guint64 *registers; /* of its warp, and where its own begin */
  guint pc, index;
  Size3 at; /* in its block */
  State state;
  /* at a shuffle */
  guint32 value, mask;
  guint source; /* lane */
} Thread;

typedef struct
{
  const Kernel *kernel;
  const Instruction *code;
  const guint64 *constants; /* each for all the lanes of a warp */
  const guint8 *parameters;
  Size3 grid, size, at; /* of blocks, of threads, of this block */
  guint32 launch, number;
  guint n;
  Thread *threads;
  guint16 barriers, warp_syncs[1024 / LANES];
} Block;

/* Lanes of one warp, in an order. */
typedef struct
{
  Thread *first; /* of the warp */
  guint n;
  guint8 lanes[LANES];
} Group;

/* From one place on until each of them has ended or waits for others; none is left in `g`. */
void run_group (Block *b, Group *g, guint pc);

/* A register of all the lanes of a warp lies together. */
static inline guint64 *
register_of (const Thread *t, Operand operand)
{
  return t->registers + (gsize) operand * LANES;
}

static inline const guint64 *
values_of (const Block *b, const Thread *t, Operand operand)
{
  return operand >= 0 ? register_of (t, operand) : b->constants + (gsize) ~operand * LANES;
}

static inline guint64
value_of (const Block *b, const Thread *t, Operand operand)
{
  return *values_of (b, t, operand);
}
