/* SPDX-License-Identifier: MIT */
/* The feature cache with many pictures: how fast they are put and looked up, how long opening
 * takes beside that of an empty one (in processor time), and how several processes write at
 * once (in time).
 *
 *   bench-cache FOLDER [PICTURES] [WIDTH] [PROCESSES] */
#include "formats/feature-cache.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
hash_of (guint64 i, guint8 *hash)
{
  for (guint k = 0; k < 4; k++)
    {
      guint64 x = (i * 4 + k + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      x = (x ^ x >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
      x = (x ^ x >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
      x ^= x >> 31;
      memcpy (hash + 8 * k, &x, 8);
    }
}

/* Of this process, so that what else the machine does does not count. */
static gint64
processor_time (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static double
seconds_since (gint64 started)
{
  return (double) (processor_time () - started) / G_USEC_PER_SEC;
}

static FewFeatureCache *
open_cache (const char *folder, const char *key, guint dim)
{
  g_autoptr (GError) error = NULL;
  gint64 started = processor_time ();
  FewFeatureCache *cache = few_feature_cache_open (folder, key, dim, &error);
  if (!cache)
    g_error ("%s", error->message);
  g_print ("opened %s in %.2f ms\n", key, 1e3 * seconds_since (started));
  return cache;
}

static void
put_all (FewFeatureCache *cache, guint64 first, guint64 n, guint dim)
{
  g_autofree float *feature = g_new0 (float, dim);
  guint8 hash[FEW_HASH_BYTES];
  for (guint64 i = first; i < first + n; i++)
    {
      g_autoptr (GError) error = NULL;
      hash_of (i, hash);
      feature[0] = (float) i;
      if (!few_feature_cache_put (cache, hash, feature, &error))
        g_error ("%s", error->message);
    }
}

static void
look_up (FewFeatureCache *cache, guint64 n, guint dim)
{
  enum { LOOKUPS = 200000 };
  g_autofree float *feature = g_new0 (float, dim);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint8 hash[FEW_HASH_BYTES];
  guint found = 0;
  gint64 started = processor_time ();
  for (guint i = 0; i < LOOKUPS; i++)
    {
      guint64 which = (guint64) (g_rand_double (rand) * (double) n);
      hash_of (which, hash);
      if (few_feature_cache_get (cache, hash, feature) && feature[0] == (float) which)
        found++;
    }
  g_print ("%d look-ups of %" G_GUINT64_FORMAT ": %.2f µs each, %u found\n", LOOKUPS, n,
           1e6 * seconds_since (started) / LOOKUPS, found);
  started = processor_time ();
  for (guint i = 0; i < LOOKUPS; i++)
    {
      hash_of (n + 1000000000 + i, hash);
      found += few_feature_cache_get (cache, hash, feature);
    }
  g_print ("%d of what is not there: %.2f µs each\n", LOOKUPS,
           1e6 * seconds_since (started) / LOOKUPS);
}

static void
write_at_once (const char *folder, guint dim, guint processes)
{
  enum { EACH = 5000 };
  gint64 started = g_get_monotonic_time ();
  for (guint p = 0; p < processes; p++)
    if (fork () == 0)
      {
        g_autoptr (FewFeatureCache) cache = few_feature_cache_open (folder, "many", dim, NULL);
        g_assert_nonnull (cache);
        put_all (cache, p * EACH, EACH, dim);
        _exit (0);
      }
  while (wait (NULL) > 0)
    ;
  g_print ("%u processes, %d each: %.1f µs of the clock a picture; ", processes, EACH,
           (double) (g_get_monotonic_time () - started) / (processes * EACH));
  g_autoptr (FewFeatureCache) cache = open_cache (folder, "many", dim);
  look_up (cache, processes * EACH, dim);
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    return 2;
  guint64 n = argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 1000000;
  guint dim = argc > 3 ? (guint) g_ascii_strtoull (argv[3], NULL, 10) : 512;
  guint processes = argc > 4 ? (guint) g_ascii_strtoull (argv[4], NULL, 10) : 4;
  FewFeatureCache *cache = open_cache (argv[1], "large", dim);
  gint64 started = processor_time ();
  put_all (cache, 0, n, dim);
  double seconds = seconds_since (started);
  g_print ("put %" G_GUINT64_FORMAT ": %.1f µs each\n", n, 1e6 * seconds / (double) n);
  look_up (cache, n, dim);
  few_feature_cache_free (cache);
  cache = open_cache (argv[1], "large", dim);
  look_up (cache, n, dim);
  few_feature_cache_free (cache);
  few_feature_cache_free (open_cache (argv[1], "empty", dim));
  if (processes > 0)
    write_at_once (argv[1], dim, processes);
  return 0;
}
