/* Any bytes as a list of pictures: the first byte chooses CoOp's split file, a text list, or class names. Whatever is accepted stays inside
 * the folder of pictures and numbers its classes without gaps. */
#include "fuzz.h"
#include "fewshot.h"
#include <string.h>

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
  g_autoptr (FewDataset) set = data[0] % 2 ? few_dataset_load_split (path, "/pictures", &error) : few_dataset_load_lists (path, NULL, path, "/pictures", &error);
  g_assert_true ((set == NULL) == (error != NULL));
  for (guint i = 0; set && i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      g_assert_true (g_str_has_prefix (picture->path, "/pictures/") && !strstr (picture->path, "/../") && !g_str_has_suffix (picture->path, "/.."));
      g_assert_cmpuint (picture->label, <, set->classes->len);
    }
  for (guint i = 0; set && i < set->classes->len; i++)
    g_assert_nonnull (set->classes->pdata[i]);
  if (set && few_dataset_rename_classes (set, path, NULL))
    for (guint i = 0; i < set->classes->len; i++)
      g_assert_nonnull (set->classes->pdata[i]);
  return 0;
}
