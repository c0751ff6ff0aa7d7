/* SPDX-License-Identifier: MIT */
/* train: a classifier from a folder of class folders, by any method that keeps one. */
#include "cli/boxes.h"
#include "cli/cli.h"
#include "cli/data.h"
#include "cli/several.h"
#include "cli/train-report.h"
#include "cli/pictures.h"
#include "cli/trust.h"
#include "common/several-report.h"
#include <math.h>
#include <string.h>

static gboolean
run_epochs (Cli *cli, FewTrainer *trainer, guint epochs, GError **error)
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
learn_adapter (FewModel *model, gpointer user, GError **error)
{
  Lesson *lesson = user;
  const CliTrainJob *job = lesson->job;
  g_autoptr (FewTrainer) trainer = few_trainer_new (model, &job->options, &lesson->task, error);
  if (!trainer || !run_epochs (lesson->cli, trainer, job->options.epochs, error))
    return FALSE;
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer, error);
  if (!snapshot)
    return FALSE;
  lesson->snapshot = g_steal_pointer (&snapshot);
  return TRUE;
}

static void
show_steps (gpointer user G_GNUC_UNUSED, guint done, guint total)
{
  cli_progress ("step", done, total, NULL);
}

static gboolean
learn_by_method (Lesson *lesson, FewModel *model, GError **error)
{
  const CliTrainJob *job = lesson->job;
  FewMethodOptions options;
  if (!few_method_parse (job->method, &options, error))
    return FALSE;
  const FewLearnWatch watch = { .progress = show_steps };
  options.train.seed = job->options.seed;
  lesson->snapshot = few_snapshot_learn (model, &lesson->task, &options, job->shots == 0, &watch,
                                         lesson->cli->cancellable, error);
  cli_progress (NULL, 0, 0, NULL);
  return lesson->snapshot != NULL;
}

static gboolean
learn (Lesson *lesson, FewModel *model, GError **error)
{
  gboolean ok = lesson->job->method ? learn_by_method (lesson, model, error)
                                    : few_model_retry (model, learn_adapter, lesson, error);
  cli_say_notice (model);
  return ok;
}

