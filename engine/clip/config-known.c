/* SPDX-License-Identifier: MIT */
/* Refuses settings that the engine does not have, by name. */
#include "clip/config-known.h"
#include "base/error.h"

static gboolean
says_nothing (JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) == 0;
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && !json_node_get_boolean (node);
}

static gboolean
is_string (JsonNode *node, const char *text)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
         && g_str_equal (json_node_get_string (node), text);
}

gboolean
few_config_check_known (JsonObject *object, const FewKnown *list, guint n, const char *file,
                        GError **error)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &node))
    {
      gboolean known = says_nothing (node);
      for (guint i = 0; i < n && !known; i++)
        known = g_str_equal (member, list[i].member)
                && (!list[i].only || is_string (node, list[i].only));
      if (!known)
        {
          few_fail (error, UNSUPPORTED, "%s asks for “%s”, which Fewshot does not have.", file,
                    member);
          return FALSE;
        }
    }
  return TRUE;
}
