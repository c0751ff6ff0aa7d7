#include "feature-cache.h"
#include "../error.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const char MAGIC[8] = "FEWFEAT1";
enum { HEADER_BYTES = 16 };

struct FewFeatureCache
{
  char *path;
  int fd;
  guint dim;
  gsize record_bytes;
  guint discarded;
  GMutex lock;
  GHashTable *features; /* 32-byte key → the record's bytes (key first), owned */
};

static guint
hash_of_hash (gconstpointer key)
{
  guint value;
  memcpy (&value, key, sizeof value);
  return value;
}

static gboolean
hash_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, FEW_HASH_BYTES) == 0;
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
      p += n, size -= n;
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
      p += n, size -= n;
    }
  return TRUE;
}

/* Reads every whole record; returns the offset after the last good one. The lock on the file is held. */
static goffset
read_records (FewFeatureCache *cache)
{
  goffset good = HEADER_BYTES;
  for (;;)
    {
      g_autofree guint8 *record = g_malloc (cache->record_bytes);
      if (!read_fully (cache->fd, record, cache->record_bytes))
        return good;
      guint32 crc = record_crc (cache, record);
      good += cache->record_bytes;
      if (memcmp (&crc, record + cache->record_bytes - 4, 4) != 0)
        {
          cache->discarded++;
          continue;
        }
      g_hash_table_replace (cache->features, record, record);
      record = NULL;
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
  cache->features = g_hash_table_new_full (hash_of_hash, hash_equal, g_free, NULL);
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
  g_hash_table_unref (cache->features);
  g_mutex_clear (&cache->lock);
  g_free (cache->path);
  g_free (cache);
}

gboolean
few_feature_cache_get (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES], float *feature)
{
  g_mutex_lock (&cache->lock);
  const guint8 *record = g_hash_table_lookup (cache->features, hash);
  if (record)
    memcpy (feature, record + FEW_HASH_BYTES, sizeof (float) * cache->dim);
  g_mutex_unlock (&cache->lock);
  return record != NULL;
}

gboolean
few_feature_cache_put (FewFeatureCache *cache, const guint8 hash[FEW_HASH_BYTES], const float *feature, GError **error)
{
  guint8 *record = g_malloc (cache->record_bytes);
  memcpy (record, hash, FEW_HASH_BYTES);
  memcpy (record + FEW_HASH_BYTES, feature, sizeof (float) * cache->dim);
  guint32 crc = record_crc (cache, record);
  memcpy (record + cache->record_bytes - 4, &crc, 4);

  g_mutex_lock (&cache->lock);
  gboolean ok = flock (cache->fd, LOCK_EX) == 0;
  goffset before = lseek (cache->fd, 0, SEEK_END);
  ok = ok && write_fully (cache->fd, record, cache->record_bytes);
  int saved = errno;
  if (!ok && before >= 0 && ftruncate (cache->fd, before) != 0) /* no half record between whole ones */
    g_debug ("%s: %s", cache->path, g_strerror (errno));
  flock (cache->fd, LOCK_UN);
  g_hash_table_replace (cache->features, record, record);
  g_mutex_unlock (&cache->lock);
  if (!ok)
    few_fail_errno (error, cache->path, "written", saved);
  return ok;
}

guint
few_feature_cache_count (FewFeatureCache *cache)
{
  g_mutex_lock (&cache->lock);
  guint count = g_hash_table_size (cache->features);
  g_mutex_unlock (&cache->lock);
  return count;
}

guint
few_feature_cache_discarded (const FewFeatureCache *cache)
{
  return cache->discarded;
}
