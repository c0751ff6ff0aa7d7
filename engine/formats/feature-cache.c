/* SPDX-License-Identifier: MIT */
/* Features by the hash of their picture, in a file that processes share. */
#include "formats/feature-cache.h"
#include "base/error.h"
#include "base/file.h"
#include "base/words.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* application_id: “Few1”. user_version: of the table below. */
enum { APPLICATION = 0x46657731, VERSION = 1, BUSY_MILLISECONDS = 10000 };

/* Rows in the order of coming, so that large ones lie side by side; the index holds hashes alone. A
 * page holds three features of 512 numbers. */
static const char SETTINGS[] = "PRAGMA page_size = 8192;"
                               "PRAGMA mmap_size = 0;"
                               "PRAGMA cache_size = -8192;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = NORMAL;";
static const char TABLE[] = "CREATE TABLE IF NOT EXISTS features ("
                            "id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
                            "feature BLOB NOT NULL, crc INTEGER NOT NULL);";
static const char GET[] = "SELECT feature, crc FROM features WHERE hash = ?1";
static const char PUT[] =
    "INSERT INTO features (hash, feature, crc) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (hash) DO UPDATE SET feature = excluded.feature, crc = excluded.crc";

struct FewFeatureCache
{
  char *path;
  guint dim;
  gboolean is_foreign; /* it has what is not ours to write into, or to remove */
  dev_t device;
  ino_t inode;
  GMutex lock; /* of all that follows */
  sqlite3 *db;
  sqlite3_stmt *get, *put;
};

static gint64
sum_of (const FewFeatureCache *cache, const guint8 *hash, gconstpointer feature)
{
  uLong sum = crc32 (0, hash, FEW_HASH_BYTES);
  return (gint64) crc32 (sum, feature, (uInt) (cache->dim * sizeof (float)));
}

static void
fail_cache (const FewFeatureCache *cache, FewFileVerb verb, GError **error)
{
  g_autofree char *shown = g_filename_display_name (cache->path);
  g_autofree char *sentence = few_file_sentence (
      verb, shown, cache->db ? sqlite3_errmsg (cache->db) : _ ("there is not enough memory"));
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, sentence);
}

/* ---- opening */

