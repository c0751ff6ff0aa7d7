/* SPDX-License-Identifier: MIT */
/* The compared methods are the published ones: what the authors' own code predicted from the same
 * features (tests/tools/published.py says how that was asked, and of what), at 1, 4 and 16
 * shots. */
#include "golden.h"
#include <fewshot/method.h>
#include <string.h>

/* the largest share of predictions that may differ: ties, and single precision in another order */
static const double most_differing = 0.01;

typedef struct
{
  FewModel *model;
  FewSafetensors *file;
  FewTask task;
  guint d;
  float *features, *text, *text_raw;
  guint32 *labels;
  guint8 *roles;
  char **names;
} Published;

static gsize
count_rows (const FewSafetensors *file, const char *name)
{
  const FewTensor *tensor = few_safetensors_find (file, name);
  g_assert_nonnull (tensor);
  return tensor->dims[0];
}

static void
open_published (Published *p, const char *set)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("published/%s.safetensors", set);
  p->model = few_model_open (POCKET, "cpu,threads=2", NULL, &error);
  g_assert_no_error (error);
  p->d = few_model_dim (p->model);
  p->file = golden_open (name);
  guint n = (guint) count_rows (p->file, "features");
  guint k = (guint) count_rows (p->file, "text");
  p->features = golden_floats (p->file, "features", (gsize) n * p->d);
  p->text = golden_floats (p->file, "text", (gsize) k * p->d);
  p->text_raw = golden_floats (p->file, "text_raw", (gsize) k * p->d);
  g_autofree float *labels = golden_floats (p->file, "labels", n);
  g_autofree float *roles = golden_floats (p->file, "roles", n);
  p->labels = g_new (guint32, n);
  p->roles = g_new (guint8, n);
  for (guint i = 0; i < n; i++)
    {
      p->labels[i] = (guint32) labels[i];
      p->roles[i] = (guint8) roles[i];
    }
  p->names = g_new0 (char *, k + 1);
  for (guint c = 0; c < k; c++)
    p->names[c] = g_strdup_printf ("class %u", c);
  p->task = (FewTask) { .n = n,
                        .n_classes = k,
                        .features = p->features,
                        .labels = p->labels,
                        .roles = p->roles,
                        .text_features = p->text,
                        .text_raw = p->text_raw,
                        .class_names = (const char *const *) p->names };
}

static void
close_published (Published *p)
{
  few_model_unref (p->model);
  few_safetensors_free (p->file);
  g_free (p->features);
  g_free (p->text);
  g_free (p->text_raw);
  g_free (p->labels);
  g_free (p->roles);
  g_strfreev (p->names);
}

/* draw: its number is the seed of what a method draws. */
static FewMethodResult *
run_published (const Published *p, const char *specification, guint64 draw)
{
  g_autoptr (GError) error = NULL;
  FewMethodOptions options;
  g_assert_true (few_method_parse (specification, &options, &error));
  options.train.seed = draw;
  FewMethodResult *result = few_method_run (p->model, &p->task, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return result;
}

/* `specification` predicts what the authors' code for `method` did. */
static void
compare_predictions (const Published *p, const char *set, const char *method,
                     const char *specification, guint64 draw)
{
  g_autofree char *name = g_strdup_printf ("predicted.%s", method);
  if (!few_safetensors_find (p->file, name))
    return; /* their code wants as many pictures of each class */
  guint n_test = 0;
  for (guint i = 0; i < p->task.n; i++)
    n_test += p->roles[i] == FEW_ROLE_TEST;
  g_autofree float *theirs = golden_floats (p->file, name, n_test);
  g_autoptr (FewMethodResult) result = run_published (p, specification, draw);
  guint differing = 0;
  for (guint i = 0, at = 0; i < p->task.n; i++)
    if (p->roles[i] == FEW_ROLE_TEST)
      differing += result->predicted[i] != (guint32) theirs[at++];
  g_test_message ("%s, %s: %u of %u differ", set, specification, differing, n_test);
  g_assert_cmpfloat (differing, <=, most_differing * n_test);
}

/* At the C that their search ended at, where that is below 10⁴: with more, scikit-learn stops on
 * its way to an optimum that is far from where it began, whatever tolerance is asked for. For the
 * same reason the search of ours, which is theirs step by step, may end at another C. */
static void
compare_linear_probe (const Published *p, const char *set)
{
  if (!few_safetensors_find (p->file, "strength.linear-probe"))
    return;
  g_autofree float *strength = golden_floats (p->file, "strength.linear-probe", 1);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (number, sizeof number, "%.9g", (double) strength[0]);
  g_autofree char *specification = g_strdup_printf ("linear-probe:c=%s", number);
  if (strength[0] < 1e4f)
    compare_predictions (p, set, "linear-probe", specification, 1);
  g_autoptr (FewMethodResult) result = run_published (p, "linear-probe:search=published", 1);
  g_test_message ("%s, linear-probe: theirs c=%s, ours %s", set, number, result->chosen);
  g_assert_nonnull (strstr (result->chosen, "c="));
}

/* From the same context vectors, by the same batches (tests/tools/published_coop.py). The 1,000
 * steps of 16 shots are more than single precision can tell: there it is the first 50, and with one
 * shot the first 20. */
static void
compare_coop (Published *p, const char *set)
{
  static const char *const names[] = { "the digit eight", "the digit five",  "the digit four",
                                       "the digit nine",  "the digit one",   "the digit seven",
                                       "the digit six",   "the digit three", "the digit two",
                                       "the digit zero" };
  guint64 shots = 0;
  guint64 draw = 0;
  char *end = NULL;
  if (!g_str_has_prefix (set, "digits-"))
    return;
  shots = g_ascii_strtoull (set + strlen ("digits-"), &end, 10);
  draw = g_ascii_strtoull (end + 1, NULL, 10);
  g_assert_nonnull (few_safetensors_find (p->file, "predicted.coop"));
  p->task.class_names = names;
  const char *specification = "coop";
  if (shots == 1)
    specification = "coop:epochs=20";
  if (shots == 16)
    specification = "coop:epochs=10";
  compare_predictions (p, set, "coop", specification, draw);
}

static void
test_published (gconstpointer user)
{
  const char *set = user;
  Published p;
  open_published (&p, set);
  compare_predictions (&p, set, "lp++", "lp++", 1);
  compare_predictions (&p, set, "clap", "clap", 1);
  compare_predictions (&p, set, "gda", "gda:search=published", 1);
  compare_predictions (&p, set, "tip-adapter", "tip-adapter:search=published", 1);
  compare_predictions (&p, set, "tip-adapter-f", "tip-adapter-f:search=published", 1);
  compare_linear_probe (&p, set);
  compare_coop (&p, set);
  close_published (&p);
}

int
main (int argc, char **argv)
{
  static const char *const sets[] = { "digits-1-1", "digits-4-2", "digits-16-3", "openclipart-4-1",
                                      "openclipart-16-2" };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autofree char *path = g_strdup_printf ("/published/%s", sets[i]);
      g_test_add_data_func (path, sets[i], test_published);
    }
  return g_test_run ();
}
