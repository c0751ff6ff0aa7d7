/* SPDX-License-Identifier: MIT */
/* Runs a launch: blocks in a random order, the warps of a block in a random order each as far as
 * it gets, a warp's lanes likewise. A thread stops at a barrier until all of its block are
 * there, at a shuffle until all lanes of its mask are. */
#include "fake.h"
#include <string.h>

enum { LANES = 32, MOST_STEPS = 200000000 };
typedef enum { RUNS, AT_BARRIER, AT_SHUFFLE, DONE } State;

typedef struct
{
  guint64 *registers;
  guint pc, index;
  State state;
  /* at a shuffle */
  guint32 value, mask;
  guint source; /* lane */
} Thread;

typedef struct
{
  const Kernel *kernel;
  const guint8 *parameters;
  Size3 grid, size, at; /* of blocks, of threads, of this block */
  guint32 launch, number;
  guint n;
  Thread *threads;
  guint16 barriers, warp_syncs[1024 / LANES];
} Block;

/* ---- operands */

static guint
special (const Block *b, const Thread *t, Special which)
{
  switch (which)
    {
    case SPECIAL_TID_X:
      return t->index % b->size.x;
    case SPECIAL_TID_Y:
      return t->index / b->size.x % b->size.y;
    case SPECIAL_TID_Z:
      return t->index / b->size.x / b->size.y;
    case SPECIAL_NTID_X:
      return b->size.x;
    case SPECIAL_NTID_Y:
      return b->size.y;
    case SPECIAL_NTID_Z:
      return b->size.z;
    case SPECIAL_CTAID_X:
      return b->at.x;
    case SPECIAL_CTAID_Y:
      return b->at.y;
    case SPECIAL_CTAID_Z:
      return b->at.z;
    case SPECIAL_NCTAID_X:
      return b->grid.x;
    case SPECIAL_NCTAID_Y:
      return b->grid.y;
    case SPECIAL_NCTAID_Z:
      return b->grid.z;
    default:
      return t->index % LANES;
    }
}

static inline guint64
value_of (const Block *b, const Thread *t, const Operand *o)
{
  if (o->kind == OPERAND_REGISTER)
    return t->registers[o->index];
  return o->kind == OPERAND_CONSTANT ? o->value : special (b, t, o->index);
}

/* ---- memory */

/* memcpy of lengths that the compiler knows: of one that it does not would be a call each. */
static inline guint64
read_bytes (const void *from, guint bytes)
{
  guint64 value = 0;
  switch (bytes)
    {
    case 8:
      memcpy (&value, from, 8);
      break;
    case 4:
      memcpy (&value, from, 4);
      break;
    default:
      memcpy (&value, from, bytes);
    }
  return value;
}

static void
move_memory (Block *b, Thread *t, const Instruction *in)
{
  gboolean writes = in->op == OP_ST;
  const Operand *place = &in->operands[writes ? 0 : in->vector];
  guint64 address =
      place->value + (place->kind == OPERAND_REGISTER ? t->registers[place->index] : 0);
  if (in->space == SPACE_PARAM)
    {
      for (guint i = 0; i < in->vector; i++, address += in->bytes)
        {
          guint64 value = read_bytes (b->parameters + address, in->bytes);
          t->registers[in->operands[i].index] =
              in->type == TYPE_S ? (guint64) extend (value, in->bytes) : value;
        }
      return;
    }
  char *memory =
      in->space == SPACE_SHARED ? shared_memory () + (guint32) address : (char *) (gsize) address;
  Access access = { b->kernel->name,
                    in->text,
                    b->launch,
                    b->number,
                    (guint16) t->index,
                    b->barriers,
                    b->warp_syncs[t->index / LANES] };
  if (in->space != SPACE_SHARED)
    count_moved ((gsize) in->vector * in->bytes);
  for (guint i = 0; i < in->vector; i++, memory += in->bytes)
    {
      gboolean allowed = check_access (&access, memory, in->bytes, writes);
      guint64 value = ~0ull; /* not a number */
      if (writes)
        {
          value = value_of (b, t, &in->operands[1 + i]);
          if (allowed)
            memcpy (contents (memory), &value, in->bytes);
          continue;
        }
      if (allowed)
        value = read_bytes (contents (memory), in->bytes);
      t->registers[in->operands[i].index] =
          in->type == TYPE_S ? (guint64) extend (value, in->bytes) : value;
    }
}

/* ---- shuffles */

static void
begin_shuffle (Block *b, Thread *t, const Instruction *in)
{
  guint32 value = (guint32) value_of (b, t, &in->operands[1]);
  guint32 distance = (guint32) value_of (b, t, &in->operands[2]) & 31;
  guint32 clamp = (guint32) value_of (b, t, &in->operands[3]);
  guint32 segment = clamp >> 8 & 31;
  guint32 lane = t->index % LANES;
  guint32 most = (lane & segment) | (clamp & 31 & ~segment);
  guint32 least = lane & segment;
  guint32 source;
  gboolean inside;
  switch (in->shuffle)
    {
    case SHUFFLE_BFLY:
      source = lane ^ distance;
      inside = source <= most;
      break;
    case SHUFFLE_DOWN:
      source = lane + distance;
      inside = source <= most;
      break;
    case SHUFFLE_UP:
      source = lane - distance;
      inside = (gint32) source >= (gint32) most;
      break;
    default:
      source = least | (distance & ~segment);
      inside = source <= most;
    }
  t->value = value;
  t->source = inside ? source : lane;
  t->mask = (guint32) value_of (b, t, &in->operands[4]);
  if (in->second >= 0)
    t->registers[in->second] = inside;
  t->state = AT_SHUFFLE;
}

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
          guint64 upper = value_of (b, &lanes[i], &in->operands[4]);
          guint64 lower = value_of (b, &lanes[i], &in->operands[5]);
          guint64 right = value_of (b, &lanes[i], &in->operands[6]);
          x[group][pair + half] = widen ((guint16) (upper >> shift));
          x[group + 8][pair + half] = widen ((guint16) (lower >> shift));
          y[pair + half][group] = widen ((guint16) (right >> shift));
        }
    }
  for (guint i = 0; i < LANES; i++)
    for (guint j = 0; j < 4; j++)
      {
        guint32 bits = (guint32) value_of (b, &lanes[i], &in->operands[7 + j]);
        float before;
        memcpy (&before, &bits, 4);
        double sum = before;
        for (guint k = 0; k < 8; k++)
          sum += x[i / 4 + j / 2 * 8][k] * y[k][i % 4 * 2 + j % 2];
        float after = (float) sum;
        memcpy (&bits, &after, 4);
        lanes[i].registers[in->operands[j].index] = bits;
      }
}

