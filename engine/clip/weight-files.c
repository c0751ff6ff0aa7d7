/* SPDX-License-Identifier: MIT */
/* Which files of a folder hold its model's weights. */
#include "clip/weight-files.h"
#include "base/error.h"
#include "base/json.h"
#include <string.h>

enum { MAX_SHARDS = 1000 };

gboolean
few_is_torch_archive_name (const char *name)
{
  return g_str_has_suffix (name, ".pt") || g_str_has_suffix (name, ".pth")
         || g_str_has_suffix (name, ".bin");
}

/* The only file in the folder that `fits`; NULL when there is none, with an error when there are
 * several. */
static char *
find_only (const char *folder, gboolean (*fits) (const char *name), GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autofree char *only = NULL;
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    if (*name != '.' && fits (name))
      {
        if (only)
          {
            few_fail (error, INPUT,
                      "%s holds both %s and %s: keep one model's weights in a folder, or name them "
                      "model.safetensors.",
                      folder, only, name);
            return NULL;
          }
        only = g_strdup (name);
      }
  return only ? g_build_filename (folder, only, NULL) : NULL;
}

static gboolean
is_index_name (const char *name)
{
  return g_str_has_suffix (name, ".safetensors.index.json");
}

static gboolean
is_safetensors_name (const char *name)
{
  return g_str_has_suffix (name, ".safetensors");
}

/* Adds the shards that an index names, in the order of their names. */
static gboolean
add_shards (GPtrArray *files, const char *index, GError **error)
{
  g_autoptr (JsonNode) root = few_json_load (index, error);
  JsonObject *map = root ? few_json_object (json_node_get_object (root), "weight_map", NULL) : NULL;
  if (!map)
    {
      if (root)
        few_fail (error, FORMAT, "%s has no weight_map.", index);
      return FALSE;
    }
  g_autofree char *folder = g_path_get_dirname (index);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GList) values = json_object_get_values (map);
  for (GList *item = values; item; item = item->next)
    {
      JsonNode *node = item->data;
      const char *name =
          JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
              ? json_node_get_string (node)
              : NULL;
      if (!name || !*name || strchr (name, '/') || *name == '.' || !is_safetensors_name (name)
          || g_hash_table_size (names) >= MAX_SHARDS)
        {
          few_fail (error, FORMAT, "%s names a shard that is no .safetensors file beside it.",
                    index);
          return FALSE;
        }
      g_hash_table_add (names, g_strdup (name));
    }
  g_autoptr (GList) sorted = g_list_sort (g_hash_table_get_keys (names), (GCompareFunc) strcmp);
  for (GList *item = sorted; item; item = item->next)
    g_ptr_array_add (files, g_build_filename (folder, item->data, NULL));
  return TRUE;
}

gboolean
few_weight_files_find (const char *folder, GPtrArray *files, GError **error)
{
  static const char *const usual[] = { "open_clip_model.safetensors", "model.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      g_autofree char *path = g_build_filename (folder, usual[i], NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_ptr_array_add (files, g_steal_pointer (&path));
          return TRUE;
        }
    }
  g_autoptr (GError) local = NULL;
  g_autofree char *index = find_only (folder, is_index_name, &local);
  if (index)
    return add_shards (files, index, error);
  char *file = local ? NULL : find_only (folder, is_safetensors_name, &local);
  if (!file && !local)
    file = find_only (folder, few_is_torch_archive_name, &local);
  if (file)
    g_ptr_array_add (files, file);
  else if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    few_fail (error, INPUT,
              "%s holds no weights: model.safetensors, open_clip_model.safetensors, its shards "
              "with their index, or a PyTorch archive (.pt).",
              folder);
  return file != NULL;
}
