/* SPDX-License-Identifier: MIT */
/* The GPU backend as a whole, under the fake runtime: the same bits whatever the schedule, a clean
 * end whichever CUDA call fails, smaller batches, then the CPU when memory is short, sentences. */
#include "backend/devices.h"
#include "clip/model.h"
#include "examples.h"
#include "golden.h"
#include <dlfcn.h>
#include <math.h>
#include <string.h>

enum { PICTURES = 2, CLASSES = 2, N = 6, D = 24, RESULTS = (PICTURES + CLASSES) * D + N * CLASSES };

static struct
{
  void (*fail_at) (guint64 call);
  guint64 (*calls) (void);
  guint (*place) (guint64 call);
  guint (*reports) (void);
  void (*seed) (guint64 seed);
  void (*check_leaks) (void);
  void (*set_memory) (guint64 bytes);
  guint (*allocations) (void);
  guint (*downloads) (void);
} fake;

static const char *const names[CLASSES + 1] = { "ant", "bee", NULL };

/* What a person does: opens a model, encodes pictures and class names, trains. results
 * [RESULTS]: features of pictures and of texts, cosines after training. The GPU has `spare`
 * bytes of memory left once the model is open. FALSE when it cannot be done. */
static gboolean
whole_job_in (guint64 spare, const char *kind, const char *device, float *results, char **notice,
              GError **error)
{
  static const char *const templates[] = { "a photo of a {}.", NULL };
  g_autofree char *folder = golden_path (kind);
  memset (results, 0, RESULTS * sizeof *results);
  *notice = NULL;
  g_autoptr (FewModel) model = few_model_open (folder, device, NULL, error);
  if (!model)
    return FALSE;
  fake.set_memory (spare);
  guint side = few_model_info (model)->preprocess.size;
  gsize one = (gsize) 3 * side * side;
  g_autofree float *pixels = g_new (float, PICTURES *one);
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  for (gsize i = 0; i < PICTURES * one; i++)
    pixels[i] = (float) g_rand_double_range (random, -2, 2);
  float *text = results + PICTURES * D;
  float features[N * D];
  gboolean ok =
      few_model_encode_pixels (model, pixels, PICTURES, results, NULL, error)
      && few_model_encode_classes (model, names, NULL, CLASSES, templates, text, NULL, NULL, error);
  guint32 labels[N];
  guint8 roles[N];
  for (guint i = 0; i < N; i++)
    {
      labels[i] = i % CLASSES;
      roles[i] = i < 4 ? FEW_ROLE_TRAIN : FEW_ROLE_VALIDATION;
      memcpy (features + i * D, results + (i % PICTURES) * D, D * sizeof *features);
    }
  FewTrainOptions options;
  few_train_options_init (&options);
  options.steps = options.folds = 0;
  options.epochs = 2;
  options.batch = 3;
  const FewTask task = { .n = N,
                         .n_classes = CLASSES,
                         .features = features,
                         .labels = labels,
                         .roles = roles,
                         .text_features = text,
                         .class_names = names,
                         .template_text = "{}" };
  g_autoptr (FewTrainer) trainer = ok ? few_trainer_new (model, &options, &task, error) : NULL;
  while (trainer && few_trainer_step (trainer))
    ;
  g_autoptr (FewSnapshot) snapshot = trainer ? few_trainer_snapshot (trainer, error) : NULL;
  ok = snapshot != NULL;
  for (guint i = 0; i < N && ok; i++)
    few_lens_cosines (snapshot, i, 0.5f, results + (PICTURES + CLASSES) * D + i * CLASSES);
  *notice = few_model_take_notice (model);
  return ok;
}

static gboolean
whole_job (const char *kind, const char *device, float *results, char **notice, GError **error)
{
  return whole_job_in ((guint64) 1 << 30, kind, device, results, notice, error);
}

static void
expect_clean (guint reports_before)
{
  fake.check_leaks ();
  g_assert_cmpuint (fake.reports (), ==, reports_before);
}

