/* SPDX-License-Identifier: MIT */
/* What few_lens_prepare finds, beside the tables: the same answers at every α, to the bit, without
 * the tables; and the kernels and the order that moving α needs beside. */
#include "backend/cpu/levels.h"
#include "lens/contenders.h"
#include "lens/envelope.h"
#include "lens/lens.h"
#include "envelope-tables.h"
#include <float.h>
#include <math.h>
#include <string.h>

#if defined __x86_64__
#define FLOOR "v2"
#else
#define FLOOR "portable"
#endif

enum { ALPHAS = 1000 };

/* ---- what is asked */

typedef struct
{
  guint n, k;
  guint32 *predicted, *confusion, *pictures;
  float *margin, *zero_shot, *adapted;
  double accuracy;
  guint fixed, broken;
} Answers;

static Answers
ask (const FewSnapshot *s, double alpha)
{
  guint n = s->info.n;
  guint k = s->info.n_classes;
  Answers x = { .n = n, .k = k };
  x.predicted = g_new0 (guint32, n + 1);
  x.margin = g_new0 (float, n + 1);
  x.zero_shot = g_new0 (float, k);
  x.adapted = g_new0 (float, k);
  x.confusion = g_new0 (guint32, k * k);
  few_lens_predict (s, alpha, x.predicted, x.margin);
  few_lens_class_means (s, alpha, x.zero_shot, x.adapted);
  few_lens_confusion (s, FEW_ROLE_VALIDATION, alpha, x.confusion);
  few_lens_compare (s, -1, alpha, &x.fixed, &x.broken);
  x.accuracy = few_lens_accuracy (s, FEW_ROLE_VALIDATION, alpha);
  return x;
}

static void
clear_answers (Answers *x)
{
  g_free (x->predicted);
  g_free (x->margin);
  g_free (x->zero_shot);
  g_free (x->adapted);
  g_free (x->confusion);
}

/* ---- by the tables, class by class */

/* Where the lines of two classes of a picture meet, or as near as a number is to that. */
static double
find_crossing (const FewSnapshot *s, GRand *rand)
{
  guint k = s->info.n_classes;
  gsize row = (gsize) g_rand_int_range (rand, 0, (gint32) s->info.n) * k;
  gsize i = row + (gsize) g_rand_int_range (rand, 0, (gint32) k);
  gsize j = row + (gsize) g_rand_int_range (rand, 0, (gint32) k);
  double at_0 = (double) s->ft[i] - s->ft[j];
  double at_1 = (double) s->at[i] - s->at[j];
  double alpha = at_0 / (at_0 - at_1);
  alpha += g_rand_int_range (rand, -2, 3) * 3e-8;
  return alpha >= 0 && alpha <= 1 ? alpha : g_rand_double (rand);
}

static double
choose_alpha (const FewSnapshot *s, GRand *rand, guint turn)
{
  switch (turn % 4)
    {
    case 0:
      return g_rand_double (rand);
    case 1: /* as a slider gives it */
      return g_rand_int_range (rand, 0, 1001) / 1000.0;
    default:
      return s->info.n ? find_crossing (s, rand) : .5;
    }
}

/* What a person would do: look at all classes. Rows that are no numbers are left to the lens. */
static void
check_directly (const FewSnapshot *s, double alpha, const Answers *answers)
{
  guint k = s->info.n_classes;
  const FewHost host = few_host ();
  float a = (float) alpha;
  float b = (float) (1 - alpha);
  guint validated = 0;
  guint right = 0;
  for (guint i = 0; i < s->info.n; i++)
    {
      const float *at = s->at + (gsize) i * k;
      const float *ft = s->ft + (gsize) i * k;
      guint own = s->info.labels[i];
      float best = -INFINITY;
      g_assert_cmpuint (answers->predicted[i], ==, host.index_of_largest_blend (k, a, at, b, ft));
      for (guint c = 0; c < k; c++)
        best = c == own ? best : fmaxf (best, host.largest_blend (1, a, at + c, b, ft + c));
      float least = host.largest_blend (1, a, at + own, b, ft + own) - best;
      float margin = answers->margin[i];
      g_assert_true ((margin > 0) == (least > 0) && (margin < 0) == (least < 0));
      validated += s->info.roles[i] == FEW_ROLE_VALIDATION;
      right += s->info.roles[i] == FEW_ROLE_VALIDATION && answers->predicted[i] == own;
    }
  if (!isnan (answers->accuracy))
    g_assert_cmpfloat (answers->accuracy, ==, (double) right / validated);
}

