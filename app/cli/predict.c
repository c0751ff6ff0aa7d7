/* SPDX-License-Identifier: MIT */
/* predict: the classes of pictures, a batch at a time. */
#include "cli/answers.h"
#include "cli/cli.h"
#include "cli/given.h"
#include "cli/heat.h"
#include "cli/judge.h"
#include "cli/keep.h"
#include "cli/refusal.h"
#include "cli/serve.h"
#include "cli/sources.h"
#include "cli/watch.h"
#include "common/sorter.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 128 };

/* What the command line says. */
typedef struct
{
  CliGiven given;
  char *list, *csv, *sort, *shard, *reject, *watch, *serve;
  gboolean recursive, json_lines, sets, expose;
  int top;
  CliHeatOptions heat_options;
  CliKeep keep;
  /* what that means */
  CliHeat heat;
  guint shard_index, shards;
  FewRefusal refusal; /* with `reject` */
} PredictOptions;

static void
clear_options (PredictOptions *o)
{
  cli_given_clear (&o->given);
  g_free (o->list);
  g_free (o->csv);
  g_free (o->sort);
  g_free (o->shard);
  g_free (o->reject);
  g_free (o->watch);
  g_free (o->serve);
  cli_heat_options_clear (&o->heat_options);
  cli_keep_clear (&o->keep);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PredictOptions, clear_options)

static gboolean
parse_options (Cli *cli, int argc, char **argv, PredictOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    cli_given_model_entry (&o->given),
    cli_given_alpha_entry (&o->given),
    { "recursive", 'r', 0, G_OPTION_ARG_NONE, &o->recursive,
      "The pictures in the sub-folders of folders, too", NULL },
    { "list", 0, 0, G_OPTION_ARG_FILENAME, &o->list,
      "A file of paths, one a line (- as a picture: standard input)", "FILE" },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &o->shard,
      "Only the I-th of N parts of the pictures, or slurm: the job array's; merge joins them",
      "I/N" },
    { "top", 0, 0, G_OPTION_ARG_INT, &o->top, "The K most likely classes of each picture (1)",
      "K" },
    { "reject", 0, 0, G_OPTION_ARG_STRING, &o->reject,
      "“None of these” for what is stranger than all but that share of the classes' own pictures",
      "SHARE" },
    { "sets", 0, 0, G_OPTION_ARG_NONE, &o->sets,
      "All classes that a picture may well be: the right one is among them for 90 % of pictures",
      NULL },
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &o->csv, "Also a table", "FILE" },
    cli_keep_format_entry (&o->keep),
    cli_keep_output_entry (&o->keep),
    cli_keep_deployment_entry (&o->keep),
    { "json-lines", 0, 0, G_OPTION_ARG_NONE, &o->json_lines,
      "A JSON object a line and picture, however many", NULL },
    { "sort", 0, 0, G_OPTION_ARG_FILENAME, &o->sort,
      "Also copies of the pictures, in a folder a class; nothing is overwritten", "FOLDER" },
    { "heat", 0, 0, G_OPTION_ARG_FILENAME, &o->heat_options.folder,
      "Also where the model looks: each picture with a map over it; nothing is overwritten",
      "FOLDER" },
    { "heat-class", 0, 0, G_OPTION_ARG_STRING, &o->heat_options.class_name,
      "… for this class; otherwise for the one that is recognised", "CLASS" },
    { "heat-view", 0, 0, G_OPTION_ARG_STRING, &o->heat_options.view,
      "… adapted, clip, or the difference between them", "VIEW" },
    { "heat-by", 0, 0, G_OPTION_ARG_STRING, &o->heat_options.by,
      "… by the parts that patches have in the feature, or by occlusion; otherwise the best there "
      "is",
      "METHOD" },
    { "watch", 0, 0, G_OPTION_ARG_FILENAME, &o->watch,
      "The pictures of a folder as they come, each once, until Ctrl-C", "FOLDER" },
    { "serve", 0, 0, G_OPTION_ARG_STRING, &o->serve,
      "Answers over HTTP: POST a picture, get JSON; systemd: on the socket that it hands over",
      "ADDRESS:PORT" },
    { "expose", 0, 0, G_OPTION_ARG_NONE, &o->expose,
      "With --serve: also at addresses that other computers reach", NULL },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv,
                    "[MODEL] CLASSIFIER (PICTURE | FOLDER | -)… — classes of pictures", entries, 1,
                    &o->given.arguments, status);
}

