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

static inline float
few_f16_to_f32 (guint16 bits)
{
  guint32 sign = (guint32) (bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023, wide;
  float value;
  if (exponent == 31)
    wide = sign | 0x7f800000 | fraction << 13;
  else if (exponent)
    wide = sign | (exponent + 112) << 23 | fraction << 13;
  else
    {
      value = (float) fraction * 0x1p-24f;
      memcpy (&wide, &value, sizeof wide);
      wide |= sign;
    }
  memcpy (&value, &wide, sizeof value);
  return value;
}