/* ---- by the envelope */

#define ASSERT_SAME(x, y, member, count)                                                           \
  g_assert_cmpmem ((x)->member, (count) * sizeof *(x)->member, (y)->member,                        \
                   (count) * sizeof *(y)->member)

static void
assert_same (const Answers *x, const Answers *y)
{
  ASSERT_SAME (x, y, predicted, x->n);
  ASSERT_SAME (x, y, margin, x->n);
  ASSERT_SAME (x, y, zero_shot, x->k);
  ASSERT_SAME (x, y, adapted, x->k);
  ASSERT_SAME (x, y, confusion, (gsize) x->k * x->k);
  g_assert_cmpmem (&x->accuracy, sizeof x->accuracy, &y->accuracy, sizeof y->accuracy);
  g_assert_true (x->fixed == y->fixed && x->broken == y->broken);
}

/* The tables of pictures whose contenders are known are not read again: there is rubbish in them.
 */
static void
spoil_tables (FewSnapshot *s)
{
  guint k = s->info.n_classes;
  for (guint i = 0; i < s->info.n; i++)
    if (s->envelope->bounds[3 * i] < s->envelope->bounds[3 * i + 3])
      for (guint c = 0; c < k; c++)
        {
          s->at[i * k + c] = (float) ((c * 31 + i) % 17);
          if (s->ft[i * k + c] != 0) /* whether CLIP says anything is asked of them */
            s->ft[i * k + c] = (float) ((c * 13 + i) % 19 + 1);
        }
}

static void
test_alphas (gconstpointer data)
{
  const Tables *x = data;
  g_autoptr (FewSnapshot) s = envelope_snapshot (x);
  g_autoptr (FewSnapshot) prepared = envelope_snapshot (x);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_assert_true (few_lens_prepare (prepared, NULL));
  const FewEnvelope *envelope = prepared->envelope;
  g_assert_nonnull (envelope);
  g_assert_true (few_lens_prepare (prepared, NULL));
  g_assert_true (envelope == prepared->envelope); /* once is enough */
  if (x->most > 0)
    g_assert_cmpfloat (envelope->bounds[3 * x->n], <=, x->most * x->n);
  spoil_tables (prepared);
  for (guint i = 0; i < ALPHAS; i++)
    {
      double alpha = i < 2 ? i : choose_alpha (s, rand, i);
      Answers direct = ask (s, alpha);
      Answers quick = ask (prepared, alpha);
      if (x->numbers)
        check_directly (s, alpha, &direct);
      assert_same (&direct, &quick);
      clear_answers (&direct);
      clear_answers (&quick);
    }
}

