/* SPDX-License-Identifier: MIT */
/* What one α move costs at 5,000 pictures × 100 classes: predictions and margins, class means,
 * ranking; before and after few_lens_prepare, beside what that takes once, the cost of evaluating
 * it directly (blend, normalise and multiply features) and reading the two tables once. A live
 * snapshot makes the curve of its validation pictures; here it is that of all.
 *
 *   build/tests/bench/bench-alpha [PICTURES CLASSES] */
#include "clip/model.h"
#include "lens/envelope.h"
#include <fewshot.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

typedef struct
{
  guint32 *predicted, *order;
  float *margin, *before, *after;
} Room;

static Room
room_for (guint n, guint k)
{
  return (Room) { g_new (guint32, n), g_new (guint32, n), g_new (float, n), g_new (float, k),
                  g_new (float, k) };
}

/* Milliseconds, the shortest but where it says so. */
typedef struct
{
  double whole, worst, accuracy;
} Move;

static void
move (const FewSnapshot *s, double alpha, Room *room, Move *took)
{
  gint64 start = g_get_monotonic_time ();
  few_lens_predict (s, alpha, room->predicted, room->margin);
  few_lens_class_means (s, alpha, room->before, room->after);
  few_lens_rank (room->margin, s->info.n, room->order);
  took->whole = fmin (took->whole, milliseconds (start));
  took->worst = fmax (took->worst, milliseconds (start));
  start = g_get_monotonic_time ();
  g_assert (few_lens_accuracy (s, -1, alpha) >= 0);
  took->accuracy = fmin (took->accuracy, milliseconds (start));
}

static double
contenders (const FewSnapshot *s)
{
  return s->envelope ? (double) s->envelope->bounds[3 * (gsize) s->info.n] / s->info.n : NAN;
}

static double
megabytes (const FewSnapshot *s)
{
  return 12e-6 * s->info.n * (contenders (s) + 1);
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
  Room room[] = { room_for (N, K), room_for (N, K) };
  g_autofree float *y = g_new (float, (gsize) N *D);
  g_autofree float *norm = g_new (float, N);
  g_autofree float *logits = g_new (float, (gsize) N *K);
  g_autoptr (FewBackend) backend = few_backend_cpu_new (0, NULL, NULL);
  FewSnapshot *s = make_snapshot (backend, N, K, a, f, t);
  FewSnapshot *prepared = make_snapshot (backend, N, K, a, f, t);
  double curve[FEW_CURVE_POINTS];
  Move by_tables = { INFINITY, 0, INFINITY };
  Move ours = { INFINITY, 0, INFINITY };
  double direct = INFINITY;
  double limit = INFINITY;
  volatile float sink = 0;
  gint64 began = g_get_monotonic_time ();
  few_lens_prepare (prepared, NULL);
  double making = milliseconds (began);
  for (guint round = 0; round < ROUNDS; round++) /* interleaved */
    {
      double alpha = (round + .5) / ROUNDS;
      move (s, alpha, room, &by_tables);
      move (prepared, alpha, room + 1, &ours);
      if (memcmp (room[0].predicted, room[1].predicted, N * sizeof (guint32)) != 0
          || memcmp (room[0].margin, room[1].margin, N * sizeof (float)) != 0)
        g_error ("predictions or margins differ at α %g", alpha);
      gint64 start = g_get_monotonic_time ();
      backend->ops->blend_normalise (backend->stream, N, D, (float) alpha, a, f, y, norm);
      backend->ops->gemm (backend->stream, FALSE, TRUE, N, K, D, 1, y, D, t, D, 0, logits, K);
      direct = fmin (direct, milliseconds (start));
      start = g_get_monotonic_time ();
      sink = sink + read_tables (s, (gsize) N * K);
      limit = fmin (limit, milliseconds (start));
    }
  gint64 start = g_get_monotonic_time ();
  few_lens_curve (s, -1, curve);
  double whole_curve = milliseconds (start);
  printf ("one α move, %u pictures × %u classes: %.2f ms (worst %.2f), a frame is 16.7 ms\n", N, K,
          ours.whole, ours.worst);
  printf ("by the tables: %.2f ms (worst %.2f); %.1f times as long\n", by_tables.whole,
          by_tables.worst, by_tables.whole / ours.whole);
  printf ("what is made once: %.1f ms, %.1f MB, %.1f classes a picture; the tables are %.1f MB\n",
          making, megabytes (prepared), contenders (prepared), 8e-6 * N * K);
  printf ("the accuracy alone: %.3f ms, by the tables %.3f\n", ours.accuracy, by_tables.accuracy);
  printf ("the curve of 101 αs: %.1f ms\n", whole_curve);
  printf ("direct evaluation (D = %u, all cores): %.2f ms; ours / direct %.2f\n", D, direct,
          ours.whole / direct);
  printf ("reading a·t and f·t once: %.2f ms; ours / that %.1f\n", limit, ours.whole / limit);
  few_snapshot_unref (prepared);
  few_snapshot_unref (s);
  return ours.worst <= 16.7 ? 0 : 1;
}
