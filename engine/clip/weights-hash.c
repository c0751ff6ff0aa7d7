/* SPDX-License-Identifier: MIT */
/* The SHA-256 of a model's weights, remembered from one opening to the next: hashing 600 MB takes
 * seconds. */
#include "clip/fingerprint.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/memory.h"
#include <fewshot/places.h>
#include <nettle/sha2.h>
#include <string.h>

enum { PIECE = 1 << 20, SAMPLES = 64, SAMPLE_BYTES = 4096 };

static char *
hex_of (struct sha256_ctx *context)
{
  guint8 sum[SHA256_DIGEST_SIZE];
  char *hex = g_malloc (2 * sizeof sum + 1);
  sha256_digest (context, sizeof sum, sum);
  few_hex (sum, sizeof sum, hex);
  return hex;
}

static gboolean
add_piece (struct sha256_ctx *context, const FewFile *file, guint8 *buffer, guint64 at, gsize n,
           GError **error)
{
  if (!few_file_read_at (file, buffer, n, at, error))
    return FALSE;
  sha256_update (context, n, buffer);
  return TRUE;
}

/* A piece of the beginning, of the end and of many places between: cp -p, tar and Flatpak give
 * another file the same size and time, and a file system may count neither inodes nor changes. */
static char *
sample (const FewFile *file, GError **error)
{
  struct sha256_ctx context;
  guint8 buffer[SAMPLE_BYTES];
  guint64 size = few_file_size (file);
  gsize n = (gsize) MIN (size, SAMPLE_BYTES);
  sha256_init (&context);
  for (guint64 i = 0; i < SAMPLES; i++)
    if (!add_piece (&context, file, buffer, (size - n) / (SAMPLES - 1) * i, n, error))
      return NULL;
  if (!add_piece (&context, file, buffer, size - n, n, error))
    return NULL;
  return hex_of (&context);
}

static char *
hash_whole (const FewFile *file, GCancellable *cancellable, GError **error)
{
  struct sha256_ctx context;
  g_autofree guint8 *buffer = few_try_bytes (PIECE, "reading the weights", error);
  guint64 size = few_file_size (file);
  if (!buffer)
    return NULL;
  sha256_init (&context);
  for (guint64 at = 0; at < size; at += PIECE)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !add_piece (&context, file, buffer, at, (gsize) MIN (size - at, PIECE), error))
      return NULL;
  return hex_of (&context);
}

/* The digest that was remembered under this file's path, if the file is still the same by its
 * stamp: device, inode, size, both times and the sample. */
static char *
find_known (GKeyFile *known, const char *group, const char *stamp)
{
  g_autofree char *old = g_key_file_get_string (known, group, "stamp", NULL);
  g_autofree char *digest = g_key_file_get_string (known, group, "sha256", NULL);
  return digest && strlen (digest) == 64 && g_strcmp0 (old, stamp) == 0 ? g_steal_pointer (&digest)
                                                                        : NULL;
}

static char *
hash_file (const FewFile *file, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = few_default_cache_folder ();
  g_autofree char *notes = g_build_filename (folder, "models.ini", NULL);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *group = g_compute_checksum_for_string (G_CHECKSUM_SHA256, absolute, -1);
  g_autofree char *sampled = sample (file, error);
  if (!sampled)
    return NULL;
  g_autofree char *told = few_file_state (file);
  g_autofree char *stamp = g_strdup_printf ("2 %s %s", told, sampled);
  g_autoptr (GKeyFile) known = g_key_file_new ();
  few_file_load_keys (known, notes, NULL); /* nothing is remembered where that fails */
  g_autofree char *digest = find_known (known, group, stamp);
  if (!digest)
    {
      digest = hash_whole (file, cancellable, error);
      if (!digest)
        return NULL;
      g_key_file_set_string (known, group, "stamp", stamp);
      g_key_file_set_string (known, group, "sha256", digest);
      g_mkdir_with_parents (folder, 0700);
      g_autoptr (GError) ignored = NULL; /* only the next opening is slower */
      if (!few_file_save_keys (known, notes, &ignored))
        g_debug ("%s: %s", notes, ignored->message);
    }
  return few_file_check_unchanged (file, error) ? g_steal_pointer (&digest) : NULL;
}

/* One file: its digest. Shards: the digest of theirs, one a line, in order. */
char *
few_weights_sha256 (const FewWeights *weights, GCancellable *cancellable, GError **error)
{
  const char *const *paths = few_weights_files (weights);
  if (!paths[1])
    return hash_file (few_weights_file (weights, 0), paths[0], cancellable, error);
  g_autoptr (GChecksum) all = g_checksum_new (G_CHECKSUM_SHA256);
  for (guint i = 0; paths[i]; i++)
    {
      g_autofree char *digest =
          hash_file (few_weights_file (weights, i), paths[i], cancellable, error);
      if (!digest)
        return NULL;
      g_checksum_update (all, (const guint8 *) digest, -1);
      g_checksum_update (all, (const guint8 *) "\n", 1);
    }
  return g_strdup (g_checksum_get_string (all));
}
