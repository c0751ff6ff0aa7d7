/* SPDX-License-Identifier: MIT */
/* Maps of pictures: the plane is scikit-learn's PCA (tests/tools/golden_map.py), the neighbours are
 * laid as well as its TSNE does it, by a gradient that is its own, and follow α. */
#include "golden.h"
#include "lens/map.h"
#include "lens/tsne.h"
#include <math.h>
#include <string.h>

enum { N = 300, D = 16, PERPLEXITY = 15, NEAR = 10 };

typedef struct
{
  float *x; /* [N, D] unit rows */
  float *told; /* KL at y, KL and trustworthiness of scikit-learn's own layout */
  FewPool *pool;
  FewAffinities p;
  guint32 ids[N];
} Fixture;

static void
fixture_init (Fixture *t, const FewSafetensors *file, guint threads)
{
  g_auto (FewNeighbours) near = { 0 };
  g_autoptr (GError) error = NULL;
  t->x = golden_floats (file, "tsne.x", N * D);
  golden_normalise (t->x, N, D);
  t->told = golden_floats (file, "tsne.told", 3);
  t->pool = few_pool_new (threads);
  for (guint i = 0; i < N; i++)
    t->ids[i] = i;
  g_autoptr (FewBackend) cpu = few_backend_cpu_new (0, NULL, &error);
  few_near_find (t->pool, cpu, t->x, N, D, 3 * PERPLEXITY, &near, NULL, &error);
  g_assert_no_error (error);
  few_affinities_find (t->pool, &near, PERPLEXITY, &t->p, &error);
  g_assert_no_error (error);
}

static void
fixture_clear (Fixture *t)
{
  few_affinities_clear (&t->p);
  few_pool_free (t->pool);
  g_free (t->x);
  g_free (t->told);
}

/* Points and shares of the plane. */
static void
test_plane (void)
{
  enum { PICTURES = 60, DIM = 20 };
  g_autoptr (FewSafetensors) file = golden_open ("map.safetensors");
  g_autofree float *f = golden_floats (file, "f", PICTURES * DIM);
  g_autofree float *a = golden_floats (file, "a", PICTURES * DIM);
  g_autofree float *share = golden_floats (file, "share", 2);
  guint32 ids[PICTURES];
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < PICTURES; i++)
    ids[i] = 100 + i;
  g_autoptr (FewMap) map = few_map_new (f, a, ids, PICTURES, DIM, NULL, &error);
  g_assert_no_error (error);
  const FewMapInfo *info = few_map_info (map);
  g_assert_cmpuint (info->n, ==, PICTURES);
  g_assert_cmpuint (info->ids[7], ==, 107);
  for (guint k = 0; k < 2; k++)
    g_assert_cmpfloat_with_epsilon (info->share[k], share[k], 1e-4);
  static const double alphas[] = { 0, .35, 1 };
  static const char *const names[] = { "at.0.0", "at.0.35", "at.1.0" };
  for (guint i = 0; i < G_N_ELEMENTS (alphas); i++)
    {
      g_autofree float *expected = golden_floats (file, names[i], 2 * PICTURES);
      g_autofree float *points = g_new (float, 2 * PICTURES);
      few_map_points (map, alphas[i], points);
      g_assert_cmpfloat (golden_distance (points, expected, 2 * PICTURES), <, 2e-3);
      for (guint p = 0; p < PICTURES; p++)
        g_assert_true (points[2 * p] >= info->low[0] - .05f
                       && points[2 * p] <= info->high[0] + .05f);
    }
}

static double
length_of (const float *a, const float *b, guint n)
{
  double sum = 0;
  for (guint i = 0; i < n; i++)
    sum += ((double) a[i] - (b ? b[i] : 0)) * ((double) a[i] - (b ? b[i] : 0));
  return sqrt (sum);
}

/* scikit-learn's, in double precision of all pairs: exactly where nothing is taken as one, nearly
 * where the tree does; and bit for bit the same on more threads. */
