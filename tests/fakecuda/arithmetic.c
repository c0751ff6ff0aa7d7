/* SPDX-License-Identifier: MIT */
/* What an instruction computes from its operands: floats, integers, comparisons, conversions. */
#include "fake.h"
#include <fenv.h>
#include <math.h>
#include <string.h>

static float
as_float (guint64 bits)
{
  guint32 low = (guint32) bits;
  float value;
  memcpy (&value, &low, 4);
  return value;
}

static guint64
bits_of (float value)
{
  guint32 bits;
  memcpy (&bits, &value, 4);
  return bits;
}

static float
fused (float x, float y, float z, Rounding rounding)
{
  static const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };
  if (rounding == ROUND_NEAREST)
    return fmaf (x, y, z);
  volatile float a = x;
  volatile float b = y;
  volatile float c = z;
  fesetround (modes[rounding]);
  volatile float result = fmaf (a, b, c);
  fesetround (FE_TONEAREST);
  return result;
}

static float
float_result (const Instruction *in, float x, float y, float z)
{
  switch (in->op)
    {
    case OP_ABS:
      return fabsf (x);
    case OP_ADD:
      return x + y;
    case OP_COPYSIGN: /* the sign of the first */
      return copysignf (y, x);
    case OP_DIV:
      return x / y;
    case OP_EX2:
      return exp2f (x);
    case OP_FMA:
      return fused (x, y, z, in->rounding);
    case OP_LG2:
      return log2f (x);
    case OP_MAX:
      return fmaxf (x, y);
    case OP_MIN:
      return fminf (x, y);
    case OP_MUL:
      return x * y;
    case OP_NEG:
      return -x;
    case OP_RCP:
      return 1 / x;
    case OP_RSQRT:
      return 1 / sqrtf (x);
    case OP_SQRT:
      return sqrtf (x);
    case OP_SUB:
      return x - y;
    default:
      g_error ("fakecuda does not run this: %s", in->text);
    }
}

static guint64
divide (const Instruction *in, guint64 x, guint64 y, gboolean rest)
{
  if (y == 0)
    {
      report ("division-by-zero", "%s", in->text);
      return 0;
    }
  if (in->type == TYPE_S)
    return (guint64) (rest ? (gint64) x % (gint64) y : (gint64) x / (gint64) y);
  return rest ? x % y : x / y;
}

static guint64
integer_result (const Instruction *in, guint64 a, guint64 b, guint64 c, guint64 d)
{
  gboolean is_signed = in->type == TYPE_S;
  guint64 x = is_signed ? (guint64) extend (a, in->bytes) : cut (a, in->bytes);
  guint64 y = is_signed ? (guint64) extend (b, in->bytes) : cut (b, in->bytes);
  guint bits = 8u * in->bytes;
  switch (in->op)
    {
    case OP_ABS:
      return (gint64) x < 0 ? -x : x;
    case OP_ADD:
      return x + y;
    case OP_AND:
      return a & b;
    case OP_BFI:
      {
        guint at = (guint) (c & 255);
        guint length = (guint) (d & 255);
        guint64 mask = (length >= 64 ? ~0ull : (1ull << length) - 1) << at;
        return (b & ~mask) | (a << at & mask);
      }
    case OP_DIV:
      return divide (in, x, y, FALSE);
    case OP_REM:
      return divide (in, x, y, TRUE);
    case OP_FMA:
    case OP_MAD:
      return x * y + c;
    case OP_MAX:
      return is_signed ? (guint64) MAX ((gint64) x, (gint64) y) : MAX (x, y);
    case OP_MIN:
      return is_signed ? (guint64) MIN ((gint64) x, (gint64) y) : MIN (x, y);
    case OP_MUL:
      if (in->high)
        return in->bytes == 8 ? (guint64) ((unsigned __int128) x * y >> 64) : x * y >> bits;
      return x * y;
    case OP_NEG:
      return -x;
    case OP_NOT:
      return in->type == TYPE_PRED ? !a : ~a;
    case OP_OR:
      return a | b;
    case OP_SHL:
      return (guint32) b >= bits ? 0 : a << (guint32) b;
    case OP_SHR:
      if (is_signed)
        return (guint64) ((gint64) x >> MIN ((guint32) b, bits - 1));
      return (guint32) b >= bits ? 0 : x >> (guint32) b;
    case OP_SUB:
      return x - y;
    case OP_XOR:
      return a ^ b;
    default:
      g_error ("fakecuda does not run this: %s", in->text);
    }
}

/* Of numbers that have an order. */
static gboolean
ordered (Compare how, gboolean less, gboolean equal)
{
  switch (how)
    {
    case COMPARE_EQ:
      return equal;
    case COMPARE_NE:
      return !equal;
    case COMPARE_LT:
      return less;
    case COMPARE_LE:
      return less || equal;
    case COMPARE_GT:
      return !less && !equal;
    default:
      return !less;
    }
}

gboolean
compare (const Instruction *in, guint64 a, guint64 b)
{
  if (in->type == TYPE_F)
    {
      float x = as_float (a);
      float y = as_float (b);
      if (isnan (x) || isnan (y))
        return in->unordered;
      return ordered (in->compare, x < y, x == y);
    }
  if (in->type == TYPE_S)
    {
      gint64 x = extend (a, in->bytes);
      gint64 y = extend (b, in->bytes);
      return ordered (in->compare, x < y, x == y);
    }
  guint64 x = cut (a, in->bytes);
  guint64 y = cut (b, in->bytes);
  return ordered (in->compare, x < y, x == y);
}

static float
rounded (float value, Rounding rounding)
{
  switch (rounding)
    {
    case ROUND_ZERO:
      return truncf (value);
    case ROUND_DOWN:
      return floorf (value);
    case ROUND_UP:
      return ceilf (value);
    default:
      return rintf (value);
    }
}

guint64
convert (const Instruction *in, guint64 bits)
{
  if (in->from == TYPE_F)
    {
      float value = as_float (bits);
      if (in->from_bytes == 2)
        value = in->from_brain ? brain_to_float ((guint16) bits) : half_to_float ((guint16) bits);
      if (in->to_integer || in->type != TYPE_F)
        value = rounded (value, in->rounding);
      if (in->saturates)
        value = value > 0 ? fminf (value, 1) : 0; /* NaN becomes 0 */
      if (in->type == TYPE_F && in->bytes == 2)
        return in->brain ? float_to_brain (value) : float_to_half (value);
      if (in->type == TYPE_F)
        return bits_of (value);
      guint64 whole = in->type == TYPE_S ? (guint64) (gint64) value : (guint64) value;
      return cut (whole, in->bytes);
    }
  guint64 whole =
      in->from == TYPE_S ? (guint64) extend (bits, in->from_bytes) : cut (bits, in->from_bytes);
  if (in->type == TYPE_F)
    return bits_of (in->from == TYPE_S ? (float) (gint64) whole : (float) whole);
  return cut (whole, in->bytes);
}

guint64
computed (const Instruction *in, const guint64 v[4])
{
  guint64 result;
  if (in->type == TYPE_F && in->bytes == 4)
    return bits_of (float_result (in, as_float (v[0]), as_float (v[1]), as_float (v[2])));
  result = integer_result (in, v[0], v[1], v[2], v[3]);
  if (in->type == TYPE_PRED)
    return result & 1;
  return cut (result, in->wide ? 2u * in->bytes : in->bytes);
}
