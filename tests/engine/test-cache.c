/* SPDX-License-Identifier: MIT */
/* The feature cache: whatever happens to its files, no wrong feature comes out; and what a model's
 * fingerprint is made of, so that no model gets another's features. */
#define _GNU_SOURCE
#include "golden.h"
#include "clip/config-file.h"
#include "clip/fingerprint.h"
#include "clip/model.h"
#include "formats/feature-cache.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIM = 24, RECORDS = 40 };

static void
hash_of (guint i, guint8 hash[FEW_HASH_BYTES])
{
  memset (hash, (int) (i % 7), FEW_HASH_BYTES); /* many that differ late */
  memcpy (hash + 20, &i, sizeof i);
}

static void
feature_of (guint i, float feature[DIM])
{
  for (guint j = 0; j < DIM; j++)
    feature[j] = (float) (i * 100 + j);
}

static FewFeatureCache *
open_cache (const char *folder, guint dim)
{
  g_autoptr (GError) error = NULL;
  FewFeatureCache *cache = few_feature_cache_open (folder, "k", dim, &error);
  g_assert_no_error (error);
  return cache;
}

static void
put (FewFeatureCache *cache, guint i)
{
  guint8 hash[FEW_HASH_BYTES];
  float feature[DIM];
  g_autoptr (GError) error = NULL;
  hash_of (i, hash);
  feature_of (i, feature);
  few_feature_cache_put (cache, hash, feature, &error);
  g_assert_no_error (error);
}

/* How many of the first n are known; each that is known is right. */
static guint
count_right (FewFeatureCache *cache, guint n)
{
  guint known = 0;
  for (guint i = 0; i < n; i++)
    {
      guint8 hash[FEW_HASH_BYTES];
      float right[DIM];
      float found[DIM] = { 0 };
      hash_of (i, hash);
      feature_of (i, right);
      if (!few_feature_cache_get (cache, hash, found))
        continue;
      g_assert_cmpmem (found, sizeof found, right, sizeof right);
      known++;
    }
  return known;
}

static void
test_round (void)
{
  g_autofree char *folder = scratch_folder ("cache");
  FewFeatureCache *cache = open_cache (folder, DIM);
  g_assert_cmpuint (count_right (cache, RECORDS), ==, 0);
  for (guint i = 0; i < RECORDS; i++)
    put (cache, i);
  put (cache, 3); /* again */
  g_assert_cmpuint (count_right (cache, RECORDS + 5), ==, RECORDS);
  few_feature_cache_free (cache);
  cache = open_cache (folder, DIM);
  g_assert_cmpuint (count_right (cache, RECORDS + 5), ==, RECORDS);
  g_assert_cmpuint (few_feature_cache_count (cache), ==, RECORDS);
  few_feature_cache_free (cache);
  g_autoptr (GError) error = NULL; /* another width under the same key: it is not ours to remove */
  g_assert_null (few_feature_cache_open (folder, "k", DIM + 1, &error));
  assert_says (&error, "k.sqlite", "another model or version", NULL);
  cache = open_cache (folder, DIM);
  g_assert_cmpuint (few_feature_cache_count (cache), ==, RECORDS);
  few_feature_cache_free (cache);
}

static char *
file_in (const char *folder, const char *ending)
{
  return g_strconcat (folder, G_DIR_SEPARATOR_S, "k.sqlite", ending, NULL);
}

/* A cache whose last ten records lie in the log still, as a killed writer leaves it. */
static void
write_and_die (const char *folder)
{
  pid_t child = fork ();
  if (child == 0)
    {
      FewFeatureCache *cache = open_cache (folder, DIM);
      for (guint i = 0; i < RECORDS; i++)
        put (cache, i);
      raise (SIGKILL);
    }
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
}

typedef struct
{
  char *data[2];
  gsize size[2];
} Kept; /* the database and its log */

static void
put_back (const char *folder, const Kept *kept)
{
  g_autofree char *shared = file_in (folder, "-shm");
  g_unlink (shared);
  for (guint f = 0; f < 2; f++)
    {
      g_autofree char *path = file_in (folder, f ? "-wal" : "");
      g_assert_true (g_file_set_contents (path, kept->data[f], (gssize) kept->size[f], NULL));
    }
}

