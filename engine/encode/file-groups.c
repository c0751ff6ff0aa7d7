/* SPDX-License-Identifier: MIT */
/* What files say of pictures that belong together, whatever their features are: parts of one
 * picture, bursts by EXIF, folders by their names. */
#include "base/file.h"
#include "base/memory.h"
#include "base/words.h"
#include "image/moment.h"
#include <fewshot/crop.h>
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <string.h>

static const char WHAT[] = N_ ("the groups of the pictures");

/* ---- parts of one picture */

/* Paths without their parts, which end with NULL; NULL where memory is short. */
static char **
list_files (const char *const *paths, guint n, GError **error)
{
  char **files = few_try_copy (NULL, (gsize) n + 1, sizeof *files, WHAT, error);
  for (guint i = 0; files && i < n; i++)
    files[i] = few_address_split (paths[i] ? paths[i] : "", NULL);
  if (files)
    files[n] = NULL;
  return files;
}

/* Pictures of one file share the number of the first. */
static gboolean
join_parts (const char *const *paths, char **files, guint n, guint32 *together, GError **error)
{
  g_autoptr (GHashTable) first = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree guint32 *keys = few_try_copy (NULL, n, sizeof *keys, WHAT, error);
  gboolean any = FALSE;
  for (guint i = 0; keys && i < n; i++)
    {
      gpointer at;
      keys[i] = i;
      if (!paths[i])
        continue;
      any |= !g_str_equal (paths[i], files[i]);
      if (g_hash_table_lookup_extended (first, files[i], NULL, &at))
        keys[i] = GPOINTER_TO_UINT (at);
      else
        g_hash_table_insert (first, files[i], GUINT_TO_POINTER (i));
    }
  return keys && (!any || few_groups_join (together, keys, n, error));
}

/* ---- bursts */

typedef struct
{
  FewMoment moment;
  guint32 label, index;
} Taken;

static int
compare_numbers (gint64 a, gint64 b)
{
  return (a > b) - (a < b);
}

/* By class, camera and time. */
static int
compare_taken (gconstpointer one, gconstpointer other)
{
  const Taken *a = one;
  const Taken *b = other;
  if (a->label != b->label)
    return a->label < b->label ? -1 : 1;
  if (a->moment.camera != b->moment.camera)
    return a->moment.camera < b->moment.camera ? -1 : 1;
  if (a->moment.time != b->moment.time)
    return compare_numbers (a->moment.time, b->moment.time);
  return compare_numbers (a->index, b->index);
}

/* FALSE: the file does not say, or is gone. */
static gboolean
look_at_file (const char *path, FewMoment *moment)
{
  g_autoptr (FewFile) file = few_file_open (path, G_MAXUINT64, NULL);
  return file && few_moment_of_file (file, moment);
}

/* A burst is a chain: each picture comes soon after the one before. */
static void
join_chains (const Taken *taken, guint n, guint32 *together)
{
  enum { SOON = FEW_BURST_SECONDS * 1000 };
  for (guint i = 1; i < n; i++)
    {
      const Taken *before = &taken[i - 1];
      const Taken *now = &taken[i];
      if (now->label == before->label && now->moment.camera == before->moment.camera
          && now->moment.time - before->moment.time <= SOON)
        together[now->index] = together[before->index];
    }
}

static gboolean
join_bursts (const char *const *paths, const guint32 *labels, guint n, GCancellable *cancellable,
             guint32 *together, GError **error)
{
  g_auto (FewRoom) room = { 0 };
  Taken *taken = few_room_new (&room, Taken, n, 1);
  guint told = 0;
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!*paths[i] || !look_at_file (paths[i], &taken[told].moment))
        continue;
      taken[told].label = labels[i];
      taken[told++].index = i;
    }
  qsort (taken, told, sizeof *taken, compare_taken);
  join_chains (taken, told, together);
  return TRUE;
}

/* ---- folders */

