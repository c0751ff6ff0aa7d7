/* SPDX-License-Identifier: MIT */
/* Since the first number that was told. */
#include "base/few-rate.h"
#include <glib/gi18n.h>
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

char *
few_rate_describe (FewRate *rate, guint done, guint total)
{
  double measured = few_rate_measure (rate, done);
  if (isnan (measured))
    /* Translators: pictures done, pictures in all */
    return g_strdup_printf (_ ("%u of %u"), done, total);
  /* Translators: pictures done, pictures in all, pictures a second, seconds left */
  return g_strdup_printf (_ ("%u of %u, %.0f a second, %.0f s left"), done, total, measured,
                          (total - done) / measured);
}
