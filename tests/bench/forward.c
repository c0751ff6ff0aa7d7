/* SPDX-License-Identifier: MIT */
/* One side of tests/bench/forward.py: answers each line "BATCH SECONDS" with pictures a second and
 * the most MB so far on standard output.
 *
 *     bench-forward MODEL [DEVICE] */
#include "clip/model.h"
#include <fewshot.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

/* Pixels [BATCH, 3, S, S] where a folder's are decoded to: what a GPU copies directly. They are
 * kept between the lines, as a folder keeps its. */
static float *
make_pixels (FewModel *model, gsize n)
{
  static float *pixels;
  static gsize room;
  if (n > room)
    {
      FewBackend *backend = few_model_backend (model);
      if (pixels)
        backend->ops->host_free (backend, pixels);
      pixels = backend->ops->host_alloc (backend, n * sizeof (float));
      if (!pixels)
        g_error ("No memory for %zu pixels.", n);
      for (gsize i = 0; i < n; i++)
        pixels[i] = (float) (i % 97) / 48.0f - 1;
      room = n;
    }
  return pixels;
}

static double
measure_forward (FewModel *model, guint batch, double seconds)
{
  guint side = few_model_info (model)->preprocess.size;
  float *pixels = make_pixels (model, (gsize) batch * 3 * side * side);
  g_autofree float *features = g_new (float, (gsize) batch *few_model_dim (model));
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
  g_autoptr (GError) error = NULL;
  const char *device = argc > 2 ? argv[2] : "cpu";
  g_autoptr (FewModel) model = argc > 1 ? few_model_open (argv[1], device, NULL, &error) : NULL;
  if (!model)
    {
      g_printerr ("%s\n", error ? error->message : "usage: bench-forward MODEL [DEVICE]");
      return 1;
    }
  guint batch;
  double seconds;
  while (scanf ("%u %lf", &batch, &seconds) == 2 && batch > 0 && batch <= 1024)
    {
      g_print ("%.4f %ld\n", measure_forward (model, batch, seconds), peak_memory_mb ());
      fflush (stdout);
    }
  return 0;
}
