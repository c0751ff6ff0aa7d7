/* SPDX-License-Identifier: MIT */
/* Looks into a fetched file before it takes its name. */
#include "hub/fetched.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json-scan.h"
#include "base/json.h"
#include "base/words.h"

static const guint64 MAX_HEADER = 100 << 20;
static const guint64 MAX_TREE = 4 << 20;

/* Where the last tensor of a safetensors header ends, or −1. */
static gint64
find_data_end (JsonObject *header)
{
  gint64 most = 0;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  json_object_iter_init (&iter, header);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonObject *entry = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonArray *offsets = entry ? few_json_array (entry, "data_offsets", NULL) : NULL;
      if (g_str_equal (name, "__metadata__"))
        continue;
      if (!offsets || json_array_get_length (offsets) != 2)
        return -1;
      JsonNode *end = json_array_get_element (offsets, 1);
      gboolean number =
          JSON_NODE_HOLDS_VALUE (end) && json_node_get_value_type (end) == G_TYPE_INT64;
      if (!number || json_node_get_int (end) < 0)
        return -1;
      most = MAX (most, json_node_get_int (end));
    }
  return most;
}

/* As long as its header says, to the byte. */
static gboolean
check_safetensors (const FewFile *file, const char *name, GError **error)
{
  guint64 size = few_file_size (file);
  guint64 length = 0;
  if (size >= 10 && !few_file_read_at (file, &length, sizeof length, 0, error))
    return FALSE;
  length = GUINT64_FROM_LE (length);
  gboolean sane = size >= 10 && length >= 2 && length <= MIN (size - 8, MAX_HEADER);
  g_autofree char *text = sane ? g_try_malloc (length) : NULL;
  if (text && !few_file_read_at (file, text, length, 8, error))
    return FALSE;
  g_autoptr (JsonNode) root = text ? few_json_parse (text, length, name, NULL) : NULL;
  gint64 end = root ? find_data_end (json_node_get_object (root)) : -1;
  if (end >= 0 && (guint64) end == size - 8 - length)
    return TRUE;
  few_fail (error, INPUT, "What the server sent as %s is no whole safetensors file.", name);
  return FALSE;
}

static gboolean
check_json (const char *path, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) root = few_json_load (path, &local);
  if (!root)
    few_fail (error, INPUT, "What the server sent as %s is no whole JSON file: %s", name,
              local->message);
  return root != NULL;
}

/* The vocabulary of a multilingual model has tens of megabytes, and its tree ten times that. */
static gboolean
check_large_json (const char *path, const char *name, GError **error)
{
  gsize length;
  FewJsonScan scan;
  g_autofree char *data = few_file_read (path, FEW_JSON_MOST, &length, error);
  if (!data)
    return FALSE;
  few_json_scan_init (&scan, data, length);
  gboolean whole = few_json_scan_peek (&scan) == '{' && few_json_scan_skip (&scan)
                   && few_json_scan_finish (&scan);
  if (!whole)
    few_fail (error, INPUT, "What the server sent as %s is no whole JSON file: %s.", name,
              _ (scan.fault ? scan.fault : N_ ("it does not begin with an object")));
  return whole;
}

gboolean
few_fetched_check (const char *path, const char *name, GError **error)
{
  g_autoptr (FewFile) file = few_file_open (path, G_MAXUINT64, error);
  if (!file)
    return FALSE;
  if (g_str_has_suffix (name, ".safetensors"))
    return check_safetensors (file, name, error);
  if (!g_str_has_suffix (name, ".json"))
    return TRUE;
  return few_file_size (file) > MAX_TREE ? check_large_json (path, name, error)
                                         : check_json (path, name, error);
}
