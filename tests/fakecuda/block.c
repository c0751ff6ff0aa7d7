/* SPDX-License-Identifier: MIT */
/* Runs a launch: blocks in a random order, the warps of a block in a random order each as far as
 * it gets, a warp's lanes likewise (thread.c), most of the time a step at a time. A thread stops at
 * a barrier until all of its block are there, at a shuffle until all lanes of its mask are. */
#include "block.h"
#include <string.h>

/* ---- shuffles */

/* A whole warp at one place: nearly always. */
static gboolean
lanes_are_together (const Thread *lanes, guint n)
{
  gboolean together = n == LANES;
  for (guint i = 0; i < n && together; i++)
    together =
        lanes[i].state == AT_SHUFFLE && lanes[i].mask == 0xffffffffu && lanes[i].pc == lanes[0].pc;
  return together;
}

/* c [16, 8] += a [16, 8] · b [8, 8], as the header of kernels-attention.cu says who holds what: a
 * whole warp's, or nobody's. */
static void
multiply_tiles (const Block *b, Thread *lanes, const Instruction *in)
{
  float (*widen) (guint16) = in->brain ? brain_to_float : half_to_float;
  double x[16][8];
  double y[8][8];
  for (guint i = 0; i < LANES; i++)
    {
      guint group = i / 4;
      guint pair = i % 4 * 2;
      for (guint half = 0; half < 2; half++)
        {
          guint shift = 16 * half;
          guint64 upper = value_of (b, &lanes[i], in->operands[4]);
          guint64 lower = value_of (b, &lanes[i], in->operands[5]);
          guint64 right = value_of (b, &lanes[i], in->operands[6]);
          x[group][pair + half] = widen ((guint16) (upper >> shift));
          x[group + 8][pair + half] = widen ((guint16) (lower >> shift));
          y[pair + half][group] = widen ((guint16) (right >> shift));
        }
    }
  for (guint i = 0; i < LANES; i++)
    for (guint j = 0; j < 4; j++)
      {
        guint32 bits = (guint32) value_of (b, &lanes[i], in->operands[7 + j]);
        float before;
        memcpy (&before, &bits, 4);
        double sum = before;
        for (guint k = 0; k < 8; k++)
          sum += x[i / 4 + j / 2 * 8][k] * y[k][i % 4 * 2 + j % 2];
        float after = (float) sum;
        memcpy (&bits, &after, 4);
        *register_of (&lanes[i], in->operands[j]) = bits;
      }
}

/* Every lane that waits in this warp: those of one mask must wait at one place. */
static void
finish_shuffles (Block *b, guint warp)
{
  Thread *lanes = b->threads + warp * LANES;
  guint n = MIN (LANES, b->n - warp * LANES);
  const Instruction *code = b->code;
  gboolean together = lanes_are_together (lanes, n);
  gboolean whole = TRUE;
  for (guint i = 0; i < n && !together; i++)
    {
      Thread *t = &lanes[i];
      if (t->state != AT_SHUFFLE)
        continue;
      gboolean fits = t->mask >> i & 1;
      for (guint j = 0; j < LANES && fits; j++)
        if (t->mask >> j & 1)
          fits = j < n && lanes[j].state == AT_SHUFFLE && lanes[j].pc == t->pc
                 && lanes[j].mask == t->mask;
      if (!fits)
        report ("warp-divergence", "%s: %s: a lane of the mask is not there (block %u)",
                b->kernel->name, code[t->pc].text, b->number);
      whole &= t->mask == 0xffffffffu;
    }
  if (together && code[lanes[0].pc].op == OP_MMA)
    multiply_tiles (b, lanes, &code[lanes[0].pc]);
  for (guint i = 0; i < n; i++)
    if (lanes[i].state == AT_SHUFFLE && code[lanes[i].pc].op == OP_SHFL)
      {
        const Thread *source = &lanes[lanes[i].source];
        gboolean there =
            lanes[i].source < n && source->state == AT_SHUFFLE && source->pc == lanes[i].pc;
        *register_of (&lanes[i], code[lanes[i].pc].operands[0]) =
            there ? source->value : 0xffffffffu;
      }
  for (guint i = 0; i < n; i++)
    if (lanes[i].state == AT_SHUFFLE)
      {
        lanes[i].state = RUNS;
        lanes[i].pc++;
      }
  if (whole)
    b->warp_syncs[warp]++;
}

static void
shuffle_order (guint *order, guint n)
{
  for (guint i = 0; i < n; i++)
    order[i] = i;
  for (guint i = n; i > 1; i--)
    {
      guint j = random_below (i);
      guint swap = order[i - 1];
      order[i - 1] = order[j];
      order[j] = swap;
    }
}