static double
count_seconds (gint64 started)
{
  return (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
}

/* Of pictures with any number of labels. */
static int
end_several (const Cli *cli, const CliData *data, const CliTrainJob *job,
             const FewSnapshot *snapshot, const FewModelInfo *info, gint64 started)
{
  g_autoptr (GError) error = NULL;
  double seconds = count_seconds (started);
  const FewSeveralReport report = { .title = job->output,
                                    .model = info,
                                    .snapshot = snapshot,
                                    .paths = (const char *const *) data->paths,
                                    .refused = data->refused,
                                    .seed = job->options.seed };
  return few_snapshot_save (snapshot, 1, job->output, &error)
                 && (!job->report || few_several_report_save (&report, job->report, &error))
                 && cli_several_report (cli, data, job, snapshot, info, seconds, &error)
             ? CLI_OK
             : cli_fail (error);
}

int
cli_train_folder (Cli *cli, FewModel *model, const char *folder, const CliTrainJob *job)
{
  g_autoptr (GError) error = NULL;
  g_auto (CliData) data = { .keep_twins = job->keep_twins,
                            .shares = job->shares,
                            .boxes = job->boxes,
                            .by = job->groups,
                            .any = job->any };
  gint64 started = g_get_monotonic_time ();
  if (!few_file_check_output (job->output, &error)
      || (job->report && !few_file_check_output (job->report, &error))
      || !cli_data_load (cli, model, folder, job->shots, job->options.seed, TRUE, &data, &error)
      || (job->no_test && !cli_data_take_all (&data, folder, &error)))
    return cli_fail (error);
  const FewModelInfo *info = few_model_info (model);
  g_auto (GStrv) templates = few_templates_split (job->template_text);
  g_autofree float *text = cli_try_floats (data.n_classes, info->dim, &error);
  g_autofree float *text_raw = text ? cli_try_floats (data.n_classes, info->dim, &error) : NULL;
  if (!text_raw)
    return cli_fail (error);
  cli_data_compare_prompts (model, &data, NULL, (const char *const *) templates);
  if (!few_model_encode_classes (model, (const char *const *) data.classes, NULL, data.n_classes,
                                 (const char *const *) templates, text, text_raw, cli->cancellable,
                                 &error))
    return cli_fail (error);
  g_auto (CliPictures) negatives = { 0 };
  if (job->negatives
      && !cli_pictures_load (cli, model, (const char *const[]) { job->negatives, NULL }, NULL,
                             &negatives, &error))
    return cli_fail (error);
  Lesson lesson = { .cli = cli,
                    .job = job,
                    .task = { .n = data.n,
                              .n_classes = data.n_classes,
                              .features = data.features,
                              .labels = data.labels,
                              .sets = data.sets,
                              .roles = data.roles,
                              .text_features = text,
                              .text_raw = text_raw,
                              .class_names = (const char *const *) data.classes,
                              .together = data.together,
                              .paths = (const char *const *) data.paths,
                              .template_text = job->template_text,
                              .negatives = negatives.features,
                              .n_negatives = negatives.n } };
  if (!learn (&lesson, model, &error))
    return cli_fail (error);
  g_autoptr (FewSnapshot) snapshot = lesson.snapshot;
  if (job->any)
    return end_several (cli, &data, job, snapshot, info, started);
  CliTrainReport report = { .data = &data, .job = job, .info = info, .snapshot = snapshot };
  few_lens_choose_alpha (snapshot, &report.choice);
  /* α from validation pictures unless it was given; with too few, the one it was trained with */
  report.alpha = job->alpha_given ? job->options.alpha : report.choice.best;
  if (!few_snapshot_save (snapshot, report.alpha, job->output, &error))
    return cli_fail (error);
  report.seconds = count_seconds (started);
  return cli_train_report (cli, &report, &error) ? CLI_OK : cli_fail (error);
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

/* What the command line says; numbers that it does not give are CLI_NOT_GIVEN or NULL. */
typedef struct
{
  GStrv arguments;
  char *method, *alpha, *optimizer, *preset, *template_text, *output, *rate, *decay, *negatives;
  char *groups, *priors, *labels, *report;
  int steps, epochs, batch, hidden, shots, warmup, test_share, validation_share;
  gint64 seed;
  gboolean final_relu, no_final_relu, no_test, keep_twins;
  CliBoxes boxes;
} TrainOptions;

static void
clear_options (TrainOptions *o)
{
  char *strings[] = { o->method, o->alpha,     o->optimizer, o->preset, o->template_text,
                      o->output, o->negatives, o->rate,      o->decay,  o->groups,
                      o->priors, o->labels,    o->report };
  g_strfreev (o->arguments);
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
  cli_boxes_clear (&o->boxes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TrainOptions, clear_options)

static gboolean
parse_options (Cli *cli, int argc, char **argv, TrainOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    { "method", 0, 0, G_OPTION_ARG_STRING, &o->method,
      "automatic (default), or another that bench knows, with its settings: gda:a=1", "METHOD" },
    { "preset", 0, 0, G_OPTION_ARG_STRING, &o->preset, "default, seed, published", "NAME" },
    { "alpha", 0, 0, G_OPTION_ARG_STRING, &o->alpha,
      "Residual ratio 0…1, or auto: chosen on validation pictures (default)", "A" },
    { "steps", 0, 0, G_OPTION_ARG_INT, &o->steps, "Updates of the weights (1000)", "N" },
    { "epochs", 0, 0, G_OPTION_ARG_INT, &o->epochs,
      "Passes over the training pictures, in the place of --steps", "E" },
    { "lr", 0, 0, G_OPTION_ARG_STRING, &o->rate, "Learning rate", "L" },
    { "weight-decay", 0, 0, G_OPTION_ARG_STRING, &o->decay, "Weight decay", "W" },
    { "warmup", 0, 0, G_OPTION_ARG_INT, &o->warmup, "Warm-up epochs", "N" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &o->batch, "Pictures a step", "B" },
    { "optimizer", 0, 0, G_OPTION_ARG_STRING, &o->optimizer, "adam, adamw, sgd", "O" },
    { "hidden", 0, 0, G_OPTION_ARG_INT, &o->hidden, "Hidden width (a quarter of the joint width)",
      "H" },
    { "final-relu", 0, 0, G_OPTION_ARG_NONE, &o->final_relu,
      "A second ReLU, as the published code (default)", NULL },
    { "no-final-relu", 0, 0, G_OPTION_ARG_NONE, &o->no_final_relu, "None, as the paper's figure",
      NULL },
    { "shots", 0, 0, G_OPTION_ARG_INT, &o->shots,
      "Training pictures a class (0: all but the test share)", "K" },
    { "test-share", 0, 0, G_OPTION_ARG_INT, &o->test_share,
      "Percent of a class that is tested on, where DATA does not say (20)", "P" },
    { "validation-share", 0, 0, G_OPTION_ARG_INT, &o->validation_share,
      "Percent of a class that settings are chosen by, so (20)", "P" },
    { "keep-twins", 0, 0, G_OPTION_ARG_NONE, &o->keep_twins,
      "Leave near-duplicates on both sides of the split, as published splits may have them", NULL },
    { "priors", 0, 0, G_OPTION_ARG_STRING, &o->priors,
      "learned (default), or balanced: no class is likelier for having more pictures (of "
      "automatic, "
      "lp++ and linear-probe)",
      "P" },
    { "labels", 0, 0, G_OPTION_ARG_STRING, &o->labels,
      "one class a picture (default), or any: a picture may have several labels, or none", "L" },
    { "groups", 0, 0, G_OPTION_ARG_STRING, &o->groups,
      "What else is not parted: bursts of a camera, folders (below a class, and bursts), none",
      "G" },
    { "no-test", 0, 0, G_OPTION_ARG_NONE, &o->no_test,
      "Learn from every picture; the accuracy is cross-validated", NULL },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "Seed of split, initial weights and order", "S" },
    { "template", 0, 0, G_OPTION_ARG_STRING, &o->template_text,
      "Prompt with {} for the class name; several are separated by |", "T" },
    { "negatives", 0, 0, G_OPTION_ARG_FILENAME, &o->negatives,
      "Pictures that are none of the classes: what to refuse (automatic alone)", "FOLDER" },
    cli_boxes_entry (&o->boxes),
    cli_boxes_least_entry (&o->boxes),
    cli_boxes_category_entry (&o->boxes),
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
      "Classifier to write (classifier.safetensors)", "FILE" },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &o->report,
      "With --labels any: also what it has come to, as a page for a browser", "FILE.html" },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv, "MODEL DATA", entries, 2, &o->arguments, status);
}

