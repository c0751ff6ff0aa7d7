/* SPDX-License-Identifier: MIT */
/* predict: the classes of pictures, a batch at a time. */
#include "cli/prediction.h"

static const char USAGE[] = "[MODEL] CLASSIFIER (PICTURE | FOLDER | -)… — classes of pictures";

static void
clear_options (PredictOptions *o)
{
  cli_given_clear (&o->given);
  g_free (o->list);
  g_free (o->csv);
  g_free (o->sort);
  g_free (o->tags);
  g_free (o->shard);
  g_free (o->reject);
  g_free (o->watch);
  g_free (o->serve);
  cli_heat_options_clear (&o->heat_options);
  cli_keep_clear (&o->keep);
  cli_parts_clear (&o->parts);
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
      "“None of these” for what is stranger than all but that share of the classes' own pictures; "
      "auto: 0.05, where the classifier can tell",
      "SHARE" },
    { "sets", 0, 0, G_OPTION_ARG_NONE, &o->sets,
      "All classes that a picture may well be: the right one is among them for 90 % of pictures",
      NULL },
    cli_boxes_entry (&o->parts.boxes),
    cli_boxes_least_entry (&o->parts.boxes),
    cli_boxes_category_entry (&o->parts.boxes),
    cli_parts_tiles_entry (&o->parts),
    cli_parts_each_entry (&o->parts),
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &o->csv, "Also a table", "FILE" },
    cli_keep_format_entry (&o->keep),
    cli_keep_output_entry (&o->keep),
    cli_keep_deployment_entry (&o->keep),
    cli_keep_deployments_entry (&o->keep),
    { "json-lines", 0, 0, G_OPTION_ARG_NONE, &o->json_lines,
      "A JSON object a line and picture, however many", NULL },
    { "sort", 0, 0, G_OPTION_ARG_FILENAME, &o->sort,
      "Also copies of the pictures, in a folder a class; nothing is overwritten", "FOLDER" },
    { "tags", 0, 0, G_OPTION_ARG_STRING, &o->tags,
      "With --watch: also the class as a keyword beside the picture, below ROOT (“” for nothing)",
      "ROOT" },
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
  return cli_parse (cli, argc, argv, USAGE, entries, 1, &o->given.arguments, status);
}

static const char *
check_parts (PredictOptions *o)
{
  const char *wrong = cli_parts_check (&o->parts);
  if (wrong || !cli_parts_are_cut (&o->parts))
    return wrong;
  if (o->serve)
    return "--boxes and --tiles do not go with --serve: whoever asks names the part, as "
           "/?box=x,y,width,height.";
  if (o->tags && !cli_parts_are_joined (&o->parts))
    return "--tags are of whole pictures: it goes with neither --boxes nor --each-tile.";
  if (o->sort && !cli_parts_are_joined (&o->parts))
    return "--sort copies whole pictures: it goes with neither --boxes nor --each-tile.";
  if (o->sets && cli_parts_are_joined (&o->parts))
    return "--sets goes with --each-tile, where there are tiles.";
  return NULL;
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
  if (!wrong)
    wrong = check_parts (o);
  if (wrong)
    return wrong;
  gboolean writes = o->csv || o->sort || o->tags || o->heat_options.folder || o->keep.format;
  if (o->serve && (o->watch || o->list || writes || o->shard || cli->json))
    return "--serve goes with --top, --sets, --reject and --alpha alone.";
  if (o->keep.format && (o->watch || o->shard))
    return "--format goes with neither --watch nor --shard.";
  if (o->watch && (o->list || o->shard || cli->json))
    return "--watch goes with neither --list nor --shard, and with --json-lines for --json.";
  if (o->tags && !o->watch)
    return "--tags goes with --watch; fewshot-cli tag writes keywords of pictures that are there.";
  if (o->expose && !o->serve)
    return "--expose goes with --serve.";
  if (o->top < 0)
    return "--top is not to be negative.";
  return NULL;
}

/* ---- the command */

/* Classes of each picture that are asked for. */
static guint
count_told (const PredictOptions *o)
{
  return (guint) MAX (o->top, 1);
}

static void
begin (Prediction *p, Cli *cli, PredictOptions *o)
{
  p->cli = cli;
  p->options = o;
  p->cut = &o->parts;
  p->held = g_ptr_array_new_with_free_func (g_free);
  p->info = few_classifier_info (o->given.classifier);
  p->judge = (CliJudge) { .classifier = o->given.classifier,
                          .alpha = o->given.alpha,
                          .top = MIN (MAX (count_told (o), o->keep.format ? CLI_KEPT_CLASSES : 1),
                                      p->info->n_classes),
                          .sets = o->sets,
                          .refuses = o->reject != NULL,
                          .refusal = o->refusal };
  cli_judge_begin (&p->judge);
  cli_best_begin (&p->best, p->info->n_classes, p->judge.top);
  p->parts = g_ptr_array_new_with_free_func (cli_part_free);
  p->paths = g_ptr_array_new ();
  p->length = few_classifier_length (o->given.classifier);
  p->features = g_new (float, (gsize) PREDICT_BATCH * p->length);
  p->refusals = g_new0 (GError *, PREDICT_BATCH);
  p->acts = (CliActs) { .sort = o->sort,
                        .tags = o->tags,
                        .watch = o->watch,
                        .refuses = o->reject != NULL,
                        .given = &o->given };
  p->started = g_get_monotonic_time ();
}

