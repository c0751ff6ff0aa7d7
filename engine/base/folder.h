/* SPDX-License-Identifier: MIT */
/* Listing folders of pictures: sorted, without what systems and programs keep in them. Links to
 * folders are folders; who descends cuts loops with a set of those it has been in. */
#pragma once
#include <dirent.h>
#include <glib.h>

enum { FEW_MAX_FOLDER_DEPTH = 16 };

/* readdir, where the end is told from a failure: errno is 0 then. */
const struct dirent *few_folder_next (DIR *dir);
/* Names (not paths) of the entries of `folder`, sorted; *files and *folders are string arrays to
 * free with g_ptr_array_unref. FALSE when the folder cannot be read. */
gboolean few_folder_list (const char *folder, GPtrArray **files, GPtrArray **folders,
                          GError **error);
/* few_folder_remove, but for the folder itself. */
int few_folder_empty (const char *folder);
/* TRUE for hidden entries, thumbnails, trash and what archives of other systems bring along. */
gboolean few_folder_is_passed_over (const char *name);

/* The folders one has been in, whatever paths led there. Free with g_hash_table_unref. */
GHashTable *few_folder_set_new (void);
/* FALSE when it is in the set already, or cannot be looked at. */
gboolean few_folder_set_add (GHashTable *set, const char *folder);
/* Whether there is a picture below a folder. */
gboolean few_folder_holds_pictures (const char *folder);
