/* SPDX-License-Identifier: MIT */
/* What a file is told apart by: the parents of classifiers. */
#pragma once
#include <glib.h>

/* The SHA-256 of a regular file, in hexadecimal; free with g_free. Any thread. */
char *few_file_sum (const char *path, GError **error);
