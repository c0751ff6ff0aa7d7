/* SPDX-License-Identifier: MIT */
/* Numbers of 16 bits to floats and back, rounded to the nearest even one. */
#include "fake.h"
#include <math.h>
#include <string.h>

float
half_to_float (guint16 half)
{
  int exponent = half >> 10 & 31;
  int fraction = half & 1023;
  double value = exponent ? ldexp (1024 + fraction, exponent - 25) : ldexp (fraction, -24);
  if (exponent == 31)
    value = fraction ? NAN : INFINITY;
  return (float) (half & 0x8000 ? -value : value);
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
