/* SPDX-License-Identifier: MIT */
/* Numbers of 16 bits to floats and back, rounded to the nearest even one. */
#include "fake.h"
#include <math.h>
#include <string.h>

/* Without floats that are subnormal: the engine's threads (backend/pool.c) take them for 0. */
float
half_to_float (guint16 half)
{
  guint32 bits = ((guint32) (half & 0x7fff) << 13) + (112u << 23);
  float value;
  memcpy (&value, &bits, 4);
  if ((half >> 10 & 31) == 0)
    value = (float) (half & 1023) * 0x1p-24f;
  else if ((half >> 10 & 31) == 31)
    value = half & 1023 ? NAN : INFINITY;
  return half & 0x8000 ? -value : value;
}

guint16
float_to_half (float value)
{
  guint16 sign = signbit (value) ? 0x8000 : 0;
  double size = fabs ((double) value);
  if (isnan (value))
    return sign | 0x7e00;
  if (size >= 65520)
    return sign | 0x7c00;
  if (size < ldexp (1, -14)) /* a carry into the smallest normal is its own encoding */
    return sign | (guint16) nearbyint (ldexp (size, 24));
  int exponent;
  double fraction = frexp (size, &exponent); /* [0.5, 1) */
  guint steps = (guint) nearbyint (ldexp (fraction, 11)); /* 1024 … 2048 */
  return sign | (guint16) (((guint) (exponent + 13) << 10) + steps);
}

/* The upper half of a float. */
float
brain_to_float (guint16 brain)
{
  guint32 bits = (guint32) brain << 16;
  float value;
  memcpy (&value, &bits, 4);
  return value;
}

guint16
float_to_brain (float value)
{
  guint32 bits;
  memcpy (&bits, &value, 4);
  if (isnan (value))
    return 0x7fff;
  return (guint16) ((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float
float_to_tf32 (float value)
{
  guint32 bits;
  memcpy (&bits, &value, 4);
  bits &= 0xffffe000u;
  memcpy (&value, &bits, 4);
  return value;
}
