/* SPDX-License-Identifier: MIT */
/* What a drop of files and folders would add. */
#pragma once
#include <fewshot/dataset.h>
#include <gio/gio.h>

/* FewFound array (free with g_ptr_array_unref). class_name NULL: folders name their classes. any:
 * files of labels are read as of any number of classes a picture. */
GPtrArray *few_scan (const char *const *paths, const char *class_name, gboolean any,
                     GCancellable *cancellable);
/* FewFound *; both strings are copied. */
GPtrArray *few_found_list_new (void);
void few_found_list_add (GPtrArray *found, const char *path, const char *class_name,
                         gboolean picture, FewRole role);
