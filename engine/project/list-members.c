/* SPDX-License-Identifier: MIT */
/* Numbers and strings of a project's file, many of them. */
#include "base/json.h"
#include "project/members.h"
#include <string.h>

JsonArray *
few_member_ints (const guint32 *values, guint n)
{
  JsonArray *array = json_array_sized_new (n);
  for (guint i = 0; i < n; i++)
    json_array_add_int_element (array, values[i]);
  return array;
}

guint32 *
few_member_read_ints (JsonObject *object, const char *member, guint n, guint limit,
                      const char **bad)
{
  JsonArray *array = few_json_array (object, member, bad);
  g_autofree guint32 *values = g_new0 (guint32, n + 1);
  if ((array ? json_array_get_length (array) : 0) != n)
    *bad = *bad ? *bad : member;
  for (guint i = 0; i < n && !*bad; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gint64 value = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : -1;
      if (value < 0 || value >= limit)
        *bad = member;
      values[i] = (guint32) value;
    }
  return g_steal_pointer (&values);
}

char **
few_member_strings (JsonObject *object, const char *member, guint *n, const char **bad)
{
  JsonArray *array = few_json_array (object, member, bad);
  *n = array ? json_array_get_length (array) : 0;
  if (*n > FEW_PROJECT_MAX_CLASSES)
    {
      *bad = member;
      *n = 0;
    }
  char **strings = g_new0 (char *, *n + 1);
  for (guint i = 0; i < *n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gboolean text =
          JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
      strings[i] = g_strdup (text ? json_node_get_string (node) : "");
      if (!text)
        *bad = *bad ? *bad : member;
    }
  return strings;
}

void
few_member_set_words (JsonObject *object, const char *member, gconstpointer words, gsize n)
{
  g_autofree guint32 *little = g_new (guint32, n);
  if (n > 0)
    memcpy (little, words, n * sizeof *little);
  for (gsize i = 0; i < n; i++)
    little[i] = GUINT32_TO_LE (little[i]);
  g_autofree char *text = g_base64_encode ((const guchar *) little, n * sizeof *little);
  json_object_set_string_member (object, member, text);
}

guint32 *
few_member_words (JsonObject *object, const char *member, gsize *n, const char **bad)
{
  const char *text = few_json_string (object, member, NULL, bad);
  gsize length = 0;
  g_autofree guchar *bytes = text && !*bad ? g_base64_decode (text, &length) : NULL;
  *n = length / sizeof (guint32);
  g_autofree guint32 *words =
      *n > 0 && length == *n * sizeof *words ? g_try_new (guint32, *n) : NULL;
  if (!words)
    {
      *n = 0;
      return NULL;
    }
  memcpy (words, bytes, *n * sizeof *words);
  for (gsize i = 0; i < *n; i++)
    words[i] = GUINT32_FROM_LE (words[i]);
  return g_steal_pointer (&words);
}
