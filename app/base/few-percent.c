/* SPDX-License-Identifier: MIT */
/* A number, a space that does not break, the sign. */
#include "base/few-percent.h"
#include <math.h>

char *
few_percent (double fraction, int digits)
{
  if (!isfinite (fraction))
    return g_strdup ("–");
  return g_strdup_printf ("%.*f\u00a0%%", digits, 100 * fraction);
}
