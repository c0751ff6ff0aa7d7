/* SPDX-License-Identifier: MIT */
/* devices, selftest, benchmark: what computes here, whether rightly, and how fast. */
#include <config.h>
#include "cli/cli.h"
#include <gio/gio.h>
#include <math.h>
#include <string.h>
#include <sys/utsname.h>

/* Normalised features differ by less: f32; f16 inputs, f32 sums (measured 4e-4 on a ViT-B/32);
 * bytes (a cosine of 0.9995 is 6e-3 in the furthest of 512 values) */
static const double EXACT_DISTANCE = 2e-5, REDUCED_DISTANCE = 3e-3, BYTES_DISTANCE = 8e-3;

static void
add_devices (JsonBuilder *builder)
{
  g_autofree char *problem = NULL;
  FewDevice **devices = few_devices (&problem);
  cli_json_array (builder, "devices");
  for (guint i = 0; devices[i]; i++)
    {
      const FewDevice *d = devices[i];
      json_builder_begin_object (builder);
      cli_json_string (builder, "id", d->id);
      cli_json_string (builder, "name", d->name);
      if (d->uuid)
        {
          cli_json_string (builder, "uuid", d->uuid);
          cli_json_string (builder, "compute_capability", d->compute);
          cli_json_int (builder, "memory", (gint64) d->memory);
          cli_json_int (builder, "memory_free", (gint64) d->memory_free);
        }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "no_gpu_because");
  problem ? json_builder_add_string_value (builder, problem)
          : json_builder_add_null_value (builder);
  few_devices_free (devices);
}

int
cli_devices (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  int status;
  if (!cli_parse (cli, argc, argv, "", NULL, 0, &arguments, &status))
    return status;
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      add_devices (builder);
      cli_json_end (builder);
      return CLI_OK;
    }
  g_autofree char *problem = NULL;
  FewDevice **devices = few_devices (&problem);
  for (guint i = 0; devices[i]; i++)
    {
      const FewDevice *d = devices[i];
      g_print ("%-8s %s", d->id, d->name);
      if (d->uuid)
        g_print (", compute capability %s, %.1f of %.1f GB free, %s", d->compute,
                 (double) d->memory_free / 1e9, (double) d->memory / 1e9, d->uuid);
      g_print ("\n");
    }
  if (problem)
    g_print ("No GPU: %s\n", problem);
  few_devices_free (devices);
  return CLI_OK;
}

/* ---- selftest */

typedef struct
{
  JsonBuilder *builder; /* NULL: lines on standard output */
  guint wrong;
} Selftest;

static void
tested (gpointer user, const char *what, double difference, double allowed)
{
  Selftest *t = user;
  gboolean ok = difference <= allowed;
  t->wrong += !ok;
  if (!t->builder)
    {
      g_print ("%-48s %8.1e of %.1e  %s\n", what, difference, allowed, ok ? "ok" : "DIFFERS");
      return;
    }
  json_builder_begin_object (t->builder);
  cli_json_string (t->builder, "what", what);
  cli_json_number (t->builder, "difference", difference);
  cli_json_number (t->builder, "allowed", allowed);
  json_builder_end_object (t->builder);
}

static void
normalise (float *row, guint d)
{
  double sum = 0;
  for (guint i = 0; i < d; i++)
    sum += (double) row[i] * row[i];
  for (guint i = 0; i < d; i++)
    row[i] = (float) (row[i] / sqrt (sum));
}

/* Largest difference of normalised rows [n, d]; NaN counts */
static double
distance (float *a, float *b, guint n, guint d)
{
  double worst = 0;
  for (guint i = 0; i < n; i++)
    {
      normalise (a + (gsize) i * d, d);
      normalise (b + (gsize) i * d, d);
      for (gsize j = (gsize) i * d; j < (gsize) (i + 1) * d; j++)
        if (!(fabs (a[j] - b[j]) <= worst))
          worst = fabs (a[j] - b[j]);
    }
  return isnan (worst) ? INFINITY : worst;
}

static float *
random_pixels (const FewModel *model, guint n)
{
  guint side = few_model_info (model)->preprocess.size;
  gsize count = (gsize) n * 3 * side * side;
  float *pixels = g_new (float, count);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  for (gsize i = 0; i < count; i++)
    pixels[i] = (float) g_rand_double_range (random, -2, 2);
  return pixels;
}

static double
allow_distance (const char *precision)
{
  if (g_str_equal (precision, "f32"))
    return EXACT_DISTANCE;
  return g_str_equal (precision, "int8") ? BYTES_DISTANCE : REDUCED_DISTANCE;
}