static void
test_schedules (gconstpointer kind)
{
  float first[RESULTS], again[RESULTS];
  for (guint64 seed = 1; seed <= 5; seed++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *notice = NULL;
      fake.seed (seed);
      whole_job (kind, "cuda:0", seed == 1 ? first : again, &notice, &error);
      g_assert_no_error (error);
      g_assert_null (notice);
      if (seed > 1)
        g_assert_cmpmem (first, sizeof first, again, sizeof again);
    }
  expect_clean (0);
}

static double
distance (const float *a, const float *b)
{
  double worst = 0;
  for (guint i = 0; i < RESULTS; i++)
    worst = MAX (worst, isnan (a[i]) ? INFINITY : fabs (a[i] - b[i]) / (1 + fabs (b[i])));
  return worst;
}

/* The GPU's job and the CPU's */
static void
test_agreement (gconstpointer kind)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *notice = NULL;
  float cpu[RESULTS], exact[RESULTS], reduced[RESULTS];
  whole_job (kind, "cpu", cpu, &notice, &error);
  g_assert_no_error (error);
  whole_job (kind, "cuda:0:f32", exact, &notice, &error);
  g_assert_no_error (error);
  whole_job (kind, "cuda:0", reduced, &notice, &error);
  g_assert_no_error (error);
  g_test_message ("f32 differs by %.1e, f16 by %.1e", distance (exact, cpu),
                  distance (reduced, cpu));
  g_assert_cmpfloat (distance (exact, cpu), <, 2e-5);
  g_assert_cmpfloat (distance (reduced, cpu), <, 1e-2);
  expect_clean (0);
}

/* Which of the calls since fail_at (0) shall fail: of the places in the program that calls come
 * from the first call of every `of_places`-th, and every `of_calls`-th of all; with TEST_FAULTS=all
 * each call. */
static GArray *
calls_to_fail (guint of_places, guint of_calls)
{
  guint n = (guint) fake.calls ();
  GArray *calls = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  gboolean all = g_strcmp0 (g_getenv ("TEST_FAULTS"), "all") == 0;
  for (guint call = 1; call <= n; call++)
    {
      gboolean is_new = g_hash_table_add (places, GUINT_TO_POINTER (fake.place (call)));
      if (all || (is_new && g_hash_table_size (places) % of_places == 0) || call % of_calls == 0)
        g_array_append_val (calls, call);
    }
  g_test_message ("%u of %u calls, from %u places", calls->len, n, g_hash_table_size (places));
  g_assert_cmpuint (g_hash_table_size (places), >, 100);
  return calls;
}

/* Calls of the whole job fail, one in each run. It then goes on on the CPU and says so, or ends
 * with a sentence. */
static void
test_faults (gconstpointer kind)
{
  float cpu[RESULTS], results[RESULTS];
  g_autofree char *ignored = NULL;
  g_assert_true (whole_job (kind, "cpu", cpu, &ignored, NULL));
  guint went_on = 0;
  for (guint i = 0; i < 2; i++) /* the first compares this GPU with the CPU, and remembers it */
    {
      fake.fail_at (0);
      g_assert_true (whole_job (kind, "cuda:0", results, &ignored, NULL) && !ignored);
    }
  g_autoptr (GArray) calls = calls_to_fail (1, 101);
  for (guint i = 0; i < calls->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *notice = NULL;
      guint call = g_array_index (calls, guint, i);
      fake.fail_at (call);
      gboolean ok = whole_job (kind, "cuda:0", results, &notice, &error);
      g_assert_cmpuint (fake.calls (), >=, call);
      g_assert_true (ok == !error);
      expect_clean (0);
      if (ok)
        g_assert_cmpfloat (distance (results, cpu), <, 1e-2);
      else
        g_assert_cmpuint (strlen (error->message), >, 20);
      went_on += ok;
    }
  g_test_message ("%u jobs went on, %u ended with a sentence", went_on, calls->len - went_on);
  g_assert_true (went_on > 0 && went_on < calls->len);
}

