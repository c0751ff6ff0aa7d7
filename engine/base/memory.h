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
