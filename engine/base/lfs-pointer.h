/* SPDX-License-Identifier: MIT */
/* Pointers of Git LFS: a clone without git-lfs has a note of a few lines in the place of each large
 * file, which every parser would call damaged. */
#pragma once
#include <glib.h>

/* The most that a pointer has, in bytes. */
enum { FEW_LFS_POINTER_MOST = 1024 };

/* FALSE, with a sentence that says what it is and what to do, when `data` is a pointer. `shown` is
 * the file's name for messages. */
gboolean few_lfs_check (const char *data, gsize size, const char *shown, GError **error);