/* Opened after damage: right or unknown, and it goes on from there. */
static guint
look_after (const char *folder)
{
  FewFeatureCache *cache = open_cache (folder, DIM);
  guint known = count_right (cache, RECORDS);
  guint8 hash[FEW_HASH_BYTES];
  float feature[DIM], back[DIM];
  hash_of (77, hash);
  feature_of (77, feature);
  if (few_feature_cache_put (cache, hash, feature, NULL)
      && few_feature_cache_get (cache, hash, back))
    g_assert_cmpmem (back, sizeof back, feature, sizeof feature);
  few_feature_cache_free (cache);
  return known;
}

static void
test_damage (void)
{
  g_autofree char *folder = scratch_folder ("cache-damage");
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  Kept kept;
  write_and_die (folder);
  for (guint f = 0; f < 2; f++)
    {
      g_autofree char *path = file_in (folder, f ? "-wal" : "");
      g_assert_true (g_file_get_contents (path, &kept.data[f], &kept.size[f], NULL));
    }
  g_assert_cmpuint (kept.size[1], >, 0);
  put_back (folder, &kept);
  g_assert_cmpuint (look_after (folder), ==, RECORDS); /* nothing is lost by the kill */
  for (guint round = 0; round < 240; round++)
    {
      guint f = round % 2;
      gsize at = (gsize) (g_rand_double (rand) * (double) kept.size[f]);
      Kept worse = kept;
      worse.data[f] = g_memdup2 (kept.data[f], kept.size[f]);
      if (round % 3 == 0)
        worse.size[f] = at;
      else
        worse.data[f][at] ^= (char) (1 << g_rand_int_range (rand, 0, 8));
      put_back (folder, &worse);
      look_after (folder);
      g_free (worse.data[f]);
    }
  for (guint f = 0; f < 2; f++)
    g_free (kept.data[f]);
}

/* A bit of a feature itself, in the database proper, where SQLite cannot see it. */
static void
test_flipped_bit (void)
{
  g_autofree char *folder = scratch_folder ("cache-bit");
  g_autofree char *path = file_in (folder, "");
  g_autofree char *data = NULL;
  gsize size;
  float feature[DIM];
  FewFeatureCache *cache = open_cache (folder, DIM);
  for (guint i = 0; i < RECORDS; i++)
    put (cache, i);
  few_feature_cache_free (cache); /* the last one out empties the log */
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  feature_of (11, feature);
  char *there = memmem (data, size, feature, sizeof feature);
  g_assert_nonnull (there);
  there[9] ^= 4;
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  cache = open_cache (folder, DIM);
  g_assert_cmpuint (count_right (cache, RECORDS), ==, RECORDS - 1);
  put (cache, 11);
  g_assert_cmpuint (count_right (cache, RECORDS), ==, RECORDS);
  few_feature_cache_free (cache);
}

