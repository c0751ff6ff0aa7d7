/* SPDX-License-Identifier: MIT */
/* Looks for a model's licence: the built-in one's, the catalogue's, or “license:” at the head of
 * README.md beside the weights, as model hubs have it. */
#include "common/licence.h"
#include "common/paths.h"
#include <string.h>

static char *
read_card (const char *folder)
{
  enum { MOST = 1 << 20 };
  g_autofree char *path = g_build_filename (folder, "README.md", NULL);
  g_autofree char *text = few_file_read (path, MOST, NULL, NULL);
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", 200) : NULL;
  if (!lines || !lines[0] || !g_str_has_prefix (lines[0], "---"))
    return NULL;
  for (guint i = 1; lines[i] && !g_str_has_prefix (lines[i], "---"); i++)
    if (g_str_has_prefix (lines[i], "license:"))
      return g_strdup (g_strstrip (lines[i] + strlen ("license:")));
  return NULL;
}

gboolean
few_model_is_pocket (const FewModelInfo *model)
{
  g_return_val_if_fail (model != NULL, FALSE);
  g_autofree char *pocket = few_pocket_folder ();
  g_autofree char *same = pocket ? g_canonicalize_filename (pocket, NULL) : NULL;
  return g_strcmp0 (same, model->folder) == 0;
}

char *
few_model_licence (const FewModelInfo *model)
{
  g_return_val_if_fail (model != NULL, NULL);
  if (few_model_is_pocket (model))
    return g_strdup ("MIT");
  g_autofree char *path = few_catalogue_path ();
  g_autoptr (GPtrArray) entries = path ? few_catalogue_load (path, NULL) : NULL;
  for (guint i = 0; entries && i < entries->len; i++)
    {
      const FewCatalogueEntry *entry = entries->pdata[i];
      if (g_str_equal (entry->name, model->name) && *entry->licence)
        return g_strdup (entry->licence);
    }
  char *card = read_card (model->folder);
  if (card && !*card)
    g_clear_pointer (&card, g_free);
  return card;
}