/* Every lane that waits in this warp: those of one mask must wait at one place. */
static void
finish_shuffles (Block *b, guint warp)
{
  Thread *lanes = b->threads + warp * LANES;
  guint n = MIN (LANES, b->n - warp * LANES);
  const Instruction *code = (const Instruction *) (void *) b->kernel->code->data;
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
        lanes[i].registers[code[lanes[i].pc].operands[0].index] =
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

/* ---- threads */

/* What neither waits nor jumps. */
static void
execute (Block *b, Thread *t, const Instruction *in)
{
  guint64 v[4];
  guint64 *to = &t->registers[in->operands[0].index];
  switch (in->op)
    {
    case OP_LD:
    case OP_ST:
      move_memory (b, t, in);
      break;
    case OP_MOV:
      if (in->n_operands == 3) /* two halves */
        {
          *to = cut (value_of (b, t, &in->operands[1]), 2)
                | cut (value_of (b, t, &in->operands[2]), 2) << 16;
          break;
        }
      G_GNUC_FALLTHROUGH;
    case OP_CVTA:
      *to = cut (value_of (b, t, &in->operands[1]), in->type == TYPE_PRED ? 1 : in->bytes);
      break;
    case OP_CVT:
      *to = convert (in, value_of (b, t, &in->operands[1]));
      break;
    case OP_SETP:
      *to = compare (in, value_of (b, t, &in->operands[1]), value_of (b, t, &in->operands[2]));
      break;
    case OP_SELP:
      *to = value_of (b, t, &in->operands[value_of (b, t, &in->operands[3]) & 1 ? 1 : 2]);
      break;
    default:
      for (guint i = 1; i <= G_N_ELEMENTS (v); i++)
        v[i - 1] = i < in->n_operands ? value_of (b, t, &in->operands[i]) : 0;
      if (in->op == OP_ADD && in->type != TYPE_F) /* half of all that is computed */
        *to = in->bytes == 8 ? v[0] + v[1] : (guint32) (v[0] + v[1]);
      else
        *to = computed (in, v);
    }
}

static void
run_thread (Block *b, Thread *t)
{
  const Instruction *code = (const Instruction *) (void *) b->kernel->code->data;
  for (guint steps = 0; t->state == RUNS; steps++)
    {
      if (t->pc >= b->kernel->code->len)
        {
          t->state = DONE;
          return;
        }
      if (steps == MOST_STEPS)
        g_error ("fakecuda: %s does not end", b->kernel->name);
      const Instruction *in = &code[t->pc];
      if (in->guard >= 0 && (t->registers[in->guard] & 1) == (guint64) in->negated_guard)
        {
          t->pc++;
          continue;
        }
      switch (in->op)
        {
        case OP_BRA:
          t->pc = in->target;
          continue;
        case OP_RET:
          t->state = DONE;
          return;
        case OP_BAR:
          t->state = AT_BARRIER;
          return;
        case OP_SHFL:
          begin_shuffle (b, t, in);
          return;
        case OP_MMA:
          t->mask = 0xffffffffu;
          t->state = AT_SHUFFLE;
          return;
        default:
          execute (b, t, in);
        }
      t->pc++;
    }
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

/* Until every lane has ended or waits at the block's barrier. */
static void
run_warp (Block *b, guint warp)
{
  Thread *lanes = b->threads + warp * LANES;
  guint n = MIN (LANES, b->n - warp * LANES);
  guint order[LANES];
  for (gboolean waits = TRUE; waits;)
    {
      waits = FALSE;
      shuffle_order (order, n);
      for (guint i = 0; i < n; i++)
        if (lanes[order[i]].state == RUNS)
          run_thread (b, &lanes[order[i]]);
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

static void
run_block (Block *b, guint64 *registers)
{
  guint warps = (b->n + LANES - 1) / LANES;
  guint order[1024 / LANES];
  shared_begin_block (b->kernel->shared_bytes);
  for (guint i = 0; i < b->n; i++)
    b->threads[i] =
        (Thread) { .registers = registers + (gsize) i * b->kernel->n_registers, .index = i };
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
                  .parameters = parameters,
                  .grid = grid,
                  .size = size,
                  .launch = ++launches,
                  .n = size.x * size.y * size.z };
  block.threads = g_new (Thread, block.n);
  guint64 *registers = g_new (guint64, (gsize) block.n * MAX (kernel->n_registers, 1));
  g_autofree guint *order = g_new (guint, blocks);
  shuffle_order (order, blocks);
  for (guint i = 0; i < blocks; i++)
    {
      block.number = order[i];
      block.at =
          (Size3) { order[i] % grid.x, order[i] / grid.x % grid.y, order[i] / grid.x / grid.y };
      run_block (&block, registers);
    }
  g_free (block.threads);
  g_free (registers);
  end_launch ();
}
