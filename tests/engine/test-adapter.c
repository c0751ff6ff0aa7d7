/* SPDX-License-Identifier: MIT */
/* The adapter against PyTorch autograd and torch.optim; the α lens against direct evaluation;
 * export and import. */
#include "golden.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>

enum { N = 48, K = 5, D = 24, H = 6, HALF = H * D };
static const char *const class_names[K + 1] = {
  "ant", "bee", "두꺼비", "d\"quoted\"", "e_e", NULL
};

typedef struct
{
  FewModel *model;
  FewSafetensors *dump;
  float *features, *text, weights[2 * HALF];
  guint32 labels[N];
  guint8 roles[N];
  FewTrainOptions options;
} Fixture;

static void
fixture_init (Fixture *x, gboolean relu)
{
  const char *device = g_getenv ("TEST_DEVICES"); /* one, here */
  x->model = golden_model ("vit", device ? device : "cpu");
  x->dump = golden_open ("adapter.safetensors");
  x->features = golden_floats (x->dump, "features", N * D);
  x->text = golden_floats (x->dump, "text_features", K * D);
  g_autofree gint32 *labels = golden_ints (x->dump, "labels", N);
  g_autofree char *name1 = g_strdup_printf ("relu%d.w1", relu);
  g_autofree char *name2 = g_strdup_printf ("relu%d.w2", relu);
  g_autofree float *w1 = golden_floats (x->dump, name1, HALF);
  g_autofree float *w2 = golden_floats (x->dump, name2, HALF);
  memcpy (x->weights, w1, sizeof (float) * HALF);
  memcpy (x->weights + HALF, w2, sizeof (float) * HALF);
  for (guint i = 0; i < N; i++)
    {
      x->labels[i] = (guint32) labels[i];
      x->roles[i] = i < 32 ? FEW_ROLE_TRAIN : i < 42 ? FEW_ROLE_VALIDATION : FEW_ROLE_TEST;
    }
  few_train_options_init (&x->options);
  x->options.hidden = H;
  x->options.alpha = 0.6;
  x->options.final_relu = relu;
  x->options.cosine = FALSE;
}

static void
fixture_clear (Fixture *x)
{
  few_model_unref (x->model);
  few_safetensors_free (x->dump);
  g_free (x->features);
  g_free (x->text);
}

static FewTask
fixture_task (const Fixture *x)
{
  return (FewTask) { .n = N,
                     .n_classes = K,
                     .features = x->features,
                     .labels = x->labels,
                     .roles = x->roles,
                     .text_features = x->text,
                     .class_names = class_names,
                     .template_text = "a photo of a {}." };
}

static FewTrainer *
fixture_trainer (Fixture *x)
{
  g_autoptr (GError) error = NULL;
  const FewTask task = fixture_task (x);
  FewTrainer *trainer = few_trainer_new (x->model, &x->options, &task, &error);
  g_assert_no_error (error);
  return trainer;
}

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
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer);
  const FewAdapterInfo *adapter = few_adapter_info (few_snapshot_info (snapshot)->adapter);
  g_assert_cmpfloat (golden_distance (adapter->w1, w1, HALF), <, 2e-4);
  fixture_clear (&x);
}

/* cos (αA(f) + (1−α)f, t) in double, from the weights alone */
static double
direct_cosine (const FewAdapterInfo *a, const float *f, const float *t, double alpha)
{
  double hidden[H];
  double dot = 0;
  double norm = 0;
  for (guint h = 0; h < H; h++)
    {
      hidden[h] = 0;
      for (guint i = 0; i < D; i++)
        hidden[h] += (double) a->w1[h * D + i] * f[i];
      hidden[h] = MAX (hidden[h], 0);
    }
  for (guint i = 0; i < D; i++)
    {
      double v = 0;
      for (guint h = 0; h < H; h++)
        v += (double) a->w2[i * H + h] * hidden[h];
      v = alpha * (a->final_relu ? MAX (v, 0) : v) + (1 - alpha) * f[i];
      dot += v * t[i];
      norm += v * v;
    }
  return norm > 0 ? dot / sqrt (norm) : 0;
}

