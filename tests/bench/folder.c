/* SPDX-License-Identifier: MIT */
/* What a folder of pictures costs part by part, on all processors at once: reading and hashing,
 * decoding, resizing, the forward pass. Prints the milliseconds a picture and processor of each;
 * their sum is the time that no pipeline can beat. Behind them, decoding at an eighth of the size,
 * which is little but the entropy decoding that every size needs. For tests/bench/folder.py.
 *
 *     bench-folder MODEL FILE… */
#include <fewshot.h>
#include "image/picture.h"
#include <string.h>

typedef struct
{
  const FewPreprocess *preprocess;
  char **files;
  int n, step, first;
  gint64 read, decode, entropy, resize; /* µs */
} Part;

static gpointer
run_part (gpointer data)
{
  Part *p = data;
  gsize one = (gsize) 3 * p->preprocess->size * p->preprocess->size;
  g_autofree guint8 *resized = g_malloc (one);
  g_autofree float *pixels = g_new (float, one);
  for (int i = p->first; i < p->n; i += p->step)
    {
      guint8 hash[32];
      g_autoptr (GError) error = NULL;
      gint64 t0 = g_get_monotonic_time ();
      g_autoptr (GBytes) bytes = few_image_read (p->files[i], hash, &error);
      gint64 t1 = g_get_monotonic_time ();
      g_autoptr (GdkPixbuf) picture =
          bytes ? few_image_decode (bytes, p->files[i], NULL, 2 * p->preprocess->size, &error)
                : NULL;
      if (!picture)
        g_error ("%s", error->message);
      gint64 t2 = g_get_monotonic_time ();
      g_autoptr (GdkPixbuf) small = few_image_decode (bytes, p->files[i], NULL, 1, &error);
      if (!small)
        g_error ("%s", error->message);
      gint64 t3 = g_get_monotonic_time ();
      if (!few_image_resize (picture, p->preprocess, resized))
        g_error ("%s: no memory", p->files[i]);
      few_image_normalise (resized, p->preprocess, pixels);
      p->read += t1 - t0;
      p->decode += t2 - t1;
      p->entropy += t3 - t2;
      p->resize += g_get_monotonic_time () - t3;
    }
  return NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewModel) model = argc > 2 ? few_model_open (argv[1], "cpu", NULL, &error) : NULL;
  if (!model)
    {
      g_printerr ("%s\n", error ? error->message : "usage: bench-folder MODEL FILE…");
      return 1;
    }
  const FewPreprocess *preprocess = &few_model_info (model)->preprocess;
  int threads = (int) g_get_num_processors ();
  int n = argc - 2;
  g_autofree Part *parts = g_new0 (Part, threads);
  g_autofree GThread **running = g_new (GThread *, threads);
  for (int i = 0; i < threads; i++)
    {
      parts[i] = (Part) { preprocess, argv + 2, n, threads, i, 0, 0, 0, 0 };
      running[i] = g_thread_new ("part", run_part, &parts[i]);
    }
  Part sum = { 0 };
  for (int i = 0; i < threads; i++)
    {
      g_thread_join (running[i]);
      sum.read += parts[i].read;
      sum.decode += parts[i].decode;
      sum.resize += parts[i].resize;
      sum.entropy += parts[i].entropy;
    }
  guint batch = 8 * (guint) threads;
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  g_autofree float *pixels = g_new0 (float, batch *one);
  g_autofree float *features = g_new (float, batch *few_model_dim (model));
  gint64 best = G_MAXINT64;
  for (int i = 0; i < 8; i++)
    {
      gint64 start = g_get_monotonic_time ();
      few_model_encode_pixels (model, pixels, batch, features, NULL, NULL);
      best = MIN (best, g_get_monotonic_time () - start);
    }
  g_print ("%.3f %.3f %.3f %.3f %.3f\n", (double) sum.read / n / 1e3, (double) sum.decode / n / 1e3,
           (double) sum.resize / n / 1e3, (double) best * threads / batch / 1e3,
           (double) sum.entropy / n / 1e3);
  return 0;
}
