/* SPDX-License-Identifier: MIT */
/* Memory that there may not be. */
#include "base/memory.h"
#include "base/error.h"
#include <string.h>

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
  if (!g_size_checked_mul (&n, rows, columns))
    n = G_MAXSIZE; /* there is not so much */
  return few_try_copy (NULL, n, sizeof (float), what, error);
}

gpointer
few_try_copy (gconstpointer from, gsize n, gsize size, const char *what, GError **error)
{
  gsize bytes;
  if (!g_size_checked_mul (&bytes, n, size))
    bytes = G_MAXSIZE;
  gpointer copy = few_try_bytes (bytes, what, error);
  if (copy && from && bytes > 0)
    memcpy (copy, from, bytes);
  return copy;
}
