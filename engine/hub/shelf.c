/* SPDX-License-Identifier: MIT */
/* The folder of fetched models: what is there, whole or in part, and whose it is. */
#include "hub/shelf.h"
#include "base/error.h"
#include <fewshot/atomic-file.h>
#include "base/file.h"
#include "hub/catalogue.h"
#include <fewshot/hub.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

FewCatalogueEntry *
few_catalogue_entry_for (const char *repository)
{
  g_return_val_if_fail (repository != NULL, NULL);
  if (!few_hub_repository_is_valid (repository))
    return NULL;
  g_auto (GStrv) parts = g_strsplit (repository, "/", 2);
  g_autofree char *name = g_strdup_printf ("%s--%s", parts[0], parts[1]);
  FewCatalogueEntry *entry = few_catalogue_entry_new (name, repository, "main");
  g_free (entry->title);
  entry->title = g_strdup (repository);
  return entry;
}

int
few_shelf_lock (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, FEW_SHELF_LOCK, NULL);
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      few_fail_errno (error, folder, FEW_FILE_CREATED, errno);
      return -1;
    }
  int fd = few_file_open_to_write (path, O_RDWR | O_CREAT | O_NOFOLLOW, 0666, error);
  if (fd < 0)
    return -1;
  struct stat info;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    {
      /* not the lock of a folder that was removed in between */
      if (fstat (fd, &info) == 0 && info.st_nlink > 0)
        return fd;
    }
  else if (errno != EWOULDBLOCK) /* that is somebody else's; this, a disk that knows no locks */
    few_fail_errno (error, path, FEW_FILE_LOCKED, errno);
  close (fd);
  return -1;
}

/* ---- what lies there */

static guint64
measure_file (const char *folder, const char *name)
{
  struct stat info;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return stat (path, &info) == 0 && S_ISREG (info.st_mode) ? (guint64) info.st_size : 0;
}

static guint64
measure_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint64 sum = 0;
  while (dir && (name = g_dir_read_name (dir)))
    sum += measure_file (folder, name);
  return sum;
}

/* A safetensors file has its header's length and a brace at least. */
static guint64
find_least_bytes (const char *name)
{
  return g_str_has_suffix (name, ".safetensors") ? 10 : 1;
}

/* The record of a whole model, all of whose files are there with their sizes; NULL otherwise. */
static GKeyFile *
read_record (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, FEW_SHELF_RECORD, NULL);
  g_autoptr (GKeyFile) record = g_key_file_new ();
  if (!few_file_load_keys (record, path, NULL) || !g_key_file_has_group (record, "model"))
    return NULL;
  g_auto (GStrv) groups = g_key_file_get_groups (record, NULL);
  for (char **group = groups; *group; group++)
    if (g_str_has_prefix (*group, "file "))
      {
        const char *name = *group + strlen ("file ");
        guint64 bytes = g_key_file_get_uint64 (record, *group, "bytes", NULL);
        if (!few_hub_name_is_safe (name) || strchr (name, '/') || bytes < find_least_bytes (name)
            || measure_file (folder, name) != bytes)
          return NULL;
      }
  return g_steal_pointer (&record);
}

/* ---- Hugging Face's caches: HUB/models--ORG--NAME/{refs/REVISION, snapshots/COMMIT/FILE} */

static GPtrArray *
list_caches (void)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  const char *home = g_getenv ("HF_HOME");
  const char *const direct[] = { g_getenv ("HF_HUB_CACHE"), g_getenv ("HUGGINGFACE_HUB_CACHE") };
  for (guint i = 0; i < G_N_ELEMENTS (direct); i++)
    if (direct[i] && *direct[i])
      g_ptr_array_add (folders, g_strdup (direct[i]));
  if (home && *home)
    g_ptr_array_add (folders, g_build_filename (home, "hub", NULL));
  g_ptr_array_add (folders, g_build_filename (g_get_user_cache_dir (), "huggingface", "hub", NULL));
  return folders;
}

