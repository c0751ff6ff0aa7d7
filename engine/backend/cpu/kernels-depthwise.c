/* SPDX-License-Identifier: MIT */
/* Convolutions of each channel for itself: one output pixel, all its channels. */
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"

enum { UNROLLED = 4 };

void
FEW_LEVELLED (depthwise) (guint n, guint multiplier, guint taps, const float *const *x,
                          const float *const *weights, const float *bias, FewActivation activation,
                          float *y)
{
  guint at = 0;
  for (; multiplier == 1 && at + UNROLLED * LANES <= n; at += UNROLLED * LANES)
    {
      Vec sum[UNROLLED];
      for (guint j = 0; j < UNROLLED; j++)
        sum[j] = load (bias + at + j * LANES);
      for (guint t = 0; t < taps; t++)
        for (guint j = 0; j < UNROLLED; j++)
          sum[j] += load (x[t] + at + j * LANES) * load (weights[t] + at + j * LANES);
      for (guint j = 0; j < UNROLLED; j++)
        store (y + at + j * LANES, activate (sum[j], activation));
    }
  /* the rest, and channels that give several, go through a padded vector: the same arithmetic */
  for (; at < n; at += LANES)
    {
      guint m = MIN ((guint) LANES, n - at);
      Vec sum = { 0 };
      Vec values = { 0 };
      Vec taken = { 0 };
      memcpy (&sum, bias + at, m * sizeof (float));
      for (guint t = 0; t < taps; t++)
        {
          for (guint j = 0; j < m; j++)
            values[j] = x[t][(at + j) / multiplier];
          memcpy (&taken, weights[t] + at, m * sizeof (float));
          sum += values * taken;
        }
      sum = activate (sum, activation);
      memcpy (y + at, &sum, m * sizeof (float));
    }
}
