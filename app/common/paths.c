/* SPDX-License-Identifier: MIT */
/* Where the program's own data and models lie: installed, in the tree, or fetched. */
#include <config.h>
#include "common/paths.h"
#include <fewshot.h>
#include <glib/gstdio.h>

/* The first place where `file` is. */
static char *
find (const char *const *places, guint n, const char *file)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_build_filename (places[i], file, NULL);
      if (*places[i] && g_file_test (path, G_FILE_TEST_EXISTS))
        return g_strdup (places[i]);
    }
  return NULL;
}

char *
few_pocket_folder (void)
{
  const char *forced = g_getenv ("FEWSHOT_POCKET");
  const char *const places[] = { forced ? forced : "", FEW_PKGDATADIR "/pocket", FEW_TREE_POCKET };
  return find (places, G_N_ELEMENTS (places), "open_clip_config.json");
}

/* No link, of that owner, and nothing that everybody may write to */
static gboolean
belongs (const char *path, uid_t owner, mode_t kind)
{
  GStatBuf found;
  return g_lstat (path, &found) == 0 && found.st_uid == owner && (found.st_mode & S_IFMT) == kind
         && !(found.st_mode & S_IWOTH);
}

/* Where an archive that was unpacked anywhere has the programs that nobody starts by hand: in
 * libexec, beside the folder of this program. The kernel says where that is: neither PATH nor the
 * folder that it was started in does. Only what is of this program's owner counts, the folders,
 * too: above a folder that is everybody's, anybody may put a libexec. */
static char *
find_libexec_beside (const char *file)
{
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = own ? g_path_get_dirname (own) : NULL;
  g_autofree char *above = folder ? g_path_get_dirname (folder) : NULL;
  g_autofree char *libexec = above ? g_build_filename (above, "libexec", NULL) : NULL;
  g_autofree char *beside = libexec ? g_build_filename (libexec, "fewshot", NULL) : NULL;
  g_autofree char *path = beside ? g_build_filename (beside, file, NULL) : NULL;
  GStatBuf program;
  if (!path || !g_path_is_absolute (path) || g_stat ("/proc/self/exe", &program) != 0
      || !belongs (libexec, program.st_uid, S_IFDIR) || !belongs (beside, program.st_uid, S_IFDIR)
      || !belongs (path, program.st_uid, S_IFREG))
    return NULL;
  return g_steal_pointer (&beside);
}

char *
few_frames_program (void)
{
  const char *forced = g_getenv ("FEWSHOT_FRAMES");
  g_autofree char *beside = find_libexec_beside ("fewshot-frames");
  /* of the same version first */
  const char *const places[] = { beside ? beside : "", FEW_LIBEXECDIR, FEW_TREE_FRAMES };
  if (forced)
    return g_file_test (forced, G_FILE_TEST_EXISTS) ? g_strdup (forced) : NULL;
  g_autofree char *folder = find (places, G_N_ELEMENTS (places), "fewshot-frames");
  return folder ? g_build_filename (folder, "fewshot-frames", NULL) : NULL;
}

char *
few_catalogue_path (void)
{
  const char *forced = g_getenv ("FEWSHOT_CATALOGUE");
  const char *const places[] = { FEW_PKGDATADIR, FEW_TREE_DATA };
  if (forced)
    return g_strdup (forced);
  g_autofree char *folder = find (places, G_N_ELEMENTS (places), "models.json");
  return folder ? g_build_filename (folder, "models.json", NULL) : NULL;
}

static char *
fetched_folder (const char *name)
{
  g_autofree char *catalogue = few_catalogue_path ();
  g_autofree char *models = few_default_models_folder ();
  g_autoptr (GPtrArray) entries = catalogue ? few_catalogue_load (catalogue, NULL) : NULL;
  g_autoptr (FewCatalogueEntry) other = few_catalogue_entry_for (name);
  char *folder = NULL;
  if (!entries)
    entries = g_ptr_array_new_with_free_func ((GDestroyNotify) few_catalogue_entry_unref);
  if (other)
    g_ptr_array_add (entries, few_catalogue_entry_ref (other));
  for (guint i = 0; i < entries->len; i++)
    {
      const FewCatalogueEntry *entry = entries->pdata[i];
      if (g_str_equal (entry->name, name) || g_str_equal (entry->repository, name))
        {
          FewShelf shelf = few_shelf_find (models, entry, &folder, NULL);
          if (shelf == FEW_SHELF_HERE || shelf == FEW_SHELF_FOUND)
            return folder;
          g_clear_pointer (&folder, g_free);
        }
    }
  return NULL;
}

char *
few_model_folder (const char *name)
{
  char *folder = NULL;
  if (g_str_equal (name, "pocket"))
    folder = few_pocket_folder ();
  else if (!g_file_test (name, G_FILE_TEST_EXISTS))
    folder = fetched_folder (name);
  return folder ? folder : g_strdup (name);
}