static void
test_strangers (void)
{
  g_autofree char *folder = scratch_folder ("cache-strange");
  g_autofree char *path = file_in (folder, "");
  g_autofree char *log = file_in (folder, "-wal");
  g_autoptr (GError) error = NULL;
  g_autofree char *rubbish = g_strnfill (50000, 'x');
  g_assert_true (g_file_set_contents (path, rubbish, -1, NULL));
  FewFeatureCache *cache = open_cache (folder, DIM);
  put (cache, 1);
  g_assert_cmpuint (count_right (cache, 3), ==, 1);
  few_feature_cache_free (cache);
  g_unlink (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_null (few_feature_cache_open (folder, "k", DIM, &error));
  assert_says (&error, "k.sqlite", NULL);
  g_unlink (path);
  g_assert_cmpint (mkfifo (log, 0600), ==, 0);
  g_assert_null (few_feature_cache_open (folder, "k", DIM, &error));
  assert_says (&error, "k.sqlite-wal", NULL);
  g_unlink (log);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_null (few_feature_cache_open (folder, "k", DIM, &error));
  g_clear_error (&error);
  g_rmdir (path);
  cache = open_cache (folder, DIM);
  put (cache, 2);
  g_assert_true (few_feature_cache_is_current (cache));
  g_unlink (path);
  g_assert_false (few_feature_cache_is_current (cache));
  few_feature_cache_free (cache);
}

/* Several processes begin the same database and write it at once. */
static void
test_processes (void)
{
  enum { PROCESSES = 4, EACH = 60 };
  g_autofree char *folder = scratch_folder ("cache-many");
  for (guint p = 0; p < PROCESSES; p++)
    if (fork () == 0)
      {
        GError *error = NULL;
        FewFeatureCache *cache = few_feature_cache_open (folder, "k", DIM, &error);
        if (error)
          g_printerr ("%s\n", error->message);
        for (guint i = 0; cache && i < EACH; i++)
          {
            put (cache, p * EACH + i);
            put (cache, i); /* and one that all write */
          }
        _exit (cache ? 0 : 1);
      }
  int status;
  for (guint p = 0; p < PROCESSES; p++)
    {
      g_assert_cmpint (wait (&status), >, 0);
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    }
  FewFeatureCache *cache = open_cache (folder, DIM);
  g_assert_cmpuint (count_right (cache, PROCESSES * EACH), ==, PROCESSES * EACH);
  few_feature_cache_free (cache);
}

/* ---- fingerprints */

/* Each setting of the image tower and of the pictures, another in turn. */
static void
change_image_settings (const FewClipConfig *config, const char *sha256, GHashTable *seen)
{
  FewClipConfig other = *config;
  const struct
  {
    gpointer field;
    gsize size;
  } image[] = {
    { &other.embed_dim, 4 },
    { &other.image_size, 4 },
    { &other.patch_size, 4 },
    { &other.vision.width, 4 },
    { &other.vision.layers, 4 },
    { &other.vision.heads, 4 },
    { &other.vision.head_width, 4 },
    { &other.vision.mlp_width, 4 },
    { &other.vision.activation, 4 },
    { &other.vision.ln_epsilon, 4 },
    { &other.resnet_layers[0], 4 },
    { &other.resnet_layers[3], 4 },
    { &other.resnet_width, 4 },
    { &other.resnet_heads, 4 },
    { &other.preprocess.size, 4 },
    { &other.preprocess.mean[0], 8 },
    { &other.preprocess.mean[2], 8 },
    { &other.preprocess.std[1], 8 },
    { &other.preprocess.mode, 4 },
    { &other.preprocess.resample, 4 },
    { &other.preprocess.resize, 4 },
    { &other.preprocess.resize[1], 4 },
    { &other.preprocess.fill[0], 1 },
    { &other.preprocess.fill[2], 1 },
    { &other.preprocess.floors_crop, 4 },
    { &other.vision.layer_scale, 4 },
    { &other.vision.gated, 4 },
    { &other.vision.rope_steps, 4 },
    { &other.vision.rope_y_first, 4 },
    { &other.vit.class_token, 4 },
    { &other.vit.pool, 4 },
    { &other.vit.projection, 4 },
    { &other.vit.map_heads, 4 },
    { &other.vit.no_ln_pre, 4 },
    { &other.stage_depths[1], 4 },
    { &other.stage_widths[4], 4 },
    { &other.head_width, 4 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (image); i++)
    {
      other = *config;
      ((guint8 *) image[i].field)[0] ^= 1; /* the last bit */
      g_assert_true (g_hash_table_add (seen, few_fingerprint_images (&other, sha256)));
    }
}

/* Every number of a config, as bytes: changed one after the other. */
static void
test_fingerprint (void)
{
  g_autofree char *folder = golden_path ("vit");
  g_autoptr (GError) error = NULL;
  FewClipConfig config;
  few_clip_config_load (folder, &config, &error);
  g_assert_no_error (error);
  g_autoptr (FewTokenizer) words = few_tokenizer_open (folder, config.vocab_size, &error);
  g_assert_no_error (error);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  char sha256[65];
  memset (sha256, 'a', 64);
  sha256[64] = 0;
  g_assert_true (g_hash_table_add (seen, few_fingerprint_images (&config, sha256)));
  change_image_settings (&config, sha256, seen);
  FewClipConfig other = config;
  sha256[5] = 'b';
  g_assert_true (g_hash_table_add (seen, few_fingerprint_images (&config, sha256)));
  sha256[5] = 'a';
  const gpointer text[] = { &other.context_length,      &other.vocab_size,
                            &other.text.width,          &other.text.layers,
                            &other.text.heads,          &other.text.mlp_width,
                            &other.text.activation,     &other.text.ln_epsilon,
                            &other.preprocess.mean,     &other.text_style.pool,
                            &other.text_style.sees_all, &other.text_style.end_id };
  g_assert_true (g_hash_table_add (seen, few_fingerprint_model (&config, sha256, words)));
  for (guint i = 0; i < G_N_ELEMENTS (text); i++)
    {
      other = config;
      ((guint8 *) text[i])[0] ^= 1;
      g_assert_true (g_hash_table_add (seen, few_fingerprint_model (&other, sha256, words)));
    }
  other = config;
  other.preprocess.exact = !other.preprocess.exact; /* a switch of the program, keyed apart */
  g_autofree char *same = few_fingerprint_images (&other, sha256);
  g_assert_true (g_hash_table_contains (seen, same));
}

/* Two tokenizers: one merge in another place, one id exchanged. */
static void
test_tokenizer (void)
{
  g_autofree char *good = golden_path ("vit");
  g_autofree char *folder = scratch_folder ("words");
  g_autofree char *from = g_build_filename (good, "merges.txt", NULL);
  g_autofree char *to = g_build_filename (folder, "merges.txt", NULL);
  g_autofree char *vocab = g_build_filename (good, "vocab.json", NULL);
  g_autofree char *vocab_to = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *text = NULL;
  g_autofree char *words = NULL;
  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  g_assert_true (g_file_get_contents (vocab, &words, NULL, NULL));
  g_assert_true (g_file_set_contents (vocab_to, words, -1, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (FewTokenizer) first = few_tokenizer_open (good, 545, NULL);
  char *swapped = lines[2];
  lines[2] = lines[3];
  lines[3] = swapped;
  g_autofree char *other_text = g_strjoinv ("\n", lines);
  g_assert_true (g_file_set_contents (to, other_text, -1, NULL));
  g_autoptr (FewTokenizer) second = few_tokenizer_open (folder, 545, NULL);
  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_autofree char *a = few_tokenizer_sha256 (first);
  g_autofree char *b = few_tokenizer_sha256 (second);
  g_assert_cmpstr (a, !=, b);
}

static void
test_match (void)
{
  const FewModelInfo info = { .sha256 = "aa", .fingerprint = "ff" };
  g_assert_cmpint (few_model_match (&info, "aa", "ff"), ==, FEW_MODEL_SAME);
  g_assert_cmpint (few_model_match (&info, "aa", NULL), ==, FEW_MODEL_UNVERIFIED);
  g_assert_cmpint (few_model_match (&info, "aa", ""), ==, FEW_MODEL_UNVERIFIED);
  g_assert_cmpint (few_model_match (&info, "", ""), ==, FEW_MODEL_UNVERIFIED);
  g_assert_cmpint (few_model_match (&info, "aa", "ee"), ==, FEW_MODEL_OTHER_SETTINGS);
  g_assert_cmpint (few_model_match (&info, "bb", "ee"), ==, FEW_MODEL_OTHER);
  g_assert_cmpint (few_model_match (&info, "bb", NULL), ==, FEW_MODEL_OTHER);
}

/* Packs of version 0.2 go; what only has their name, or is a link to one, stays. */
static void
test_old_packs (void)
{
  static const char pack[] = "FEWFEAT1 and what was in it";
  g_autofree char *folder = scratch_folder ("packs");
  g_autofree char *old = g_build_filename (folder, "0a1b-f16.features", NULL);
  g_autofree char *strange = g_build_filename (folder, "notes.features", NULL);
  g_autofree char *other = g_build_filename (folder, "pack.bin", NULL);
  g_autofree char *link = g_build_filename (folder, "link.features", NULL);
  g_assert_true (g_file_set_contents (old, pack, -1, NULL));
  g_assert_true (g_file_set_contents (other, pack, -1, NULL));
  g_assert_true (g_file_set_contents (strange, "features of mine", -1, NULL));
  g_assert_cmpint (symlink (other, link), ==, 0);
  g_autoptr (FewFeatureCache) cache = open_cache (folder, DIM);
  g_assert_false (g_file_test (old, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (strange, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  put (cache, 1);
  g_assert_cmpuint (count_right (cache, 2), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cache/round", test_round);
  g_test_add_func ("/cache/damage", test_damage);
  g_test_add_func ("/cache/flipped-bit", test_flipped_bit);
  g_test_add_func ("/cache/strangers", test_strangers);
  g_test_add_func ("/cache/old-packs", test_old_packs);
  g_test_add_func ("/cache/processes", test_processes);
  g_test_add_func ("/cache/fingerprint", test_fingerprint);
  g_test_add_func ("/cache/tokenizer", test_tokenizer);
  g_test_add_func ("/cache/match", test_match);
  return g_test_run ();
}
