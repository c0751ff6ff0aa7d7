/* SPDX-License-Identifier: MIT */
/* The adapter against PyTorch autograd and torch.optim; export and import. */
#include "adapter-fixture.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>

/* Every gradient within 1e-4 of autograd, relative to the largest one of its matrix. */
static void
test_gradients (gconstpointer data)
{
  gboolean relu = GPOINTER_TO_INT (data);
  Fixture x;
  fixture_init (&x, relu);
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  few_trainer_set_weights (trainer, x.weights);
  guint32 rows[16];
  for (guint i = 0; i < 16; i++)
    rows[i] = i;
  float gradients[2 * HALF];
  float loss = few_trainer_gradients (trainer, rows, 16, gradients);
  g_autofree char *loss_name = g_strdup_printf ("relu%d.loss", relu);
  g_autofree float *golden_loss = golden_floats (x.dump, loss_name, 1);
  g_assert_cmpfloat_with_epsilon (loss, *golden_loss, 1e-4 * (1 + *golden_loss));
  for (guint layer = 0; layer < 2; layer++)
    {
      g_autofree char *name = g_strdup_printf ("relu%d.gradient_w%u", relu, layer + 1);
      g_autofree float *golden = golden_floats (x.dump, name, HALF);
      float largest = 0;
      for (guint i = 0; i < HALF; i++)
        largest = fmaxf (largest, fabsf (golden[i]));
      g_assert_cmpfloat (largest, >, 0);
      for (guint i = 0; i < HALF; i++)
        g_assert_cmpfloat (fabsf (gradients[layer * HALF + i] - golden[i]), <, 1e-4f * largest);
    }
  fixture_clear (&x);
}

typedef struct
{
  gboolean relu;
  const char *name;
  FewOptimizer optimizer;
  double rate, decay;
} OptimizerCase;

static void
test_losses (gconstpointer data)
{
  const OptimizerCase *c = data;
  Fixture x;
  fixture_init (&x, c->relu);
  x.options.optimizer = c->optimizer;
  x.options.learning_rate = c->rate;
  x.options.weight_decay = c->decay;
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  few_trainer_set_weights (trainer, x.weights);
  g_autofree char *name = g_strdup_printf ("relu%d.%s.losses", c->relu, c->name);
  g_autofree char *w1_name = g_strdup_printf ("relu%d.%s.w1", c->relu, c->name);
  g_autofree float *golden = golden_floats (x.dump, name, 10);
  g_autofree float *w1 = golden_floats (x.dump, w1_name, HALF);
  for (guint step = 0; step < 10; step++)
    {
      guint32 rows[16];
      for (guint i = 0; i < 16; i++)
        rows[i] = (i + 7 * step) % N;
      g_assert_cmpfloat_with_epsilon (few_trainer_step_rows (trainer, rows, 16), golden[step],
                                      1e-4 * (1 + golden[step]));
    }
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer, NULL);
  const FewClassifierInfo *classifier =
      few_classifier_info (few_snapshot_info (snapshot)->classifier);
  g_assert_cmpfloat (golden_distance (classifier->w1, w1, HALF), <, 2e-4);
  fixture_clear (&x);
}

static void
test_seeds (void)
{
  Fixture x;
  fixture_init (&x, TRUE);
  x.options.epochs = 3;
  x.options.steps = 0;
  x.options.folds = FALSE;
  FewSnapshot *runs[3] = { NULL };
  for (guint r = 0; r < 3; r++)
    {
      x.options.seed = r == 2 ? 8 : 7;
      g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
      while (few_trainer_step (trainer))
        ;
      runs[r] = few_trainer_snapshot (trainer, NULL);
    }
  const float *w[3];
  for (guint r = 0; r < 3; r++)
    w[r] = few_classifier_info (few_snapshot_info (runs[r])->classifier)->w1;
  g_assert_cmpmem (w[0], sizeof (float) * HALF, w[1], sizeof (float) * HALF);
  g_assert_cmpfloat (golden_distance (w[0], w[2], HALF), >, 0);
  for (guint r = 0; r < 3; r++)
    few_snapshot_unref (g_steal_pointer (&runs[r]));
  fixture_clear (&x);
}

