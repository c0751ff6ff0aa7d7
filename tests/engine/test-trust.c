/* SPDX-License-Identifier: MIT */
/* What is trusted of answers, against tests/tools/golden_trust.py: calibration, answer sets, none
 * of these with and without negatives; and that a packed trust says the same. */
#include "golden.h"
#include "adapt/trust.h"
#include <math.h>
#include <string.h>

typedef struct
{
  const char *name;
  guint n, d, k;
  float *x, *t, *negatives;
  guint32 *y;
  guint8 *roles;
  FewTask task;
  FewAutomatic *automatic;
} Case;

static FewSafetensors *file;

static float *
floats (const Case *c, const char *key, gsize *n)
{
  g_autofree char *path = g_strdup_printf ("%s.%s", c->name, key);
  const FewTensor *tensor = few_safetensors_find (file, path);
  g_assert_nonnull (tensor);
  if (n)
    *n = tensor->n_elements;
  return tensor->n_elements ? golden_floats (file, path, tensor->n_elements) : NULL;
}

static void
case_open (Case *c, const char *name)
{
  gsize n_t, n_negatives;
  g_autofree char *x = g_strdup_printf ("%s.x", name);
  g_autofree char *y = g_strdup_printf ("%s.y", name);
  const FewTensor *tensor = few_safetensors_find (file, x);
  *c = (Case) { .name = name, .n = (guint) tensor->dims[0], .d = (guint) tensor->dims[1] };
  c->x = floats (c, "x", NULL);
  c->t = floats (c, "t", &n_t);
  c->k = (guint) (n_t / c->d);
  c->negatives = floats (c, "negatives", &n_negatives);
  c->y = (guint32 *) golden_ints (file, y, c->n);
  c->roles = g_new0 (guint8, c->n);
  c->task = (FewTask) { .n = c->n,
                        .n_classes = c->k,
                        .features = c->x,
                        .labels = c->y,
                        .roles = c->roles,
                        .text_features = c->t,
                        .negatives = c->negatives,
                        .n_negatives = (guint) (n_negatives / c->d) };
  g_autoptr (GError) error = NULL;
  c->automatic = few_automatic_learn (&c->task, c->d, 30, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
case_close (Case *c)
{
  g_free (c->x);
  g_free (c->t);
  g_free (c->negatives);
  g_free (c->y);
  g_free (c->roles);
  few_automatic_unref (c->automatic);
}

static void
assert_bins (const Case *c, const char *key, const FewReliability *bins)
{
  g_autofree float *wanted = floats (c, key, NULL);
  for (guint i = 0; i < FEW_TRUST_BINS; i++)
    {
      g_assert_cmpuint (bins[i].n, ==, (guint) wanted[3 * i]);
      g_assert_cmpfloat_with_epsilon (bins[i].confidence, wanted[3 * i + 1], 1e-6);
      g_assert_cmpfloat_with_epsilon (bins[i].accuracy, wanted[3 * i + 2], 1e-6);
    }
}

/* How strange pictures are that nothing has learned from. Values that are equal but for rounding
 * may take either side of one told picture. */
static void
assert_strangers (const Case *c, const FewTrust *trust)
{
  gsize n;
  g_autofree float *strangers = floats (c, "strangers", &n);
  g_autofree float *wanted = floats (c, "strangeness", NULL);
  g_autofree double *p = g_new (double, c->k);
  for (guint i = 0; i < n / c->d; i++)
    {
      const float *feature = strangers + (gsize) i * c->d;
      double largest = 0;
      few_automatic_probabilities (c->automatic, NAN, feature, 1, p, NULL);
      for (guint k = 0; k < c->k; k++)
        largest = MAX (largest, p[k]);
      double strange = few_trust_strangeness (trust, few_trust_look (trust, feature), largest);
      g_assert_cmpfloat_with_epsilon (strange, wanted[i], 1e-5 * (1 + wanted[i]));
    }
}

static void
assert_trust (const Case *c, const FewTrust *trust)
{
  static const double shares[] = { 0, 0.05, 0.2, 1 };
  const FewTrustInfo *info = few_trust_info (trust);
  g_autofree float *numbers = floats (c, "numbers", NULL);
  g_autofree float *refusal = floats (c, "refusal", NULL);
  g_autofree float *refused = floats (c, "refused", NULL);
  g_assert_cmpfloat_with_epsilon (info->error_before, numbers[0], 1e-6);
  g_assert_cmpfloat_with_epsilon (info->error_after, numbers[1], 1e-6);
  g_assert_cmpfloat_with_epsilon (info->answer_level, numbers[2], 1e-6);
  g_assert_cmpuint (info->n_told, ==, (guint) numbers[4]);
  if (info->answer_level > 0)
    g_assert_cmpfloat_with_epsilon (info->set_size, numbers[3], 1e-6);
  else
    g_assert_true (isnan (info->set_size));
  assert_bins (c, "before", info->before);
  assert_bins (c, "after", info->after);
  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      g_assert_cmpfloat_with_epsilon (few_trust_refusal (trust, shares[i]), refusal[i], 1e-6);
      double told = few_trust_negatives_refused (trust, shares[i]);
      if (info->n_negatives > 0)
        g_assert_cmpfloat_with_epsilon (told, refused[i], 1e-6);
      else
        g_assert_true (isnan (told));
    }
  assert_strangers (c, trust);
}

/* Of the out-of-fold answers, as few_automatic_answer_level says of each promise: more is promised
 * by larger sets. */
static void
assert_promises (const Case *c, const FewTrust *trust)
{
  double last = 0;
  for (guint promise = FEW_TRUST_LEAST; promise <= FEW_TRUST_MOST; promise++)
    {
      double size;
      double level = few_trust_promise (trust, promise, &size);
      double wanted = few_automatic_answer_level (c->automatic, promise / 100.);
      g_assert_cmpfloat_with_epsilon (level, wanted, 1e-6);
      g_assert_cmpint (isnan (size), ==, !(level > 0));
      if (level > 0)
        g_assert_true (size >= last - 1e-6 && size >= 1 && size <= c->k);
      last = level > 0 ? size : last;
    }
  double usual = few_trust_promise (trust, 90, NULL);
  g_assert_cmpfloat (few_trust_info (trust)->answer_level, ==, usual);
}

static void
test_golden (gconstpointer name)
{
  Case c;
  g_autoptr (GError) error = NULL;
  case_open (&c, name);
  g_autoptr (FewTrust) trust = few_trust_new (c.automatic, &c.task, c.d, NULL, &error);
  g_assert_no_error (error);
  assert_trust (&c, trust);
  gsize n;
  g_autofree float *packed = few_trust_pack (trust, &n);
  g_autoptr (FewTrust) again = few_trust_unpack (packed, n, c.k, c.d);
  g_assert_nonnull (again);
  assert_trust (&c, again);
  assert_promises (&c, trust);
  for (guint promise = FEW_TRUST_LEAST; promise <= FEW_TRUST_MOST; promise++)
    {
      double sizes[2];
      g_assert_cmpfloat ((float) few_trust_promise (trust, promise, &sizes[0]), ==,
                         (float) few_trust_promise (again, promise, &sizes[1]));
      g_assert_true (isnan (sizes[0]) ? isnan (sizes[1]) : (float) sizes[0] == (float) sizes[1]);
    }
  g_assert_true (few_trust_holds (again, few_automatic_info (c.automatic)->alpha));
  g_assert_false (few_trust_holds (again, few_automatic_info (c.automatic)->alpha + .01));
  g_assert_null (few_trust_unpack (packed, n - 1, c.k, c.d));
  g_assert_null (few_trust_unpack (packed, n, c.k + 1, c.d));
  packed[n / 2] = NAN;
  g_assert_null (few_trust_unpack (packed, n, c.k, c.d));
  case_close (&c);
}

/* What an earlier version packed has one promise, and everything else. */
static void
test_first_layout (void)
{
  enum { AT = 16 + 2 * 3 * FEW_TRUST_BINS, PROMISES = 2 * FEW_TRUST_PROMISES };
  Case c;
  gsize n;
  case_open (&c, "tall");
  g_autoptr (FewTrust) trust = few_trust_new (c.automatic, &c.task, c.d, NULL, NULL);
  g_autofree float *packed = few_trust_pack (trust, &n);
  memmove (packed + AT, packed + AT + PROMISES, (n - AT - PROMISES) * sizeof *packed);
  packed[0] = 1;
  g_assert_null (few_trust_unpack (packed, n, c.k, c.d));
  g_autoptr (FewTrust) old = few_trust_unpack (packed, n - PROMISES, c.k, c.d);
  g_assert_nonnull (old);
  assert_trust (&c, old);
  g_assert_cmpfloat_with_epsilon (few_trust_promise (old, 90, NULL),
                                  few_trust_info (trust)->answer_level, 1e-6);
  g_assert_true (isnan (few_trust_promise (old, 95, NULL)));
  guint32 classes[3];
  const float sure[] = { 0, 1, 0 };
  g_assert_cmpuint (few_trust_promised_set (old, 95, sure, classes), ==, 0);
  g_assert_cmpuint (few_trust_promised_set (old, 90, sure, classes), ==, 1);
  g_assert_cmpuint (few_trust_promised_set (trust, 95, sure, classes), ==, 1);
  case_close (&c);
}

static void
test_answer_sets (void)
{
  Case c;
  guint32 classes[3];
  case_open (&c, "tall");
  g_autoptr (FewTrust) trust = few_trust_new (c.automatic, &c.task, c.d, NULL, NULL);
  float level = (float) few_trust_info (trust)->answer_level;
  const float sure[] = { level / 4, 1 - level / 2, level / 4 };
  g_assert_cmpuint (few_trust_answer_set (trust, sure, classes), ==, 1);
  g_assert_cmpuint (classes[0], ==, 1);
  const float torn[] = { level * 1.01f, level * .99f, level * 1.02f };
  g_assert_cmpuint (few_trust_answer_set (trust, torn, classes), ==, 2);
  g_assert_cmpuint (classes[0], ==, 2);
  g_assert_cmpuint (classes[1], ==, 0);
  const float lost[] = { level * .2f, level * .3f, level * .3f };
  g_assert_cmpuint (few_trust_answer_set (trust, lost, classes), ==, 1);
  g_assert_cmpuint (classes[0], ==, 1);
  case_close (&c);
  case_open (&c, "too-few");
  g_autoptr (FewTrust) none = few_trust_new (c.automatic, &c.task, c.d, NULL, NULL);
  g_assert_cmpuint (few_trust_answer_set (none, sure, classes), ==, 0);
  case_close (&c);
}

/* Negatives show what to refuse: more of them, and of pictures like them, at the same share of the
 * person's own. */
static void
test_negatives_help (void)
{
  Case c;
  gsize n;
  case_open (&c, "negatives");
  FewTask without = c.task;
  without.negatives = NULL;
  without.n_negatives = 0;
  g_autoptr (FewTrust) plain = few_trust_new (c.automatic, &without, c.d, NULL, NULL);
  g_autoptr (FewTrust) told = few_trust_new (c.automatic, &c.task, c.d, NULL, NULL);
  g_autofree float *strangers = floats (&c, "strangers", &n);
  guint refused[2] = { 0 };
  for (guint i = 0; i < n / c.d; i++)
    {
      const float *feature = strangers + (gsize) i * c.d;
      FewTrust *const both[] = { plain, told };
      for (guint j = 0; j < 2; j++)
        {
          double p[3];
          few_automatic_probabilities (c.automatic, NAN, feature, 1, p, NULL);
          double largest = MAX (MAX (p[0], p[1]), p[2]);
          FewLook look = few_trust_look (both[j], feature);
          refused[j] +=
              few_trust_strangeness (both[j], look, largest) > few_trust_refusal (both[j], 0.05);
        }
    }
  g_test_message ("refused %u without negatives, %u with", refused[0], refused[1]);
  g_assert_cmpuint (refused[1], >=, refused[0]);
  g_assert_cmpuint (refused[1], >=, 36);
  case_close (&c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  file = golden_open ("trust.safetensors");
  g_auto (GStrv) cases = g_strsplit (few_safetensors_metadata (file, "cases"), " ", -1);
  for (char **name = cases; *name; name++)
    {
      g_autofree char *path = g_strdup_printf ("/trust/golden/%s", *name);
      g_test_add_data_func (path, *name, test_golden);
    }
  g_test_add_func ("/trust/first-layout", test_first_layout);
  g_test_add_func ("/trust/answer-sets", test_answer_sets);
  g_test_add_func ("/trust/negatives", test_negatives_help);
  int rc = g_test_run ();
  few_safetensors_free (file);
  return rc;
}
