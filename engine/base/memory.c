/* SPDX-License-Identifier: MIT */
/* Memory that there may not be. */
#include "base/memory.h"
#include "base/error.h"
#include "base/words.h"
#include <string.h>

static void
fail_for (const char *what, GError **error)
{
  few_fail (error, MEMORY, "There is not enough memory for %s.", _ (what));
}

gpointer
few_try_bytes (gsize size, const char *what, GError **error)
{
  gpointer memory = g_try_malloc (MAX (size, 1));
  if (!memory)
    fail_for (what, error);
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

char **
few_try_strings (const char *const *strings, gsize n, const char *what, GError **error)
{
  char **copy = n < G_MAXSIZE / sizeof *copy ? g_try_malloc0 ((n + 1) * sizeof *copy) : NULL;
  for (gsize i = 0; copy && strings && i < n; i++)
    copy[i] = g_strdup (strings[i]);
  if (!copy)
    fail_for (what, error);
  return copy;
}

gpointer
few_room_take (FewRoom *room, gsize rows, gsize columns, gsize size)
{
  gsize n;
  gsize bytes;
  gboolean possible =
      g_size_checked_mul (&n, rows, columns) && g_size_checked_mul (&bytes, n, size);
  gpointer array = possible && !room->is_short ? g_try_malloc0 (MAX (bytes, 1)) : NULL;
  room->is_short |= array == NULL;
  if (array)
    room->arrays = g_slist_prepend (room->arrays, array);
  return array;
}

gboolean
few_room_is_short (const FewRoom *room, const char *what, GError **error)
{
  if (room->is_short)
    fail_for (what, error);
  return room->is_short;
}

void
few_room_clear (FewRoom *room)
{
  g_slist_free_full (g_steal_pointer (&room->arrays), g_free);
  room->is_short = FALSE;
}