/* Outside of 0 … 1 others can win. */
static void
test_beyond (void)
{
  static const double alphas[] = { -.5, 1.5, NAN };
  g_autoptr (FewSnapshot) s = envelope_snapshot (&envelope_tables[0]);
  g_autoptr (FewSnapshot) prepared = envelope_snapshot (&envelope_tables[0]);
  g_assert_true (few_lens_prepare (prepared, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (alphas); i++)
    {
      Answers direct = ask (s, alphas[i]);
      Answers quick = ask (prepared, alphas[i]);
      ASSERT_SAME (&direct, &quick, predicted, direct.n);
      clear_answers (&direct);
      clear_answers (&quick);
    }
}

/* Next to an end a line that is nowhere above the others is as large as they are, rounded, and
 * comes before them: whether it is found depends on that end alone. */
static void
test_ends (gconstpointer data)
{
  enum { CLASSES = 4, STEPS = 3000 };
  static const float near[CLASSES] = { -1, .5f - FLT_EPSILON / 2, .5f - FLT_EPSILON / 4, -1 };
  static const float far[CLASSES] = { -1, .9f, 1, 3 };
  static const guint32 label;
  static const guint8 role;
  gboolean last = GPOINTER_TO_INT (data);
  g_autoptr (FewSnapshot) s = few_snapshot_new (1, CLASSES, 2, &label, &role, NULL, NULL);
  g_autoptr (FewSnapshot) prepared = few_snapshot_new (1, CLASSES, 2, &label, &role, NULL, NULL);
  guint rounded = 0;
  for (guint i = 0; i < CLASSES; i++)
    {
      s->at[i] = prepared->at[i] = (last ? near : far)[i];
      s->ft[i] = prepared->ft[i] = (last ? far : near)[i];
    }
  g_assert_true (few_lens_prepare (prepared, NULL));
  for (guint i = 0; i < STEPS; i++)
    {
      guint32 direct, quick;
      double alpha = last ? 1 - i * 1e-9 : i * 1e-9;
      few_lens_predict (s, alpha, &direct, NULL);
      few_lens_predict (prepared, alpha, &quick, NULL);
      g_assert_cmpuint (quick, ==, direct);
      rounded += direct == 1;
    }
  g_assert_cmpuint (rounded, >, 0);
}

/* Each point of a curve is the accuracy there. */
static void
test_curve (gconstpointer data)
{
  g_autoptr (FewSnapshot) s = envelope_snapshot (data);
  double curve[FEW_CURVE_POINTS];
  few_lens_curve (s, FEW_ROLE_VALIDATION, curve);
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    {
      double accuracy = few_lens_accuracy (s, FEW_ROLE_VALIDATION, p / 100.0);
      if (p > 0 || !isnan (accuracy)) /* at 0 a model without texts has none */
        g_assert_true (curve[p] == accuracy || (isnan (curve[p]) && isnan (accuracy)));
    }
}

/* ---- when there is none */

static void
test_cancelled (void)
{
  g_autoptr (FewSnapshot) s = envelope_snapshot (&envelope_tables[0]);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_false (few_lens_prepare (s, cancellable));
  g_assert_null (s->envelope);
  g_assert_false (few_lens_is_prepared (s));
  g_assert_true (few_lens_prepare (s, NULL));
  g_assert_true (few_lens_is_prepared (s));
}

/* Where nearly all classes are contenders, the tables are as good. */
static void
test_crowded (void)
{
  static const Tables crowded = { "crowded", envelope_fill_zero, 3000, 60, TRUE, 0 };
  static const Tables few = { "few", envelope_fill_zero, 300, 60, TRUE, 0 };
  g_autoptr (FewSnapshot) s = envelope_snapshot (&crowded);
  g_autoptr (FewSnapshot) small = envelope_snapshot (&few);
  g_assert_false (few_lens_prepare (s, NULL));
  g_assert_null (s->envelope);
  g_assert_true (few_lens_prepare (small, NULL)); /* little is always kept */
  g_assert_cmpuint (small->envelope->bounds[3 * few.n], ==, few.n * few.k);
}

/* Where every α says the same, nothing is to be prepared. */
static void
test_untrained (void)
{
  g_autoptr (FewSnapshot) s = envelope_snapshot (&envelope_tables[0]);
  g_free (s->at);
  s->at = s->ft;
  memcpy (s->aa, s->ff, s->info.n * sizeof *s->ff);
  memcpy (s->af, s->ff, s->info.n * sizeof *s->ff);
  few_snapshot_seal (s);
  g_assert_true (few_lens_prepare (s, NULL));
  g_assert_null (s->envelope);
}

static gpointer
prepare_in_thread (gpointer snapshot)
{
  return GINT_TO_POINTER (few_lens_prepare (snapshot, NULL));
}

/* It comes while others ask, twice at a time. */
static void
test_threads (void)
{
  static const Tables many = { "many", envelope_fill_random, 900, 60, TRUE, 0 };
  g_autoptr (FewSnapshot) s = envelope_snapshot (&many);
  Answers before = ask (s, .37);
  GThread *threads[2];
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("prepare", prepare_in_thread, s);
  for (guint i = 0; i < 50; i++)
    {
      Answers now = ask (s, .37);
      assert_same (&before, &now);
      clear_answers (&now);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (GPOINTER_TO_INT (g_thread_join (threads[i])));
  clear_answers (&before);
}

/* ---- kernels, level by level */

static void
check_blends (const FewKernels *k, guint n, const float *x, const float *y)
{
  guint32 bounds[] = { 0, n / 3, n / 3, n };
  float largest[3];
  guint32 marks[80] = { 0 };
  k->largest_blends (3, bounds, .3f, x, .7f, y, largest);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat (
        largest[i], ==,
        k->largest_blend (bounds[i + 1] - bounds[i], .3f, x + bounds[i], .7f, y + bounds[i]));
  float least = n > 2 ? k->largest_blend (1, .3f, x + n / 2, .7f, y + n / 2) : 0;
  marks[79] = 5;
  k->mark_blends (n, .3f, x, .7f, y, least, marks);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (marks[i], ==,
                      k->largest_blend (1, .3f, x + i, .7f, y + i) >= least ? G_MAXUINT32 : 0);
  g_assert_cmpuint (marks[79], ==, 5);
  k->mark_blends (n, .3f, x, .7f, y, INFINITY, marks); /* what is set stays */
  g_assert_true (n <= 2 || marks[n / 2]);
  float magnitude = 0;
  for (guint i = 0; i < n; i++)
    magnitude = fmaxf (magnitude, fabsf (x[i]));
  g_assert_cmpfloat (k->largest_magnitude (n, x), ==, magnitude);
}

static void
test_kernels (gconstpointer level)
{
  const FewKernels *k = few_kernels_choose (level);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  float x[79], y[79];
  if (!k)
    {
      g_test_skip ("this processor has no such instructions");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    {
      x[i] = (float) g_rand_double_range (rand, -1, 1);
      y[i] = (float) g_rand_double_range (rand, -1, 1);
    }
  for (guint n = 0; n <= G_N_ELEMENTS (x); n++)
    check_blends (k, n, x, y);
  x[70] = -INFINITY;
  g_assert_true (isinf (k->largest_magnitude (79, x)));
  x[3] = NAN;
  g_assert_true (isnan (k->largest_magnitude (79, x)));
}

/* ---- the order */

static void
test_rank (gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  g_autoptr (GRand) rand = g_rand_new_with_seed (n);
  g_autofree float *margin = g_new (float, n);
  g_autofree guint32 *order = g_new (guint32, n);
  g_autofree gboolean *seen = g_new0 (gboolean, n);
  for (guint i = 0; i < n; i++)
    {
      double wide = exp (g_rand_double_range (rand, -60, 60)) * (g_rand_boolean (rand) ? 1 : -1);
      margin[i] = i % 3 ? (float) wide : (float) g_rand_int_range (rand, -9, 9) / 8;
    }
  margin[0] = INFINITY;
  margin[1] = -INFINITY;
  few_lens_rank (margin, n, order);
  for (guint i = 0; i < n; i++)
    {
      g_assert_false (seen[order[i]]);
      seen[order[i]] = TRUE;
      if (i > 0)
        g_assert_true (margin[order[i - 1]] < margin[order[i]]
                       || (margin[order[i - 1]] == margin[order[i]] && order[i - 1] < order[i]));
    }
}

int
main (int argc, char **argv)
{
  static const char *const levels[] = { FLOOR, "v3", "v4" };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < ENVELOPE_TABLES; i++)
    {
      g_autofree char *alphas = g_strdup_printf ("/envelope/alphas/%s", envelope_tables[i].name);
      g_autofree char *curve = g_strdup_printf ("/envelope/curve/%s", envelope_tables[i].name);
      g_test_add_data_func (alphas, &envelope_tables[i], test_alphas);
      g_test_add_data_func (curve, &envelope_tables[i], test_curve);
    }
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      g_autofree char *name = g_strdup_printf ("/envelope/kernels/%s", levels[i]);
      g_test_add_data_func (name, levels[i], test_kernels);
    }
  g_test_add_func ("/envelope/beyond", test_beyond);
  g_test_add_data_func ("/envelope/ends/first", GINT_TO_POINTER (FALSE), test_ends);
  g_test_add_data_func ("/envelope/ends/last", GINT_TO_POINTER (TRUE), test_ends);
  g_test_add_func ("/envelope/cancelled", test_cancelled);
  g_test_add_func ("/envelope/crowded", test_crowded);
  g_test_add_func ("/envelope/untrained", test_untrained);
  g_test_add_func ("/envelope/threads", test_threads);
  g_test_add_data_func ("/envelope/rank/short", GUINT_TO_POINTER (999), test_rank);
  g_test_add_data_func ("/envelope/rank/long", GUINT_TO_POINTER (5000), test_rank);
  return g_test_run ();
}
