/* SPDX-License-Identifier: MIT */
/* What each method learned, taken away as a classifier: it answers as the method did, one picture
 * at a time, many at once, from its file, from a project, and at α = 0 it is CLIP. That Python and
 * ONNX Runtime answer the same is tests/python/test_export.py's. */
#include "adapt/classifier.h"
#include "golden.h"
#include "adapt/trust.h"
#include "methods-fixture.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static const char *const specifications[] = {
  "zero-shot",
  "automatic",
  "linear-probe",
  "gda",
  "clap:epochs=20",
  "prolip:epochs=20",
  "lp++",
  "coop:epochs=3,context=2",
  "tip-adapter",
  "tip-adapter-f:epochs=5",
  "proker",
  "clip-adapter:epochs=20",
  "clip-adapter:epochs=20,alpha=0.6",
  "clip-adapter:epochs=20,alpha=view",
  "clip-adapter-text:epochs=20",
  "clip-adapter-both:epochs=20,alpha=0.6,beta=0.3",
};

static void
softmax (const float *scores, guint n, float *out)
{
  float largest = scores[0];
  float sum = 0;
  for (guint i = 1; i < n; i++)
    largest = MAX (largest, scores[i]);
  for (guint i = 0; i < n; i++)
    sum += out[i] = expf (scores[i] - largest);
  for (guint i = 0; i < n; i++)
    out[i] /= sum;
}

static void
assert_close (const float *a, const float *b, guint n, float most)
{
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (a[i], b[i], most);
}

/* One at a time and through the lens: what the method scored. */
static void
assert_answers (World *w, FewClassifier *classifier, const float *scores)
{
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewSnapshot) snapshot = few_snapshot_apply (w->model, classifier, &w->task, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N; i++)
    {
      float wanted[CLASSES], one[CLASSES], many[CLASSES];
      const float *feature = w->features + (gsize) i * w->d;
      softmax (scores + (gsize) i * CLASSES, CLASSES, wanted);
      few_classifier_predict (classifier, feature, info->alpha, NULL, one);
      few_lens_probabilities (snapshot, i, info->alpha, many);
      assert_close (one, wanted, CLASSES, 1e-4f);
      assert_close (many, wanted, CLASSES, 1e-4f);
      few_classifier_predict (classifier, feature, 0.37, NULL, one);
      few_lens_probabilities (snapshot, i, 0.37, many);
      assert_close (one, many, CLASSES, 1e-4f);
    }
}

/* At α = 0 it is CLIP, whatever its temperature. */
static void
assert_clip_at_zero (World *w, FewClassifier *classifier)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewMethodResult) zero_shot = world_run (w, "zero-shot", &error);
  g_assert_no_error (error);
  g_autoptr (FewSnapshot) snapshot = few_snapshot_apply (w->model, classifier, &w->task, &error);
  g_assert_no_error (error);
  guint32 predicted[N];
  few_lens_predict (snapshot, 0, predicted, NULL);
  g_assert_cmpmem (predicted, sizeof predicted, zero_shot->predicted, sizeof predicted);
}

/* Both know the same, or nothing. */
static void
assert_same_trust (const FewTrust *a, const FewTrust *b)
{
  gsize n, m;
  g_assert_true ((a != NULL) == (b != NULL));
  if (!a)
    return;
  g_autofree float *one = few_trust_pack (a, &n);
  g_autofree float *other = few_trust_pack (b, &m);
  g_assert_cmpmem (one, n * sizeof *one, other, m * sizeof *other);
}

static void
assert_file (World *w, FewClassifier *classifier, const float *scores)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("fewshot-classifier-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "c.safetensors", NULL);
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_assert_true (few_classifier_save (classifier, info->alpha, path, &error));
  g_autoptr (FewClassifier) loaded = few_classifier_load (path, &error);
  g_assert_no_error (error);
  const FewClassifierInfo *again = few_classifier_info (loaded);
  g_assert_cmpint (again->kind, ==, info->kind);
  g_assert_cmpstr (again->method, ==, info->method);
  g_assert_cmpstr (again->classes[2], ==, "three");
  g_assert_cmpstr (again->backbone_fingerprint, ==, info->backbone_fingerprint);
  g_assert_cmpfloat_with_epsilon (again->alpha, info->alpha, 1e-6);
  assert_same_trust (info->trust, again->trust);
  assert_answers (w, loaded, scores);
  g_remove (path);
  g_rmdir (folder);
}

/* Through a project's JSON. */
static void
assert_project (World *w, FewClassifier *classifier, const float *scores)
{
  g_autoptr (GError) error = NULL;
  FewTrainJob job = { .method = "some method" };
  few_train_options_init (&job.options);
  job.options.final_relu = few_classifier_info (classifier)->final_relu;
  g_autoptr (FewSnapshot) snapshot = few_snapshot_apply (w->model, classifier, &w->task, &error);
  g_autoptr (FewProject) project = few_project_new ();
  for (guint i = 0; i < CLASSES; i++)
    few_project_add_class (project->classes, i + 1, w->task.class_names[i], NULL, NULL);
  g_ptr_array_add (project->runs, few_project_run_new ("Run", &job, snapshot, NULL, FALSE));
  g_autofree char *json = few_project_to_json (project, NULL);
  g_autoptr (FewProject) read =
      few_project_from_json (json, strlen (json), "a project", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->runs->len, ==, 1);
  g_assert_false (read->repaired);
  const FewProjectRun *run = read->runs->pdata[0];
  g_assert_cmpstr (run->job.method, ==, "some method");
  g_autoptr (FewSnapshot) restored = few_snapshot_restore (w->model, run, &w->task, &error);
  g_assert_no_error (error);
  FewClassifier *kept = few_snapshot_info (restored)->classifier;
  assert_answers (w, kept, scores);
  assert_same_trust (few_classifier_info (classifier)->trust, few_classifier_info (kept)->trust);
}

