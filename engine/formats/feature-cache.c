/* SPDX-License-Identifier: MIT */
/* Features by the hash of their picture, in a file that processes share. */
#include "formats/feature-cache.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const char MAGIC[8] = "FEWFEAT1";
enum { HEADER_BYTES = 16, READ_BYTES = 1 << 20 };

struct FewFeatureCache
{
  char *path;
  int fd;
  guint dim;
  gsize record_bytes;
  guint discarded;
  GMutex lock;
  /* The first 8 bytes of a hash → 1 + index of its record: 24 bytes a picture in memory, the
   * feature is read when it is asked for. Of two pictures that share those bytes the later is
   * known. */
  GHashTable *records;
  guint64 n_records; /* in the file, as far as this process knows */
};

static gpointer
short_hash (const guint8 *hash)
{
  gsize value;
  memcpy (&value, hash, sizeof value);
  return (gpointer) value;
}

static guint32
record_crc (const FewFeatureCache *cache, const guint8 *record)
{
  return GUINT32_TO_LE ((guint32) crc32 (0, record, (uInt) (cache->record_bytes - 4)));
}

static gboolean
read_fully (int fd, gpointer out, gsize size)
{
  for (char *p = out; size > 0;)
    {
      gssize n = read (fd, p, size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      p += n;
      size -= n;
    }
  return TRUE;
}

static gboolean
write_fully (int fd, gconstpointer data, gsize size)
{
  for (const char *p = data; size > 0;)
    {
      gssize n = write (fd, p, size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      p += n;
      size -= n;
    }
  return TRUE;
}

/* Checks and lists every whole record from n_records on; returns the offset after the last. The
 * lock on the file is held. A damaged record keeps its place and is not listed. */
static goffset
read_records (FewFeatureCache *cache)
{
  gsize piece = MAX (READ_BYTES / cache->record_bytes, 1);
  g_autofree guint8 *buffer = g_malloc (piece * cache->record_bytes);
  for (;;)
    {
      goffset at = HEADER_BYTES + (goffset) (cache->n_records * cache->record_bytes);
      gssize got = pread (cache->fd, buffer, piece * cache->record_bytes, at);
      gsize whole = got > 0 ? (gsize) got / cache->record_bytes : 0;
      if (whole == 0)
        return at;
      for (gsize i = 0; i < whole; i++)
        {
          const guint8 *record = buffer + i * cache->record_bytes;
          guint32 crc = record_crc (cache, record);
          gboolean good = memcmp (&crc, record + cache->record_bytes - 4, 4) == 0;
          cache->n_records++;
          cache->discarded += !good;
          if (good)
            g_hash_table_insert (cache->records, short_hash (record),
                                 (gpointer) (gsize) cache->n_records);
        }
    }
}

FewFeatureCache *
few_feature_cache_open (const char *folder, const char *key, guint dim, GError **error)
{
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      few_fail_errno (error, folder, "created", errno);
      return NULL;
    }
  g_autoptr (FewFeatureCache) cache = g_new0 (FewFeatureCache, 1);
  g_autofree char *name = g_strconcat (key, ".features", NULL);
  cache->fd = -1;
  cache->dim = dim;
  cache->record_bytes = FEW_HASH_BYTES + sizeof (float) * dim + 4;
  cache->path = g_build_filename (folder, name, NULL);
  cache->records = g_hash_table_new (g_direct_hash, g_direct_equal);
  g_mutex_init (&cache->lock);
  cache->fd = g_open (cache->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (cache->fd < 0 || flock (cache->fd, LOCK_EX) != 0)
    {
      few_fail_errno (error, cache->path, "opened", errno);
      return NULL;
    }
  guint8 header[HEADER_BYTES] = { 0 };
  guint32 stated = GUINT32_TO_LE (dim);
  struct stat info = { 0 };
  gboolean known = fstat (cache->fd, &info) == 0 && read_fully (cache->fd, header, HEADER_BYTES)
                   && memcmp (header, MAGIC, 8) == 0 && memcmp (header + 8, &stated, 4) == 0;
  goffset good = known ? read_records (cache) : 0;
  if (info.st_size > good)
    {
      cache->discarded++;
      if (ftruncate (cache->fd, good) != 0)
        g_debug ("%s: %s", cache->path, g_strerror (errno));
    }
  if (!known)
    {
      memset (header, 0, sizeof header);
      memcpy (header, MAGIC, 8);
      memcpy (header + 8, &stated, 4);
      if (!write_fully (cache->fd, header, HEADER_BYTES))
        {
          few_fail_errno (error, cache->path, "written", errno);
          return NULL;
        }
    }
  flock (cache->fd, LOCK_UN);
  return g_steal_pointer (&cache);
}

void
few_feature_cache_free (FewFeatureCache *cache)
{
  if (cache->fd >= 0)
    close (cache->fd);
  g_hash_table_unref (cache->records);
  g_mutex_clear (&cache->lock);
  g_free (cache->path);
  g_free (cache);
}

gboolean
few_feature_cache_get (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES], float *feature)
{
  g_mutex_lock (&cache->lock);
  gsize index = (gsize) g_hash_table_lookup (cache->records, short_hash (hash));
  g_mutex_unlock (&cache->lock);
  if (index == 0)
    return FALSE;
  g_autofree guint8 *record = g_malloc (cache->record_bytes);
  goffset at = HEADER_BYTES + (goffset) ((index - 1) * cache->record_bytes);
  if (pread (cache->fd, record, cache->record_bytes, at) != (gssize) cache->record_bytes)
    return FALSE;
  guint32 crc = record_crc (cache, record);
  if (memcmp (record, hash, FEW_HASH_BYTES) != 0
      || memcmp (&crc, record + cache->record_bytes - 4, 4) != 0)
    return FALSE;
  memcpy (feature, record + FEW_HASH_BYTES, sizeof (float) * cache->dim);
  return TRUE;
}

gboolean
few_feature_cache_put (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES],
                       const float *feature, GError **error)
{
  g_autofree guint8 *record = g_malloc (cache->record_bytes);
  memcpy (record, hash, FEW_HASH_BYTES);
  memcpy (record + FEW_HASH_BYTES, feature, sizeof (float) * cache->dim);
  guint32 crc = record_crc (cache, record);
  memcpy (record + cache->record_bytes - 4, &crc, 4);

  g_mutex_lock (&cache->lock);
  gboolean ok = flock (cache->fd, LOCK_EX) == 0;
  int saved = errno;
  if (ok)
    {
      /* What other processes wrote meanwhile; a torn end of theirs is cut off, or this record
       * would not lie on a record's place. */
      goffset end = read_records (cache);
      ok = lseek (cache->fd, 0, SEEK_END) <= end || ftruncate (cache->fd, end) == 0;
      ok = ok && write_fully (cache->fd, record, cache->record_bytes);
      saved = errno;
      if (ok)
        g_hash_table_insert (cache->records, short_hash (hash),
                             (gpointer) (gsize) ++cache->n_records);
      else if (ftruncate (cache->fd, end) != 0) /* no half record between whole ones */
        g_debug ("%s: %s", cache->path, g_strerror (errno));
      flock (cache->fd, LOCK_UN);
    }
  g_mutex_unlock (&cache->lock);
  if (!ok)
    few_fail_errno (error, cache->path, "written", saved);
  return ok;
}

guint
few_feature_cache_count (FewFeatureCache *cache)
{
  g_mutex_lock (&cache->lock);
  guint count = g_hash_table_size (cache->records);
  g_mutex_unlock (&cache->lock);
  return count;
}

guint
few_feature_cache_discarded (const FewFeatureCache *cache)
{
  return cache->discarded;
}

gboolean
few_feature_cache_is_current (const FewFeatureCache *cache)
{
  struct stat info;
  return fstat (cache->fd, &info) == 0 && info.st_nlink > 0;
}
