/* SPDX-License-Identifier: MIT */
/* Seconds of a map of pictures: its plane, its neighbours at one α, and at every α, of features
 * around as many centres as a data set has classes.
 *
 * bench-map [PICTURES] [WIDTH] [CLASSES] [FILE]: FILE gets the features and the points, as f32 */
#include <fewshot/map.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

static double
draw_normal (GRand *rand)
{
  double u = g_rand_double_range (rand, 1e-12, 1);
  return sqrt (-2 * log (u)) * cos (2 * G_PI * g_rand_double (rand));
}

static void
draw_features (float *f, float *a, guint n, guint d, guint classes)
{
  GRand *rand = g_rand_new_with_seed (1);
  g_autofree double *centres = g_new (double, (gsize) classes *d);
  for (gsize i = 0; i < (gsize) classes * d; i++)
    centres[i] = draw_normal (rand);
  for (gsize i = 0; i < (gsize) n * d; i++)
    {
      double centre = centres[(i / d % classes) * d + i % d];
      f[i] = (float) (centre + 1.5 * draw_normal (rand));
      a[i] = (float) (f[i] + 0.5 * centre);
    }
  g_rand_free (rand);
}

typedef struct
{
  GTimer *timer;
  double first, first_processor;
} Bench;

/* Of all threads: what other programs take from the time does not count. */
static double
processor_seconds (void)
{
  return (double) clock () / CLOCKS_PER_SEC;
}

static void
tell (gpointer user, guint done G_GNUC_UNUSED, guint total G_GNUC_UNUSED, FewMap *first)
{
  Bench *bench = user;
  if (!first)
    return;
  bench->first = g_timer_elapsed (bench->timer, NULL);
  bench->first_processor = processor_seconds () - bench->first_processor;
}

static void
write_points (const char *path, const float *f, gsize features, const FewMap *map)
{
  guint n = few_map_info (map)->n;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree float *points = g_new (float, 2 * (gsize) n);
  few_map_points (map, 0, points);
  g_byte_array_append (bytes, (const guint8 *) f, (guint) (features * sizeof *f));
  g_byte_array_append (bytes, (const guint8 *) points, 2 * n * (guint) sizeof *points);
  if (!g_file_set_contents (path, (const char *) bytes->data, (gssize) bytes->len, NULL))
    g_printerr ("%s could not be written\n", path);
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 10000;
  guint d = argc > 2 ? (guint) atoi (argv[2]) : 512;
  guint classes = argc > 3 ? (guint) atoi (argv[3]) : 100;
  g_autofree float *f = g_new (float, (gsize) n *d);
  g_autofree float *a = g_new (float, (gsize) n *d);
  g_autofree guint32 *ids = g_new0 (guint32, n);
  g_autoptr (GTimer) timer = g_timer_new ();
  Bench bench = { .timer = timer };
  draw_features (f, a, n, d, classes);
  g_timer_start (timer);
  g_autoptr (FewMap) plane = few_map_new (f, a, ids, n, d, NULL, NULL);
  double seconds = g_timer_elapsed (timer, NULL);
  bench.first_processor = processor_seconds ();
  g_timer_start (timer);
  g_autoptr (FewMap) map = few_map_new_neighbours (f, a, ids, n, d, tell, &bench, NULL, NULL);
  if (!plane || !map)
    return 1;
  g_print ("%u pictures, %u numbers each: plane %.2f s, neighbours %.2f s (%.2f s of processors), "
           "at every alpha %.2f s, divergence %.4f\n",
           n, d, seconds, bench.first, bench.first_processor, g_timer_elapsed (timer, NULL),
           few_map_info (map)->divergence);
  if (argc > 4)
    write_points (argv[4], f, (gsize) n * d, map);
  return 0;
}
