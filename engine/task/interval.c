/* SPDX-License-Identifier: MIT */
/* How far an accuracy can be trusted: Wilson's interval. */
#include <fewshot/scores.h>
#include <math.h>

void
few_interval (guint right, guint n, double *low, double *high)
{
  g_return_if_fail (right <= n && low != NULL && high != NULL);
  const double z = 1.959963984540054;
  if (n == 0)
    {
      *low = *high = NAN;
      return;
    }
  double p = (double) right / n;
  double scale = 1 / (1 + z * z / n);
  double centre = (p + z * z / (2 * n)) * scale;
  double half = z * scale * sqrt (p * (1 - p) / n + z * z / (4.0 * n * n));
  *low = CLAMP (centre - half, 0, p);
  *high = CLAMP (centre + half, p, 1); /* rounding must not put p outside */
}
