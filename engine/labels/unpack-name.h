/* SPDX-License-Identifier: MIT */
/* Names of entries of archives. */
#pragma once
#include <glib.h>

/* The path of an entry as it may be made below a folder, without "." and empty parts; NULL: it
 * leads out of it, is hidden, too long or too deep. Free with g_free. */
char *few_unpack_name (const char *path);