static void
test_gradient (void)
{
  g_autoptr (FewSafetensors) file = golden_open ("map.safetensors");
  g_autofree float *y = golden_floats (file, "tsne.y", 2 * N);
  g_autofree float *expected = golden_floats (file, "tsne.gradient", 2 * N);
  float gradients[2][2 * N];
  for (guint turn = 0; turn < 2; turn++)
    {
      Fixture t;
      fixture_init (&t, file, 1 + 2 * turn);
      g_autoptr (FewTsne) tsne = few_tsne_new (t.pool, N, NULL);
      few_tsne_gradient (tsne, &t.p, 1, 0, y, gradients[turn]);
      double size = length_of (expected, NULL, 2 * N);
      g_assert_cmpfloat (length_of (gradients[turn], expected, 2 * N), <, 2e-4 * size);
      g_assert_cmpfloat_with_epsilon (few_tsne_divergence (tsne, &t.p, 0, y), t.told[0], 1e-3);
      few_tsne_gradient (tsne, &t.p, 1, .5, y, gradients[turn]);
      g_assert_cmpfloat (length_of (gradients[turn], expected, 2 * N), <, .03 * size);
      fixture_clear (&t);
    }
  g_assert_cmpmem (gradients[0], sizeof gradients[0], gradients[1], sizeof gradients[1]);
}

static double
square_between (const float *a, const float *b, guint d)
{
  double length = length_of (a, b, d);
  return length * length;
}

/* How many pictures are nearer to i than j is. */
static guint
rank_of (const float *rows, guint d, guint i, guint j)
{
  double square = square_between (rows + i * d, rows + j * d, d);
  guint rank = 0;
  for (guint o = 0; o < N; o++)
    rank += o != i && o != j && square_between (rows + i * d, rows + o * d, d) < square;
  return rank;
}

/* Venna & Kaski's, 2001: 1 where no picture has a neighbour on the map that it has not. */
static double
trustworthiness (const float *x, const float *y)
{
  double punished = 0;
  for (guint i = 0; i < N; i++)
    for (guint j = 0; j < N; j++)
      if (i != j && rank_of (y, 2, i, j) < NEAR)
        punished += MAX ((double) rank_of (x, D, i, j) + 1 - NEAR, 0);
  return 1 - punished * 2 / (N * NEAR * (2. * N - 3 * NEAR - 1));
}