static void
test_schedule (void)
{
  /* Dassl: one warm-up epoch at 1e-5, then half a cosine over all epochs. The first epoch barely
   * moves the weights. */
  Fixture x;
  fixture_init (&x, TRUE);
  few_train_options_preset (&x.options, "published");
  x.options.hidden = H;
  x.options.epochs = 2;
  x.options.steps = 0;
  x.options.folds = FALSE;
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  few_trainer_set_weights (trainer, x.weights);
  float first = 0;
  float second = 0;
  for (guint epoch = 0; epoch < 2; epoch++)
    {
      while (few_trainer_epoch (trainer) == epoch && few_trainer_step (trainer))
        ;
      g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer, NULL);
      const float *w = few_classifier_info (few_snapshot_info (s)->classifier)->w1;
      float moved = 0;
      for (guint i = 0; i < HALF; i++)
        moved = fmaxf (moved, fabsf (w[i] - x.weights[i]));
      *(epoch ? &second : &first) = moved;
    }
  g_assert_cmpfloat (first, >, 0);
  g_assert_cmpfloat (second, >, 20 * first);
  fixture_clear (&x);
}

static void
test_bad_data (void)
{
  Fixture x;
  g_autoptr (GError) error = NULL;
  fixture_init (&x, TRUE);
  guint32 ones[N] = { 0 };
  FewTask task = fixture_task (&x);
  task.labels = ones;
  g_assert_null (few_trainer_new (x.model, &x.options, &task, &error));
  assert_says (&error, "at least two classes", "one class only", NULL);
  task = fixture_task (&x);
  task.n = 0;
  g_assert_null (few_trainer_new (x.model, &x.options, &task, &error));
  assert_says (&error, "at least two classes", NULL);
  x.features[5] = NAN;
  task.n = N;
  g_assert_null (few_trainer_new (x.model, &x.options, &task, &error));
  assert_says (&error, "not a number", NULL);
  x.features[5] = 0;
  x.options.batch = 0;
  g_assert_null (few_trainer_new (x.model, &x.options, &task, &error));
  assert_says (&error, "out of range", "batch 1", NULL);
  fixture_clear (&x);
}

/* One picture of a class, an all-zero feature and a class without pictures train to finite
 * numbers. */
static void
test_thin_data (void)
{
  Fixture x;
  fixture_init (&x, TRUE);
  memset (x.features, 0, D * sizeof (float));
  guint32 labels[3] = { 0, 1, 1 };
  guint8 roles[3] = { FEW_ROLE_TRAIN, FEW_ROLE_TRAIN, FEW_ROLE_TRAIN };
  g_autoptr (GError) error = NULL;
  FewTask task = fixture_task (&x);
  task.n = 3;
  task.labels = labels;
  task.roles = roles;
  g_autoptr (FewTrainer) trainer = few_trainer_new (x.model, &x.options, &task, &error);
  g_assert_no_error (error);
  while (few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (s);
  for (guint i = 0; i < HALF; i++)
    g_assert_true (isfinite (few_classifier_info (info->classifier)->w1[i]));
  g_assert_true (isnan (info->history[0].validation_accuracy));
  g_assert_true (isnan (few_lens_accuracy (s, FEW_ROLE_TEST, .5)));
  fixture_clear (&x);
}

/* What a trained adapter's file has to give back. */
static void
assert_same_adapter (const FewClassifierInfo *a, const FewClassifierInfo *b)
{
  g_assert_cmpfloat_with_epsilon (b->logit_scale, a->logit_scale, 1e-3);
  g_assert_cmpmem (a->w1, sizeof (float) * HALF, b->w1, sizeof (float) * HALF);
  g_assert_cmpmem (a->w2, sizeof (float) * HALF, b->w2, sizeof (float) * HALF);
  g_assert_cmpmem (a->text_features, sizeof (float) * K * D, b->text_features,
                   sizeof (float) * K * D);
}

/* A full disk (here: a file size limit): the old file survives and no temporary file stays. */
static void
assert_full_disk_keeps (const FewClassifier *classifier, const char *folder, const char *path)
{
  g_autoptr (GError) error = NULL;
  struct rlimit old, tiny;
  getrlimit (RLIMIT_FSIZE, &old);
  tiny = old;
  tiny.rlim_cur = 512;
  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &tiny);
  gboolean saved = few_classifier_save (classifier, .75, path, &error);
  setrlimit (RLIMIT_FSIZE, &old);
  g_assert_false (saved);
  assert_says (&error, "a.safetensors", "could not be written", NULL);
  g_autoptr (FewClassifier) survivor = few_classifier_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (few_classifier_info (survivor)->alpha, ==, .25);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "a.safetensors");
  g_assert_null (g_dir_read_name (dir));
}

