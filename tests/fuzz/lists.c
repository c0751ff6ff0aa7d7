/* SPDX-License-Identifier: MIT */
/* Any bytes as a list of pictures, a catalogue of models, or a hub's list of a repository's
 * files: the first byte chooses. Whatever is accepted stays inside its folder, and numbers its
 * classes without gaps. */
#include "fuzz.h"
#include "hub/catalogue.h"
#include "hub/repository.h"
#include <fewshot/dataset.h>
#include <string.h>

static void
check_entry (const FewCatalogueEntry *entry)
{
  g_assert_true (few_hub_name_is_safe (entry->name) && !strchr (entry->name, '/')
                 && few_hub_repository_is_valid (entry->repository));
  for (guint i = 0; i < entry->n_files; i++)
    g_assert_true (few_hub_name_is_safe (entry->files[i].name)
                   && !strchr (entry->files[i].name, '/'));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  if (size == 0)
    return 0;
  g_autofree char *path = g_build_filename (folder, "list", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, (const char *) data + 1, (gssize) size - 1, NULL));
  if (data[0] % 4 == 2)
    {
      g_autoptr (GPtrArray) entries = few_catalogue_load (path, &error);
      g_assert_true ((entries == NULL) == (error != NULL));
      for (guint i = 0; entries && i < entries->len; i++)
        check_entry (entries->pdata[i]);
      return 0;
    }
  if (data[0] % 4 == 3)
    {
      g_autoptr (FewCatalogueEntry) asked = few_catalogue_entry_for ("a/b");
      g_autoptr (FewCatalogueEntry) entry =
          few_repository_choose (asked, (const char *) data + 1, size - 1, &error);
      g_assert_true ((entry == NULL) == (error != NULL));
      if (entry)
        check_entry (entry);
      return 0;
    }
  g_autoptr (FewDataset) set = data[0] % 4
                                   ? few_dataset_load_split (path, "/pictures", &error)
                                   : few_dataset_load_lists (path, NULL, path, "/pictures", &error);
  g_assert_true ((set == NULL) == (error != NULL));
  for (guint i = 0; set && i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      g_assert_true (g_str_has_prefix (picture->path, "/pictures/")
                     && !strstr (picture->path, "/../")
                     && !g_str_has_suffix (picture->path, "/.."));
      g_assert_cmpuint (picture->label, <, set->classes->len);
    }
  for (guint i = 0; set && i < set->classes->len; i++)
    g_assert_nonnull (set->classes->pdata[i]);
  if (set && few_dataset_rename_classes (set, path, NULL))
    for (guint i = 0; i < set->classes->len; i++)
      g_assert_nonnull (set->classes->pdata[i]);
  return 0;
}
