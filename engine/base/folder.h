/* SPDX-License-Identifier: MIT */
/* Listing folders of pictures: sorted, hidden files and links to folders passed over, a bounded
 * depth. */
#pragma once
#include <glib.h>

enum { FEW_MAX_FOLDER_DEPTH = 16 };

/* Names (not paths) of the entries of `folder`, sorted; *files and *folders are string arrays to
 * free with g_ptr_array_unref. FALSE when the folder cannot be read. */
gboolean few_folder_list (const char *folder, GPtrArray **files, GPtrArray **folders,
                          GError **error);