static gint64
number_of (sqlite3 *db, const char *query)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = -1;
  if (sqlite3_prepare_v2 (db, query, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

static void
close_db (FewFeatureCache *cache)
{
  g_clear_pointer (&cache->get, sqlite3_finalize);
  g_clear_pointer (&cache->put, sqlite3_finalize);
  g_clear_pointer (&cache->db, sqlite3_close);
}

/* The table of this version and this width; an empty database gets it, another is foreign. Two
 * processes that begin the same database wait for one another. */
static gboolean
prepare_table (FewFeatureCache *cache)
{
  g_autofree char *marks = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d;",
                                            APPLICATION, (int) (VERSION << 20 | cache->dim));
  if (sqlite3_exec (cache->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
    return FALSE;
  gint64 application = number_of (cache->db, "PRAGMA application_id");
  gint64 version = number_of (cache->db, "PRAGMA user_version");
  gboolean begun = application == APPLICATION && version == (VERSION << 20 | cache->dim);
  gint64 things = number_of (cache->db, "SELECT count(*) FROM sqlite_schema"); /* −1: damaged */
  gboolean empty = application == 0 && version == 0 && things == 0;
  cache->is_foreign = !begun && !empty && things >= 0;
  gboolean ok = begun
                || (empty && sqlite3_exec (cache->db, TABLE, NULL, NULL, NULL) == SQLITE_OK
                    && sqlite3_exec (cache->db, marks, NULL, NULL, NULL) == SQLITE_OK);
  gboolean ended =
      sqlite3_exec (cache->db, ok ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK;
  return ok && ended;
}

static gboolean
open_db (FewFeatureCache *cache)
{
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  return sqlite3_open_v2 (cache->path, &cache->db, flags, NULL) == SQLITE_OK
         && sqlite3_busy_timeout (cache->db, BUSY_MILLISECONDS) == SQLITE_OK
         && sqlite3_exec (cache->db, SETTINGS, NULL, NULL, NULL) == SQLITE_OK
         && prepare_table (cache)
         && sqlite3_prepare_v3 (cache->db, GET, -1, SQLITE_PREPARE_PERSISTENT, &cache->get, NULL)
                == SQLITE_OK
         && sqlite3_prepare_v3 (cache->db, PUT, -1, SQLITE_PREPARE_PERSISTENT, &cache->put, NULL)
                == SQLITE_OK;
}

/* Where the file system has no locks, SQLite would take it for busy, and wait each time. Tried with
 * a file of its own: closing the database's would let go of its locks. */
static gboolean
check_locks (const char *folder, GError **error)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
  g_autofree char *path = g_build_filename (folder, "locks-XXXXXX", NULL);
  int file = g_mkstemp (path);
  if (file < 0)
    return TRUE; /* SQLite says why */
  gboolean has_none = fcntl (file, F_SETLK, &lock) != 0 && errno != EACCES && errno != EAGAIN;
  g_unlink (path);
  close (file);
  if (has_none)
    few_fail (error, INPUT, "%s is on a file system without locks: there is no feature cache.",
              folder);
  return !has_none;
}

/* Turning to a write-ahead log is refused at once, not waited for, where another process begins the
 * same database at that moment. */
static gboolean
open_in_time (FewFeatureCache *cache)
{
  enum { PAUSE = 5000 }; /* µs */
  gint64 end = g_get_monotonic_time () + BUSY_MILLISECONDS * (gint64) 1000;
  while (!open_db (cache))
    {
      gboolean is_busy = cache->db && (sqlite3_errcode (cache->db) & 0xff) == SQLITE_BUSY;
      if (!is_busy || g_get_monotonic_time () > end)
        return FALSE;
      close_db (cache);
      g_usleep (PAUSE);
    }
  return TRUE;
}

/* SQLite would wait for ever at a pipe. */
static gboolean
check_kinds (const FewFeatureCache *cache, GError **error)
{
  static const char *const files[] = { "", "-wal", "-shm" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      struct stat info;
      g_autofree char *path = g_strconcat (cache->path, files[i], NULL);
      if (stat (path, &info) == 0 && !S_ISREG (info.st_mode))
        {
          few_fail (error, INPUT, "%s is no file: there is no feature cache.", path);
          return FALSE;
        }
    }
  return TRUE;
}

static void
remove_db (const FewFeatureCache *cache)
{
  static const char *const files[] = { "-wal", "-shm", "" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat (cache->path, files[i], NULL);
      g_unlink (path);
    }
}

/* Whether an error says that the file itself is of no use, rather than that it is busy or the disk
 * is full. */
static gboolean
is_damaged (const FewFeatureCache *cache)
{
  int code = cache->db ? sqlite3_errcode (cache->db) : SQLITE_NOMEM;
  if (cache->is_foreign)
    return FALSE;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_OK
         || code == SQLITE_ERROR;
}

/* Whether a file begins as packs of version 0.2 do. */
static gboolean
is_old_pack (const char *path)
{
  static const char mark[8] = { 'F', 'E', 'W', 'F', 'E', 'A', 'T', '1' };
  char start[sizeof mark];
  struct stat info;
  if (!g_str_has_suffix (path, ".features") || g_lstat (path, &info) != 0
      || !S_ISREG (info.st_mode))
    return FALSE;
  g_autoptr (FewFile) file = few_file_open (path, G_MAXUINT64, NULL);
  return file && few_file_size (file) >= sizeof start
         && few_file_read_at (file, start, sizeof start, 0, NULL)
         && memcmp (start, mark, sizeof mark) == 0;
}

static void
remove_old_packs (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (is_old_pack (path) && g_unlink (path) != 0)
        g_debug ("%s: %s", path, g_strerror (errno));
    }
}

static void
fail_opened (const FewFeatureCache *cache, GError **error)
{
  g_autofree char *shown = g_filename_display_name (cache->path);
  if (cache->is_foreign)
    few_fail (error, INPUT,
              "%s holds something else, or features of another model or version, and is left. Move "
              "it away, or choose another folder for the feature cache.",
              shown);
  else
    fail_cache (cache, FEW_FILE_OPENED, error);
}

FewFeatureCache *
few_feature_cache_open (const char *folder, const char *key, guint dim, GError **error)
{
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      few_fail_errno (error, folder, FEW_FILE_CREATED, errno);
      return NULL;
    }
  g_autoptr (FewFeatureCache) cache = g_new0 (FewFeatureCache, 1);
  g_autofree char *name = g_strconcat (key, ".sqlite", NULL);
  cache->dim = dim;
  cache->path = g_build_filename (folder, name, NULL);
  g_mutex_init (&cache->lock);
  if (!check_kinds (cache, error) || !check_locks (folder, error))
    return NULL;
  gboolean ok = open_in_time (cache);
  if (!ok && is_damaged (cache))
    {
      close_db (cache);
      remove_db (cache);
      ok = open_in_time (cache);
    }
  struct stat info;
  if (!ok || stat (cache->path, &info) != 0)
    {
      fail_opened (cache, error);
      return NULL;
    }
  cache->device = info.st_dev;
  cache->inode = info.st_ino;
  remove_old_packs (folder);
  return g_steal_pointer (&cache);
}

void
few_feature_cache_free (FewFeatureCache *cache)
{
  close_db (cache);
  g_mutex_clear (&cache->lock);
  g_free (cache->path);
  g_free (cache);
}

/* ---- using */

static gboolean
read_row (FewFeatureCache *cache, const guint8 *hash, float *feature)
{
  gsize bytes = cache->dim * sizeof (float);
  sqlite3_stmt *get = cache->get;
  if (sqlite3_bind_blob (get, 1, hash, FEW_HASH_BYTES, SQLITE_STATIC) != SQLITE_OK
      || sqlite3_step (get) != SQLITE_ROW)
    return FALSE;
  const void *blob = sqlite3_column_blob (get, 0);
  if (!blob || (gsize) sqlite3_column_bytes (get, 0) != bytes
      || sqlite3_column_int64 (get, 1) != sum_of (cache, hash, blob))
    return FALSE;
  memcpy (feature, blob, bytes);
  return TRUE;
}

gboolean
few_feature_cache_get (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES], float *feature)
{
  g_mutex_lock (&cache->lock);
  gboolean found = read_row (cache, hash, feature);
  sqlite3_reset (cache->get);
  g_mutex_unlock (&cache->lock);
  return found;
}

