/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of features: a part of embed's, a shard for merge, or the feature cache's
 * database or log; the first byte chooses. What is found is whole, and it goes on from there. */
#include "fuzz.h"
#include "encode/part-file.h"
#include "formats/feature-cache.h"
#include <fewshot/embed.h>
#include <glib/gstdio.h>
#include <string.h>

enum { DIM = 4 };
static const FewFileStamp stamp;

static gboolean
is_same (gpointer user G_GNUC_UNUSED, const char *name, const FewFileStamp *at G_GNUC_UNUSED)
{
  return name != NULL;
}

static void
read_part (const char *path)
{
  g_autoptr (GError) error = NULL;
  float feature[DIM] = { 1, 2, 3, 4 };
  FewPartFile *part = few_part_file_open (path, "{\"a\":1}", DIM, is_same, NULL, &error);
  g_assert_true ((part == NULL) == (error != NULL));
  if (!part)
    return;
  guint64 known = few_part_file_known (part);
  guint64 n = 0;
  const char *name;
  few_part_file_rewind (part);
  while (few_part_file_next (part, &name, feature))
    n += name != NULL;
  g_assert_cmpuint (n, ==, known);
  few_part_file_free (part);
  part = few_part_file_open (path, "{\"a\":1}", DIM, is_same, NULL, &error);
  g_assert_no_error (error);
  few_part_file_append (part, "zz", &stamp, feature, &error);
  few_part_file_flush (part, &error);
  g_assert_no_error (error);
  few_part_file_free (part);
  part = few_part_file_open (path, "{\"a\":1}", DIM, is_same, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (few_part_file_known (part), ==, known + 1);
  g_assert_cmpstr (few_part_file_last (part), ==, "zz");
  few_part_file_free (part);
}

static void
read_cache (const char *folder)
{
  g_autoptr (FewFeatureCache) cache = few_feature_cache_open (folder, "k", DIM, NULL);
  guint8 hash[FEW_HASH_BYTES];
  float feature[DIM] = { 1, 2, 3, 4 };
  float found[DIM] = { 0 };
  memset (hash, 7, sizeof hash);
  if (cache && !few_feature_cache_get (cache, hash, found)
      && few_feature_cache_put (cache, hash, feature, NULL)
      && few_feature_cache_get (cache, hash, found))
    g_assert_cmpmem (found, sizeof found, feature, sizeof feature);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const names[] = { "x.part", "a.safetensors", "k.sqlite", "k.sqlite-wal" };
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  if (size == 0)
    return 0;
  g_autofree char *path = g_build_filename (folder, names[data[0] % 4], NULL);
  g_autofree char *out = g_build_filename (folder, "merged.safetensors", NULL);
  g_autofree char *shared = g_build_filename (folder, "k.sqlite-shm", NULL);
  g_autofree char *database = g_build_filename (folder, "k.sqlite", NULL);
  g_autofree char *log = g_build_filename (folder, "k.sqlite-wal", NULL);
  const char *const inputs[] = { path, path };
  guint64 n;
  g_assert_true (g_file_set_contents (path, (const char *) data + 1, (gssize) size - 1, NULL));
  if (data[0] % 4 == 0)
    read_part (path);
  else if (data[0] % 4 == 1)
    few_embed_merge (inputs, 1 + (size & 1), out, &n, NULL);
  else
    read_cache (folder);
  const char *const all[] = { path, out, shared, database, log };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_unlink (all[i]);
  return 0;
}