static gboolean
holds_model (const char *folder, const FewCatalogueEntry *entry)
{
  for (guint i = 0; i < entry->n_files; i++)
    {
      guint64 bytes = measure_file (folder, entry->files[i].name);
      if (bytes == 0 || (entry->files[i].bytes && bytes != entry->files[i].bytes))
        return FALSE;
    }
  return entry->n_files > 0 || measure_file (folder, "open_clip_model.safetensors")
         || measure_file (folder, "model.safetensors");
}

static char *
find_elsewhere (const FewCatalogueEntry *entry)
{
  g_autoptr (GPtrArray) caches = list_caches ();
  g_auto (GStrv) parts = g_strsplit (entry->repository, "/", 2);
  g_autofree char *model = g_strdup_printf ("models--%s--%s", parts[0], parts[1]);
  for (guint i = 0; i < caches->len; i++)
    {
      g_autofree char *reference =
          g_build_filename (caches->pdata[i], model, "refs", entry->revision, NULL);
      g_autofree char *commit = few_file_read (reference, 200, NULL, NULL);
      if (!commit || !few_hub_name_is_safe (g_strstrip (commit)))
        continue;
      g_autofree char *folder =
          g_build_filename (caches->pdata[i], model, "snapshots", commit, NULL);
      if (holds_model (folder, entry))
        return g_steal_pointer (&folder);
    }
  return NULL;
}

FewShelf
few_shelf_find (const char *models_folder, const FewCatalogueEntry *entry, char **folder,
                guint64 *bytes)
{
  g_return_val_if_fail (models_folder != NULL && entry != NULL, FEW_SHELF_ABSENT);
  g_autofree char *own = g_build_filename (models_folder, entry->name, NULL);
  g_autofree char *part = g_build_filename (own, FEW_SHELF_PART, NULL);
  g_autofree char *elsewhere = NULL;
  g_autoptr (GKeyFile) record = read_record (own);
  FewShelf shelf = record ? FEW_SHELF_HERE : FEW_SHELF_ABSENT;
  if (!record && (elsewhere = find_elsewhere (entry)))
    shelf = FEW_SHELF_FOUND;
  else if (!record && g_file_test (part, G_FILE_TEST_EXISTS))
    shelf = FEW_SHELF_PARTIAL;
  const char *there = elsewhere ? elsewhere : own;
  if (bytes)
    *bytes = shelf == FEW_SHELF_ABSENT ? 0 : measure_folder (there);
  if (folder)
    *folder = shelf == FEW_SHELF_ABSENT ? NULL : g_strdup (there);
  return shelf;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(FewCatalogueEntry *const *) a)->name, (*(FewCatalogueEntry *const *) b)->name);
}

GPtrArray *
few_shelf_list (const char *models_folder)
{
  g_return_val_if_fail (models_folder != NULL, NULL);
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) few_catalogue_entry_unref);
  g_autoptr (GDir) dir = g_dir_open (models_folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *folder = g_build_filename (models_folder, name, NULL);
      g_autoptr (GKeyFile) record = few_hub_name_is_safe (name) ? read_record (folder) : NULL;
      g_autofree char *repository =
          record ? g_key_file_get_string (record, "model", "repository", NULL) : NULL;
      g_autofree char *revision =
          record ? g_key_file_get_string (record, "model", "revision", NULL) : NULL;
      if (repository && few_hub_repository_is_valid (repository))
        {
          FewCatalogueEntry *entry =
              few_catalogue_entry_new (name, repository, revision ? revision : "main");
          entry->about = measure_folder (folder);
          g_ptr_array_add (entries, entry);
        }
    }
  g_ptr_array_sort (entries, compare_names);
  return entries;
}

/* ---- removing */

