/* SPDX-License-Identifier: MIT */
/* Memory whose size a file decides: GLib's own functions end the program where there is none. */
#pragma once
#include <glib.h>

/* rows × columns values, not set; free with g_free. NULL with a sentence where there is no room;
 * `what` is what they are for: "the weights of …". */
float *few_try_floats (gsize rows, gsize columns, const char *what, GError **error);
/* At least one byte. */
gpointer few_try_bytes (gsize size, const char *what, GError **error);
/* n pieces of `size` bytes; `from` may be NULL: not set. */
gpointer few_try_copy (gconstpointer from, gsize n, gsize size, const char *what, GError **error);

/* Bytes that this process may take before there are none left; G_MAXUINT64 where nothing tells. */
guint64 few_memory_left (void);

/* A copy of n strings, NULL-terminated; free with g_strfreev. `strings` may be NULL: n times NULL,
 * room for as many. */
char **few_try_strings (const char *const *strings, gsize n, const char *what, GError **error);

/* The arrays of one job, freed together. Once there was no room for one, it and all that are asked
 * for afterwards are NULL: few_room_is_short is asked behind the last, before any is used. */
typedef struct
{
  GSList *arrays;
  gboolean is_short;
} FewRoom;

/* rows × columns values, zeroed */
#define few_room_new(room, type, rows, columns)                                                    \
  ((type *) few_room_take ((room), (rows), (columns), sizeof (type)))
gpointer few_room_take (FewRoom *room, gsize rows, gsize columns, gsize size);
/* TRUE with a sentence; `what` is what they are for. */
gboolean few_room_is_short (const FewRoom *room, const char *what, GError **error);
void few_room_clear (FewRoom *room);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewRoom, few_room_clear)