/* After the first epoch a step allocates nothing and waits for nothing, until somebody asks. */
static void
test_steps (void)
{
  enum { EPOCHS = 4 };
  g_autoptr (FewModel) model = golden_model ("vit", "cuda:0");
  g_autoptr (GError) error = NULL;
  g_autofree Examples *examples = examples_new (CLASSES);
  guint n;
  FewTrainOptions options;
  few_train_options_init (&options);
  options.epochs = EPOCHS;
  options.steps = options.folds = 0; /* folds are trained behind the last step */
  options.batch = 8;
  g_autoptr (FewTrainer) trainer = few_trainer_new (model, &options, &examples->task, &error);
  g_assert_no_error (error);
  while (few_trainer_epoch (trainer) == 0)
    few_trainer_step (trainer);
  guint allocations = fake.allocations ();
  guint downloads = fake.downloads ();
  while (few_trainer_step (trainer))
    ;
  g_assert_cmpuint (fake.allocations (), ==, allocations);
  g_assert_cmpuint (fake.downloads (), ==, downloads);
  const FewEpoch *history = few_trainer_history (trainer, &n);
  g_assert_cmpuint (fake.downloads (), ==, downloads + 1);
  g_assert_cmpuint (n, ==, EPOCHS);
  g_assert_cmpfloat (history[EPOCHS - 1].loss, <, history[0].loss);
  g_assert_true (few_trainer_check (trainer, &error));
}

static guint
downloads_of (FewModel *model, const Examples *examples, const char *method, guint epochs)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *specification = g_strdup_printf ("%s:epochs=%u", method, epochs);
  FewMethodOptions options;
  g_assert_true (few_method_parse (specification, &options, &error));
  guint before = fake.downloads ();
  g_autoptr (FewMethodResult) result =
      few_method_run (model, &examples->task, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->epochs, ==, epochs);
  return fake.downloads () - before;
}

/* Nor do the steps of the other methods: more epochs read nothing more. */
static void
test_method_steps (void)
{
  static const char *const methods[] = { "coop", "tip-adapter-f", "clap", "lp++" };
  g_autoptr (FewModel) model = golden_model ("vit", "cuda:0");
  g_autofree Examples *examples = examples_new (CLASSES);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_assert_cmpuint (downloads_of (model, examples, methods[i], 2), ==,
                      downloads_of (model, examples, methods[i], 3));
}

static void
ignore (gpointer user, const char *op, double difference, double allowed)
{
}

/* Calls of the comparison with the CPU, all of its ops among them. */
static void
test_selftest_faults (void)
{
  fake.fail_at (0);
  g_assert_true (few_selftest ("cuda:0", ignore, NULL, NULL));
  g_autoptr (GArray) calls = calls_to_fail (7, 307);
  for (guint i = 0; i < calls->len; i++)
    {
      g_autoptr (GError) error = NULL;
      guint call = g_array_index (calls, guint, i);
      fake.fail_at (call);
      gboolean ok = few_selftest ("cuda:0", ignore, NULL, &error);
      expect_clean (0);
      /* a call that only frees may fail unseen: the results were compared */
      g_assert_true (ok == !error && fake.calls () >= call);
    }
  fake.fail_at (0);
}

