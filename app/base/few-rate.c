/* SPDX-License-Identifier: MIT */
/* Since the first number that was told. */
#include "base/few-rate.h"
#include <math.h>

double
few_rate_measure (FewRate *rate, guint done)
{
  g_return_val_if_fail (rate, NAN);
  gint64 now = g_get_monotonic_time ();
  if (!rate->started)
    *rate = (FewRate) { now, done };
  if (now - rate->started < G_USEC_PER_SEC / 2 || done <= rate->done_at_start)
    return NAN; /* pictures come in handfuls */
  return (double) (done - rate->done_at_start) * G_USEC_PER_SEC / (double) (now - rate->started);
}
