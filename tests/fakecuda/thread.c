/* SPDX-License-Identifier: MIT */
/* Lanes of a warp that are at one place, a step after the other, until they part or wait. Nearly
 * all the time of the tests on the fake GPU goes by here: a step is looked up once for all of them,
 * and what most steps are has the shortest way. */
#include "block.h"
#include <math.h>
#include <string.h>

/* More jumps than that are a loop without an end. */
enum { MOST_JUMPS = 20000000 };

/* ---- operands */

/* What is the same for the whole block. */
static guint
block_special (const Block *b, Special which)
{
  switch (which)
    {
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
    default:
      return b->grid.z;
    }
}

static inline float
float_of (guint64 bits)
{
  guint32 low = (guint32) bits;
  float value;
  memcpy (&value, &low, 4);
  return value;
}

static inline guint64
bits_of (float value)
{
  guint32 bits;
  memcpy (&bits, &value, 4);
  return bits;
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

static inline void
write_bytes (void *to, guint64 value, guint bytes)
{
  if (bytes == 4)
    memcpy (to, &value, 4);
  else
    memcpy (to, &value, bytes);
}

static inline guint64
loaded (const Instruction *in, const void *from)
{
  guint64 value = read_bytes (from, in->bytes);
  return in->type == TYPE_S ? (guint64) extend (value, in->bytes) : value;
}

/* Nearly always at one place for all lanes. */
static void
read_parameters (const Block *b, const Group *g, const Instruction *in)
{
  Operand place = in->operands[in->vector];
  const guint64 *addresses = values_of (b, g->first, place);
  const guint8 *from = b->parameters + in->offset;
  for (guint i = 0; i < in->vector; i++, from += in->bytes)
    {
      guint64 *to = register_of (g->first, in->operands[i]);
      guint64 value = place < 0 ? loaded (in, from + addresses[0]) : 0;
      for (guint j = 0; j < g->n; j++)
        {
          guint lane = g->lanes[j];
          to[lane] = place < 0 ? value : loaded (in, from + addresses[lane]);
        }
    }
}

static void
move_memory (Block *b, Thread *t, const Instruction *in)
{
  gboolean writes = in->op == OP_ST;
  guint64 address =
      value_of (b, t, in->operands[writes ? 0 : in->vector]) + (guint64) (gint64) in->offset;
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
  if (address % ((guint64) in->vector * in->bytes))
    report ("out-of-bounds",
            "%s: %s at %#" G_GINT64_MODIFIER "x, which is no multiple of its width",
            b->kernel->name, in->text, address);
  for (guint i = 0; i < in->vector; i++, memory += in->bytes)
    {
      gboolean allowed = check_access (&access, memory, in->bytes, writes);
      if (!writes) /* or what is not a number */
        *register_of (t, in->operands[i]) = allowed ? loaded (in, contents (memory)) : ~0ull;
      else if (allowed)
        write_bytes (contents (memory), value_of (b, t, in->operands[1 + i]), in->bytes);
    }
}

/* ---- what waits */

static void
begin_shuffle (Block *b, Thread *t, const Instruction *in)
{
  guint32 value = (guint32) value_of (b, t, in->operands[1]);
  guint32 distance = (guint32) value_of (b, t, in->operands[2]) & 31;
  guint32 clamp = (guint32) value_of (b, t, in->operands[3]);
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
  t->mask = (guint32) value_of (b, t, in->operands[4]);
  if (in->second >= 0)
    *register_of (t, in->second) = inside;
  t->state = AT_SHUFFLE;
}

/* At what other threads have to come to, too. */
static void
wait_for_others (Block *b, Thread *t, const Instruction *in)
{
  if (in->op == OP_SHFL)
    begin_shuffle (b, t, in);
  else if (in->op == OP_MMA)
    {
      t->mask = 0xffffffffu;
      t->state = AT_SHUFFLE;
    }
  else
    t->state = AT_BARRIER;
}

/* ---- steps */

/* Whatever has no way of its own. */
static guint64
any_result (const Block *b, const Thread *t, const Instruction *in)
{
  guint64 v[4];
  for (guint i = 1; i <= G_N_ELEMENTS (v); i++)
    v[i - 1] = i < in->n_operands ? value_of (b, t, in->operands[i]) : 0;
  if (in->op == OP_CVT)
    return convert (in, v[0]);
  if (in->op == OP_MOV && in->n_operands == 3) /* two halves */
    return cut (v[0], 2) | cut (v[1], 2) << 16;
  if (in->op == OP_MOV || in->op == OP_CVTA)
    return cut (v[0], in->bytes);
  return computed (in, v);
}

/* No lane's result is another one's operand. */
#ifdef __clang__
#define EACH_BY_ITSELF _Pragma ("clang loop vectorize (assume_safety)")
#else
#define EACH_BY_ITSELF _Pragma ("GCC ivdep")
#endif

/* Of all lanes, in their order in memory, or of those that are there. */
#define EACH(result)                                                                               \
  do                                                                                               \
    {                                                                                              \
      if (g->n == LANES)                                                                           \
        {                                                                                          \
          EACH_BY_ITSELF for (guint lane = 0; lane < LANES; lane++) to[lane] = result;             \
        }                                                                                          \
      else                                                                                         \
        for (guint i = 0; i < g->n; i++)                                                           \
          {                                                                                        \
            guint lane = g->lanes[i];                                                              \
            to[lane] = result;                                                                     \
          }                                                                                        \
  } while (0)

static void
step_special (const Block *b, const Group *g, const Instruction *in)
{
  guint64 *to = register_of (g->first, in->operands[0]);
  const Thread *t = g->first;
  switch ((Special) in->special)
    {
    case SPECIAL_TID_X:
      EACH (t[lane].at.x);
      break;
    case SPECIAL_TID_Y:
      EACH (t[lane].at.y);
      break;
    case SPECIAL_TID_Z:
      EACH (t[lane].at.z);
      break;
    case SPECIAL_LANEID:
      EACH (lane);
      break;
    default:
      EACH (block_special (b, (Special) in->special));
    }
}

/* Of whole numbers, or what has no way of its own. */
static void
step_whole (Block *b, const Group *g, const Instruction *in)
{
  guint64 *to = register_of (g->first, in->operands[0]);
  const guint64 *x = values_of (b, g->first, in->operands[1]);
  const guint64 *y = values_of (b, g->first, in->operands[2]);
  switch ((Way) in->way)
    {
    case WAY_ADD:
      EACH (x[lane] + y[lane]);
      break;
    case WAY_ADD_4:
      EACH ((guint32) (x[lane] + y[lane]));
      break;
    case WAY_AND_4:
      EACH ((guint32) (x[lane] & y[lane]));
      break;
    case WAY_MUL:
      EACH (x[lane] * y[lane]);
      break;
    case WAY_MUL_4:
      EACH ((guint32) (x[lane] * y[lane]));
      break;
    case WAY_OR_4:
      EACH ((guint32) (x[lane] | y[lane]));
      break;
    case WAY_SHL:
      EACH ((guint32) y[lane] < 64 ? x[lane] << (y[lane] & 63) : 0);
      break;
    case WAY_SHL_4:
      EACH ((guint32) y[lane] < 32 ? (guint32) (x[lane] << (y[lane] & 31)) : 0);
      break;
    case WAY_SPECIAL:
      step_special (b, g, in);
      break;
    case WAY_SUB_4:
      EACH ((guint32) (x[lane] - y[lane]));
      break;
    case WAY_WIDE:
      EACH ((guint64) (guint32) x[lane] * (guint32) y[lane]);
      break;
    default:
      EACH (any_result (b, g->first + lane, in));
    }
}

/* What neither waits nor jumps nor moves memory. */
static void
step (Block *b, const Group *g, const Instruction *in)
{
  guint64 *to = register_of (g->first, in->operands[0]);
  const guint64 *x = values_of (b, g->first, in->operands[1]);
  const guint64 *y = values_of (b, g->first, in->operands[2]);
  const guint64 *z = values_of (b, g->first, in->operands[3]);
  switch ((Way) in->way)
    {
    case WAY_FLOAT_ADD:
      EACH (bits_of (float_of (x[lane]) + float_of (y[lane])));
      break;
    case WAY_FLOAT_FMA:
      EACH (bits_of (fmaf (float_of (x[lane]), float_of (y[lane]), float_of (z[lane]))));
      break;
    case WAY_FLOAT_MUL:
      EACH (bits_of (float_of (x[lane]) * float_of (y[lane])));
      break;
    case WAY_MOV:
      EACH (x[lane]);
      break;
    case WAY_MOV_4:
      EACH ((guint32) x[lane]);
      break;
    case WAY_SELP:
      EACH (z[lane] & 1 ? x[lane] : y[lane]);
      break;
    case WAY_SETP:
      EACH (compare (in, x[lane], y[lane]));
      break;
    default:
      step_whole (b, g, in);
    }
}

/* ---- lanes that part */

/* Takes those out of `from` for which the guard holds. */
static void
take_guarded (Group *from, const Instruction *in, Group *taken)
{
  const guint64 *guard = register_of (from->first, in->guard);
  guint rest = 0;
  taken->first = from->first;
  taken->n = 0;
  for (guint i = 0; i < from->n; i++)
    {
      guint8 lane = from->lanes[i];
      if ((guard[lane] & 1) != in->negated_guard)
        taken->lanes[taken->n++] = lane;
      else
        from->lanes[rest++] = lane;
    }
  from->n = rest;
}

static void
put_back (Group *to, const Group *taken)
{
  memcpy (to->lanes + to->n, taken->lanes, taken->n);
  to->n += taken->n;
}

/* What ends a turn of these lanes, or waits for others. */
static void
stop (Block *b, const Group *g, const Instruction *in)
{
  for (guint i = 0; i < g->n; i++)
    {
      Thread *t = g->first + g->lanes[i];
      t->pc = (guint) (in - b->code);
      if (in->op == OP_RET)
        t->state = DONE;
      else
        wait_for_others (b, t, in);
    }
}

static void
each_moves (Block *b, const Group *g, const Instruction *in)
{
  for (guint i = 0; i < g->n; i++)
    move_memory (b, g->first + g->lanes[i], in);
}

/* What goes on behind `in`; those of `taken` do as it says. Those that a jump parts from the others
 * go as far as they get before these do. */
static const Instruction *
go_on (Block *b, Group *g, Group *taken, const Instruction *in)
{
  switch ((Way) in->way)
    {
    case WAY_ASIDE:
    case WAY_RET:
      stop (b, taken, in);
      return in;
    case WAY_BRA:
      if (g->n == 0)
        {
          *g = *taken;
          return b->code + in->target - 1;
        }
      run_group (b, taken, in->target);
      return in;
    case WAY_MEMORY:
      each_moves (b, taken, in);
      break;
    case WAY_PARAMETER:
      read_parameters (b, taken, in);
      break;
    default:
      step (b, taken, in);
    }
  put_back (g, taken);
  return in;
}

void
run_group (Block *b, Group *g, guint pc)
{
  guint jumps = 0;
  for (const Instruction *in = b->code + pc; g->n > 0; in++)
    {
      if (in->way == WAY_BRA && ++jumps == MOST_JUMPS)
        g_error ("fakecuda: %s does not end", b->kernel->name);
      if (in->guard < 0 && in->way == WAY_MEMORY)
        each_moves (b, g, in);
      else if (in->guard < 0 && in->way > WAY_LAST_APART)
        step (b, g, in);
      else
        {
          Group taken = { .first = g->first };
          if (in->guard >= 0)
            take_guarded (g, in, &taken);
          else
            {
              put_back (&taken, g);
              g->n = 0;
            }
          if (taken.n > 0)
            in = go_on (b, g, &taken, in);
        }
    }
}