/* Every truncation and a foreign file is refused with a sentence. */
static void
assert_damage_is_refused (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  for (gsize cut = 0; cut < length; cut += 97)
    {
      g_assert_true (g_file_set_contents (path, contents, (gssize) cut, NULL));
      g_assert_null (few_classifier_load (path, &error));
      assert_says (&error, path, NULL);
    }
  g_autofree char *foreign = golden_path ("vit/open_clip_model.safetensors");
  g_assert_null (few_classifier_load (foreign, &error));
  assert_says (&error, foreign, "not a classifier", NULL);
}

static void
test_save_load (void)
{
  Fixture x;
  g_autoptr (GError) error = NULL;
  fixture_init (&x, TRUE);
  g_autofree char *folder = scratch_folder ("adapter");
  g_autofree char *path = g_build_filename (folder, "a.safetensors", NULL);
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  few_trainer_step (trainer);
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer, NULL);
  FewClassifier *classifier = few_snapshot_info (s)->classifier;
  g_assert_true (few_classifier_save (classifier, .25, path, &error));
  g_assert_no_error (error);
  g_autoptr (FewClassifier) back = few_classifier_load (path, &error);
  g_assert_no_error (error);
  const FewClassifierInfo *b = few_classifier_info (back);
  g_assert_cmpfloat (b->alpha, ==, .25);
  g_assert_cmpfloat (b->trained_alpha, ==, .6);
  g_assert_true (b->final_relu);
  g_assert_cmpstrv ((char **) b->classes, (char **) fixture_classes);
  g_assert_cmpstr (b->template_text, ==, "a photo of a {}.");
  g_assert_cmpstr (b->backbone_sha256, ==, few_model_info (x.model)->sha256);
  assert_same_adapter (few_classifier_info (classifier), b);
  assert_full_disk_keeps (classifier, folder, path);
  assert_damage_is_refused (path);
  fixture_clear (&x);
}

int
main (int argc, char **argv)
{
  static const OptimizerCase cases[] = {
    { FALSE, "adam", FEW_OPTIMIZER_ADAM, 1e-3, .01 },
    { TRUE, "adam", FEW_OPTIMIZER_ADAM, 1e-3, .01 },
    { FALSE, "adamw", FEW_OPTIMIZER_ADAMW, 1e-3, .01 },
    { TRUE, "adamw", FEW_OPTIMIZER_ADAMW, 1e-3, .01 },
    { FALSE, "sgd", FEW_OPTIMIZER_SGD, .002, 5e-4 },
    { TRUE, "sgd", FEW_OPTIMIZER_SGD, .002, 5e-4 },
  };
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/adapter/gradients/plain", GINT_TO_POINTER (0), test_gradients);
  g_test_add_data_func ("/adapter/gradients/relu", GINT_TO_POINTER (1), test_gradients);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/adapter/losses/%s%s", cases[i].name, cases[i].relu ? "-relu" : "");
      g_test_add_data_func (path, &cases[i], test_losses);
    }
  g_test_add_func ("/adapter/seeds", test_seeds);
  g_test_add_func ("/adapter/schedule", test_schedule);
  if (g_getenv ("TEST_DEVICES")) /* what follows does not compute on the device */
    return g_test_run ();
  g_test_add_func ("/adapter/bad-data", test_bad_data);
  g_test_add_func ("/adapter/thin-data", test_thin_data);
  g_test_add_func ("/adapter/save-load", test_save_load);
  return g_test_run ();
}
