/* SPDX-License-Identifier: MIT */
/* Reads databases that others wrote, on file systems that may be read-only or without locks, row by
 * row with their sums. */
#include "base/error.h"
#include "base/file.h"
#include "formats/feature-cache.h"
#include <fewshot/embed.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const char ROWS[] = "SELECT hash, feature, crc FROM features ORDER BY id";

/* ---- a database to be read */

static sqlite3 *
open_uri (const char *path, const char *how)
{
  sqlite3 *db = NULL;
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *uri = g_filename_to_uri (absolute, NULL, NULL);
  g_autofree char *whole = g_strconcat (uri, how, NULL);
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2 (whole, &db, flags, NULL) == SQLITE_OK
      && sqlite3_exec (db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK)
    return db;
  sqlite3_close (db);
  return NULL;
}

/* Without locks and without its log, where it cannot be otherwise: who has written has gone. */
static sqlite3 *
open_source (const char *path)
{
  struct stat info;
  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode)) /* SQLite would wait for ever at a pipe */
    return NULL;
  sqlite3 *db = open_uri (path, "");
  return db ? db : open_uri (path, "?immutable=1");
}

static gint64
number_of (sqlite3 *db, const char *query)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = 0;
  if (sqlite3_prepare_v2 (db, query, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

/* The width of the features there; 0: it is no such database, or another version's. */
static guint
dim_of (sqlite3 *db)
{
  gint64 application = number_of (db, "PRAGMA application_id");
  gint64 version = number_of (db, "PRAGMA user_version");
  return few_feature_cache_dim_of (application, version);
}

/* ---- rows */

static gboolean
is_whole (sqlite3_stmt *row, guint dim)
{
  gsize bytes = dim * sizeof (float);
  const void *hash = sqlite3_column_blob (row, 0);
  const void *feature = sqlite3_column_blob (row, 1);
  if (!hash || sqlite3_column_bytes (row, 0) != FEW_HASH_BYTES || !feature
      || (gsize) sqlite3_column_bytes (row, 1) != bytes)
    return FALSE;
  uLong sum = crc32 (0, hash, FEW_HASH_BYTES);
  return sqlite3_column_int64 (row, 2) == (gint64) crc32 (sum, feature, (uInt) bytes);
}

static gboolean
take_row (FewFeatureCache *cache, sqlite3_stmt *row, guint dim, float *feature,
          FewCachesMerged *count, GError **error)
{
  guint8 hash[FEW_HASH_BYTES];
  if (!is_whole (row, dim))
    {
      count->damaged++;
      return TRUE;
    }
  memcpy (hash, sqlite3_column_blob (row, 0), sizeof hash);
  if (few_feature_cache_get (cache, hash, feature))
    {
      count->known++;
      return TRUE;
    }
  memcpy (feature, sqlite3_column_blob (row, 1), dim * sizeof (float));
  count->added++;
  return few_feature_cache_put (cache, hash, feature, error);
}

static gboolean
take_rows (FewFeatureCache *cache, sqlite3_stmt *rows, const char *path, guint dim,
           FewCachesMerged *count, GCancellable *cancellable, GError **error)
{
  g_autofree float *feature = g_new (float, dim);
  guint64 before = count->added + count->known;
  int step;
  while ((step = sqlite3_step (rows)) == SQLITE_ROW)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !take_row (cache, rows, dim, feature, count, error))
      return FALSE;
  if (step == SQLITE_DONE)
    return TRUE;
  g_autofree char *shown = g_filename_display_name (path);
  few_fail (error, FORMAT, "%s is damaged behind its first %" PRIu64 " features: %s.", shown,
            count->added + count->known - before, sqlite3_errmsg (sqlite3_db_handle (rows)));
  return FALSE;
}

/* All or nothing, which is also much faster than one by one. */
static gboolean
take_database (FewFeatureCache *cache, sqlite3 *db, const char *path, guint dim,
               FewCachesMerged *count, GCancellable *cancellable, GError **error)
{
  sqlite3_stmt *rows = NULL;
  if (sqlite3_prepare_v2 (db, ROWS, -1, &rows, NULL) != SQLITE_OK)
    {
      g_autofree char *shown = g_filename_display_name (path);
      few_fail (error, FORMAT, "%s is no feature cache.", shown);
      return FALSE;
    }
  gboolean ok = few_feature_cache_begin (cache, error)
                && take_rows (cache, rows, path, dim, count, cancellable, error);
  sqlite3_finalize (rows);
  return few_feature_cache_end (cache, ok, ok ? error : NULL) && ok;
}

/* ---- folders */

static gboolean
take_file (const char *path, const char *into, FewCachesMerged *count, GCancellable *cancellable,
           GError **error)
{
  sqlite3 *db = open_source (path);
  guint dim = db ? dim_of (db) : 0;
  g_autofree char *key = g_path_get_basename (path);
  if (dim == 0)
    {
      sqlite3_close (db);
      g_autofree char *shown = g_filename_display_name (path);
      few_fail (error, FORMAT, "%s is no feature cache of this version.", shown);
      return FALSE;
    }
  key[strlen (key) - strlen (".sqlite")] = 0;
  g_autoptr (FewFeatureCache) cache = few_feature_cache_open (into, key, dim, error);
  gboolean ok = cache && take_database (cache, db, path, dim, count, cancellable, error);
  sqlite3_close (db);
  return ok;
}

static gboolean
take_folder (const char *folder, const char *into, FewCachesMerged *count,
             GCancellable *cancellable, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folder);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &local);
  const char *name;
  if (!dir)
    {
      few_fail (error, INPUT, "%s could not be listed: %s.", shown, local->message);
      return FALSE;
    }
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (g_str_has_suffix (name, ".sqlite") && !take_file (path, into, count, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
few_embed_merge_caches (const char *const *folders, const char *into, FewCachesMerged *merged,
                        GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (folders && into && merged, FALSE);
  *merged = (FewCachesMerged) { 0 };
  gboolean ok = TRUE;
  for (; ok && *folders; folders++)
    ok = take_folder (*folders, into, merged, cancellable, error);
  return ok;
}