/* Not more than 3 % more divergence than scikit-learn's, nor 0.01 less trustworthy. */
static void
test_quality (void)
{
  g_autoptr (FewSafetensors) file = golden_open ("map.safetensors");
  g_autoptr (GError) error = NULL;
  float points[2 * N];
  Fixture t;
  fixture_init (&t, file, 0);
  g_autoptr (FewMap) map = few_map_new_neighbours (t.x, t.x, t.ids, N, D, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  few_map_points (map, .5, points);
  double trust = trustworthiness (t.x, points);
  g_test_message ("divergence %.4f and %.4f of scikit-learn, trustworthiness %.4f and %.4f",
                  few_map_info (map)->divergence, (double) t.told[1], trust, (double) t.told[2]);
  g_assert_cmpfloat (few_map_info (map)->divergence, <, 1.03 * t.told[1]);
  g_assert_cmpfloat (trust, >, t.told[2] - .01);
  fixture_clear (&t);
}

typedef struct
{
  guint calls, done, total;
  FewMap *first;
  GCancellable *cancellable; /* NULL: goes on */
} Told;

static void
tell (gpointer user, guint done, guint total, FewMap *first)
{
  Told *told = user;
  g_assert_cmpuint (done, >=, told->done);
  g_assert_cmpuint (done, <=, total);
  told->calls++;
  told->done = done;
  told->total = total;
  if (first)
    told->first = few_map_ref (first);
  if (told->cancellable && done > total / 3)
    g_cancellable_cancel (told->cancellable);
}

/* What moves with α does so a little at a time, from where the first map had it; twice the same. */
static void
test_alpha (void)
{
  enum { STEPS = 100 };
  g_autoptr (FewSafetensors) file = golden_open ("map.safetensors");
  g_autofree float *a = g_new (float, N *D);
  float points[2][2 * N];
  Told told = { 0 };
  Fixture t;
  fixture_init (&t, file, 0);
  for (guint i = 0; i < N * D; i++)
    a[i] = MAX (t.x[i] - .05f, 0);
  g_autoptr (FewMap) map = few_map_new_neighbours (t.x, a, t.ids, N, D, tell, &told, NULL, NULL);
  g_autoptr (FewMap) again = few_map_new_neighbours (t.x, a, t.ids, N, D, NULL, NULL, NULL, NULL);
  g_assert_true (told.calls > 20 && told.done == told.total && told.first);
  const FewMapInfo *info = few_map_info (map);
  double across = MAX (info->high[0] - info->low[0], info->high[1] - info->low[1]);
  few_map_points (told.first, 1, points[0]);
  for (guint step = 0; step <= STEPS; step++)
    {
      float *now = points[(step + 1) % 2];
      const float *before = points[step % 2];
      few_map_points (map, (double) step / STEPS, now);
      for (guint i = 0; i < N; i++)
        g_assert_cmpfloat (length_of (now + 2 * i, before + 2 * i, 2), <, .05 * across);
      for (guint i = 0; i < 2 * N; i++)
        g_assert_true (now[i] >= info->low[i % 2] && now[i] <= info->high[i % 2]);
    }
  few_map_points (map, 0, points[0]);
  few_map_points (map, 1, points[1]);
  g_assert_cmpfloat (length_of (points[0], points[1], 2 * N), >, 1); /* not nothing */
  few_map_points (again, 1, points[0]);
  g_assert_cmpmem (points[0], sizeof points[0], points[1], sizeof points[1]);
  few_map_unref (told.first);
  fixture_clear (&t);
}

/* Stopped on the way there is none. */
static void
test_cancel (void)
{
  g_autoptr (FewSafetensors) file = golden_open ("map.safetensors");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Told told = { .cancellable = cancellable };
  Fixture t;
  fixture_init (&t, file, 0);
  g_assert_null (few_map_new_neighbours (t.x, t.x, t.ids, N, D, tell, &told, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (told.done, <, told.total);
  fixture_clear (&t);
}

/* None, one, two, a few, all of them in one place, some that are no numbers: points that are. */
static void
test_odd (void)
{
  enum { HALF = 20 * D };
  static const guint sizes[] = { 0, 1, 2, 3, 5, 40 };
  for (guint s = 0; s < 2 * G_N_ELEMENTS (sizes); s++)
    {
      guint n = sizes[s / 2];
      g_autofree float *f = g_new0 (float, MAX (n, 1) * D);
      g_autofree guint32 *ids = g_new0 (guint32, MAX (n, 1));
      float points[2 * 40];
      for (guint i = 0; s % 2 && i < n * D; i++)
        f[i] = (float) ((i * 7919 + i / D) % 101) - 50;
      g_autoptr (FewMap) map = few_map_new_neighbours (f, f, ids, n, D, NULL, NULL, NULL, NULL);
      g_assert_cmpuint (few_map_info (map)->n, ==, n);
      few_map_points (map, .3, points);
      for (guint i = 0; i < 2 * n; i++)
        g_assert_true (isfinite (points[i]));
      if (n < 40)
        continue;
      f[3] = NAN;
      f[HALF] = INFINITY;
      g_autoptr (FewMap) near = few_map_new_neighbours (f, f, ids, n, D, NULL, NULL, NULL, NULL);
      g_autoptr (FewMap) plane = few_map_new (f, f, ids, n, D, NULL, NULL);
      for (guint side = 0; side < 2; side++)
        {
          few_map_points (side ? plane : near, .3, points);
          for (guint i = 0; i < 2 * n; i++)
            g_assert_true (isfinite (points[i]));
        }
    }
}

/* More than there is memory for is refused with a sentence, before anything is read. */
static void
test_memory (void)
{
  static const guint32 ids[1];
  static const float rows[1];
  g_autoptr (GError) error = NULL;
  g_assert_null (
      few_map_new_neighbours (rows, rows, ids, 1u << 31, 1 << 14, NULL, NULL, NULL, &error));
  g_assert_error (error, FEW_ERROR, FEW_ERROR_MEMORY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/map/plane", test_plane);
  g_test_add_func ("/map/gradient", test_gradient);
  g_test_add_func ("/map/quality", test_quality);
  g_test_add_func ("/map/alpha", test_alpha);
  g_test_add_func ("/map/cancel", test_cancel);
  g_test_add_func ("/map/odd", test_odd);
  g_test_add_func ("/map/memory", test_memory);
  return g_test_run ();
}