/* The part of `folder` that is the folder of `path` or one above it. */
static gsize
common_folder (const char *folder, gsize length, const char *path)
{
  gsize end = (gsize) (strrchr (path, G_DIR_SEPARATOR) - path);
  gsize at = 0;
  while (at < length && at < end && folder[at] == path[at])
    at++;
  gboolean whole =
      (at == length || folder[at] == G_DIR_SEPARATOR) && (at == end || path[at] == G_DIR_SEPARATOR);
  while (!whole && at > 0 && folder[--at] != G_DIR_SEPARATOR)
    ;
  return at;
}

typedef struct
{
  const char *path; /* of a picture of the class; NULL: none yet */
  gsize length;     /* of the folder that holds all of the class */
} ClassFolder;

/* Pictures of one folder share the number of the first, unless all of their class lie in it or
 * below. */
static void
number_folders (const char *const *paths, const guint32 *labels, guint n,
                const ClassFolder *classes, guint32 *keys)
{
  g_autoptr (GHashTable) first = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < n; i++)
    {
      const char *slash = strrchr (paths[i], G_DIR_SEPARATOR);
      gpointer at;
      keys[i] = i;
      if (!slash || (gsize) (slash - paths[i]) == classes[labels[i]].length)
        continue;
      char *folder = g_strndup (paths[i], (gsize) (slash - paths[i]));
      if (!g_hash_table_lookup_extended (first, folder, NULL, &at))
        {
          g_hash_table_insert (first, folder, GUINT_TO_POINTER (i));
          continue;
        }
      keys[i] = GPOINTER_TO_UINT (at);
      g_free (folder);
    }
}

static gboolean
join_folders (const char *const *paths, const guint32 *labels, guint n, guint32 *together,
              GError **error)
{
  guint n_classes = 0;
  g_auto (FewRoom) room = { 0 };
  for (guint i = 0; i < n; i++)
    n_classes = MAX (n_classes, labels[i] + 1);
  ClassFolder *classes = few_room_new (&room, ClassFolder, n_classes, 1);
  guint32 *keys = few_room_new (&room, guint32, n, 1);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      ClassFolder *own = &classes[labels[i]];
      const char *slash = strrchr (paths[i], G_DIR_SEPARATOR);
      if (!slash)
        continue;
      own->length =
          own->path ? common_folder (own->path, own->length, paths[i]) : (gsize) (slash - paths[i]);
      own->path = own->path ? own->path : paths[i];
    }
  number_folders (paths, labels, n, classes, keys);
  return few_groups_join (together, keys, n, error);
}

gboolean
few_split_spread_parts (const char *const *paths, const guint8 *pinned, guint n, gboolean drop,
                        guint8 *roles, GError **error)
{
  g_return_val_if_fail (n == 0 || roles != NULL, FALSE);
  g_auto (GStrv) files = paths ? list_files (paths, n, error) : NULL;
  g_autoptr (GHashTable) first = g_hash_table_new (g_str_hash, g_str_equal);
  if (paths && !files)
    return FALSE;
  for (guint i = 0; paths && i < n; i++)
    {
      gpointer at;
      if (!paths[i] || (pinned && pinned[i]))
        continue;
      if (!g_hash_table_lookup_extended (first, files[i], NULL, &at))
        {
          g_hash_table_insert (first, files[i], GUINT_TO_POINTER (i));
          continue;
        }
      guint8 role = roles[GPOINTER_TO_UINT (at)];
      roles[i] = drop && role != FEW_ROLE_TEST ? FEW_ROLE_UNUSED : role;
    }
  return TRUE;
}

gboolean
few_groups_of_files (const char *const *paths, const guint32 *labels, guint n, FewTogether by,
                     GCancellable *cancellable, guint32 *together, GError **error)
{
  g_return_val_if_fail (n == 0 || (paths && labels && together), FALSE);
  g_auto (GStrv) files = list_files (paths, n, error);
  if (!files)
    return FALSE;
  const char *const *whole = (const char *const *) files;
  for (guint i = 0; i < n; i++)
    together[i] = i;
  if ((by & FEW_TOGETHER_BURSTS) && !join_bursts (whole, labels, n, cancellable, together, error))
    return FALSE;
  return join_parts (paths, files, n, together, error)
         && (!(by & FEW_TOGETHER_FOLDERS) || join_folders (whole, labels, n, together, error));
}
