/* SPDX-License-Identifier: MIT */
/* A folder with a model that runs: written beside its name, renamed once it is whole. */
#include "base/error.h"
#include "portable/texts.h"
#include <errno.h>
#include <fcntl.h>
#include <fewshot/file.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- the folder beside */

/* Files alone: nothing here makes folders in it. */
static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_unlink (file);
    }
  g_rmdir (path);
}

typedef struct
{
  char *path;
  int fd; /* holds the lock that says somebody writes */
} Beside;

static void
clear_beside (Beside *beside)
{
  if (beside->path)
    remove_folder (beside->path);
  if (beside->fd >= 0)
    close (beside->fd);
  g_free (beside->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Beside, clear_beside)

/* What killed writers left: nobody holds its lock. */
static void
sweep (const char *parent, const char *stem)
{
  enum { MOST = 1 << 16 };
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name;
  for (guint i = 0; dir && i < MOST && (name = g_dir_read_name (dir)); i++)
    {
      if (!g_str_has_prefix (name, stem) || strlen (name) != strlen (stem) + 6)
        continue;
      g_autofree char *path = g_build_filename (parent, name, NULL);
      int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
      if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
        remove_folder (path);
      if (fd >= 0)
        close (fd);
    }
}

/* A new folder of that pattern, locked, so that nobody takes it for a leftover (a file system
 * without locks has no sweepers either). FALSE with errno. */
static gboolean
create_beside (const char *pattern, Beside *beside)
{
  enum { MOST_TRIES = 100 };
  for (guint i = 0; i < MOST_TRIES; i++)
    {
      g_autofree char *path = g_strdup (pattern);
      if (!g_mkdtemp_full (path, 0755))
        return FALSE;
      int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
      if (fd < 0 && errno != ENOENT)
        {
          int failed = errno;
          g_rmdir (path);
          errno = failed;
          return FALSE;
        }
      gboolean swept = fd < 0 || (flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK);
      if (!swept && g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          beside->path = g_steal_pointer (&path);
          beside->fd = fd;
          return TRUE;
        }
      if (fd >= 0)
        close (fd); /* somebody took it for a leftover */
    }
  errno = EEXIST;
  return FALSE;
}

static gboolean
begin_beside (const char *path, Beside *beside, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *stem = g_strdup_printf (".%.200s.few-", name);
  sweep (parent, stem);
  g_autofree char *pattern = g_strdup_printf ("%s/%sXXXXXX", parent, stem);
  if (create_beside (pattern, beside))
    return TRUE;
  few_fail_errno (error, path, FEW_FILE_CREATED, errno);
  return FALSE;
}

/* Over an empty folder, or nothing. */
static gboolean
finish_beside (const char *path, Beside *beside, GError **error)
{
  if (beside->fd >= 0)
    fsync (beside->fd);
  if (rename (beside->path, path) != 0)
    {
      few_fail_errno (error, path, FEW_FILE_CREATED, errno);
      return FALSE;
    }
  g_clear_pointer (&beside->path, g_free);
  g_autofree char *parent = g_path_get_dirname (path);
  int fd = g_open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd >= 0)
    {
      fsync (fd);
      close (fd);
    }
  return TRUE;
}

static gboolean
check_free (const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  gboolean there = g_file_test (path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
  if (!there || (dir && !g_dir_read_name (dir)))
    return TRUE;
  if (dir)
    few_fail (error, INPUT,
              "%s is there already and not empty. Choose a new folder: nothing is overwritten.",
              path);
  else
    few_fail (error, INPUT, "%s is there already. Choose a new folder: nothing is overwritten.",
              path);
  return FALSE;
}

/* ---- what lies in it */

static gboolean
put_text (const char *folder, const char *name, char *text, GError **error)
{
  g_autofree char *own = text;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return few_file_write (path, own, strlen (own), error);
}

/* "sample.jpg": a name that Python needs no quotes for. */
static char *
name_sample (const char *picture)
{
  const char *dot = picture ? strrchr (picture, '.') : NULL;
  if (!picture)
    return NULL;
  GString *name = g_string_new ("sample");
  for (const char *p = dot; p && *p && name->len < 12; p++)
    if (p == dot || g_ascii_isalnum (*p))
      g_string_append_c (name, g_ascii_tolower (*p));
  return g_string_free (name, FALSE);
}

static gboolean
put_texts (const char *folder, const FewPortableTexts *texts, GError **error)
{
  return put_text (folder, "labels.txt", few_portable_labels (texts), error)
         && put_text (folder, "predict.py", few_portable_program (texts), error)
         && put_text (folder, "README.md", few_portable_readme (texts), error)
         && put_text (folder, "model-card.md", few_portable_card (texts), error);
}

static gboolean
put_models (const FewModel *model, const FewClassifier *classifier,
            const FewPortableOptions *options, const char *folder, FewPortableProgress progress,
            gpointer user, GCancellable *cancellable, GError **error)
{
  g_autofree char *onnx = g_build_filename (folder, "model.onnx", NULL);
  g_autofree char *kept = g_build_filename (folder, "classifier.safetensors", NULL);
  return few_portable_save_onnx (model, classifier, options, onnx, progress, user, cancellable,
                                 error)
         && few_classifier_save (classifier, options->alpha, kept, error);
}

gboolean
few_portable_save_folder (const FewModel *model, const FewClassifier *classifier,
                          const FewPortableFolder *options, const char *path,
                          FewPortableProgress progress, gpointer user, GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (model != NULL && classifier != NULL, FALSE);
  g_return_val_if_fail (options != NULL && path != NULL, FALSE);
  g_auto (Beside) beside = { .fd = -1 };
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  if (!check_free (absolute, error) || !begin_beside (absolute, &beside, error))
    return FALSE;
  g_autofree char *sample = name_sample (options->sample);
  g_autofree char *to = sample ? g_build_filename (beside.path, sample, NULL) : NULL;
  if (to && !few_file_copy (options->sample, to, cancellable, NULL))
    g_clear_pointer (&sample, g_free); /* it has gone: the rest is worth having */
  const FewPortableTexts texts = { .model = few_model_info (model),
                                   .classifier = few_classifier_info (classifier),
                                   .options = options,
                                   .sample = sample };
  return put_models (model, classifier, &options->onnx, beside.path, progress, user, cancellable,
                     error)
         && put_texts (beside.path, &texts, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error)
         && finish_beside (absolute, &beside, error);
}
