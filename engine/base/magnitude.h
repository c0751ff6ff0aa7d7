/* SPDX-License-Identifier: MIT */
/* The largest of many magnitudes, for hot loops. */
#pragma once
#include <glib.h>
#include <string.h>

/* |x| of x [n] at most; 0 of none, and infinite or no number where one of them is. Bit patterns
 * rather than fabsf and isfinite: a NaN is above all others, and the compiler makes vectors. */
static inline float
few_largest_magnitude (const float *x, gsize n)
{
  guint32 largest = 0;
  float magnitude;
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;
      memcpy (&bits, x + i, sizeof bits);
      largest = MAX (largest, bits & 0x7fffffff);
    }
  memcpy (&magnitude, &largest, sizeof magnitude);
  return magnitude;
}
