/* SPDX-License-Identifier: MIT */
/* Which kind a file is of. */
#pragma once
#include <glib.h>

/* Whether a name ends so, in any case; endings: ended by NULL. */
gboolean few_name_ends_in (const char *name, const char *const *endings);
/* few_is_picture_file for a name in an open folder. */
gboolean few_is_picture_at (int folder, const char *name);