/* Features of pictures, and of texts where the model reads them, on the device and on the CPU */
static gboolean
test_model (FewModel *model, FewModel *cpu, Selftest *t, GError **error)
{
  enum { PICTURES = 3 };
  static const char *const texts[] = { "a photo of a cat.",
                                       "a drawing of a wheel with five spokes" };
  guint d = few_model_dim (model);
  double allowed = allow_distance (few_model_info (model)->precision);
  g_autofree float *pixels = random_pixels (model, PICTURES);
  g_autofree float *a = g_new (float, PICTURES *d);
  g_autofree float *b = g_new (float, PICTURES *d);
  if (!few_model_encode_pixels (model, pixels, PICTURES, a, NULL, error)
      || !few_model_encode_pixels (cpu, pixels, PICTURES, b, NULL, error))
    return FALSE;
  tested (t, "features of pictures", distance (a, b, PICTURES, d), allowed);
  if (!few_model_info (model)->reads_texts)
    return TRUE;
  if (!few_model_encode_texts (model, texts, G_N_ELEMENTS (texts), a, NULL, error)
      || !few_model_encode_texts (cpu, texts, G_N_ELEMENTS (texts), b, NULL, error))
    return FALSE;
  tested (t, "features of texts", distance (a, b, G_N_ELEMENTS (texts), d), allowed);
  return TRUE;
}

/* What the options name; the first GPU when they name nothing, so that `selftest` alone says
 * what a person wants to know. */
static const char *
tested_device (Cli *cli)
{
  if (!cli->device)
    {
      g_autofree char *problem = NULL;
      FewDevice **devices = few_devices (&problem);
      cli->device = g_strdup (devices[1] ? devices[1]->id : "cpu");
      few_devices_free (devices);
    }
  return cli->device;
}

static gboolean
selftest (Cli *cli, const char *name, Selftest *t, GError **error)
{
  const char *named = tested_device (cli);
  gboolean more = cli->precision && g_str_has_prefix (named, "cuda:");
  g_autofree char *device = g_strconcat (named, more ? ":" : "", more ? cli->precision : "", NULL);
  g_autoptr (GError) differs = NULL;
  if (!few_selftest (device, tested, t, &differs)
      && !g_error_matches (differs, FEW_ERROR, FEW_ERROR_UNSUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&differs));
      return FALSE;
    }
  if (differs) /* said line by line; the model would be refused */
    return TRUE;
  g_autoptr (FewModel) model = cli_open_model (cli, name, error);
  g_autoptr (FewModel) cpu =
      model ? few_model_open (few_model_info (model)->folder, "cpu", cli->cancellable, error)
            : NULL;
  gboolean ok = cpu && test_model (model, cpu, t, error);
  if (model)
    cli_say_notice (model);
  return ok;
}

int
cli_selftest (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  if (!cli_parse (cli, argc, argv, "[MODEL]", NULL, 0, &arguments, &status))
    return status;
  Selftest t = { cli->json ? cli_json_begin () : NULL, 0 };
  if (t.builder)
    {
      cli_json_string (t.builder, "device", tested_device (cli));
      cli_json_array (t.builder, "tests");
    }
  gboolean ok = selftest (cli, arguments[0] ? arguments[0] : "pocket", &t, &error);
  if (t.builder)
    {
      json_builder_end_array (t.builder);
      cli_json_end (t.builder);
    }
  if (!ok)
    return cli_fail (error);
  if (t.wrong > 0)
    g_printerr ("fewshot-cli: %s computes otherwise than the CPU. Please report the lines above.\n",
                cli->device);
  else if (!cli->json)
    g_print ("%s computes as the CPU does.\n", cli->device);
  return t.wrong == 0 ? CLI_OK : CLI_FAILURE;
}

/* ---- benchmark */

/* Calls a second, of a function that encodes or trains */
typedef struct
{
  double seconds; /* that each rate is measured for, at least */
  int largest;    /* batch of pictures */
} Measure;

static double
rate (const Measure *m, gboolean (*once) (gpointer user, GError **error), gpointer user,
      GError **error)
{
  if (!once (user, error)) /* the first allocates */
    return NAN;
  guint calls = 0;
  gint64 started = g_get_monotonic_time ();
  gint64 now = started;
  while ((double) (now - started) < m->seconds * G_USEC_PER_SEC)
    {
      if (!once (user, error))
        return NAN;
      calls++;
      now = g_get_monotonic_time ();
    }
  return calls / ((double) (now - started) / G_USEC_PER_SEC);
}

typedef struct
{
  FewModel *model;
  guint n;
  const float *pixels;
  float *features;
  const char *const *texts;
  FewTrainer *trainer;
} Work;

static gboolean
encode_pictures (gpointer user, GError **error)
{
  Work *w = user;
  return few_model_encode_pixels (w->model, w->pixels, w->n, w->features, NULL, error);
}

static gboolean
encode_texts (gpointer user, GError **error)
{
  Work *w = user;
  return few_model_encode_texts (w->model, w->texts, w->n, w->features, NULL, error);
}

enum { STEPS = 50 };

static gboolean
train_steps (gpointer user, GError **error)
{
  Work *w = user;
  for (guint i = 0; i < STEPS; i++)
    few_trainer_step (w->trainer);
  return few_trainer_check (w->trainer, error);
}

