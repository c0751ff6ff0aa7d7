/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/data.h"
#include <math.h>
#include <string.h>

static gboolean
run (Cli *cli, FewTrainer *trainer, guint epochs, GError **error)
{
  guint shown = G_MAXUINT;
  while (few_trainer_step (trainer))
    {
      if (g_cancellable_set_error_if_cancelled (cli->cancellable, error))
        return FALSE;
      if (few_trainer_epoch (trainer) != shown)
        {
          shown = few_trainer_epoch (trainer);
          cli_progress ("epoch", shown, epochs, NULL);
        }
    }
  cli_progress (NULL, 0, 0, NULL);
  return !g_cancellable_set_error_if_cancelled (cli->cancellable, error)
         && few_trainer_check (trainer, error);
}

typedef struct
{
  Cli *cli;
  const CliTrainJob *job;
  FewTask task;
  FewSnapshot *snapshot; /* out */
} Lesson;

/* When a GPU fails, what it has learned is lost with it: the CPU begins anew. */
static gboolean
learn (FewModel *model, gpointer user, GError **error)
{
  Lesson *lesson = user;
  const CliTrainJob *job = lesson->job;
  g_autoptr (FewTrainer) trainer = few_trainer_new (model, &job->options, &lesson->task, error);
  if (!trainer || !run (lesson->cli, trainer, job->options.epochs, error))
    return FALSE;
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer);
  if (!few_trainer_check (trainer, error))
    return FALSE;
  lesson->snapshot = g_steal_pointer (&snapshot);
  return TRUE;
}

static int
fail (GError **error)
{
  int status = cli_fail (*error);
  g_clear_error (error);
  return status;
}

int
cli_train_folder (Cli *cli, FewModel *model, const char *folder, const CliTrainJob *job)
{
  GError *error = NULL;
  g_auto (CliData) data = { 0 };
  gint64 started = g_get_monotonic_time ();
  if (!cli_data_load (cli, model, folder, job->shots, job->options.seed, &data, &error))
    return fail (&error);
  const FewModelInfo *info = few_model_info (model);
  g_auto (GStrv) templates = few_templates_split (job->template_text);
  g_autofree float *text = g_new (float, (gsize) data.n_classes * info->dim);
  if (!few_model_encode_classes (model, (const char *const *) data.classes, NULL, data.n_classes,
                                 (const char *const *) templates, text, cli->cancellable, &error))
    return fail (&error);
  Lesson lesson = { .cli = cli,
                    .job = job,
                    .task = { .n = data.n,
                              .n_classes = data.n_classes,
                              .features = data.features,
                              .labels = data.labels,
                              .roles = data.roles,
                              .text_features = text,
                              .class_names = (const char *const *) data.classes,
                              .template_text = job->template_text } };
  gboolean learned = few_model_retry (model, learn, &lesson, &error);
  cli_say_notice (model);
  if (!learned)
    return fail (&error);
  g_autoptr (FewSnapshot) snapshot = lesson.snapshot;
  FewAlphaChoice choice;
  few_lens_choose_alpha (snapshot, &choice);
  /* α from validation pictures unless it was given; with too few, the one it was trained with */
  double alpha = job->alpha_given ? job->options.alpha : choice.best;
  if (!few_adapter_save (few_snapshot_info (snapshot)->adapter, alpha, job->output, &error))
    return fail (&error);
  double seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  double before = few_lens_accuracy (snapshot, FEW_ROLE_TEST, 0);
  double after = few_lens_accuracy (snapshot, FEW_ROLE_TEST, alpha);
  guint counts[3] = { 0 };
  for (guint i = 0; i < data.n; i++)
    counts[data.roles[i]]++;
  double low, high;
  few_interval ((guint) lrint (isnan (after) ? 0 : after * counts[FEW_ROLE_TEST]),
                counts[FEW_ROLE_TEST], &low, &high);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "classes", data.n_classes);
      cli_json_int (builder, "images", data.n);
      cli_json_int (builder, "refused", data.refused);
      cli_json_int (builder, "from_cache", data.cached);
      cli_json_int (builder, "train_images", counts[FEW_ROLE_TRAIN]);
      cli_json_int (builder, "validation_images", counts[FEW_ROLE_VALIDATION]);
      cli_json_int (builder, "test_images", counts[FEW_ROLE_TEST]);
      cli_json_number (builder, "zero_shot_accuracy", before);
      cli_json_number (builder, "adapter_accuracy", after);
      cli_json_number (builder, "adapter_low", low);
      cli_json_number (builder, "adapter_high", high);
      cli_json_number (builder, "validation_accuracy",
                       few_lens_accuracy (snapshot, FEW_ROLE_VALIDATION, alpha));
      cli_json_number (builder, "train_accuracy",
                       few_lens_accuracy (snapshot, FEW_ROLE_TRAIN, alpha));
      cli_json_number (builder, "alpha", alpha);
      cli_json_number (builder, "trained_alpha", job->options.alpha);
      cli_json_number (builder, "seconds", seconds);
      cli_json_string (builder, "device", info->device);
      cli_json_string (builder, "output", job->output);
      cli_json_end (builder);
      return CLI_OK;
    }
  g_print ("%u classes, %u pictures (%u train, %u validation, %u test; %u refused)\n",
           data.n_classes, data.n, counts[FEW_ROLE_TRAIN], counts[FEW_ROLE_VALIDATION],
           counts[FEW_ROLE_TEST], data.refused);
  if (isnan (after))
    g_print ("no test pictures were left to measure on\n");
  else
    g_print ("zero-shot CLIP %.1f %%, adapter %.1f %% (95 %% interval %.1f–%.1f) of the test "
             "pictures right\n",
             100 * before, 100 * after, 100 * low, 100 * high);
  g_print ("α %.2f (%s), %.1f s on %s\nadapter: %s\n", alpha,
           job->alpha_given ? "as given"
           : choice.enough  ? "best on validation"
                            : "as trained: not enough validation pictures to choose",
           seconds, info->device, job->output);
  return CLI_OK;
}

