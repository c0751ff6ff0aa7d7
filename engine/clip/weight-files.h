/* SPDX-License-Identifier: MIT */
/* Which files of a folder hold its model's weights. */
#pragma once
#include <glib.h>

/* .pt, .pth, .bin */
gboolean few_is_torch_archive_name (const char *name);
/* Adds their paths to `files`: the usual names, an index's shards in the order of their names, the
 * only safetensors file, the only archive. */
gboolean few_weight_files_find (const char *folder, GPtrArray *files, GError **error);
