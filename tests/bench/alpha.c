/* SPDX-License-Identifier: MIT */
/* What one α move costs at 5,000 pictures × 100 classes: predictions and margins, class means,
 * ranking; beside the cost of evaluating it directly (blend, normalise and multiply features)
 * and the limit (reading the two tables once).
 *
 *   build/tests/bench/bench-alpha [PICTURES CLASSES] */
#include "clip/model.h"
#include "lens/snapshot.h"
#include <fewshot.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { D = 512, ROUNDS = 15 };

static float *
random_floats (GRand *rand, gsize n)
{
  float *out = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    out[i] = (float) g_rand_double_range (rand, -1, 1);
  return out;
}

static double
milliseconds (gint64 from)
{
  return (double) (g_get_monotonic_time () - from) / 1000;
}

/* The tables of α for adapted features a, features f and texts t. */
static FewSnapshot *
make_snapshot (const FewBackend *backend, guint n, guint k, const float *a, const float *f,
               const float *t)
{
  g_autofree guint32 *labels = g_new (guint32, n);
  g_autofree guint8 *roles = g_new0 (guint8, n);
  for (guint i = 0; i < n; i++)
    labels[i] = i % k;
  FewSnapshot *s = few_snapshot_new (n, k, D, labels, roles, NULL, NULL);
  backend->ops->gemm (backend->stream, FALSE, TRUE, n, k, D, 1, a, D, t, D, 0, s->at, k);
  backend->ops->gemm (backend->stream, FALSE, TRUE, n, k, D, 1, f, D, t, D, 0, s->ft, k);
  backend->ops->row_dots (backend->stream, n, D, a, a, s->aa);
  backend->ops->row_dots (backend->stream, n, D, f, f, s->ff);
  backend->ops->row_dots (backend->stream, n, D, a, f, s->af);
  return s;
}

/* The two tables once. */
static float
read_tables (const FewSnapshot *s, gsize cells)
{
  float sum = 0;
  for (gsize i = 0; i < cells; i += 16)
    sum += s->at[i] + s->ft[i];
  return sum;
}

int
main (int argc, char **argv)
{
  guint N = argc > 2 ? (guint) atoi (argv[1]) : 5000;
  guint K = argc > 2 ? (guint) atoi (argv[2]) : 100;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree float *a = random_floats (rand, (gsize) N * D);
  g_autofree float *f = random_floats (rand, (gsize) N * D);
  g_autofree float *t = random_floats (rand, (gsize) K * D);
  g_autofree guint32 *predicted = g_new (guint32, N);
  g_autofree guint32 *order = g_new (guint32, N);
  g_autofree float *margin = g_new (float, N);
  g_autofree float *before = g_new (float, K);
  g_autofree float *after = g_new (float, K);
  g_autofree float *y = g_new (float, (gsize) N *D);
  g_autofree float *norm = g_new (float, N);
  g_autofree float *logits = g_new (float, (gsize) N *K);
  g_autoptr (FewBackend) backend = few_backend_cpu_new (0, NULL, NULL);
  FewSnapshot *s = make_snapshot (backend, N, K, a, f, t);
  double ours = INFINITY;
  double accuracy = INFINITY;
  double worst = 0;
  double direct = INFINITY;
  double limit = INFINITY;
  volatile float sink = 0;
  for (guint round = 0; round < ROUNDS; round++) /* interleaved */
    {
      double alpha = (round + .5) / ROUNDS;
      gint64 start = g_get_monotonic_time ();
      few_lens_predict (s, alpha, predicted, margin);
      few_lens_class_means (s, alpha, before, after);
      few_lens_rank (margin, N, order);
      ours = fmin (ours, milliseconds (start));
      worst = fmax (worst, milliseconds (start));
      start = g_get_monotonic_time ();
      sink = sink + (float) few_lens_accuracy (s, -1, alpha);
      accuracy = fmin (accuracy, milliseconds (start));
      start = g_get_monotonic_time ();
      backend->ops->blend_normalise (backend->stream, N, D, (float) alpha, a, f, y, norm);
      backend->ops->gemm (backend->stream, FALSE, TRUE, N, K, D, 1, y, D, t, D, 0, logits, K);
      direct = fmin (direct, milliseconds (start));
      start = g_get_monotonic_time ();
      sink = sink + read_tables (s, (gsize) N * K);
      limit = fmin (limit, milliseconds (start));
    }
  printf ("one α move, %u pictures × %u classes: %.2f ms (worst %.2f), a frame is 16.7 ms\n", N, K,
          ours, worst);
  printf ("the accuracy alone: %.3f ms\n", accuracy);
  printf ("direct evaluation (D = %u, all cores): %.2f ms; ours / direct %.2f\n", D, direct,
          ours / direct);
  printf ("limit (reading a·t and f·t once): %.2f ms; ours / limit %.1f\n", limit, ours / limit);
  few_snapshot_unref (s);
  return worst <= 16.7 ? 0 : 1;
}