static void
test_lens (gconstpointer data)
{
  Fixture x;
  fixture_init (&x, GPOINTER_TO_INT (data));
  x.options.epochs = 5;
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  while (few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer);
  const FewSnapshotInfo *info = few_snapshot_info (s);
  g_assert_cmpuint (info->epoch, ==, 5);
  const FewAdapterInfo *adapter = few_adapter_info (info->adapter);
  static const double alphas[] = { 0, .01, .3, .6, .99, 1 };
  for (guint a = 0; a < G_N_ELEMENTS (alphas); a++)
    {
      guint32 predicted[N];
      float margin[N], cosines[K], probabilities[K], other[K];
      guint hits = 0;
      few_lens_predict (s, alphas[a], predicted, margin);
      for (guint i = 0; i < N; i++)
        {
          few_lens_cosines (s, i, alphas[a], cosines);
          few_lens_probabilities (s, i, alphas[a], probabilities);
          few_adapter_predict (info->adapter, x.features + i * D, alphas[a], other, NULL);
          guint best = 0;
          double rest = -2;
          double sum = 0;
          for (guint k = 0; k < K; k++)
            {
              g_assert_cmpfloat_with_epsilon (
                  cosines[k],
                  direct_cosine (adapter, x.features + i * D, x.text + k * D, alphas[a]), 1e-5);
              g_assert_cmpfloat_with_epsilon (cosines[k], other[k], 1e-5);
              best = cosines[k] > cosines[best] ? k : best;
              rest = k != x.labels[i] && cosines[k] > rest ? cosines[k] : rest;
              sum += probabilities[k];
            }
          g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
          g_assert_cmpuint (predicted[i], ==, best);
          g_assert_cmpfloat_with_epsilon (margin[i], cosines[x.labels[i]] - rest, 1e-5);
          hits += best == x.labels[i];
        }
      g_assert_cmpfloat_with_epsilon (few_lens_accuracy (s, -1, alphas[a]), hits / (double) N,
                                      1e-9);
      guint32 confusion[K * K];
      guint diagonal = 0;
      guint total = 0;
      few_lens_confusion (s, -1, alphas[a], confusion);
      for (guint k = 0; k < K * K; k++)
        {
          total += confusion[k];
          diagonal += k % (K + 1) == 0 ? confusion[k] : 0;
        }
      g_assert_cmpuint (total, ==, N);
      g_assert_cmpuint (diagonal, ==, hits);
      guint fixed, broken;
      guint before = (guint) lround (few_lens_accuracy (s, -1, 0) * N);
      few_lens_compare (s, -1, alphas[a], &fixed, &broken);
      g_assert_cmpuint (before + fixed - broken, ==, hits);
    }
  for (guint p = 0; p < FEW_CURVE_POINTS; p += 10)
    g_assert_cmpfloat_with_epsilon (info->curve[p],
                                    few_lens_accuracy (s, FEW_ROLE_VALIDATION, p / 100.0), 1e-9);
  fixture_clear (&x);
}

static void
test_choice (void)
{
  Fixture x;
  fixture_init (&x, TRUE);
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  while (few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer);
  const double *curve = few_snapshot_info (s)->curve;
  FewAlphaChoice choice;
  few_lens_choose_alpha (s, &choice);
  g_assert_true (choice.enough);
  double best = 0;
  for (guint p = 0; p < FEW_CURVE_POINTS; p++)
    best = MAX (best, curve[p]);
  g_assert_cmpfloat (choice.accuracy, ==, best);
  g_assert_cmpfloat (curve[lround (choice.best * 100)], ==, best);
  g_assert_cmpfloat (choice.low, <=, choice.best);
  g_assert_cmpfloat (choice.best, <=, choice.high);
  /* with fewer than ten validation pictures nothing is chosen */
  memset (x.roles + 36, FEW_ROLE_TEST, N - 36);
  g_autoptr (FewTrainer) poor = fixture_trainer (&x);
  few_trainer_step (poor);
  g_autoptr (FewSnapshot) few = few_trainer_snapshot (poor);
  few_lens_choose_alpha (few, &choice);
  g_assert_false (choice.enough);
  g_assert_cmpfloat (choice.best, ==, x.options.alpha);
  fixture_clear (&x);
}

