/* SPDX-License-Identifier: MIT */
/* Whether a fetched file can be what its name says: where nobody told its sum, a page, a fragment
 * or three bytes must not become a model. */
#pragma once
#include <glib.h>

/* `path` holds what is to be called `name`. FALSE with a sentence when it is cut off or something
 * else. */
gboolean few_fetched_check (const char *path, const char *name, GError **error);