static gboolean
parse_alpha (const char *text, CliTrainJob *job)
{
  char *end;
  job->options.alpha = g_ascii_strtod (text, &end);
  job->alpha_given = TRUE;
  return !*end && end != text && job->options.alpha >= 0 && job->options.alpha <= 1;
}

/* Whether a setting was given that only the visual adapter has. */
static gboolean
asks_for_adapter (const TrainOptions *o)
{
  return o->preset || o->optimizer || o->rate || o->decay || o->epochs != CLI_NOT_GIVEN
         || o->steps != CLI_NOT_GIVEN || o->batch != CLI_NOT_GIVEN || o->hidden != CLI_NOT_GIVEN
         || o->warmup != CLI_NOT_GIVEN || o->final_relu || o->no_final_relu;
}

/* What learns: automatic, unless a setting of the visual adapter is there or a method is named. */
static const char *
choose_method (const TrainOptions *o)
{
  const char *unnamed = asks_for_adapter (o) ? "clip-adapter" : "automatic";
  if (g_strcmp0 (o->labels, "any") == 0)
    return o->method ? o->method : "one-vs-rest";
  const char *asked = o->method ? o->method : unnamed;
  return g_str_equal (asked, "clip-adapter") ? NULL : asked;
}

/* `method` with the setting behind those that it has. */
static const char *
add_priors (const char *method, const char *priors)
{
  g_autofree char *more =
      g_strdup_printf ("%s%cpriors=%s", method, strchr (method, ':') ? ',' : ':', priors);
  return g_intern_string (more);
}

static gboolean
is_share (int percent)
{
  return percent == 0 || (percent >= FEW_SHARE_LEAST && percent <= FEW_SHARE_MOST);
}

/* What is wrong with the shares, NULL: nothing. */
static const char *
take_shares (const TrainOptions *o, CliTrainJob *job)
{
  gboolean given = o->test_share != 0 || o->validation_share != 0;
  if (!is_share (o->test_share) || !is_share (o->validation_share))
    return "--test-share and --validation-share are percent, from 5 to 60.";
  if (given && o->shots > 0)
    return "--shots says how many pictures are learned from: leave the shares out.";
  if (o->no_test && o->test_share > 0)
    return "--no-test learns from every picture: leave --test-share out.";
  job->shares = (FewShares) { (guint) o->test_share, (guint) o->validation_share };
  return NULL;
}

