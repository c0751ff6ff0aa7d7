/* SPDX-License-Identifier: MIT */
/* How a step is gone: said of each instruction once, when its kernel is read. */
#include "fake.h"

/* What a way is for: instructions of this name, type and size; its result is the low bytes of what
 * is computed of the operands as they are. */
static const struct
{
  Op op;
  TypeClass type;
  guint bytes;
  Way way;
} ways[] = {
  { OP_ADD, TYPE_F, 4, WAY_FLOAT_ADD }, { OP_ADD, TYPE_S, 4, WAY_ADD_4 },
  { OP_ADD, TYPE_S, 8, WAY_ADD },       { OP_ADD, TYPE_U, 4, WAY_ADD_4 },
  { OP_ADD, TYPE_U, 8, WAY_ADD },       { OP_AND, TYPE_B, 4, WAY_AND_4 },
  { OP_AND, TYPE_PRED, 1, WAY_AND_4 },  { OP_FMA, TYPE_F, 4, WAY_FLOAT_FMA },
  { OP_MOV, TYPE_B, 4, WAY_MOV_4 },     { OP_MOV, TYPE_B, 8, WAY_MOV },
  { OP_MOV, TYPE_F, 4, WAY_MOV_4 },     { OP_MOV, TYPE_S, 4, WAY_MOV_4 },
  { OP_MOV, TYPE_U, 4, WAY_MOV_4 },     { OP_MOV, TYPE_U, 8, WAY_MOV },
  { OP_MUL, TYPE_F, 4, WAY_FLOAT_MUL }, { OP_MUL, TYPE_S, 4, WAY_MUL_4 },
  { OP_MUL, TYPE_S, 8, WAY_MUL },       { OP_OR, TYPE_B, 4, WAY_OR_4 },
  { OP_OR, TYPE_PRED, 1, WAY_OR_4 },    { OP_SHL, TYPE_B, 4, WAY_SHL_4 },
  { OP_SHL, TYPE_B, 8, WAY_SHL },       { OP_SUB, TYPE_S, 4, WAY_SUB_4 },
};

/* Numbers without a sign, of which one has 4 bytes, and the other 4 or 8. */
static gboolean
keeps_four_bytes (const Instruction *in)
{
  return in->type == TYPE_U && in->from == TYPE_U && MIN (in->bytes, in->from_bytes) == 4;
}

Way
way_of (const Instruction *in)
{
  switch ((Op) in->op)
    {
    case OP_BAR:
    case OP_SHFL:
    case OP_MMA:
      return WAY_ASIDE;
    case OP_BRA:
      return WAY_BRA;
    case OP_CVT:
      return keeps_four_bytes (in) ? WAY_MOV_4 : WAY_ANY;
    case OP_LD:
    case OP_ST:
      return in->space == SPACE_PARAM ? WAY_PARAMETER : WAY_MEMORY;
    case OP_RET:
      return WAY_RET;
    case OP_SELP:
      return WAY_SELP;
    case OP_SETP:
      return WAY_SETP;
    default:
      break;
    }
  if (in->op == OP_MUL && in->wide && in->type == TYPE_U && in->bytes == 4)
    return WAY_WIDE;
  if (in->special < N_SPECIAL)
    return WAY_SPECIAL;
  gboolean plain = !in->wide && !in->high && in->rounding == ROUND_NEAREST
                   && !(in->op == OP_MOV && in->n_operands != 2);
  for (guint i = 0; i < G_N_ELEMENTS (ways) && plain; i++)
    if (ways[i].op == in->op && ways[i].type == in->type && ways[i].bytes == in->bytes)
      return ways[i].way;
  return WAY_ANY;
}
