/* SPDX-License-Identifier: MIT */
/* Seconds that one-vs-rest takes for so many pictures, features and labels, folds and all, and how
 * far from the minimum it ends. Pictures are drawn: a common direction and variances that fall off
 * as CLIP's do, along other axes than the features' own; labels of one picture in three down to one
 * in a hundred. */
#include "adapt/logistic.h"
#include "adapt/one-vs-rest.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  guint n, d, k;
  double *x, *t;
  guint32 *fold;
  FewLabelSets *sets;
} World;

static double
draw_normal (GRand *random)
{
  double u = MAX (g_rand_double (random), 1e-300);
  return sqrt (-2 * log (u)) * cos (2 * G_PI * g_rand_double (random));
}

static void
make_unit (double *row, guint d)
{
  double square = 0;
  for (guint j = 0; j < d; j++)
    square += row[j] * row[j];
  for (guint j = 0; j < d; j++)
    row[j] /= sqrt (square);
}

static double
multiply (const double *a, const double *b, guint d)
{
  double sum = 0;
  for (guint j = 0; j < d; j++)
    sum += a[j] * b[j];
  return sum;
}

static int
compare_falling (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;
  return (x < y) - (x > y);
}

/* Of each label the pictures whose noisy score by what its text says, and by as much that it does
 * not, is largest. */
static void
draw_labels (World *w, GRand *random)
{
  g_autofree guint8 *has = g_new0 (guint8, (gsize) w->n * w->k);
  g_autofree double *scores = g_new (double, w->n);
  g_autofree double *truth = g_new (double, w->d);
  g_autofree double *sorted = g_new (double, w->n);
  g_autofree guint32 *own = g_new (guint32, w->k + 1);
  for (guint c = 0; c < w->k; c++)
    {
      guint wanted = (guint) (w->n * 0.33 * pow (0.03, (double) c / MAX (w->k - 1, 1)));
      for (guint j = 0; j < w->d; j++)
        truth[j] = w->t[(gsize) c * w->d + j] + 0.1 * draw_normal (random);
      for (guint i = 0; i < w->n; i++)
        sorted[i] = scores[i] =
            multiply (w->x + (gsize) i * w->d, truth, w->d) + 0.02 * draw_normal (random);
      qsort (sorted, w->n, sizeof *sorted, compare_falling);
      for (guint i = 0; i < w->n; i++)
        has[(gsize) i * w->k + c] = scores[i] > sorted[wanted];
    }
  for (guint i = 0; i < w->n; i++)
    {
      guint n = 0;
      for (guint c = 0; c < w->k; c++)
        if (has[(gsize) i * w->k + c])
          own[n++] = c;
      g_assert_true (few_label_sets_add (w->sets, own, n, NULL));
    }
}

/* Rows [n, d] in other axes. */
static void
mix (double *rows, guint n, guint d, GRand *random)
{
  g_autofree double *axes = g_new (double, (gsize) d *d);
  g_autofree double *row = g_new (double, d);
  for (gsize i = 0; i < (gsize) d * d; i++)
    axes[i] = draw_normal (random);
  for (guint i = 0; i < n; i++)
    {
      for (guint j = 0; j < d; j++)
        row[j] = multiply (rows + (gsize) i * d, axes + (gsize) j * d, d);
      make_unit (row, d);
      memcpy (rows + (gsize) i * d, row, d * sizeof *row);
    }
}

static void
make_world (World *w)
{
  GRand *random = g_rand_new_with_seed (3);
  double *rows = g_new (double, (gsize) (w->n + w->k) * w->d);
  w->x = rows;
  w->t = rows + (gsize) w->n * w->d;
  w->fold = g_new (guint32, w->n);
  w->sets = few_label_sets_new ();
  for (guint i = 0; i < w->n + w->k; i++)
    {
      double *row = rows + (gsize) i * w->d;
      for (guint j = 0; j < w->d; j++)
        row[j] = draw_normal (random) / sqrt (1 + j) + (j == w->d / 2 ? 2 : 0);
      if (i < w->n)
        w->fold[i] = i % 5;
    }
  mix (rows, w->n + w->k, w->d, random);
  draw_labels (w, random);
  g_rand_free (random);
}

/* The largest entry of a label's gradient at what was learned, over 1 + C n. */
static double
find_slope (const World *w, const FewOneVsRestFit *fit, double scale)
{
  double worst = 0;
  g_autofree double *slope = g_new (double, w->d);
  for (guint c = 0; c < w->k; c++)
    {
      const double *row = fit->w + (gsize) c * w->d;
      for (guint j = 0; j < w->d; j++)
        slope[j] = row[j] - fit->prior * scale * w->t[(gsize) c * w->d + j];
      for (guint i = 0; i < w->n; i++)
        {
          const double *x = w->x + (gsize) i * w->d;
          double p = few_logistic (multiply (x, row, w->d) + fit->b[c]);
          double error = fit->strength * (p - few_label_sets_hold (w->sets, i, c));
          for (guint j = 0; j < w->d; j++)
            slope[j] += error * x[j];
        }
      for (guint j = 0; j < w->d; j++)
        worst = MAX (worst, fabs (slope[j]));
    }
  return worst / (1 + fit->strength * w->n);
}

int
main (int argc, char **argv)
{
  World w = { .n = argc > 1 ? (guint) atoi (argv[1]) : 5000,
              .d = argc > 2 ? (guint) atoi (argv[2]) : 512,
              .k = argc > 3 ? (guint) atoi (argv[3]) : 40 };
  const double scale = 100;
  g_autoptr (GError) error = NULL;
  make_world (&w);
  const FewOneVsRest task = { .n = w.n,
                              .d = w.d,
                              .k = w.k,
                              .x = w.x,
                              .sets = w.sets,
                              .t = w.t,
                              .scale = scale,
                              .fold = w.fold,
                              .folds = 5,
                              .strength = NAN,
                              .prior = NAN };
  FewOneVsRestFit fit;
  gint64 started = g_get_monotonic_time ();
  if (!few_one_vs_rest_fit (&task, &fit, &error))
    g_error ("%s", error->message);
  double seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  g_print ("%u pictures, %u features, %u labels: %.2f s; C %g, prior %g; slope left %.1e\n", w.n,
           w.d, w.k, seconds, fit.strength, fit.prior, find_slope (&w, &fit, scale));
  few_one_vs_rest_clear (&fit);
  few_label_sets_unref (w.sets);
  g_free (w.x);
  g_free (w.fold);
  return 0;
}