/* The key file of that name in a folder; NULL where there is none, or a link. */
static GKeyFile *
load_own_models (const char *folder, const char *name)
{
  struct stat info;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  return g_lstat (path, &info) == 0 && S_ISREG (info.st_mode)
                 && few_file_load_keys (keys, path, NULL)
             ? g_steal_pointer (&keys)
             : NULL;
}

gboolean
few_shelf_owns (const char *folder, const char *file)
{
  static const char *const lists[] = { FEW_SHELF_RECORD, FEW_SHELF_PART };
  g_autofree char *group = g_strconcat ("file ", file, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GKeyFile) keys = load_own_models (folder, lists[i]);
      if (keys && g_key_file_has_group (keys, group))
        return TRUE;
    }
  return FALSE;
}

/* Of a folder that is open; a link, a folder or a device under the name stays. */
static void
unlink_regular (int folder, const char *name)
{
  struct stat info;
  if (fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (info.st_mode)
      && unlinkat (folder, name, 0) != 0)
    g_debug ("%s: %s", name, g_strerror (errno));
}

/* The files that a list of ours names, whole, in parts and set aside. */
static void
unlink_listed (int folder, GKeyFile *keys)
{
  static const char *const forms[] = { "", ".part", ".damaged" };
  g_auto (GStrv) groups = g_key_file_get_groups (keys, NULL);
  for (char **group = groups; *group; group++)
    {
      const char *name = *group + strlen ("file ");
      if (!g_str_has_prefix (*group, "file ") || !few_hub_name_is_safe (name) || strchr (name, '/'))
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
        {
          g_autofree char *file = g_strconcat (name, forms[i], NULL);
          unlink_regular (folder, file);
        }
    }
}

/* Only what our own lists name, and those; the folder goes when nothing else is in it. */
static gboolean
remove_files (const char *path, GKeyFile *record, GKeyFile *part, GError **error)
{
  static const char *const own[] = { FEW_SHELF_PART, FEW_SHELF_LOCK };
  int folder = g_open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (folder < 0)
    {
      few_fail_errno (error, path, FEW_FILE_REMOVED, errno);
      return FALSE;
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *swept =
          g_build_filename (path, i == 0 ? FEW_SHELF_RECORD : FEW_SHELF_PART, NULL);
      few_atomic_file_sweep (swept);
    }
  /* the record goes first: a removal that is cut off leaves no whole model */
  unlink_regular (folder, FEW_SHELF_RECORD);
  if (record)
    unlink_listed (folder, record);
  if (part)
    unlink_listed (folder, part);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    unlink_regular (folder, own[i]);
  close (folder);
  if (g_rmdir (path) == 0 || errno == ENOTEMPTY || errno == EEXIST)
    return TRUE;
  few_fail_errno (error, path, FEW_FILE_REMOVED, errno);
  return FALSE;
}

gboolean
few_shelf_remove (const char *models_folder, const char *name, GError **error)
{
  g_return_val_if_fail (models_folder != NULL && name != NULL, FALSE);
  struct stat info;
  g_autofree char *folder = g_build_filename (models_folder, name, NULL);
  gboolean real = few_hub_name_is_safe (name) && !strchr (name, '/') && g_lstat (folder, &info) == 0
                  && S_ISDIR (info.st_mode);
  g_autoptr (GKeyFile) record = real ? load_own_models (folder, FEW_SHELF_RECORD) : NULL;
  g_autoptr (GKeyFile) part = real ? load_own_models (folder, FEW_SHELF_PART) : NULL;
  if (!record && !part)
    {
      few_fail (error, INPUT,
                "The model “%s” was not fetched by this program: there is nothing to remove.",
                name);
      return FALSE;
    }
  int lock = few_shelf_lock (folder, error);
  if (lock < 0)
    {
      if (error && !*error)
        few_fail (error, INPUT, "The model “%s” is being fetched. Stop that first.", name);
      return FALSE;
    }
  gboolean ok = remove_files (folder, record, part, error);
  close (lock);
  return ok;
}
