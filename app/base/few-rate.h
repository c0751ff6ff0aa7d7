/* SPDX-License-Identifier: MIT */
/* How fast something goes, once that means something. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* All 0: nothing is under way. */
typedef struct
{
  gint64 started; /* µs; 0: not yet */
  guint done_at_start;
} FewRate;

/* So many are done: how many a second, NAN while that cannot be said yet. The first call starts the
 * clock. */
double few_rate_measure (FewRate *rate, guint done);
/* The same in words: "12 of 40", and how fast and how long once that can be said. Free with
 * g_free. */
char *few_rate_describe (FewRate *rate, guint done, guint total);
G_END_DECLS
