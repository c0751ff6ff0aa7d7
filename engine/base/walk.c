/* SPDX-License-Identifier: MIT */
/* The pictures below a folder, sorted, in memory that does not grow with their number. */
#include <fewshot/walk.h>
#include "base/error.h"
#include "base/folder.h"
#include "base/picture-kind.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Names of one folder held at once: the smallest ones after the last that was given. A folder of
 * more is read again for the next. */
enum { HELD = 32768, MAX_DEPTH = 200 };

typedef struct
{
  char *path;       /* relative, "" at the top */
  GPtrArray *names; /* sorted; folders end in "/" */
  guint next;
  gboolean more;    /* the folder has names beyond the last of these */
  char *last;       /* the last name given */
  dev_t device;     /* which folder it is, whatever path led there */
  ino_t inode;
} Level;

struct FewWalk
{
  char *folder;
  GPtrArray *levels; /* Level *, the innermost last */
  gboolean started;
  gboolean stays; /* in the folder itself */
  char *after;
  GPtrArray *passed_over; /* sentences */
};

static void
level_free (gpointer data)
{
  Level *level = data;
  g_free (level->path);
  g_ptr_array_unref (level->names);
  g_free (level->last);
  g_free (level);
}

/* Bytes up to the "/" that marks a folder. */
static int
compare_names (const char *a, const char *b)
{
  gsize n = strcspn (a, "/");
  gsize m = strcspn (b, "/");
  int order = memcmp (a, b, MIN (n, m));
  return order ? order : (n > m) - (n < m);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return compare_names (*(char *const *) a, *(char *const *) b);
}

int
few_walk_compare (const char *a, const char *b)
{
  for (;;)
    {
      int order = compare_names (a, b);
      const char *rest_a = strchr (a, '/');
      const char *rest_b = strchr (b, '/');
      if (order || !rest_a || !rest_b)
        return order ? order : (rest_a != NULL) - (rest_b != NULL);
      a = rest_a + 1;
      b = rest_b + 1;
    }
}

/* 'd' a folder, 'f' a picture, 0 anything else. */
static char
kind_of (int folder, const struct dirent *entry)
{
  gboolean is_folder = entry->d_type == DT_DIR;
  gboolean is_file = entry->d_type == DT_REG;
  struct stat info;
  if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK)
    {
      if (fstatat (folder, entry->d_name, &info, 0) != 0)
        return 0;
      is_folder = S_ISDIR (info.st_mode);
      is_file = S_ISREG (info.st_mode);
    }
  if (is_folder)
    return 'd';
  return is_file && few_is_picture_at (folder, entry->d_name) ? 'f' : 0;
}

/* Fills level->names with the HELD smallest names after level->last. */
static gboolean
list_level (const FewWalk *walk, Level *level, GError **error)
{
  g_autofree char *path = g_build_filename (walk->folder, level->path, NULL);
  DIR *dir = opendir (path);
  if (!dir)
    {
      few_fail_errno (error, path, FEW_FILE_LISTED, errno);
      return FALSE;
    }
  g_ptr_array_set_size (level->names, 0);
  level->next = 0;
  level->more = FALSE;
  const struct dirent *entry;
  while ((entry = few_folder_next (dir)))
    {
      if (few_folder_is_passed_over (entry->d_name)
          || (level->last && compare_names (entry->d_name, level->last) <= 0))
        continue;
      char kind = kind_of (dirfd (dir), entry);
      if (!kind || (kind == 'd' && walk->stays))
        continue;
      g_ptr_array_add (level->names, g_strconcat (entry->d_name, kind == 'd' ? "/" : NULL, NULL));
      if (level->names->len == 2 * HELD)
        {
          g_ptr_array_sort (level->names, by_name);
          g_ptr_array_set_size (level->names, HELD);
          level->more = TRUE;
        }
    }
  int failed = errno;
  closedir (dir);
  if (failed)
    {
      few_fail_errno (error, path, FEW_FILE_LISTED, failed);
      return FALSE;
    }
  g_ptr_array_sort (level->names, by_name);
  if (level->names->len > HELD)
    {
      g_ptr_array_set_size (level->names, HELD);
      level->more = TRUE;
    }
  return TRUE;
}

/* Whether the level is one of the folders that led to it. */
static gboolean
is_circle (const FewWalk *walk, const Level *level)
{
  for (guint i = 0; i < walk->levels->len; i++)
    {
      const Level *above = walk->levels->pdata[i];
      if (above != level && above->device == level->device && above->inode == level->inode)
        return TRUE;
    }
  return FALSE;
}

