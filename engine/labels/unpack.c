/* SPDX-License-Identifier: MIT */
/* Archives, by libarchive: into a folder beside the one that is asked for, which takes its name
 * when all is there. */
#include <fewshot/archive.h>
#include <fewshot/file.h>
#include "base/error.h"
#include "base/folder.h"
#include "labels/unpack-name.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { MOST_FILES = 2000000, PIECE = 1 << 18 };
static const guint64 MOST_FILE = (guint64) 2 << 30;
static const guint64 MOST_BYTES = (guint64) 1 << 40;
/* Pictures are packed already; flat drawings and tables are not. */
static const guint64 MOST_RATIO = 200;
static const guint64 ALWAYS = (guint64) 256 << 20;

typedef struct
{
  const char *path, *shown; /* of the archive */
  guint64 size;
  struct archive *archive;
  char *making; /* the folder until all is there */
  int lock; /* its descriptor */
  FewUnpacked *so_far;
  char *piece;
  void (*progress) (gpointer user, guint64 done, guint64 total);
  gpointer user;
  GCancellable *cancellable;
} Unpacking;

/* ---- folders */

/* A folder of this run alone: what a killed one left has no lock any more. A file system without
 * locks cannot tell, and takes it for that. */
static gboolean
make_folder (Unpacking *u, const char *folder, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *name = g_strdup_printf (".%s.unpacking", base);
  g_autofree char *making = g_build_filename (parent, name, NULL);
  gboolean made = g_mkdir (making, 0777) == 0;
  if (!made && errno != EEXIST)
    {
      few_fail_errno (error, making, FEW_FILE_CREATED, errno);
      return FALSE;
    }
  u->lock = open (making, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (u->lock < 0)
    {
      few_fail_errno (error, making, FEW_FILE_OPENED, errno);
      return FALSE;
    }
  if (flock (u->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    {
      few_fail (error, INPUT, "%s is being unpacked by another Fewshot.", u->shown);
      return FALSE;
    }
  u->making = g_steal_pointer (&making);
  if (!made)
    few_folder_empty (u->making);
  return TRUE;
}

/* The only folder in it where there is no other entry; free with g_free. */
static char *
find_inner (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *first = dir ? g_dir_read_name (dir) : NULL;
  g_autofree char *inner = first ? g_build_filename (folder, first, NULL) : NULL;
  if (!inner || g_dir_read_name (dir) || !g_file_test (inner, G_FILE_TEST_IS_DIR))
    return NULL;
  return g_steal_pointer (&inner);
}

/* A folder that is there already is not replaced, whoever made it meanwhile, unless it is empty. */
static gboolean
take_name (const Unpacking *u, const char *folder, GError **error)
{
  g_autofree char *inner = find_inner (u->making);
  if (g_rename (inner ? inner : u->making, folder) != 0)
    {
      few_fail_errno (error, folder, FEW_FILE_CREATED, errno);
      return FALSE;
    }
  if (inner)
    g_rmdir (u->making);
  return TRUE;
}

/* ---- entries */

static gboolean
fail_archive (const Unpacking *u, GError **error)
{
  const char *why = archive_error_string (u->archive);
  /* where libarchive 3.6 knew no format, it would ask one behind its last */
  gboolean known = archive_format (u->archive) != 0;
  if (known && archive_read_has_encrypted_entries (u->archive) == 1)
    few_fail (error, UNSUPPORTED,
              "%s is encrypted: unpack it with a program that asks for its "
              "password.",
              u->shown);
  else
    few_fail (error, FORMAT, "%s is no archive that can be unpacked, or it is damaged: %s",
              u->shown, why ? why : "?");
  return FALSE;
}

static gboolean
check_limits (const Unpacking *u, guint64 file, GError **error)
{
  guint64 most = MAX (ALWAYS, MIN (MOST_BYTES, u->size * MOST_RATIO));
  if (file <= MOST_FILE && u->so_far->bytes <= most && u->so_far->files <= MOST_FILES)
    return TRUE;
  few_fail (
      error, LIMIT,
      "%s holds more than a set of pictures does: a file of over 2 GB, over two million files, or "
      "over 200 times its own size. Nothing was unpacked.",
      u->shown);
  return FALSE;
}

/* The bytes of an entry to a new file; nothing is written over. */
static gboolean
write_entry (Unpacking *u, int fd, const char *target, GError **error)
{
  guint64 file = 0;
  for (;;)
    {
      la_ssize_t n = archive_read_data (u->archive, u->piece, PIECE);
      if (n == 0)
        return TRUE;
      if (n < 0)
        return fail_archive (u, error);
      file += (guint64) n;
      u->so_far->bytes += (guint64) n;
      if (!check_limits (u, file, error)
          || g_cancellable_set_error_if_cancelled (u->cancellable, error))
        return FALSE;
      for (la_ssize_t at = 0; at < n;)
        {
          ssize_t written = write (fd, u->piece + at, (gsize) (n - at));
          if (written < 0 && errno != EINTR)
            {
              few_fail_errno (error, target, FEW_FILE_WRITTEN, errno);
              return FALSE;
            }
          at += MAX (written, 0);
        }
    }
}

static gboolean
take_entry (Unpacking *u, const char *name, GError **error)
{
  g_autofree char *target = g_build_filename (u->making, name, NULL);
  g_autofree char *parent = g_path_get_dirname (target);
  int fd = g_mkdir_with_parents (parent, 0777) == 0
               ? open (target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)
               : -1;
  if (fd < 0 && (errno == EEXIST || errno == ENOTDIR || errno == EISDIR))
    {
      u->so_far->left_out++; /* two of one name, or a folder and a file */
      return TRUE;
    }
  if (fd < 0)
    {
      few_fail_errno (error, target, FEW_FILE_CREATED, errno);
      return FALSE;
    }
  u->so_far->files++;
  gboolean ok = write_entry (u, fd, target, error);
  if (close (fd) != 0 && ok)
    {
      few_fail_errno (error, target, FEW_FILE_WRITTEN, errno);
      return FALSE;
    }
  return ok && check_limits (u, 0, error);
}

static gboolean
unpack_entries (Unpacking *u, GError **error)
{
  struct archive_entry *entry;
  int got;
  while ((got = archive_read_next_header (u->archive, &entry)) == ARCHIVE_OK || got == ARCHIVE_WARN)
    {
      const char *utf8 = archive_entry_pathname_utf8 (entry);
      const char *path = utf8 ? utf8 : archive_entry_pathname (entry);
      g_autofree char *name = path ? few_unpack_name (path) : NULL;
      gboolean folder = archive_entry_filetype (entry) == AE_IFDIR;
      gboolean file = archive_entry_filetype (entry) == AE_IFREG && !archive_entry_hardlink (entry);
      if (archive_entry_is_encrypted (entry))
        return fail_archive (u, error);
      if (g_cancellable_set_error_if_cancelled (u->cancellable, error))
        return FALSE;
      if (u->progress)
        u->progress (u->user, (guint64) archive_filter_bytes (u->archive, -1), u->size);
      u->so_far->left_out += !folder && (!file || !name);
      if (file && name && !take_entry (u, name, error))
        return FALSE;
    }
  return got == ARCHIVE_EOF || fail_archive (u, error);
}

/* Those that the endings name, and no others: of some libarchive runs a program. */
static void
support_kinds (struct archive *archive)
{
  archive_read_support_filter_gzip (archive);
  archive_read_support_filter_bzip2 (archive);
  archive_read_support_filter_xz (archive);
  archive_read_support_filter_zstd (archive);
  archive_read_support_format_zip (archive);
  archive_read_support_format_tar (archive);
}

static gboolean
unpack (Unpacking *u, GError **error)
{
  u->archive = archive_read_new ();
  u->piece = g_malloc (PIECE);
  support_kinds (u->archive);
  if (archive_read_open_filename (u->archive, u->path, PIECE) != ARCHIVE_OK)
    return fail_archive (u, error);
  if (!unpack_entries (u, error))
    return FALSE;
  if (u->so_far->files > 0)
    return TRUE;
  few_fail (error, INPUT, "There is no file in %s that can be unpacked.", u->shown);
  return FALSE;
}

/* A file is made a folder that is not there yet; its size is taken down. */
static gboolean
check_places (Unpacking *u, const char *folder, GError **error)
{
  struct stat info;
  g_autofree char *taken = g_filename_display_name (folder);
  if (g_stat (u->path, &info) != 0)
    few_fail_errno (error, u->path, FEW_FILE_OPENED, errno);
  else if (!S_ISREG (info.st_mode))
    few_fail (error, INPUT, "%s is no file.", u->shown);
  else if (g_file_test (folder, G_FILE_TEST_EXISTS))
    few_fail (error, INPUT, "%s is there already: name that folder, or choose another.", taken);
  else
    {
      u->size = (guint64) info.st_size;
      return TRUE;
    }
  return FALSE;
}

gboolean
few_archive_unpack (const char *path, const char *folder,
                    void (*progress) (gpointer user, guint64 done, guint64 total), gpointer user,
                    GCancellable *cancellable, FewUnpacked *unpacked, GError **error)
{
  g_return_val_if_fail (path != NULL && folder != NULL, FALSE);
  FewUnpacked own;
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *whole = g_canonicalize_filename (folder, NULL);
  Unpacking u = { .path = path,
                  .shown = shown,
                  .lock = -1,
                  .so_far = unpacked ? unpacked : &own,
                  .progress = progress,
                  .user = user,
                  .cancellable = cancellable };
  *u.so_far = (FewUnpacked) { 0 };
  if (!check_places (&u, whole, error) || !make_folder (&u, whole, error))
    {
      if (u.lock >= 0)
        close (u.lock);
      return FALSE;
    }
  gboolean ok = unpack (&u, error) && take_name (&u, whole, error);
  if (!ok)
    few_folder_remove (u.making);
  close (u.lock);
  archive_read_free (u.archive);
  g_free (u.making);
  g_free (u.piece);
  return ok;
}