gboolean
few_feature_cache_put (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES],
                       const float *feature, GError **error)
{
  int bytes = (int) (cache->dim * sizeof (float));
  sqlite3_stmt *put = cache->put;
  g_mutex_lock (&cache->lock);
  gboolean ok = sqlite3_bind_blob (put, 1, hash, FEW_HASH_BYTES, SQLITE_STATIC) == SQLITE_OK
                && sqlite3_bind_blob (put, 2, feature, bytes, SQLITE_STATIC) == SQLITE_OK
                && sqlite3_bind_int64 (put, 3, sum_of (cache, hash, feature)) == SQLITE_OK
                && sqlite3_step (put) == SQLITE_DONE;
  int code = sqlite3_errcode (cache->db);
  if (!ok)
    fail_cache (cache, FEW_FILE_WRITTEN, error);
  /* damaged inside: the next who opens it begins anew */
  if (!ok && (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
      && few_feature_cache_is_current (cache))
    remove_db (cache);
  sqlite3_reset (put);
  sqlite3_clear_bindings (put);
  g_mutex_unlock (&cache->lock);
  return ok;
}

static gboolean
run_statement (FewFeatureCache *cache, const char *sql, GError **error)
{
  g_mutex_lock (&cache->lock);
  gboolean ok = sqlite3_exec (cache->db, sql, NULL, NULL, NULL) == SQLITE_OK;
  if (!ok)
    fail_cache (cache, FEW_FILE_WRITTEN, error);
  g_mutex_unlock (&cache->lock);
  return ok;
}

gboolean
few_feature_cache_begin (FewFeatureCache *cache, GError **error)
{
  return run_statement (cache, "BEGIN IMMEDIATE", error);
}

gboolean
few_feature_cache_end (FewFeatureCache *cache, gboolean keep, GError **error)
{
  if (sqlite3_get_autocommit (cache->db)) /* it was not begun, or undone already */
    return !keep;
  return run_statement (cache, keep ? "COMMIT" : "ROLLBACK", error);
}

guint
few_feature_cache_dim_of (gint64 application, gint64 version)
{
  gint64 dim = version & ((1 << 20) - 1);
  return application == APPLICATION && version >> 20 == VERSION ? (guint) dim : 0;
}

guint64
few_feature_cache_count (FewFeatureCache *cache)
{
  g_mutex_lock (&cache->lock);
  gint64 count = number_of (cache->db, "SELECT count(*) FROM features");
  g_mutex_unlock (&cache->lock);
  return (guint64) MAX (count, 0);
}

gboolean
few_feature_cache_is_current (const FewFeatureCache *cache)
{
  struct stat info;
  return stat (cache->path, &info) == 0 && info.st_dev == cache->device
         && info.st_ino == cache->inode;
}