/* With less and less memory the batches get smaller, then the CPU goes on; the results stay. */
static void
test_memory (void)
{
  float cpu[RESULTS], results[RESULTS];
  g_autofree char *ignored = NULL;
  guint on_gpu = 0;
  guint on_cpu = 0;
  g_assert_true (whole_job ("vit", "cpu", cpu, &ignored, NULL));
  for (guint64 kilobytes = 65536; kilobytes > 0; kilobytes = kilobytes * 2 / 3)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *notice = NULL;
      whole_job_in (kilobytes << 10, "vit", "cuda:0", results, &notice, &error);
      g_assert_no_error (error);
      expect_clean (0);
      g_assert_cmpfloat (distance (results, cpu), <, 1e-2);
      on_cpu += notice != NULL;
      on_gpu += notice == NULL;
      g_test_message ("%" G_GUINT64_FORMAT " KB: %s", kilobytes, notice ? notice : "on the GPU");
    }
  g_assert_cmpuint (on_gpu, >, 0);
  g_assert_cmpuint (on_cpu, >, 0);
  /* too little even to open: refused by name, and by “auto” with the CPU */
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = golden_path ("vit");
  fake.set_memory (64 << 10);
  g_assert_null (few_model_open (folder, "cuda:0", NULL, &error));
  assert_says (&error, "memory", NULL);
  g_autoptr (FewModel) model = few_model_open (folder, "auto", NULL, &error);
  g_assert_no_error (error);
  g_autofree char *notice = few_model_take_notice (model);
  g_assert_nonnull (notice);
  g_assert_cmpstr (few_model_info (model)->precision, ==, "f32");
  /* and with the way of the CPU that was asked for */
  g_autoptr (FewModel) bytes = few_model_open (folder, "auto:int8,threads=1", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (few_model_info (bytes)->precision, ==, "int8");
  fake.set_memory ((guint64) 1 << 30);
  expect_clean (0);
}