/* Words into the job; what is wrong with one, NULL: nothing. */
static const char *
take_words (const TrainOptions *o, CliTrainJob *job)
{
  g_auto (GStrv) parts = few_templates_split (job->template_text);
  FewTogether by;
  if (!cli_data_parse_labels (o->labels, &job->any))
    return "--labels knows one and any.";
  if (o->report && !job->any)
    return "--report goes with --labels any; of one class a picture it is the window's export menu "
           "that makes a report.";
  if (o->report && g_strcmp0 (o->report, job->output) == 0)
    return "--report and --output are two files.";
  if (job->any && (o->alpha || o->negatives || o->priors || asks_for_adapter (o)))
    return "--labels any learns by one-vs-rest, which has neither an α nor epochs and the like; "
           "pictures that are none of the labels stand in DATA without one.";
  if (o->method && !g_str_equal (o->method, "clip-adapter") && asks_for_adapter (o))
    return "--epochs, --lr and the like are of clip-adapter. Write another method's settings "
           "behind its name, as in coop:epochs=50.";
  if (!few_train_options_preset (&job->options, o->preset ? o->preset : "default"))
    return "--preset knows default, seed and published.";
  if (o->optimizer && !parse_optimizer (o->optimizer, &job->options.optimizer))
    return "--optimizer knows adam, adamw and sgd.";
  if (!cli_data_parse_groups (o->groups ? o->groups : "bursts", &by))
    return "--groups knows bursts, folders and none.";
  job->groups = by;
  if (o->priors && !job->method)
    return "--priors is of automatic, lp++ and linear-probe.";
  if (o->priors)
    job->method = add_priors (job->method, o->priors);
  if (o->shots < 0)
    return "--shots is negative.";
  if (o->no_test && o->shots > 0)
    return "--no-test learns from every picture: leave --shots out.";
  if (!parts)
    return "--template has no {} for the class name.";
  if (o->alpha && !g_str_equal (o->alpha, "auto") && !parse_alpha (o->alpha, job))
    return "--alpha is a number from 0 to 1, or auto.";
  return NULL;
}

/* FALSE: what is wrong with one has been said. */
static gboolean
take_numbers (const TrainOptions *o, FewTrainOptions *options)
{
  if (!cli_parse_number ("train", "lr", o->rate, 0, 10, &options->learning_rate)
      || !cli_parse_number ("train", "weight-decay", o->decay, 0, 10, &options->weight_decay)
      || !cli_check_count ("train", "epochs", o->epochs)
      || !cli_check_count ("train", "steps", o->steps)
      || !cli_check_count ("train", "batch", o->batch)
      || !cli_check_count ("train", "hidden", o->hidden)
      || !cli_check_count ("train", "warmup", o->warmup))
    return FALSE;
  if (o->steps >= 0)
    options->steps = (guint) o->steps;
  if (o->epochs >= 0)
    {
      options->epochs = (guint) o->epochs;
      options->steps = 0; /* epochs that are asked for are what counts */
    }
  if (o->batch >= 0)
    options->batch = (guint) o->batch;
  if (o->hidden >= 0)
    options->hidden = (guint) o->hidden;
  if (o->warmup >= 0)
    options->warmup_epochs = (guint) o->warmup;
  if (o->final_relu || o->no_final_relu)
    options->final_relu = !o->no_final_relu;
  options->seed = (guint64) o->seed;
  return TRUE;
}

int
cli_train (Cli *cli, int argc, char **argv)
{
  g_auto (TrainOptions) o = { .steps = CLI_NOT_GIVEN,
                              .epochs = CLI_NOT_GIVEN,
                              .batch = CLI_NOT_GIVEN,
                              .hidden = CLI_NOT_GIVEN,
                              .warmup = CLI_NOT_GIVEN,
                              .seed = 1 };
  g_autoptr (GError) error = NULL;
  int status;
  if (!parse_options (cli, argc, argv, &o, &status))
    return status;
  CliTrainJob job = { .method = choose_method (&o),
                      .keep_twins = o.keep_twins,
                      .no_test = o.no_test,
                      .shots = (guint) MAX (o.shots, 0),
                      .template_text = o.template_text ? o.template_text : "a photo of a {}.",
                      .negatives = o.negatives,
                      .report = o.report,
                      .output = o.output ? o.output : "classifier.safetensors" };
  const char *wrong = cli_boxes_check (&o.boxes);
  job.boxes = &o.boxes.job;
  wrong = wrong ? wrong : take_words (&o, &job);
  wrong = wrong ? wrong : take_shares (&o, &job);
  if (wrong)
    {
      g_printerr ("fewshot-cli train: %s\n", wrong);
      return CLI_USAGE;
    }
  if (!take_numbers (&o, &job.options))
    return CLI_USAGE;
  FewMethodOptions parsed;
  if (job.method && !few_method_parse (job.method, &parsed, &error))
    return cli_fail (error);
  g_autoptr (FewModel) model = cli_open_model_with_texts (cli, o.arguments[0], &error);
  return model ? cli_train_folder (cli, model, o.arguments[1], &job) : cli_fail (error);
}
