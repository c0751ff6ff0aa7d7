/* SPDX-License-Identifier: MIT */
/* JSON, checked before it is parsed, and its members by kind. */
#include "base/json.h"
#include "base/error.h"
#include "base/file.h"
#include "base/words.h"
#include <string.h>

enum { MAX_DEPTH = 64 };

/* What JSON has outside its strings: white space, structure, numbers, true, false, null. The parser
 * takes more, comments among them, and a comment can hold a quote that hides what follows from the
 * count of brackets. */
static gboolean
is_json (char c)
{
  return g_ascii_isalnum (c) || (c && strchr (" \t\r\n{}[],:+-.", c));
}

/* The code unit of "\\uXXXX" at `at`; 0 where there is none. */
static guint
escaped_unit (const char *data, gsize length, gsize at)
{
  guint unit = 0;
  if (at + 6 > length || data[at] != '\\' || data[at + 1] != 'u')
    return 0;
  for (gsize i = at + 2; i < at + 6; i++)
    {
      if (!g_ascii_isxdigit (data[i]))
        return 0;
      unit = unit << 4 | (guint) g_ascii_xdigit_value (data[i]);
    }
  return unit;
}

/* The length of the escape at `at`; 0 for half of a surrogate pair, or a digit too few, of which
 * the parser would make text that is no UTF-8. */
static gsize
measure_escape (const char *data, gsize length, gsize at)
{
  guint unit = escaped_unit (data, length, at);
  gboolean cut_short = unit == 0 && at + 1 < length && data[at + 1] == 'u'
                       && (at + 6 > length || strncmp (data + at + 2, "0000", 4) != 0);
  if (cut_short)
    return 0;
  if (unit < 0xd800 || unit > 0xdfff)
    return 2;
  guint low = escaped_unit (data, length, at + 6);
  return unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* A sentence's end that says what is wrong, or NULL. */
static const char *
find_fault (const char *data, gsize length)
{
  int depth = 0;
  gboolean in_string = FALSE;
  gboolean ended = FALSE;
  /* editors on Windows put a mark before it */
  gsize start = length >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  for (gsize i = start; i < length; i++)
    {
      char c = data[i];
      if (in_string)
        {
          gsize escape = c == '\\' ? measure_escape (data, length, i) : 1;
          if (escape == 0)
            return N_ ("it holds half of a character");
          i += escape - 1;
          in_string = c != '"';
        }
      else if (ended && !g_ascii_isspace (c))
        return "something stands behind its end";
      else if (c == '"')
        in_string = TRUE;
      else if (!is_json (c))
        return c == '/' || c == '#' ? N_ ("it holds a comment")
                                    : N_ ("it holds a character out of place");
      else if ((c == '[' || c == '{') && ++depth > MAX_DEPTH)
        return N_ ("it is nested too deeply"); /* json-glib recurses: it would exhaust the stack */
      else if (c == ']' || c == '}')
        ended = --depth <= 0;
    }
  return NULL;
}

gboolean
few_json_check (const char *data, gsize length, const char *name, GError **error)
{
  const char *fault = NULL;
  if (length > FEW_JSON_MOST)
    fault = N_ ("it is too large");
  else if (!g_utf8_validate_len (data, length, NULL))
    fault = N_ ("it is not UTF-8 text");
  else
    fault = find_fault (data, length);
  if (fault)
    few_fail (error, FORMAT, "%s is not usable JSON: %s.", name, _ (fault));
  return !fault;
}

JsonNode *
few_json_parse_checked (const char *data, gsize length, gboolean placed, const char *name,
                        GError **error)
{
  /* Not the immutable kind: that of json-glib 1.10 aborts on text that goes on behind its first
   * value, as in "0{}". */
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  if (!json_parser_load_from_data (parser, data, (gssize) length, &local))
    {
      const char *behind = strstr (local->message, ": "); /* "<data>:1:3: …" */
      few_fail (error, FORMAT, "%s is not valid JSON: %s.", name,
                behind && !placed ? behind + 2 : local->message);
      return NULL;
    }
  return json_parser_steal_root (parser);
}

JsonNode *
few_json_parse (const char *data, gsize length, const char *name, GError **error)
{
  GError *local = NULL;
  if (!few_json_check (data, length, name, error))
    return NULL;
  g_autoptr (JsonNode) root = few_json_parse_checked (data, length, TRUE, name, &local);
  if (local)
    {
      g_propagate_error (error, local);
      return NULL;
    }
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
  gsize length;
  g_autofree char *data = few_file_read (path, FEW_JSON_MOST, &length, error);
  g_autofree char *name = g_filename_display_name (path);
  return data ? few_json_parse (data, length, name, error) : NULL;
}

static JsonNode *
member_node (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static void
mark_bad (const char **bad, const char *member)
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
  mark_bad (bad, member);
  return fallback;
}

static gboolean
is_number (JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

double
few_json_double (JsonObject *object, const char *member, double fallback, const char **bad)
{
  JsonNode *node = member_node (object, member);
  if (!node)
    return fallback;
  if (is_number (node))
    return json_node_get_double (node);
  mark_bad (bad, member);
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
  mark_bad (bad, member);
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
  mark_bad (bad, member);
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
  mark_bad (bad, member);
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
  mark_bad (bad, member);
  return NULL;
}

gboolean
few_json_numbers (JsonArray *array, double *numbers, guint n)
{
  if (json_array_get_length (array) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!is_number (node))
        return FALSE;
      numbers[i] = json_node_get_double (node);
    }
  return TRUE;
}