static void
test_taken_away (gconstpointer data)
{
  const char *specification = data;
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  g_autoptr (FewMethodResult) result = world_run (&w, specification, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result->classifier);
  g_assert_true (
      g_str_has_prefix (specification, few_classifier_info (result->classifier)->method));
  g_assert_true ((few_classifier_info (result->classifier)->trust != NULL)
                 == g_str_equal (specification, "automatic"));
  assert_answers (&w, result->classifier, result->scores);
  assert_clip_at_zero (&w, result->classifier);
  assert_file (&w, result->classifier, result->scores);
  assert_project (&w, result->classifier, result->scores);
  world_close (&w);
}

/* What two kinds answer together, written down from the formulas in fewshot/classifier.h. */
static void
add_cosines (World *w, const FewClassifierInfo *adapter, guint i, double scale, float *logits)
{
  gsize d = w->d;
  const float *f = w->features + i * d;
  g_autofree double *u = g_new0 (double, d);
  double square = 0;
  for (gsize r = 0; r < adapter->hidden; r++)
    {
      double h = 0;
      for (gsize j = 0; j < d; j++)
        h += (double) adapter->w1[r * d + j] * f[j];
      for (gsize j = 0; j < d && h > 0; j++)
        u[j] += h * adapter->w2[j * adapter->hidden + r];
    }
  for (gsize j = 0; j < d; j++)
    {
      u[j] = adapter->final_relu ? MAX (u[j], 0) : u[j];
      u[j] = 0.3 * u[j] + 0.7 * f[j];
      square += u[j] * u[j];
    }
  for (guint c = 0; c < CLASSES; c++)
    {
      double product = 0;
      for (gsize j = 0; j < d; j++)
        product += u[j] * w->task.text_features[c * d + j];
      logits[c] += (float) (scale * product / sqrt (square));
    }
}

/* A linear part and an adapter, joined. */
static void
test_sum (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  g_autoptr (FewMethodResult) gda = world_run (&w, "gda", &error);
  g_assert_no_error (error);
  g_autoptr (FewMethodResult) trained = world_run (&w, "clip-adapter:epochs=20,alpha=0.6", &error);
  g_assert_no_error (error);
  const FewClassifierInfo *adapter = few_classifier_info (trained->classifier);
  FewClassifierInfo info = *few_classifier_info (gda->classifier);
  info.kind = FEW_CLASSIFIER_SUM;
  info.hidden = adapter->hidden;
  info.final_relu = adapter->final_relu;
  info.w1 = adapter->w1;
  info.w2 = adapter->w2;
  info.part_alpha = 0.3;
  info.part_scale = 20;
  info.alpha = info.trained_alpha = 1;
  g_autoptr (FewClassifier) sum = few_classifier_new (&info, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N; i++)
    add_cosines (&w, adapter, i, 20, gda->scores + (gsize) i * CLASSES);
  assert_answers (&w, sum, gda->scores);
  assert_clip_at_zero (&w, sum);
  assert_file (&w, sum, gda->scores);
  assert_project (&w, sum, gda->scores);
  world_close (&w);
}

/* A cache whose keys have a value for each class: of one-hot ones, what it was before. */
static void
test_key_values (void)
{
  World w;
  g_autoptr (GError) error = NULL;
  world_open (&w);
  g_autoptr (FewMethodResult) tip = world_run (&w, "tip-adapter", &error);
  g_assert_no_error (error);
  FewClassifierInfo info = *few_classifier_info (tip->classifier);
  g_autofree float *values = g_new0 (float, (gsize) info.n_keys *CLASSES);
  for (guint i = 0; i < info.n_keys; i++)
    values[(gsize) i * CLASSES + info.key_labels[i]] = 1;
  info.key_values = values;
  g_autoptr (FewClassifier) valued = few_classifier_new (&info, &error);
  g_assert_no_error (error);
  assert_answers (&w, valued, tip->scores);
  assert_file (&w, valued, tip->scores);
  assert_project (&w, valued, tip->scores);
  world_close (&w);
}

/* Every method that says so keeps what it learned, no other does, and each is tested above. */
static void
test_who_keeps (void)
{
  const FewMethodInfo *info;
  World w;
  world_open (&w);
  for (guint i = 0; (info = few_method_info (i)); i++)
    {
      gboolean tested = FALSE;
      for (guint s = 0; s < G_N_ELEMENTS (specifications); s++)
        tested = tested || g_str_has_prefix (specifications[s], info->name);
      g_assert_true (tested || !info->keeps || info->several); /* test-several.c */
    }
  g_autoptr (GError) error = NULL;
  w.task.class_names = NULL;
  g_autoptr (FewMethodResult) nameless = world_run (&w, "gda", &error);
  g_assert_no_error (error);
  g_assert_null (nameless->classifier);
  world_close (&w);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (specifications); i++)
    {
      g_autofree char *path = g_strconcat ("/classifiers/", specifications[i], NULL);
      g_test_add_data_func (path, specifications[i], test_taken_away);
    }
  g_test_add_func ("/classifiers/sum", test_sum);
  g_test_add_func ("/classifiers/key-values", test_key_values);
  g_test_add_func ("/classifiers/who-keeps", test_who_keeps);
  return g_test_run ();
}