/* The GPU fails and the model's folder is gone: both are said, and the model stays what it was. */
static void
test_gone (void)
{
  g_autofree char *source = golden_path ("vit");
  g_autofree char *parent = scratch_folder ("gone");
  g_autofree char *folder = g_build_filename (parent, "model", NULL);
  const char *copy[] = { "cp", "-r", source, folder, NULL };
  const char *remove[] = { "rm", "-r", parent, NULL };
  static const char *const texts[] = { "an ant" };
  float before[D], after[D];
  g_autoptr (GError) error = NULL;
  g_assert_true (g_spawn_sync (NULL, (char **) copy, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_autoptr (FewModel) model = few_model_open (folder, "cuda:0", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (few_model_encode_texts (model, texts, 1, before, NULL, NULL));
  g_assert_true (g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  fake.fail_at (5);
  g_assert_false (few_model_encode_texts (model, texts, 1, after, NULL, &error));
  fake.fail_at (0);
  assert_says (&error, folder, "On the GPU", NULL);
  g_assert_true (few_model_encode_texts (model, texts, 1, after, NULL, NULL));
  g_assert_cmpmem (before, sizeof before, after, sizeof after);
}

/* Half as much memory as a batch wants: the GPU encodes it in halves, to the same features. */
static void
test_halves (void)
{
  enum { MANY = 16 };
  g_autoptr (FewModel) model = golden_model ("vit", "cuda:0,threads=1");
  guint side = few_model_info (model)->preprocess.size;
  gsize one = (gsize) 3 * side * side;
  g_autofree float *pixels = g_new (float, MANY *one);
  float whole[MANY * D], halves[MANY * D];
  g_autoptr (GRand) random = g_rand_new_with_seed (8);
  for (gsize i = 0; i < MANY * one; i++)
    pixels[i] = (float) g_rand_double_range (random, -2, 2);
  g_assert_true (few_model_encode_pixels (model, pixels, MANY, whole, NULL, NULL));
  g_autoptr (FewModel) poor = golden_model ("vit", "cuda:0,threads=1");
  /* cuBLAS has what it wants */
  g_assert_true (few_model_encode_pixels (poor, pixels, 2, halves, NULL, NULL));
  fake.set_memory (700 << 10);
  g_assert_true (few_model_encode_pixels (poor, pixels, MANY, halves, NULL, NULL));
  fake.set_memory ((guint64) 1 << 30);
  g_autofree char *notice = few_model_take_notice (poor);
  g_assert_null (notice);
  g_assert_cmpmem (whole, sizeof whole, halves, sizeof halves);
}

static void
assert_problem (const char *name, const char *value, const char *word)
{
  g_autofree char *problem = NULL;
  g_setenv (name, value, TRUE);
  FewDevice **devices = few_devices (&problem);
  g_unsetenv (name);
  g_assert_null (devices[1]);
  g_assert_true (problem && strstr (problem, word));
  few_devices_free (devices);
}

static void
test_probe (void)
{
  g_autofree char *problem = NULL;
  g_autoptr (GError) error = NULL;
  FewDevice **devices = few_devices (&problem);
  g_assert_cmpstr (devices[0]->id, ==, "cpu");
  g_assert_cmpstr (devices[1]->id, ==, "cuda:0");
  g_assert_cmpstr (devices[1]->uuid, ==, "00010203-0405-0607-0809-0a0b0c0d0e0f");
  g_assert_null (problem);
  few_devices_free (devices);
  assert_problem ("FAKECUDA_DRIVER", "10020", "older than this build's CUDA");
  assert_problem ("FAKECUDA_DEVICES", "0", "no CUDA-capable device");
  g_assert_null (few_backend_cuda_new (3, NULL, TRUE, 0, &error));
  assert_says (&error, "cuda:3", "cuda:0", NULL);
  g_assert_null (few_backend_open ("cuda:x", &problem, &error));
  assert_says (&error, "cuda:x", "cuda:0:f32", NULL);
  g_assert_null (few_backend_open ("gpu", &problem, &error));
  assert_says (&error, "gpu", NULL);
}

/* "auto" takes a GPU that counts as the CPU does, and remembers that it does. */
static void
test_auto (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FewModel) model = golden_model ("vit", "auto");
      g_assert_cmpstr (few_model_info (model)->device, ==, "GPU 0, Fake GPU, f16");
      g_assert_cmpstr (few_model_info (model)->precision, ==, "f16");
    }
  guint64 before = fake.calls ();
  few_model_unref (golden_model ("vit", "auto"));
  guint64 opening = fake.calls () - before;
  before = fake.calls ();
  g_assert_true (few_selftest ("cuda:0", ignore, NULL, NULL));
  g_assert_cmpuint (opening, <, fake.calls () - before); /* without the comparison */
}

int
main (int argc, char **argv)
{
  void *module = dlopen (g_getenv ("FEWSHOT_CUDA_MODULE"), RTLD_NOW);
  if (!module)
    g_error ("%s", dlerror ());
  *(void **) &fake.fail_at = dlsym (module, "fakecuda_fail_at");
  *(void **) &fake.calls = dlsym (module, "fakecuda_calls");
  *(void **) &fake.place = dlsym (module, "fakecuda_place");
  *(void **) &fake.reports = dlsym (module, "fakecuda_reports");
  *(void **) &fake.seed = dlsym (module, "fakecuda_seed");
  *(void **) &fake.check_leaks = dlsym (module, "fakecuda_check_leaks");
  *(void **) &fake.set_memory = dlsym (module, "fakecuda_set_memory");
  *(void **) &fake.allocations = dlsym (module, "fakecuda_allocations");
  *(void **) &fake.downloads = dlsym (module, "fakecuda_downloads");
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("TEST_FAULTS")) /* these run beside the others */
    {
      g_test_add_data_func ("/device/faults/vit", "vit", test_faults);
      g_test_add_func ("/device/faults/selftest", test_selftest_faults);
      return g_test_run ();
    }
  g_test_add_func ("/device/probe", test_probe);
  g_test_add_func ("/device/auto", test_auto);
  g_test_add_data_func ("/device/agreement/vit", "vit", test_agreement);
  g_test_add_data_func ("/device/agreement/resnet", "resnet", test_agreement);
  g_test_add_data_func ("/device/schedules/vit", "vit", test_schedules);
  g_test_add_data_func ("/device/schedules/resnet", "resnet", test_schedules);
  g_test_add_func ("/device/steps", test_steps);
  g_test_add_func ("/device/method-steps", test_method_steps);
  g_test_add_func ("/device/memory", test_memory);
  g_test_add_func ("/device/halves", test_halves);
  g_test_add_func ("/device/gone", test_gone);
  return g_test_run ();
}