/* What is wrong with the options; NULL: nothing. */
static const char *
check_options (const Cli *cli, PredictOptions *o)
{
  if (cli->json && o->json_lines)
    return "give --json or --json-lines, not both.";
  const char *wrong = o->shard ? cli_take_shard (o->shard, &o->shard_index, &o->shards) : NULL;
  if (!wrong)
    wrong = cli_keep_check (&o->keep);
  if (wrong)
    return wrong;
  gboolean writes = o->csv || o->sort || o->heat_options.folder || o->keep.format;
  if (o->serve && (o->watch || o->list || writes || o->shard || cli->json))
    return "--serve goes with --top, --sets, --reject and --alpha alone.";
  if (o->keep.format && (o->watch || o->shard))
    return "--format goes with neither --watch nor --shard.";
  if (o->watch && (o->list || o->shard || cli->json))
    return "--watch goes with neither --list nor --shard, and with --json-lines for --json.";
  if (o->expose && !o->serve)
    return "--expose goes with --serve.";
  if (o->top < 0)
    return "--top is not to be negative.";
  return NULL;
}

/* ---- batches */

typedef struct
{
  Cli *cli;
  const PredictOptions *options;
  const FewClassifierInfo *info;
  CliAnswers *answers;
  FewSorter *sorter; /* NULL: nothing is copied */
  FewKeeper *keeper; /* NULL: no other program is to read it */
  char *title;       /* the keeper's */
  const char *none;  /* the folder of what is refused */
  CliJudge judge;
  FewWatch *watch; /* NULL: the pictures are those that were named */
  /* the batch */
  GPtrArray *paths;
  guint length;      /* of a feature */
  float *features;   /* [BATCH, length] */
  GError **refusals; /* [BATCH] */
  /* so far */
  guint64 done, refused, none_of_these, copied, there, failed, undrawn;
  gint64 started;
} Prediction;

static void
take_encoded (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
              gboolean from_cache G_GNUC_UNUSED, const GError *error)
{
  Prediction *p = user;
  p->done++;
  if (feature)
    memcpy (p->features + (gsize) index * p->length, feature, p->length * sizeof *feature);
  else
    p->refusals[index] = g_error_copy (error);
  if (!isatty (STDERR_FILENO))
    return;
  double seconds = (double) (g_get_monotonic_time () - p->started) / G_USEC_PER_SEC;
  g_autofree char *line = g_strdup_printf ("%" G_GUINT64_FORMAT " pictures, %.0f a second", p->done,
                                           (double) p->done / MAX (seconds, 1e-3));
  cli_put_progress (line);
}

static void
sort_picture (Prediction *p, const char *path, gboolean refused, GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *name = refused ? p->none : p->info->classes[p->judge.order[0]];
  FewSortOutcome outcome = few_sorter_copy (p->sorter, path, name, p->cli->cancellable, &local);
  p->copied += outcome == FEW_SORT_COPIED;
  p->there += outcome == FEW_SORT_THERE;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&local));
  else if (local)
    {
      p->failed++;
      cli_complain ("not copied:", local->message);
    }
}

/* A map that cannot be drawn is told and counted; FALSE when it was stopped. */
static gboolean
draw_heat (Prediction *p, const CliAnswer *answer, GError **error)
{
  const PredictOptions *o = p->options;
  g_autoptr (GError) local = NULL;
  if (cli_heat_draw (&o->heat, p->cli, o->given.model, o->given.classifier, o->given.alpha,
                     answer->path, answer->order[0], &local))
    return TRUE;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  p->undrawn++;
  cli_complain ("no heat map:", local->message);
  return TRUE;
}

static gboolean
answer_picture (Prediction *p, guint index, GError **error)
{
  CliAnswer answer = { .path = p->paths->pdata[index], .error = p->refusals[index] };
  GError *stopped = NULL;
  if (answer.error)
    {
      p->refused++;
      return cli_keep_add (p->keeper, &answer, 0, error)
             && cli_answers_add (p->answers, &answer, error);
    }
  cli_judge (&p->judge, p->features + (gsize) index * p->length, &answer);
  p->none_of_these += answer.refused;
  if (p->sorter)
    sort_picture (p, answer.path, answer.refused, &stopped);
  if (stopped)
    {
      g_propagate_error (error, stopped);
      return FALSE;
    }
  if (p->options->heat.folder && !draw_heat (p, &answer, error))
    return FALSE;
  return cli_keep_add (p->keeper, &answer, p->judge.top, error)
         && cli_answers_add (p->answers, &answer, error);
}

/* One at a time: after a kill no more than one is answered again. */
static gboolean
note_answered (Prediction *p, guint index, GError **error)
{
  return !p->watch || ferror (stdout)
         || few_watch_answered (p->watch, p->paths->pdata[index], error);
}