static void
clear_prediction (Prediction *p)
{
  g_clear_pointer (&p->answers, cli_answers_free);
  cli_acts_clear (&p->acts);
  g_clear_pointer (&p->keeper, few_keeper_free);
  g_free (p->title);
  g_clear_pointer (&p->parts, g_ptr_array_unref);
  g_clear_pointer (&p->paths, g_ptr_array_unref);
  g_clear_pointer (&p->held, g_ptr_array_unref);
  cli_best_clear (&p->best);
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
          g_strdup_printf ("of %" G_GUINT64_FORMAT " pictures could not be read.", p->pictures);
      say_number (p->refused, of);
    }
  if (p->acts.failed > 0)
    say_number (p->acts.failed, "pictures could not be copied.");
  if (p->acts.untagged > 0)
    say_number (p->acts.untagged, "pictures could not be tagged.");
  if (p->undrawn > 0)
    say_number (p->undrawn, "heat maps could not be drawn.");
  if (passed_over > 0)
    say_number (passed_over, "folders could not be listed.");
  if (p->unknown > 0)
    say_number (p->unknown, "pictures are not in the file of boxes and were passed over.");
  if (p->empty > 0)
    say_number (p->empty, "pictures have nothing in the file of boxes.");
  gboolean nothing = p->done + p->empty == 0 && p->options->shards < 2 && !p->watch;
  if (nothing)
    cli_log (CLI_ERROR, "fewshot-cli:", "there was no picture to look at.");
  guint64 failed = p->refused + p->acts.failed + p->acts.untagged + p->undrawn + passed_over;
  return nothing || failed > 0 ? CLI_FAILURE : CLI_OK;
}

static int
finish (Prediction *p, guint passed_over)
{
  g_autoptr (GError) error = NULL;
  CliAnswerCount counts[6] = { { "refused", p->refused } };
  guint n = 1;
  if (p->options->reject)
    counts[n++] = (CliAnswerCount) { "none_of_these", p->none_of_these };
  if (p->options->sort)
    {
      counts[n++] = (CliAnswerCount) { "copied", p->acts.copied };
      counts[n++] = (CliAnswerCount) { "there", p->acts.there };
      counts[n++] = (CliAnswerCount) { "not_copied", p->acts.failed };
    }
  gboolean kept = cli_keep_finish (p->keeper, &error); /* answers do not go with what fails here */
  if (!cli_answers_finish (p->answers, counts, kept ? &error : NULL) || !kept)
    return cli_fail (error);
  if (p->options->sort && !p->cli->json)
    g_printerr ("%" G_GUINT64_FORMAT " copied, %" G_GUINT64_FORMAT " were there already.\n",
                p->acts.copied, p->acts.there);
  return say_failures (p, passed_over);
}

static int
run_prediction (Cli *cli, PredictOptions *o)
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
                                   .boxes = cli_parts_are_cut (&o->parts),
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
  if (!cli_acts_begin (&p.acts, &error))
    return cli_fail (error);
  p.keeper = cli_keep_open (&o->keep, &o->given, o->parts.found, &p.title, &error);
  p.answers = error ? NULL : cli_answers_new (&shown, &error);
  if (!p.answers || !cli_prediction_run (&p, sources, &error))
    return cli_fail (error);
  if (p.cut_off) /* which is told at the end; files of some pictures would pass for those of all */
    return CLI_FAILURE;
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
  if (o->keep.format && o->keep.kind != FEW_KEEP_COCO)
    return "that --format has one class a picture, and the classifier gives any number of labels: "
           "use --format coco, which has an annotation a label, --csv or --json-lines.";
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
  const char *const watched[] = { o.watch, NULL };
  const char *const *folders = o.watch ? watched : (const char *const *) o.given.rest;
  if (!cli_parts_open (&o.parts, folders, &error))
    return cli_fail (error);
  if (o.heat.folder && !few_folder_prepare (o.heat.folder, &error))
    {
      cli_complain ("fewshot-cli:", error->message);
      return CLI_FAILURE;
    }
  cli_refusal_choose (&o.reject, &o.given);
  const CliRefusalWish wish = { "predict", o.reject, o.sets };
  return cli_refusal_find (&wish, &o.given, &o.refusal, &status) ? run_prediction (cli, &o)
                                                                 : status;
}
