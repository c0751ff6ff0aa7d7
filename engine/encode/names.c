/* SPDX-License-Identifier: MIT */
/* Names of pictures in a file of features: as JSON, and as bytes closed by zeroes. */
#include "encode/names.h"
#include <json-glib/json-glib.h>
#include <string.h>

char *
few_embed_names_json (const char *const *names, guint n)
{
  g_autoptr (JsonArray) array = json_array_new ();
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *shown = g_filename_display_name (names[i]);
      json_array_add_string_element (array, shown);
    }
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (node, array);
  return json_to_string (node, FALSE);
}

gboolean
few_embed_copy_names (const char **rest, char *out, gsize size, const char *(*next) (gpointer user),
                      gpointer user)
{
  while (size > 0)
    {
      if (!*rest && !(*rest = next (user)))
        return FALSE;
      gsize n = MIN (strlen (*rest) + 1, size);
      memcpy (out, *rest, n);
      *rest = out[n - 1] == 0 ? NULL : *rest + n;
      out += n;
      size -= n;
    }
  return TRUE;
}
