/* SPDX-License-Identifier: MIT */
/* Which model it is: the SHA-256 of its weights, remembered from one opening to the next. */
#include "clip/fingerprint.h"
#include "base/error.h"
#include "base/file.h"
#include <fewshot/places.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>

/* SHA-256 of a file. Hashing 600 MB takes seconds: the digest is remembered beside the feature
 * cache under the file's path, size and modification time. */
static char *
hash_file (const char *path, GCancellable *cancellable, GError **error)
{
  struct stat info;
  if (stat (path, &info) != 0)
    {
      few_fail (error, INPUT, "%s has vanished.", path);
      return NULL;
    }
  g_autofree char *folder = few_default_cache_folder ();
  g_autofree char *notes = g_build_filename (folder, "models.ini", NULL);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *stamp =
      g_strdup_printf ("%" G_GUINT64_FORMAT "-%" G_GINT64_FORMAT ".%09ld", (guint64) info.st_size,
                       (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  g_autoptr (GKeyFile) known = g_key_file_new ();
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA256, absolute, -1);
  if (few_file_load_keys (known, notes, NULL))
    {
      g_autofree char *old = g_key_file_get_string (known, group, "stamp", NULL);
      g_autofree char *digest = g_key_file_get_string (known, group, "sha256", NULL);
      if (digest && strlen (digest) == 64 && g_strcmp0 (old, stamp) == 0)
        return g_steal_pointer (&digest);
    }
  g_autoptr (FewFile) file = few_file_open (path, G_MAXUINT64, error);
  if (!file)
    return NULL;
  enum { PIECE = 1 << 20 };
  struct sha256_ctx context;
  guint8 sum[SHA256_DIGEST_SIZE];
  g_autofree guint8 *data = g_malloc (PIECE);
  guint64 size = few_file_size (file);
  sha256_init (&context);
  for (guint64 at = 0; at < size; at += PIECE)
    {
      gsize n = (gsize) MIN (size - at, PIECE);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !few_file_read_at (file, data, n, at, error))
        return NULL;
      sha256_update (&context, n, data);
    }
  sha256_digest (&context, sizeof sum, sum);
  GString *hex = g_string_new (NULL);
  for (guint i = 0; i < sizeof sum; i++)
    g_string_append_printf (hex, "%02x", sum[i]);
  char *digest = g_string_free (hex, FALSE);
  g_key_file_set_string (known, group, "stamp", stamp);
  g_key_file_set_string (known, group, "sha256", digest);
  g_mkdir_with_parents (folder, 0700);
  g_autoptr (GError) ignored = NULL; /* only the next opening is slower */
  if (!few_file_save_keys (known, notes, &ignored))
    g_debug ("%s: %s", notes, ignored->message);
  return digest;
}

/* One file: its digest. Shards: the digest of theirs, one a line, in order. */
char *
few_weights_sha256 (const FewWeights *weights, GCancellable *cancellable, GError **error)
{
  const char *const *files = few_weights_files (weights);
  if (!files[1])
    return hash_file (files[0], cancellable, error);
  g_autoptr (GChecksum) all = g_checksum_new (G_CHECKSUM_SHA256);
  for (; *files; files++)
    {
      g_autofree char *digest = hash_file (*files, cancellable, error);
      if (!digest)
        return NULL;
      g_checksum_update (all, (const guint8 *) digest, -1);
      g_checksum_update (all, (const guint8 *) "\n", 1);
    }
  return g_strdup (g_checksum_get_string (all));
}
