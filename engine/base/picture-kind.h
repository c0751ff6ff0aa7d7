/* SPDX-License-Identifier: MIT */
/* Which files are pictures. */
#pragma once
#include <glib.h>

/* few_is_picture_file for a name in an open folder. */
gboolean few_is_picture_at (int folder, const char *name);