/* Pictures and texts a second, training steps a second (100 classes of 16 shots, batches of 32) */
static gboolean
measure (const Measure *m, FewModel *model, JsonBuilder *builder, GError **error)
{
  enum { MOST = 128, CLASSES = 100, SHOTS = 16, N = CLASSES * SHOTS };
  static const guint batches[] = { 1, 8, 32, MOST };
  guint d = few_model_dim (model);
  g_autofree float *pixels = random_pixels (model, MOST);
  g_autofree float *features = g_new (float, (gsize) MAX (N, MOST) * d);
  Work w = { .model = model, .pixels = pixels, .features = features };
  cli_json_string (builder, "name", few_model_info (model)->device);
  cli_json_string (builder, "precision", few_model_info (model)->precision);
  for (guint i = 0; i < G_N_ELEMENTS (batches) && batches[i] <= (guint) m->largest; i++)
    {
      g_autofree char *name = g_strdup_printf ("pictures_per_second_of_%u", batches[i]);
      w.n = batches[i];
      cli_json_number (builder, name, w.n * rate (m, encode_pictures, &w, error));
      if (*error)
        return FALSE;
    }
  g_auto (GStrv) names = g_new0 (char *, CLASSES + 1);
  for (guint i = 0; i < CLASSES; i++)
    names[i] = g_strdup_printf ("a photo of thing number %u.", i);
  w.texts = (const char *const *) names;
  w.n = CLASSES;
  if (few_model_info (model)->reads_texts)
    cli_json_number (builder, "texts_per_second", CLASSES * rate (m, encode_texts, &w, error));
  if (*error)
    return FALSE;
  g_autoptr (GRand) random = g_rand_new_with_seed (6);
  g_autofree float *text = g_new (float, CLASSES *(gsize) d);
  guint32 labels[N];
  guint8 roles[N];
  for (gsize i = 0; i < (gsize) N * d; i++)
    features[i] = (float) g_rand_double_range (random, -1, 1);
  for (gsize i = 0; i < (gsize) CLASSES * d; i++)
    text[i] = (float) g_rand_double_range (random, -1, 1);
  for (guint i = 0; i < N; i++)
    {
      labels[i] = i / SHOTS;
      roles[i] = FEW_ROLE_TRAIN;
    }
  FewTrainOptions options;
  few_train_options_init (&options);
  options.steps = 0;
  options.folds = FALSE;
  options.epochs = 100000; /* more than there is time for */
  const FewTask task = { .n = N,
                         .n_classes = CLASSES,
                         .features = features,
                         .labels = labels,
                         .roles = roles,
                         .text_features = text,
                         .class_names = (const char *const *) names,
                         .template_text = "{}" };
  w.trainer = few_trainer_new (model, &options, &task, error);
  if (w.trainer)
    cli_json_number (builder, "training_steps_per_second",
                     STEPS * rate (m, train_steps, &w, error));
  g_clear_pointer (&w.trainer, few_trainer_free);
  return !*error;
}

static gboolean
measure_device (Cli *cli, const Measure *m, const char *model_name, const char *device,
                const char *member, JsonBuilder *builder, GError **error)
{
  Cli there = *cli;
  there.device = (char *) device;
  g_autoptr (FewModel) model = cli_open_model (&there, model_name, error);
  if (!model)
    return FALSE;
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  gboolean ok = measure (m, model, builder, error);
  json_builder_end_object (builder);
  return ok;
}

int
cli_benchmark (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  struct utsname system = { 0 };
  int status;
  Measure m = { .seconds = 2, .largest = 128 };
  g_autofree char *seconds = NULL;
  const GOptionEntry entries[] = {
    { "seconds", 0, 0, G_OPTION_ARG_STRING, &seconds, "How long each speed is measured (2)", "S" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &m.largest, "Largest batch of pictures (128)", "N" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "[MODEL]", entries, 0, &arguments, &status))
    return status;
  if (!cli_parse_number ("benchmark", "seconds", seconds, 0, 3600, &m.seconds)
      || !cli_check_count ("benchmark", "batch", m.largest))
    return CLI_USAGE;
  const char *model = arguments[0] ? arguments[0] : "pocket";
  const char *device = tested_device (cli);
  gboolean gpu = g_str_has_prefix (device, "cuda:");
  JsonBuilder *builder = cli_json_begin ();
  uname (&system);
  cli_json_string (builder, "fewshot", FEW_VERSION);
  cli_json_string (builder, "system", system.release);
  cli_json_string (builder, "model", model);
  add_devices (builder);
  cli_json_array (builder, "selftest");
  Selftest t = { builder, 0 };
  gboolean ok = selftest (cli, model, &t, &error);
  json_builder_end_array (builder);
  ok = ok && measure_device (cli, &m, model, "cpu", "cpu", builder, &error)
       && (!gpu || t.wrong > 0 || measure_device (cli, &m, model, device, "gpu", builder, &error));
  if (error)
    cli_json_string (builder, "failed", error->message);
  cli_json_end (builder);
  return ok && t.wrong == 0 ? CLI_OK : CLI_FAILURE;
}
