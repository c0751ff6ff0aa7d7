/* SPDX-License-Identifier: MIT */
/* "Automatic" against tests/tools/automatic_reference.py, odd cases included; what it is sure
 * of. */
#include "golden.h"
#include "adapt/automatic.h"
#include <fewshot/check.h>
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

typedef struct
{
  guint n, d, k;
  float *x, *t, *scale;
  guint32 *y, *groups;
  guint8 *roles;
  FewTask task;
} Case;

static FewSafetensors *file;

static const FewTensor *
find (const char *name, const char *key)
{
  g_autofree char *path = g_strdup_printf ("%s.%s", name, key);
  return few_safetensors_find (file, path);
}

static float *
floats (const char *name, const char *key)
{
  g_autofree char *path = g_strdup_printf ("%s.%s", name, key);
  const FewTensor *tensor = find (name, key);
  return tensor->n_elements ? golden_floats (file, path, tensor->n_elements) : NULL;
}

static guint32 *
ints (const char *name, const char *key)
{
  g_autofree char *path = g_strdup_printf ("%s.%s", name, key);
  const FewTensor *tensor = find (name, key);
  return tensor->n_elements ? (guint32 *) golden_ints (file, path, tensor->n_elements) : NULL;
}

static void
case_open (Case *c, const char *name)
{
  const FewTensor *x = find (name, "x");
  const FewTensor *t = find (name, "t");
  *c = (Case) { .n = (guint) x->dims[0], .d = (guint) x->dims[1], .k = (guint) t->dims[0] };
  c->x = floats (name, "x");
  c->t = floats (name, "t");
  c->scale = floats (name, "scale");
  c->y = ints (name, "y");
  c->groups = ints (name, "groups");
  c->roles = g_new0 (guint8, MAX (c->n, 1));
  c->task = (FewTask) { .n = c->n,
                        .n_classes = c->k,
                        .features = c->x,
                        .labels = c->y,
                        .roles = c->roles,
                        .text_features = c->t };
}

static void
case_close (Case *c)
{
  g_free (c->x);
  g_free (c->t);
  g_free (c->scale);
  g_free (c->y);
  g_free (c->groups);
  g_free (c->roles);
}

/* Those called cautious have the usual prior; the others that of the reference. */
static FewAutomatic *
learn (const Case *c, const char *name, guint threads)
{
  g_autoptr (GError) error = NULL;
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  options.groups = c->groups;
  options.even_prior = !g_str_has_prefix (name, "cautious-");
  options.threads = threads;
  FewAutomatic *automatic =
      few_automatic_learn (&c->task, c->d, c->scale[0], &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return automatic;
}

/* Within 1e-6 of the largest of `wanted`, or of `least` where that is larger */
static void
assert_near (const double *values, const char *name, const char *key, double least)
{
  gsize n = find (name, key)->n_elements;
  g_autofree float *wanted = floats (name, key);
  double largest = least;
  double worst = 0;
  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, fabs ((double) wanted[i]));
  for (gsize i = 0; i < n; i++)
    worst = MAX (worst, isfinite (values[i]) ? fabs (values[i] - wanted[i]) : INFINITY);
  if (worst > 1e-6 * largest)
    g_error ("%s: %s is off by %g of %g", name, key, worst, largest);
}

static void
test_golden (gconstpointer data)
{
  const char *name = data;
  Case c;
  case_open (&c, name);
  g_autoptr (FewAutomatic) automatic = learn (&c, name, 2);
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  g_assert_cmpuint (info->n, ==, c.n);
  assert_near (info->weight, name, "weight", 1);
  assert_near (info->bias, name, "bias", 1);
  if (find (name, "out_of_fold")->n_elements)
    assert_near (info->out_of_fold, name, "out_of_fold", 1);
  g_autofree guint32 *folds = ints (name, "folds");
  g_assert_cmpmem (info->folds, c.n * sizeof *folds, folds, c.n * sizeof *folds);
  if (find (name, "weights")->n_elements)
    {
      const double weights[] = { info->zero_shot, info->gda, info->gda_scale, info->lp };
      g_autofree double *w = g_new (double, c.k *c.d);
      g_autofree double *b = g_new (double, c.k);
      g_autofree guint32 *told = ints (name, "told");
      assert_near (weights, name, "weights", 1);
      assert_near (automatic->fit->distances, name, "distances", 1);
      for (guint i = 0; i < c.n; i++)
        g_assert_cmpuint (info->told[i], ==, told[i]);
      few_automatic_at (automatic, 0.3, w, b);
      assert_near (w, name, "at.weight", 1);
      assert_near (b, name, "at.bias", 1);
      few_automatic_at (automatic, info->alpha, w, b);
      /* where all texts are alike, 1 − α is 10⁻⁹ and what rounding leaves of it */
      for (gsize i = 0; i < (gsize) c.k * c.d && info->alpha < 1 - 1e-6; i++)
        g_assert_cmpfloat_with_epsilon (w[i], info->weight[i], 1e-9 * (1 + fabs (w[i])));
    }
  case_close (&c);
}

