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
