/* SPDX-License-Identifier: MIT */
#include "base/json.h"
#include "base/error.h"

enum { MAX_DEPTH = 64 };
static const gsize MAX_BYTES = 128u << 20;

/* json-glib recurses: a file of a million '[' would exhaust the stack. */
static gboolean
nesting_is_sane (const char *data, gsize length)
{
  int depth = 0;
  gboolean in_string = FALSE;
  for (gsize i = 0; i < length; i++)
    {
      char c = data[i];
      if (in_string)
        {
          if (c == '\\')
            i++;
          else if (c == '"')
            in_string = FALSE;
        }
      else if (c == '"')
        in_string = TRUE;
      else if (c == '[' || c == '{')
        {
          if (++depth > MAX_DEPTH)
            return FALSE;
        }
      else if (c == ']' || c == '}')
        depth--;
    }
  return TRUE;
}

JsonNode *
few_json_parse (const char *data, gsize length, const char *name, GError **error)
{
  if (length > MAX_BYTES || !nesting_is_sane (data, length))
    {
      few_fail (error, FORMAT, "%s is not usable JSON: it is too large or nested too deeply.",
                name);
      return NULL;
    }
  /* Not the immutable kind: that of json-glib 1.10 aborts on text that goes on behind its first
   * value, as in "0{}". */
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  if (!g_utf8_validate_len (data, length, NULL)
      || !json_parser_load_from_data (parser, data, length, &local))
    {
      few_fail (error, FORMAT, "%s is not valid JSON%s%s.", name, local ? ": " : "",
                local ? local->message : "");
      return NULL;
    }
  g_autoptr (JsonNode) root = json_parser_steal_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root))
    {
      few_fail (error, FORMAT, "%s does not hold a JSON object.", name);
      return NULL;
    }
  return g_steal_pointer (&root);
}

JsonNode *
few_json_load (const char *path, GError **error)
{
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, error);
  if (!map)
    return NULL;
  g_autofree char *name = g_filename_display_name (path);
  const char *data = g_mapped_file_get_contents (map);
  return few_json_parse (data ? data : "", g_mapped_file_get_length (map), name, error);
}

static JsonNode *
member_node (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static void
mark (const char **bad, const char *member)
{
  if (bad && !*bad)
    *bad = member;
}

gint64
few_json_int (JsonObject *object, const char *member, gint64 fallback, const char **bad)
{
  JsonNode *node = member_node (object, member);
  if (!node)
    return fallback;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  mark (bad, member);
  return fallback;
}

double
few_json_double (JsonObject *object, const char *member, double fallback, const char **bad)
{
  JsonNode *node = member_node (object, member);
  if (!node)
    return fallback;
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;
  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    return json_node_get_double (node);
  mark (bad, member);
  return fallback;
}

gboolean
few_json_bool (JsonObject *object, const char *member, gboolean fallback, const char **bad)
{
  JsonNode *node = member_node (object, member);
  if (!node)
    return fallback;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  mark (bad, member);
  return fallback;
}

const char *
few_json_string (JsonObject *object, const char *member, const char *fallback, const char **bad)
{
  JsonNode *node = member_node (object, member);
  if (!node)
    return fallback;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  mark (bad, member);
  return fallback;
}

JsonObject *
few_json_object (JsonObject *object, const char *member, const char **bad)
{
  JsonNode *node = member_node (object, member);
  if (!node)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  mark (bad, member);
  return NULL;
}

JsonArray *
few_json_array (JsonObject *object, const char *member, const char **bad)
{
  JsonNode *node = member_node (object, member);
  if (!node)
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  mark (bad, member);
  return NULL;
}
