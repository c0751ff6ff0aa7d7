/* SPDX-License-Identifier: MIT */
/* Means and deviations, one a colour. */
#include "clip/config-preprocess.h"
#include "base/json.h"

void
few_config_read_triplet (JsonObject *object, const char *member, double out[3], const char **bad)
{
  JsonArray *array = few_json_array (object, member, bad);
  if (!array)
    return;
  for (guint i = 0; i < 3; i++)
    {
      JsonNode *node =
          json_array_get_length (array) == 3 ? json_array_get_element (array, i) : NULL;
      if (!node || !JSON_NODE_HOLDS_VALUE (node)
          || json_node_get_value_type (node) == G_TYPE_STRING)
        {
          *bad = member;
          return;
        }
      out[i] = json_node_get_double (node);
    }
}