static gboolean
predict_batch (Prediction *p, GError **error)
{
  g_autofree char *cache = cli_cache_folder (p->cli);
  guint n = p->paths->len;
  gboolean ok = few_classifier_encode_files (p->options->given.classifier, p->options->given.model,
                                             (const char *const *) p->paths->pdata, n, cache,
                                             take_encoded, p, p->cli->cancellable, error);
  cli_progress (NULL, 0, 0, NULL);
  cli_say_notice (p->options->given.model);
  for (guint i = 0; i < n; i++)
    {
      ok = ok && answer_picture (p, i, error) && note_answered (p, i, error);
      g_clear_error (&p->refusals[i]);
    }
  g_ptr_array_set_size (p->paths, 0);
  return ok && (!p->watch || few_watch_done (p->watch, error));
}

/* Batches are full, unless the next path is not known yet. */
static gboolean
predict_all (Prediction *p, CliSources *sources, GError **error)
{
  CliSource got = CLI_SOURCE_PATH;
  while (got != CLI_SOURCE_END && !ferror (stdout))
    {
      char *path = NULL;
      gboolean idle = p->paths->len == 0;
      got = p->watch ? cli_watch_next (p->watch, idle, p->cli->cancellable, &path)
                     : cli_sources_next (sources, idle, &path, error);
      if (got == CLI_SOURCE_FAILED)
        return FALSE;
      if (got == CLI_SOURCE_PATH)
        g_ptr_array_add (p->paths, path);
      gboolean due = got != CLI_SOURCE_PATH || p->paths->len == BATCH;
      if (due && p->paths->len > 0 && !predict_batch (p, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- the command */

/* Classes of each picture that are asked for. */
static guint
count_told (const PredictOptions *o)
{
  return (guint) MAX (o->top, 1);
}

static void
begin (Prediction *p, Cli *cli, const PredictOptions *o)
{
  p->cli = cli;
  p->options = o;
  p->info = few_classifier_info (o->given.classifier);
  p->judge = (CliJudge) { .classifier = o->given.classifier,
                          .alpha = o->given.alpha,
                          .top = MIN (MAX (count_told (o), o->keep.format ? CLI_KEPT_CLASSES : 1),
                                      p->info->n_classes),
                          .sets = o->sets,
                          .refuses = o->reject != NULL,
                          .refusal = o->refusal };
  cli_judge_begin (&p->judge);
  p->paths = g_ptr_array_new_with_free_func (g_free);
  p->length = few_classifier_length (o->given.classifier);
  p->features = g_new (float, (gsize) BATCH * p->length);
  p->refusals = g_new0 (GError *, BATCH);
  p->sorter = o->sort ? few_sorter_new (o->sort) : NULL;
  p->none = g_strv_contains (p->info->classes, "none of these") ? "" : "none of these";
  p->started = g_get_monotonic_time ();
}

static void
clear_prediction (Prediction *p)
{
  g_clear_pointer (&p->answers, cli_answers_free);
  g_clear_pointer (&p->sorter, few_sorter_free);
  g_clear_pointer (&p->keeper, few_keeper_free);
  g_free (p->title);
  g_clear_pointer (&p->paths, g_ptr_array_unref);
  g_clear_pointer (&p->watch, few_watch_free);
  cli_judge_clear (&p->judge);
  g_free (p->features);
  g_free (p->refusals);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Prediction, clear_prediction)

static void
say_number (guint64 n, const char *what)
{
  g_autofree char *sentence = g_strdup_printf ("%" G_GUINT64_FORMAT " %s", n, what);
  cli_log (CLI_ERROR, "fewshot-cli:", sentence);
}

/* Why the status is a failure. */
static int
say_failures (const Prediction *p, guint passed_over)
{
  if (p->refused > 0)
    {
      g_autofree char *of =
          g_strdup_printf ("of %" G_GUINT64_FORMAT " pictures could not be read.", p->done);
      say_number (p->refused, of);
    }
  if (p->failed > 0)
    say_number (p->failed, "pictures could not be copied.");
  if (p->undrawn > 0)
    say_number (p->undrawn, "heat maps could not be drawn.");
  if (passed_over > 0)
    say_number (passed_over, "folders could not be listed.");
  gboolean nothing = p->done == 0 && p->options->shards < 2 && !p->watch;
  if (nothing)
    cli_log (CLI_ERROR, "fewshot-cli:", "there was no picture to look at.");
  return nothing || p->refused + p->failed + p->undrawn + passed_over > 0 ? CLI_FAILURE : CLI_OK;
}

static int
finish (Prediction *p, guint passed_over)
{
  g_autoptr (GError) error = NULL;
  CliAnswerCount counts[6] = { { "refused", p->refused } };
  guint n = 1;
  if (p->options->reject)
    counts[n++] = (CliAnswerCount) { "none_of_these", p->none_of_these };
  if (p->sorter)
    {
      counts[n++] = (CliAnswerCount) { "copied", p->copied };
      counts[n++] = (CliAnswerCount) { "there", p->there };
      counts[n++] = (CliAnswerCount) { "not_copied", p->failed };
    }
  gboolean kept = cli_keep_finish (p->keeper, &error); /* answers do not go with what fails here */
  if (!cli_answers_finish (p->answers, counts, kept ? &error : NULL) || !kept)
    return cli_fail (error);
  if (p->sorter && !p->cli->json)
    g_printerr ("%" G_GUINT64_FORMAT " copied, %" G_GUINT64_FORMAT " were there already.\n",
                p->copied, p->there);
  return say_failures (p, passed_over);
}

static int
run_prediction (Cli *cli, const PredictOptions *o)
{
  g_auto (Prediction) p = { 0 };
  g_autoptr (GError) error = NULL;
  begin (&p, cli, o);
  const FewModelInfo *model = few_model_info (o->given.model);
  gboolean alone = model->independent && p.info->kind == FEW_CLASSIFIER_BOTTLENECK;
  const CliAnswerOptions shown = { .info = p.info,
                                   .alpha = o->given.alpha,
                                   .top = MIN (count_told (o), p.info->n_classes),
                                   .top_given = o->top > 0,
                                   .rejects = o->reject != NULL,
                                   .sets = o->sets,
                                   .alone = alone ? model : NULL,
                                   .json = cli->json,
                                   .json_lines = o->json_lines,
                                   .csv = o->csv };
  const CliSourceOptions wanted = { .arguments = (const char *const *) o->given.rest,
                                    .list = o->list,
                                    .recursive = o->recursive,
                                    .shard = o->shard_index,
                                    .shards = o->shards };
  const CliServing serving = { cli, o->given.model, &p.judge, &shown, o->serve, o->expose };
  if (o->serve)
    return cli_serve (&serving);
  g_autoptr (CliSources) sources = cli_sources_new (&wanted, cli->cancellable);
  if (o->watch
      && !(p.watch = cli_watch_new (o->watch, o->recursive, cli_given_path (&o->given),
                                    cli->cancellable, &error)))
    return cli_fail (error);
  p.keeper = cli_keep_open (&o->keep, &o->given, &p.title, &error);
  p.answers = error ? NULL : cli_answers_new (&shown, &error);
  if (!p.answers || !predict_all (&p, sources, &error))
    return cli_fail (error);
  return finish (&p, cli_sources_passed_over (sources));
}

/* What needs one class a picture; NULL: the classifier has it, or nothing of that is asked for. */
static const char *
check_several (const PredictOptions *o)
{
  if (!few_classifier_info (o->given.classifier)->thresholds)
    return NULL;
  if (o->sort)
    return "the classifier gives a picture any number of labels, and --sort puts it into one "
           "folder: use --csv or tag.";
  if (o->sets || o->reject)
    return "the classifier tells each label by itself, and a picture may have none: leave --sets "
           "and --reject out.";
  if (o->keep.format)
    return "--format writes one class a picture, and the classifier gives any number of labels: "
           "use --csv or --json-lines.";
  return NULL;
}

int
cli_predict (Cli *cli, int argc, char **argv)
{
  g_auto (PredictOptions) o = { 0 };
  int status;
  if (!parse_options (cli, argc, argv, &o, &status))
    return status;
  const char *wrong = check_options (cli, &o);
  if (wrong)
    {
      g_printerr ("fewshot-cli predict: %s\n", wrong);
      return CLI_USAGE;
    }
  gboolean needs_rest = !o.list && !o.watch && !o.serve;
  if (!cli_given_open (cli, argv[0], needs_rest, &o.given, &status))
    return status;
  if ((wrong = check_several (&o)))
    {
      g_printerr ("fewshot-cli predict: %s\n", wrong);
      return CLI_USAGE;
    }
  if (!cli_heat_read (&o.heat_options, few_classifier_info (o.given.classifier), &o.heat))
    return CLI_USAGE;
  g_autoptr (GError) error = NULL;
  if (o.heat.folder && !few_folder_prepare (o.heat.folder, &error))
    {
      cli_complain ("fewshot-cli:", error->message);
      return CLI_FAILURE;
    }
  const CliRefusalWish wish = { "predict", o.reject, o.sets };
  return cli_refusal_find (&wish, &o.given, &o.refusal, &status) ? run_prediction (cli, &o)
                                                                 : status;
}
