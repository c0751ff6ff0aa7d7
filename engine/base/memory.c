/* SPDX-License-Identifier: MIT */
/* Memory that there may not be. */
#include "base/memory.h"
#include "base/error.h"

gpointer
few_try_bytes (gsize size, const char *what, GError **error)
{
  gpointer memory = g_try_malloc (MAX (size, 1));
  if (!memory)
    few_fail (error, MEMORY, "There is not enough memory for %s.", what);
  return memory;
}

float *
few_try_floats (gsize rows, gsize columns, const char *what, GError **error)
{
  gsize n;
  if (!g_size_checked_mul (&n, rows, columns) || !g_size_checked_mul (&n, n, sizeof (float)))
    n = G_MAXSIZE; /* there is not so much */
  return few_try_bytes (n, what, error);
}