/* The lanes that can go on, in a random order; those at one place together, a step at a time, or,
 * now and then, one after the other. */
static void
run_lanes (Block *b, Thread *lanes, guint n)
{
  enum { TOGETHER = 32 };
  guint order[LANES];
  gboolean alone = random_below (TOGETHER) == 0;
  shuffle_order (order, n);
  for (guint i = 0; i < n; i++)
    {
      if (lanes[order[i]].state != RUNS)
        continue;
      Group group = { .first = lanes };
      guint pc = lanes[order[i]].pc;
      for (guint j = i; j < n; j++)
        {
          Thread *t = &lanes[order[j]];
          if (t->state != RUNS || t->pc != pc || (alone && j > i))
            continue;
          t->state = GOES;
          group.lanes[group.n++] = (guint8) order[j];
        }
      run_group (b, &group, pc);
    }
}

/* Until every lane has ended or waits at the block's barrier. */
static void
run_warp (Block *b, guint warp)
{
  Thread *lanes = b->threads + warp * LANES;
  guint n = MIN (LANES, b->n - warp * LANES);
  for (gboolean waits = TRUE; waits;)
    {
      waits = FALSE;
      run_lanes (b, lanes, n);
      for (guint i = 0; i < n; i++)
        waits |= lanes[i].state == AT_SHUFFLE;
      if (waits)
        finish_shuffles (b, warp);
    }
}

/* FALSE when all threads have ended. */
static gboolean
pass_barrier (Block *b)
{
  guint waiting = 0;
  guint pc = 0;
  gboolean apart = FALSE;
  for (guint i = 0; i < b->n; i++)
    if (b->threads[i].state == AT_BARRIER)
      {
        apart |= waiting > 0 && b->threads[i].pc != pc;
        pc = b->threads[i].pc;
        waiting++;
      }
  if (waiting == 0)
    return FALSE;
  if (waiting < b->n)
    report ("barrier", "%s: %u of %u threads have ended before the barrier (block %u)",
            b->kernel->name, b->n - waiting, b->n, b->number);
  if (apart)
    report ("barrier", "%s: threads wait at different barriers (block %u)", b->kernel->name,
            b->number);
  for (guint i = 0; i < b->n; i++)
    if (b->threads[i].state == AT_BARRIER)
      {
        b->threads[i].state = RUNS;
        b->threads[i].pc++;
      }
  b->barriers++;
  return TRUE;
}

/* What each thread is in every block. */
static void
place_threads (Block *b, guint64 *registers)
{
  for (guint i = 0; i < b->n; i++)
    b->threads[i] = (Thread) {
      .registers = registers + (gsize) (i / LANES) * LANES * b->kernel->n_registers + i % LANES,
      .index = i,
      .at = { i % b->size.x, i / b->size.x % b->size.y, i / b->size.x / b->size.y },
    };
}

static void
run_block (Block *b)
{
  guint warps = (b->n + LANES - 1) / LANES;
  guint order[1024 / LANES];
  shared_begin_block (b->kernel->shared_bytes);
  for (guint i = 0; i < b->n; i++)
    {
      b->threads[i].pc = 0;
      b->threads[i].state = RUNS;
    }
  for (guint i = 0; i < warps; i++)
    b->warp_syncs[i]++;
  b->barriers++;
  do
    {
      shuffle_order (order, warps);
      for (guint i = 0; i < warps; i++)
        run_warp (b, order[i]);
  } while (pass_barrier (b));
}

void
launch_run (const Kernel *kernel, Size3 grid, Size3 size, const guint8 *parameters)
{
  static guint32 launches;
  guint blocks = grid.x * grid.y * grid.z;
  Block block = { .kernel = kernel,
                  .code = (const Instruction *) (gpointer) kernel->code->data,
                  .constants = (const guint64 *) (gpointer) kernel->constants->data,
                  .parameters = parameters,
                  .grid = grid,
                  .size = size,
                  .launch = ++launches,
                  .n = size.x * size.y * size.z };
  gsize lanes = (block.n + LANES - 1) / LANES * LANES;
  g_autofree guint64 *registers = g_new (guint64, lanes * (kernel->n_registers + 1));
  g_autofree Thread *threads = g_new (Thread, block.n);
  g_autofree guint *order = g_new (guint, blocks);
  block.threads = threads;
  place_threads (&block, registers);
  shuffle_order (order, blocks);
  for (guint i = 0; i < blocks; i++)
    {
      block.number = order[i];
      block.at =
          (Size3) { order[i] % grid.x, order[i] / grid.x % grid.y, order[i] / grid.x / grid.y };
      run_block (&block);
    }
  end_launch ();
}
