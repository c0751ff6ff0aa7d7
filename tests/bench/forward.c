/* SPDX-License-Identifier: MIT */
/* One side of tests/bench/forward.py: answers each line "BATCH SECONDS" with pictures a second
 * on standard output.
 *
 *     bench-forward MODEL [DEVICE]     the engine
 *     bench-forward --peak             multiply-adds a second that this machine reaches at all,
 *       in GFLOP/s */
#include <fewshot.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

typedef float Vec __attribute__ ((vector_size (64)));
enum { CHAINS = 16 }; /* enough independent sums to cover the latency of a fused multiply-add */

typedef struct
{
  double seconds, flops;
  float sink; /* keeps the sums alive */
} Peak;

__attribute__ ((target_clones ("default", "arch=x86-64-v3", "arch=x86-64-v4"))) static void
multiply_add (Peak *peak)
{
  Vec sums[CHAINS] = { { 0 } };
  Vec x = (Vec) { 0 } + 1.000001f;
  Vec y = (Vec) { 0 } + 0.999999f;
  gint64 start = g_get_monotonic_time ();
  gint64 rounds = 0;
  double spent = 0;
  while (spent < peak->seconds)
    {
      for (int repeat = 0; repeat < 100000; repeat++)
#pragma GCC unroll 16
        for (int i = 0; i < CHAINS; i++)
          sums[i] = sums[i] * x + y;
      rounds += 100000;
      spent = (double) (g_get_monotonic_time () - start) / 1e6;
    }
  for (int i = 0; i < CHAINS; i++)
    peak->sink += sums[i][0];
  const gsize lanes = sizeof (Vec) / sizeof (float);
  peak->flops = (double) rounds * CHAINS * (double) lanes * 2 / spent;
}

static gpointer
peak_thread (gpointer peak)
{
  multiply_add (peak);
  return NULL;
}

static double
measure_peak (double seconds)
{
  guint n = g_get_num_processors ();
  g_autofree Peak *peaks = g_new0 (Peak, n);
  g_autofree GThread **threads = g_new (GThread *, n);
  double total = 0;
  for (guint i = 0; i < n; i++)
    {
      peaks[i].seconds = seconds;
      threads[i] = g_thread_new ("peak", peak_thread, &peaks[i]);
    }
  for (guint i = 0; i < n; i++)
    {
      g_thread_join (threads[i]);
      total += peaks[i].flops;
    }
  return total / 1e9;
}

static double
measure_forward (FewModel *model, guint batch, double seconds)
{
  guint side = few_model_info (model)->preprocess.size;
  gsize n = (gsize) batch * 3 * side * side;
  g_autofree float *pixels = g_new (float, n);
  g_autofree float *features = g_new (float, (gsize) batch *few_model_dim (model));
  for (gsize i = 0; i < n; i++)
    pixels[i] = (float) (i % 97) / 48.0f - 1;
  guint done = 0;
  gint64 start = g_get_monotonic_time ();
  double spent = 0;
  for (; spent < seconds; done += batch)
    {
      g_autoptr (GError) error = NULL;
      if (!few_model_encode_pixels (model, pixels, batch, features, NULL, &error))
        g_error ("%s", error->message);
      spent = (double) (g_get_monotonic_time () - start) / 1e6;
    }
  return done / spent;
}

static long
peak_memory_mb (void)
{
  g_autofree char *status = NULL;
  g_file_get_contents ("/proc/self/status", &status, NULL, NULL);
  const char *line = status ? strstr (status, "VmHWM:") : NULL;
  return line ? atol (line + strlen ("VmHWM:")) / 1024 : 0;
}

int
main (int argc, char **argv)
{
  gboolean peak = argc > 1 && g_str_equal (argv[1], "--peak");
  g_autoptr (GError) error = NULL;
  const char *device = argc > 2 ? argv[2] : "cpu";
  g_autoptr (FewModel) model =
      peak || argc < 2 ? NULL : few_model_open (argv[1], device, NULL, &error);
  if (!peak && !model)
    {
      g_printerr ("%s\n",
                  error ? error->message : "usage: bench-forward (MODEL [DEVICE] | --peak)");
      return 1;
    }
  guint batch;
  double seconds;
  while (scanf ("%u %lf", &batch, &seconds) == 2 && batch > 0 && batch <= 1024)
    {
      double rate = peak ? measure_peak (seconds) : measure_forward (model, batch, seconds);
      g_print ("%.4f %ld\n", rate, peak_memory_mb ());
      fflush (stdout);
    }
  return 0;
}
