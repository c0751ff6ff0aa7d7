/* SPDX-License-Identifier: MIT */
/* Half-precision formats of weight files to f32; exact, as both are subsets of f32. */
#pragma once
#include <glib.h>
#include <string.h>

static inline float
few_bf16_to_f32 (guint16 bits)
{
  guint32 wide = (guint32) bits << 16;
  float value;
  memcpy (&value, &wide, sizeof value);
  return value;
}

/* Without branches, so that loops over it become vectors: the exponent's bias is corrected by a
 * product, which is exact and makes subnormal numbers normal. */
static inline float
few_f16_to_f32 (guint16 bits)
{
  guint32 wide = (guint32) (bits & 0x7fff) << 13;
  guint32 special = (bits & 0x7c00) == 0x7c00 ? 0x7f800000 : 0;
  float value;
  memcpy (&value, &wide, sizeof value);
  value *= 0x1p112f;
  memcpy (&wide, &value, sizeof wide);
  wide |= special | (guint32) (bits & 0x8000) << 16;
  memcpy (&value, &wide, sizeof value);
  return value;
}

/* To the nearest, ties to even; what is too large becomes infinite. */
static inline guint16
few_f32_to_f16 (float value)
{
  guint32 bits;
  memcpy (&bits, &value, sizeof bits);
  guint32 sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000)
    return (guint16) (sign | 0x7e00);
  if (bits >= 0x47800000) /* 2^16 */
    return (guint16) (sign | 0x7c00);
  if (bits < 0x38800000) /* below 2^-14: subnormal, 2^-24 a step, which the sum rounds to */
    {
      float small;
      memcpy (&small, &bits, sizeof small);
      small += 0.5f;
      memcpy (&bits, &small, sizeof bits);
      return (guint16) (sign | (bits - 0x3f000000));
    }
  bits += 0xfff + (bits >> 13 & 1);
  return (guint16) (sign | (bits - 0x38000000) >> 13);
}