static void
test_seeds (void)
{
  Fixture x;
  fixture_init (&x, TRUE);
  x.options.epochs = 3;
  FewSnapshot *runs[3] = { NULL };
  for (guint r = 0; r < 3; r++)
    {
      x.options.seed = r == 2 ? 8 : 7;
      g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
      while (few_trainer_step (trainer))
        ;
      runs[r] = few_trainer_snapshot (trainer);
    }
  const float *w[3];
  for (guint r = 0; r < 3; r++)
    w[r] = few_adapter_info (few_snapshot_info (runs[r])->adapter)->w1;
  g_assert_cmpmem (w[0], sizeof (float) * HALF, w[1], sizeof (float) * HALF);
  g_assert_true (memcmp (w[0], w[2], sizeof (float) * HALF) != 0);
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
  g_autoptr (FewTrainer) trainer = fixture_trainer (&x);
  few_trainer_set_weights (trainer, x.weights);
  float first = 0;
  float second = 0;
  for (guint epoch = 0; epoch < 2; epoch++)
    {
      while (few_trainer_epoch (trainer) == epoch && few_trainer_step (trainer))
        ;
      g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer);
      const float *w = few_adapter_info (few_snapshot_info (s)->adapter)->w1;
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
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer);
  const FewSnapshotInfo *info = few_snapshot_info (s);
  for (guint i = 0; i < HALF; i++)
    g_assert_true (isfinite (few_adapter_info (info->adapter)->w1[i]));
  g_assert_true (isnan (info->history[0].validation_accuracy));
  g_assert_true (isnan (few_lens_accuracy (s, FEW_ROLE_TEST, .5)));
  fixture_clear (&x);
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
  g_autoptr (FewSnapshot) s = few_trainer_snapshot (trainer);
  FewAdapter *adapter = few_snapshot_info (s)->adapter;
  g_assert_true (few_adapter_save (adapter, .25, path, &error));
  g_assert_no_error (error);
  g_autoptr (FewAdapter) back = few_adapter_load (path, &error);
  g_assert_no_error (error);
  const FewAdapterInfo *a = few_adapter_info (adapter);
  const FewAdapterInfo *b = few_adapter_info (back);
  g_assert_cmpfloat (b->alpha, ==, .25);
  g_assert_cmpfloat (b->trained_alpha, ==, .6);
  g_assert_cmpfloat_with_epsilon (b->logit_scale, a->logit_scale, 1e-3);
  g_assert_true (b->final_relu);
  g_assert_cmpstrv ((char **) b->classes, (char **) class_names);
  g_assert_cmpstr (b->template_text, ==, "a photo of a {}.");
  g_assert_cmpstr (b->backbone_sha256, ==, few_model_info (x.model)->sha256);
  g_assert_cmpmem (a->w1, sizeof (float) * HALF, b->w1, sizeof (float) * HALF);
  g_assert_cmpmem (a->w2, sizeof (float) * HALF, b->w2, sizeof (float) * HALF);
  g_assert_cmpmem (a->text_features, sizeof (float) * K * D, b->text_features,
                   sizeof (float) * K * D);

  /* A full disk (here: a file size limit): the old file survives and no temporary file stays. */
  struct rlimit old, tiny;
  getrlimit (RLIMIT_FSIZE, &old);
  tiny = old;
  tiny.rlim_cur = 512;
  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &tiny);
  gboolean saved = few_adapter_save (adapter, .75, path, &error);
  setrlimit (RLIMIT_FSIZE, &old);
  g_assert_false (saved);
  assert_says (&error, "a.safetensors", "could not be written", NULL);
  g_autoptr (FewAdapter) survivor = few_adapter_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (few_adapter_info (survivor)->alpha, ==, .25);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "a.safetensors");
  g_assert_null (g_dir_read_name (dir));

  /* every truncation and a foreign file is refused with a sentence */
  g_autofree char *contents = NULL;
  gsize length;
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  for (gsize cut = 0; cut < length; cut += 97)
    {
      g_assert_true (g_file_set_contents (path, contents, (gssize) cut, NULL));
      g_assert_null (few_adapter_load (path, &error));
      assert_says (&error, path, NULL);
    }
  g_autofree char *foreign = golden_path ("vit/open_clip_model.safetensors");
  g_assert_null (few_adapter_load (foreign, &error));
  assert_says (&error, foreign, "not an adapter", NULL);
  fixture_clear (&x);
}

/* Points and shares are those of scikit-learn's PCA (tests/tools/golden_map.py). */
static void
test_map (void)
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
  g_test_add_data_func ("/adapter/lens/plain", GINT_TO_POINTER (0), test_lens);
  g_test_add_data_func ("/adapter/lens/relu", GINT_TO_POINTER (1), test_lens);
  g_test_add_func ("/adapter/choice", test_choice);
  g_test_add_func ("/adapter/bad-data", test_bad_data);
  g_test_add_func ("/adapter/thin-data", test_thin_data);
  g_test_add_func ("/adapter/save-load", test_save_load);
  g_test_add_func ("/adapter/map", test_map);
  return g_test_run ();
}
