/* SPDX-License-Identifier: MIT */
/* A device on which a test runs one op: buffers there and back, and sums to compare with. */
#include "bench.h"
#include <string.h>

gboolean
bench_open (Bench *bench, const char *device)
{
  g_autoptr (GError) error = NULL;
  gboolean gpu = g_str_has_prefix (device, "cuda:");
  /* three threads: more than most pieces divide into evenly */
  const char *named = gpu && strlen (device) > 7 ? device + 7 : NULL; /* behind "cuda:0:" */
  bench->backend = gpu ? few_backend_cuda_new (0, named, TRUE, 2, &error)
                       : few_backend_cpu_new (3, strchr (device, ':') + 1, &error);
  if (!bench->backend)
    {
      g_assert_false (gpu); /* whoever names one has it */
      g_test_skip (error->message);
      return FALSE;
    }
  const char *precision = bench->backend->precision;
  bench->ops = bench->backend->ops;
  bench->streams[0] = bench->backend->stream;
  bench->streams[1] = bench->backend->lane_streams[0];
  /* both factors rounded: to 8 bits, to 11 */
  bench->tolerance = 1e-6;
  if (g_str_equal (precision, "bf16"))
    bench->tolerance = 1.0 / 128;
  else if (g_str_equal (precision, "f16"))
    bench->tolerance = 1.0 / 1024;
  else if (g_str_equal (precision, "tf32")) /* cut off, not rounded */
    bench->tolerance = 1.0 / 512;
  bench->random = g_rand_new_with_seed (11);
  bench->twins = g_hash_table_new (NULL, NULL);
  return TRUE;
}

double
bench_attention_tolerance (const Bench *bench, double exact)
{
  gboolean gpu = g_str_equal (bench->backend->name, "cuda");
  return gpu && !g_str_equal (bench->backend->precision, "f32") ? 2 * bench->tolerance : exact;
}

void
bench_close (Bench *bench)
{
  GHashTableIter iter;
  gpointer host, device;
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      bench->ops->check (bench->streams[i], &error);
      g_assert_no_error (error);
    }
  g_hash_table_iter_init (&iter, bench->twins);
  while (g_hash_table_iter_next (&iter, &host, &device))
    {
      bench->ops->free (bench->backend, device);
      g_free (host);
    }
  g_hash_table_unref (bench->twins);
  g_rand_free (bench->random);
  few_backend_free (bench->backend);
}

float *
bench_own (Bench *bench, float *host, gsize n)
{
  g_autoptr (GError) error = NULL;
  float *device = bench->ops->alloc (bench->backend, n, &error);
  g_assert_no_error (error);
  bench->ops->upload (bench->streams[0], device, host, n);
  bench->ops->check (bench->streams[0], &error); /* the other stream may read it */
  g_assert_no_error (error);
  g_hash_table_insert (bench->twins, host, device);
  return host;
}

float *
bench_fill (Bench *bench, gsize n)
{
  float *host = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    host[i] = (float) g_rand_double_range (bench->random, -1, 1);
  return bench_own (bench, host, n);
}

float *
on_device (const Bench *bench, const float *host)
{
  float *device = g_hash_table_lookup (bench->twins, host);
  g_assert_nonnull (device);
  return device;
}

void
bench_fetch (const Bench *bench, float *host, gsize n)
{
  g_autoptr (GError) error = NULL;
  bench->ops->check (bench->streams[1], &error);
  g_assert_no_error (error);
  bench->ops->download (bench->streams[0], host, on_device (bench, host), n);
}

void
bench_add (const char *prefix, const char *const *cpu_devices, GTestDataFunc func)
{
  const char *named = g_getenv ("TEST_DEVICES");
  g_auto (GStrv) devices = named ? g_strsplit (named, " ", -1) : g_strdupv ((char **) cpu_devices);
  for (guint i = 0; devices[i]; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s", prefix, devices[i]);
      g_test_add_data_func_full (path, g_strdup (devices[i]), func, g_free);
    }
}
