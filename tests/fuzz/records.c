/* SPDX-License-Identifier: MIT */
/* Any bytes as what lies beside a model: the record of a fetched one, its state while it is
 * fetched, a fetched file, the index of shards, models.ini; the first byte chooses. */
#include "fuzz.h"
#include "base/file.h"
#include "clip/weights.h"
#include "hub/fetched.h"
#include "hub/shelf.h"
#include <fewshot/hub.h>
#include <glib/gstdio.h>

static void
read_shelf (const char *models)
{
  g_autoptr (GPtrArray) list = few_shelf_list (models);
  for (guint i = 0; i < list->len; i++)
    {
      const FewCatalogueEntry *entry = list->pdata[i];
      g_assert_cmpstr (entry->name, ==, "m");
      g_assert_nonnull (entry->repository);
    }
}

static void
read_index (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewWeights) weights = few_weights_open (folder, &error);
  g_assert_true ((weights == NULL) == (error != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const names[] = {
    FEW_SHELF_RECORD, FEW_SHELF_PART, "f.safetensors", "f.json", "model.safetensors.index.json",
    "models.ini"
  };
  static char *models;
  if (!models)
    models = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  if (size == 0)
    return 0;
  guint kind = data[0] % G_N_ELEMENTS (names);
  g_autofree char *folder = g_build_filename (models, "m", NULL);
  g_autofree char *path = g_build_filename (folder, names[kind], NULL);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_mkdir (folder, 0700);
  g_assert_true (g_file_set_contents (path, (const char *) data + 1, (gssize) size - 1, NULL));
  if (kind < 2)
    {
      read_shelf (models);
      few_shelf_owns (folder, "f.json");
      few_shelf_remove (models, "m", NULL);
      g_mkdir (folder, 0700);
    }
  else if (kind < 4)
    few_fetched_check (path, names[kind], NULL);
  else if (kind == 4)
    read_index (folder);
  else
    few_file_load_keys (keys, path, NULL);
  g_unlink (path);
  return 0;
}
