/* SPDX-License-Identifier: MIT */
/* The names of a file of features in its metadata, where Python reads them at once; of many only
 * the tensor holds them. */
#pragma once
#include <glib.h>

enum { FEW_EMBED_LISTED_NAMES = 10000 };
/* A JSON array of display names. */
char *few_embed_names_json (const char *const *names, guint n);
/* The next `size` bytes of names that each end in a zero byte. *rest is what is left of the
 * current one, NULL between two; `next` gives the one after, valid until it is called again.
 * FALSE when there is none. */
gboolean few_embed_copy_names (const char **rest, char *out, gsize size,
                               const char *(*next) (gpointer user), gpointer user);