/* ---- the same numbers however they come about */

static void
test_threads (void)
{
  static const char *const names[] = { "four-shots",   "tall",   "wide",
                                       "many-classes", "groups", "cautious-four-shots" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Case c;
      case_open (&c, names[i]);
      g_autoptr (FewAutomatic) one = learn (&c, names[i], 1);
      g_autoptr (FewAutomatic) three = learn (&c, names[i], 3);
      gsize size = (gsize) c.k * c.d * sizeof (double);
      g_assert_cmpmem (few_automatic_info (one)->weight, size, few_automatic_info (three)->weight,
                       size);
      size = (gsize) c.n * c.k * sizeof (double);
      g_assert_cmpmem (few_automatic_info (one)->out_of_fold, size,
                       few_automatic_info (three)->out_of_fold, size);
      case_close (&c);
    }
}

static void
test_roles (void)
{
  Case c;
  case_open (&c, "tall");
  g_autoptr (GError) error = NULL;
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  for (guint i = 0; i < c.n; i++)
    c.roles[i] = i % 4; /* train, validation, test, unused */
  g_autoptr (FewAutomatic) train =
      few_automatic_learn (&c.task, c.d, 30, NULL, NULL, NULL, NULL, &error);
  options.validation_too = TRUE;
  g_autoptr (FewAutomatic) both =
      few_automatic_learn (&c.task, c.d, 30, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  const FewAutomaticInfo *info = few_automatic_info (train);
  g_assert_cmpuint (info->n, ==, (c.n + 3) / 4);
  for (guint i = 0; i < info->n; i++)
    {
      g_assert_cmpuint (info->pictures[i], ==, 4 * i);
      g_assert_cmpuint (info->labels[i], ==, c.y[4 * i]);
    }
  g_assert_cmpuint (few_automatic_info (both)->n, ==, (c.n + 3) / 4 + (c.n + 2) / 4);
  /* a test picture's label, or feature, changes nothing */
  c.y[2] = (c.y[2] + 1) % c.k;
  c.x[2 * c.d] += 9;
  g_autoptr (FewAutomatic) again =
      few_automatic_learn (&c.task, c.d, 30, NULL, NULL, NULL, NULL, &error);
  gsize size = (gsize) c.k * c.d * sizeof (double);
  g_assert_cmpmem (info->weight, size, few_automatic_info (again)->weight, size);
  case_close (&c);
}

/* ---- what cannot be learned from */

static void
cancel_cb (gpointer user, guint done, guint total)
{
  g_assert_cmpuint (done, <=, total);
  g_cancellable_cancel (user);
}

static void
test_errors (void)
{
  Case c;
  case_open (&c, "four-shots");
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_assert_null (
      few_automatic_learn (&c.task, c.d, 30, NULL, cancel_cb, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  c.x[3] = NAN;
  g_assert_null (few_automatic_learn (&c.task, c.d, 30, NULL, NULL, NULL, NULL, &error));
  assert_says (&error, "not a number", "cache", NULL);
  c.x[3] = 0;
  guint32 label = c.y[1];
  c.y[1] = c.k;
  g_assert_null (few_automatic_learn (&c.task, c.d, 30, NULL, NULL, NULL, NULL, &error));
  assert_says (&error, "class 7", "7 classes", NULL);
  c.y[1] = label;
  c.task.n_classes = 0;
  c.task.n = 0;
  g_assert_null (few_automatic_learn (&c.task, c.d, 30, NULL, NULL, NULL, NULL, &error));
  assert_says (&error, "no class", NULL);
  case_close (&c);
}

/* ---- trust */

static void
test_trust (void)
{
  Case c;
  case_open (&c, "imbalance");
  g_autoptr (FewAutomatic) automatic = learn (&c, "imbalance", 0);
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  double low, high, before, after;
  guint right = 0;
  for (guint i = 0; i < c.n; i++)
    {
      const double *row = info->out_of_fold + (gsize) i * c.k;
      guint best = 0;
      for (guint j = 1; j < c.k; j++)
        best = row[j] > row[best] ? j : best;
      right += best == c.y[i];
    }
  double accuracy = few_automatic_accuracy (automatic, &low, &high);
  g_assert_cmpfloat_with_epsilon (accuracy, (double) right / c.n, 1e-12);
  g_assert_true (low < accuracy && accuracy < high);
  few_automatic_calibration (automatic, &before, &after);
  g_assert_true (before > 0 && after > 0 && after < before && before <= 1);

  /* answer sets: as many own classes are in them as were promised, and not one picture more */
  double level = few_automatic_answer_level (automatic, 0.9);
  g_autofree double *p_own = g_new (double, c.n);
  g_autofree guint32 *order = g_new (guint32, c.n);
  g_autofree guint32 *predicted = g_new (guint32, c.n);
  few_automatic_suspects (automatic, order, p_own, predicted);
  guint inside = 0;
  for (guint i = 0; i < c.n; i++)
    inside += p_own[i] >= level;
  g_assert_cmpuint (inside, ==, (guint) ceil ((c.n + 1) * 0.9));
  g_assert_cmpfloat (few_automatic_answer_level (automatic, 0.999), ==, 0);
  for (guint i = 1; i < c.n; i++)
    g_assert_true (p_own[order[i - 1]] <= p_own[order[i]]);
  case_close (&c);
}

/* A picture with another's label leads the list, and its own class is suggested. */
static void
test_suspects (void)
{
  Case c;
  case_open (&c, "tall");
  guint flipped = 17;
  c.y[flipped] = (c.y[flipped] + 1) % c.k;
  g_autoptr (FewAutomatic) automatic = learn (&c, "tall", 0);
  g_autofree guint32 *order = g_new (guint32, c.n);
  g_autofree guint32 *predicted = g_new (guint32, c.n);
  few_automatic_suspects (automatic, order, NULL, predicted);
  g_assert_cmpuint (order[0], ==, flipped);
  g_assert_cmpuint (predicted[flipped], ==, (c.y[flipped] + c.k - 1) % c.k);
  case_close (&c);
}

static const FewDoubt *
find_doubt (const GArray *doubts, guint32 picture)
{
  for (guint i = 0; i < doubts->len; i++)
    if (g_array_index (doubts, FewDoubt, i).picture == picture)
      return &g_array_index (doubts, FewDoubt, i);
  return NULL;
}

static const FewDoubt *
get_doubt (const GArray *doubts, guint32 picture)
{
  const FewDoubt *doubt = find_doubt (doubts, picture);
  if (!doubt)
    g_error ("picture %u is not doubted", picture);
  return doubt;
}

static GArray *
find_doubts (const Case *c, const guint32 *groups)
{
  g_autoptr (GError) error = NULL;
  GArray *doubts = few_find_doubts (&c->task, c->d, c->scale[0], groups, 2, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 1; i < doubts->len; i++)
    g_assert_cmpfloat (g_array_index (doubts, FewDoubt, i - 1).p_own, <=,
                       g_array_index (doubts, FewDoubt, i).p_own);
  return doubts;
}

/* Test pictures are looked at by what the others say, and say nothing of the others: whatever they
 * and their twins are labelled, the doubts about the rest stay as they are, bit for bit. */
static void
test_doubts_of_tests (void)
{
  enum { FLIPPED = 17, TESTED = 40 };
  Case c;
  case_open (&c, "tall");
  g_autofree guint32 *groups = g_new (guint32, c.n);
  for (guint i = 0; i < c.n; i++)
    groups[i] = i;
  guint twin = TESTED + 11;
  while (c.y[twin] != c.y[TESTED])
    twin++;
  groups[twin] = TESTED;
  c.roles[TESTED] = c.roles[50] = FEW_ROLE_TEST;
  c.y[FLIPPED] = (c.y[FLIPPED] + 1) % c.k;
  g_autoptr (GArray) before = find_doubts (&c, groups);
  get_doubt (before, FLIPPED);
  g_assert_null (find_doubt (before, TESTED));
  guint32 right = c.y[TESTED];
  c.y[TESTED] = c.y[twin] = (right + 1) % c.k;
  g_autoptr (GArray) after = find_doubts (&c, groups);
  g_assert_cmpuint (get_doubt (after, TESTED)->suggested, ==, right);
  get_doubt (after, twin);
  for (guint i = 0; i < before->len; i++)
    {
      const FewDoubt *one = &g_array_index (before, FewDoubt, i);
      g_assert_cmpfloat (get_doubt (after, one->picture)->p_own, ==, one->p_own);
    }
  g_assert_cmpuint (after->len, ==, before->len + 2);
  c.task.roles = NULL; /* then all are learned from */
  g_autoptr (GArray) all = find_doubts (&c, groups);
  g_assert_cmpfloat (get_doubt (all, FLIPPED)->p_own, !=, get_doubt (after, FLIPPED)->p_own);
  case_close (&c);
}

/* A test picture of a class that nothing is learned of tells nothing. */
static void
test_doubts_of_no_class (void)
{
  Case c;
  case_open (&c, "few");
  for (guint i = 0; i < c.n; i++)
    c.roles[i] = c.y[i] == 0 || i < 2 ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
  g_autoptr (GArray) doubts = find_doubts (&c, NULL);
  for (guint i = 0; i < doubts->len; i++)
    g_assert_cmpuint (c.y[g_array_index (doubts, FewDoubt, i).picture], !=, 0);
  case_close (&c);
}

/* What the labels are worth is what the out-of-fold answers say; what they brought is a mean of
 * differences, and over where that is within its standard error. */
static void
test_label_score (void)
{
  Case c;
  FewLabelScore score;
  case_open (&c, "tall");
  g_autoptr (FewAutomatic) automatic =
      few_automatic_learn (&c.task, c.d, c.scale[0], NULL, NULL, NULL, NULL, NULL);
  g_autofree double *p_own = g_new (double, c.n);
  g_autofree float *losses = g_new (float, c.n);
  few_automatic_suspects (automatic, NULL, p_own, NULL);
  g_assert_true (few_label_score (&c.task, c.d, c.scale[0], NULL, 0, NULL, losses, &score, NULL));
  double sum = 0;
  for (guint i = 0; i < c.n; i++)
    {
      g_assert_cmpfloat_with_epsilon (losses[i], -log (p_own[i]), 1e-5);
      sum += losses[i];
    }
  g_assert_cmpuint (score.n_told, ==, c.n);
  g_assert_cmpfloat_with_epsilon (score.loss, sum / c.n, 1e-5);
  g_assert_cmpfloat (score.accuracy, ==, few_automatic_accuracy (automatic, NULL, NULL));
  case_close (&c);

  enum { N = 25 };
  float before[N], after[N];
  for (guint i = 0; i < N; i++)
    {
      before[i] = 1 + (float) (i % 5) / 5;
      after[i] = before[i] - (i % 2 ? .3f : .1f);
    }
  before[3] = NAN;
  FewLabelGain gain = few_label_gain (before, after, N);
  g_assert_cmpuint (gain.n, ==, N - 1);
  g_assert_cmpfloat_with_epsilon (gain.mean, (13 * .1 + 11 * .3) / 24, 1e-6);
  g_assert_cmpfloat_with_epsilon (gain.error, .02077891, 1e-6); /* by hand */
  g_assert_false (few_label_gain_is_over (&gain));
  for (guint i = 0; i < N; i++)
    after[i] = before[i] + (i % 2 ? .3f : -.29f);
  gain = few_label_gain (before, after, N);
  g_assert_true (few_label_gain_is_over (&gain));
  gain = few_label_gain (before, after, FEW_LABEL_PICTURES - 1); /* of too few nothing is said */
  g_assert_false (few_label_gain_is_over (&gain));
}

static void
test_probabilities (void)
{
  Case c;
  case_open (&c, "wide");
  g_autoptr (FewAutomatic) automatic = learn (&c, "wide", 0);
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  g_autofree double *p = g_new (double, (gsize) c.n *c.k);
  g_assert_true (few_automatic_probabilities (automatic, NAN, c.x, c.n, p, NULL));
  for (guint i = 0; i < c.n; i++)
    {
      const float *x = c.x + (gsize) i * c.d;
      double norm = 0;
      double sum = 0;
      g_autofree double *z = g_new0 (double, c.k);
      for (guint j = 0; j < c.d; j++)
        norm += (double) x[j] * x[j];
      for (guint k = 0; k < c.k; k++)
        {
          for (guint j = 0; j < c.d; j++)
            z[k] += info->weight[(gsize) k * c.d + j] * x[j] / sqrt (norm);
          z[k] = exp (z[k] + info->bias[k]);
          sum += z[k];
        }
      for (guint k = 0; k < c.k; k++)
        g_assert_cmpfloat_with_epsilon (p[(gsize) i * c.k + k], z[k] / sum, 1e-12);
    }
  case_close (&c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  file = golden_open ("automatic.safetensors");
  g_auto (GStrv) cases = g_strsplit (few_safetensors_metadata (file, "cases"), " ", -1);
  for (char **name = cases; *name; name++)
    {
      g_autofree char *path = g_strdup_printf ("/automatic/golden/%s", *name);
      g_test_add_data_func (path, *name, test_golden);
    }
  g_test_add_func ("/automatic/threads", test_threads);
  g_test_add_func ("/automatic/roles", test_roles);
  g_test_add_func ("/automatic/errors", test_errors);
  g_test_add_func ("/automatic/trust", test_trust);
  g_test_add_func ("/automatic/suspects", test_suspects);
  g_test_add_func ("/automatic/doubts-of-tests", test_doubts_of_tests);
  g_test_add_func ("/automatic/doubts-of-no-class", test_doubts_of_no_class);
  g_test_add_func ("/automatic/label-score", test_label_score);
  g_test_add_func ("/automatic/probabilities", test_probabilities);
  int rc = g_test_run ();
  few_safetensors_free (file);
  return rc;
}