/* Takes both strings. A folder below the first that cannot be listed is passed over. */
static gboolean
enter_folder (FewWalk *walk, char *path, char *last, GError **error)
{
  g_autofree char *whole = g_build_filename (walk->folder, path, NULL);
  g_autoptr (GError) local = NULL;
  struct stat info = { 0 };
  Level *level = g_new0 (Level, 1);
  level->path = path;
  level->last = last;
  level->names = g_ptr_array_new_with_free_func (g_free);
  gboolean top = walk->levels->len == 0;
  gboolean known = stat (whole, &info) == 0;
  level->device = info.st_dev;
  level->inode = info.st_ino;
  if (known && is_circle (walk, level))
    {
      level_free (level);
      return TRUE;
    }
  if (walk->levels->len > MAX_DEPTH)
    few_fail (&local, LIMIT, "%s lies more than %d folders deep.", whole, MAX_DEPTH);
  else if (list_level (walk, level, &local))
    {
      g_ptr_array_add (walk->levels, level);
      return TRUE;
    }
  level_free (level);
  if (top)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_ptr_array_add (walk->passed_over, g_strdup (local->message));
  return !top;
}

/* Opens the folders along `after`, each past the name that leads on. */
static gboolean
start_walk (FewWalk *walk, GError **error)
{
  g_auto (GStrv) parts = walk->after ? g_strsplit (walk->after, "/", -1) : NULL;
  GString *path = g_string_new (NULL);
  gboolean ok = TRUE;
  for (guint i = 0; ok && parts && parts[i]; i++)
    {
      g_autofree char *whole = g_build_filename (walk->folder, path->str, NULL);
      if (i > 0 && !g_file_test (whole, G_FILE_TEST_IS_DIR)) /* it has gone since */
        break;
      guint before = walk->levels->len;
      ok = enter_folder (walk, g_strdup (path->str), g_strdup (parts[i]), error);
      if (walk->levels->len == before) /* nor can it be listed any more */
        break;
      g_string_append_printf (path, "%s%s", i ? "/" : "", parts[i]);
    }
  if (ok && walk->levels->len == 0)
    ok = enter_folder (walk, g_strdup (""), NULL, error);
  g_string_free (path, TRUE);
  return ok;
}

FewWalk *
few_walk_new (const char *folder, const char *after)
{
  FewWalk *walk = g_new0 (FewWalk, 1);
  walk->folder = g_strdup (folder);
  walk->after = g_strdup (after);
  walk->levels = g_ptr_array_new_with_free_func (level_free);
  walk->passed_over = g_ptr_array_new_with_free_func (g_free);
  return walk;
}

void
few_walk_stay (FewWalk *walk)
{
  g_return_if_fail (walk != NULL && !walk->started);
  walk->stays = TRUE;
}

void
few_walk_free (FewWalk *walk)
{
  g_ptr_array_unref (walk->levels);
  g_ptr_array_unref (walk->passed_over);
  g_free (walk->folder);
  g_free (walk->after);
  g_free (walk);
}

char *
few_walk_take_passed_over (FewWalk *walk)
{
  return walk->passed_over->len ? g_ptr_array_steal_index (walk->passed_over, 0) : NULL;
}

char *
few_walk_next (FewWalk *walk, GError **error)
{
  if (!walk->started && !start_walk (walk, error))
    return NULL;
  walk->started = TRUE;
  while (walk->levels->len > 0)
    {
      Level *level = walk->levels->pdata[walk->levels->len - 1];
      if (level->next == level->names->len)
        {
          if (!level->more)
            g_ptr_array_remove_index (walk->levels, walk->levels->len - 1);
          else if (!list_level (walk, level, error))
            return NULL; /* it could be listed before */
          continue;
        }
      char *name = level->names->pdata[level->next++];
      gsize length = strlen (name);
      gboolean is_folder = name[length - 1] == '/';
      g_free (level->last);
      level->last = g_strndup (name, length - is_folder);
      char *path =
          *level->path ? g_strconcat (level->path, "/", level->last, NULL) : g_strdup (level->last);
      if (!is_folder)
        return path;
      if (!enter_folder (walk, path, NULL, error))
        return NULL;
    }
  return NULL;
}

guint
few_walk_shard (const char *path, guint shards)
{
  g_return_val_if_fail (path != NULL && shards > 0, 0);
  guint64 hash = 0xcbf29ce484222325; /* FNV-1a, 64 bits */
  for (const guint8 *p = (const guint8 *) path; *p; p++)
    hash = (hash ^ *p) * 0x100000001b3;
  return (guint) (hash % shards);
}