static gboolean
parse_optimizer (const char *name, FewOptimizer *optimizer)
{
  if (g_str_equal (name, "adam"))
    *optimizer = FEW_OPTIMIZER_ADAM;
  else if (g_str_equal (name, "adamw"))
    *optimizer = FEW_OPTIMIZER_ADAMW;
  else if (g_str_equal (name, "sgd"))
    *optimizer = FEW_OPTIMIZER_SGD;
  else
    return FALSE;
  return TRUE;
}

int
cli_train (Cli *cli, int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *method = NULL;
  g_autofree char *alpha = NULL;
  g_autofree char *optimizer = NULL;
  g_autofree char *preset = NULL;
  g_autofree char *template_text = NULL;
  g_autofree char *output = NULL;
  int epochs = -1;
  int batch = -1;
  int hidden = -1;
  int shots = 0;
  int status;
  int warmup = -1;
  gint64 seed = 1;
  double rate = NAN;
  double decay = NAN;
  gboolean final_relu = FALSE;
  gboolean no_final_relu = FALSE;
  const GOptionEntry entries[] = {
    { "method", 0, 0, G_OPTION_ARG_STRING, &method, "clip-adapter (default)", "METHOD" },
    { "preset", 0, 0, G_OPTION_ARG_STRING, &preset, "default, seed, published", "NAME" },
    { "alpha", 0, 0, G_OPTION_ARG_STRING, &alpha,
      "Residual ratio 0…1, or auto: chosen on validation pictures (default)", "A" },
    { "epochs", 0, 0, G_OPTION_ARG_INT, &epochs, "Passes over the training pictures", "E" },
    { "lr", 0, 0, G_OPTION_ARG_DOUBLE, &rate, "Learning rate", "L" },
    { "weight-decay", 0, 0, G_OPTION_ARG_DOUBLE, &decay, "Weight decay", "W" },
    { "warmup", 0, 0, G_OPTION_ARG_INT, &warmup, "Warm-up epochs", "N" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Pictures a step", "B" },
    { "optimizer", 0, 0, G_OPTION_ARG_STRING, &optimizer, "adam, adamw, sgd", "O" },
    { "hidden", 0, 0, G_OPTION_ARG_INT, &hidden, "Hidden width (a quarter of the joint width)",
      "H" },
    { "final-relu", 0, 0, G_OPTION_ARG_NONE, &final_relu,
      "A second ReLU, as the published code (default)", NULL },
    { "no-final-relu", 0, 0, G_OPTION_ARG_NONE, &no_final_relu, "None, as the paper's figure",
      NULL },
    { "shots", 0, 0, G_OPTION_ARG_INT, &shots,
      "Training pictures a class (0: all but the test share)", "K" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of split, initial weights and order", "S" },
    { "template", 0, 0, G_OPTION_ARG_STRING, &template_text,
      "Prompt with {} for the class name; several are separated by |", "T" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Adapter to write (adapter.safetensors)",
      "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "MODEL DATA", entries, 2, &arguments, &status))
    return status;
  CliTrainJob job = { .shots = (guint) MAX (shots, 0),
                      .template_text = template_text ? template_text : "a photo of a {}.",
                      .output = output ? output : "adapter.safetensors" };
  const char *wrong = NULL;
  if (method && !g_str_equal (method, "clip-adapter"))
    wrong = "--method knows clip-adapter.";
  else if (!few_train_options_preset (&job.options, preset ? preset : "default"))
    wrong = "--preset knows default, seed and published.";
  else if (optimizer && !parse_optimizer (optimizer, &job.options.optimizer))
    wrong = "--optimizer knows adam, adamw and sgd.";
  else if (shots < 0)
    wrong = "--shots is negative.";
  else
    {
      g_auto (GStrv) parts = few_templates_split (job.template_text);
      wrong = parts ? NULL : "--template has no {} for the class name.";
    }
  if (!wrong && alpha && !g_str_equal (alpha, "auto"))
    {
      char *end;
      job.options.alpha = g_ascii_strtod (alpha, &end);
      job.alpha_given = TRUE;
      if (*end || end == alpha || !(job.options.alpha >= 0 && job.options.alpha <= 1))
        wrong = "--alpha is a number from 0 to 1, or auto.";
    }
  if (wrong)
    {
      g_printerr ("fewshot-cli train: %s\n", wrong);
      return CLI_USAGE;
    }
  if (epochs >= 0)
    job.options.epochs = (guint) epochs;
  if (batch >= 0)
    job.options.batch = (guint) batch;
  if (hidden >= 0)
    job.options.hidden = (guint) hidden;
  if (warmup >= 0)
    job.options.warmup_epochs = (guint) warmup;
  if (!isnan (rate))
    job.options.learning_rate = rate;
  if (!isnan (decay))
    job.options.weight_decay = decay;
  if (final_relu || no_final_relu)
    job.options.final_relu = !no_final_relu;
  job.options.seed = (guint64) seed;
  g_autoptr (FewModel) model = cli_open_model (cli, arguments[0], &error);
  if (!model)
    return cli_fail (error);
  return cli_train_folder (cli, model, arguments[1], &job);
}
