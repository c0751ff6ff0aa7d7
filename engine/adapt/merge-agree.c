/* SPDX-License-Identifier: MIT */
/* The one value of a setting that the parts of a classifier have. */
#include "adapt/merge-private.h"
#include "base/error.h"
#include "base/words.h"
#include <math.h>

gboolean
few_union_agree (const char *setting, double given, const double *known, guint n, double *value,
                 GError **error)
{
  *value = given;
  for (guint i = 0; i < n && isnan (given); i++)
    {
      if (isnan (*value))
        *value = known[i];
      if (isnan (known[i]) || fabs (known[i] - *value) <= 1e-3 * fabs (*value))
        continue;
      few_fail (error, INPUT,
                "The classifiers were tuned differently: %s is %.4g in one and %.4g in another. "
                "Say which "
                "it shall be, as in --settings %s=%.4g.",
                setting, *value, known[i], setting, *value);
      return FALSE;
    }
  if (isnan (*value))
    few_fail (error, INPUT,
              "The classifiers do not record %s. Say which it shall be: --settings %s=…", setting,
              setting);
  return !isnan (*value);
}
