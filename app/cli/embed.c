/* SPDX-License-Identifier: MIT */
/* embed: features of any number of pictures and texts as safetensors. */
#include "cli/boxes.h"
#include "cli/data.h"
#include "cli/opened.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
show_progress (gpointer user G_GNUC_UNUSED, const FewEmbedStatus *s, const GError *error)
{
  if (error)
    {
      cli_progress (NULL, 0, 0, NULL);
      cli_complain ("refused:", error->message);
    }
  guint64 now = s->done - s->resumed;
  double rate = (double) now / MAX (s->seconds, 1e-3);
  g_autofree char *detail =
      s->total ? g_strdup_printf ("%.0f pictures/s, %.0f s left", rate,
                                  (double) (s->total - MIN (s->done, s->total)) / rate)
               : NULL;
  cli_progress ("encoding", (guint) s->done, (guint) s->total, detail);
}

static void
pass_over (gpointer user, const char *sentence)
{
  guint *folders = user;
  ++*folders;
  cli_progress (NULL, 0, 0, NULL);
  cli_complain ("passed over:", sentence);
}

/* The other GPUs' models where --device is cuda:all */
typedef struct
{
  FewModel **models;
  guint n;
} Others;

static void
others_clear (Others *others)
{
  for (guint i = 0; i < others->n; i++)
    few_model_unref (others->models[i]);
  g_free (others->models);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Others, others_clear)

static void
say_lost (gpointer user G_GNUC_UNUSED, const char *sentence)
{
  cli_progress (NULL, 0, 0, NULL);
  cli_complain ("a GPU is done without:", sentence);
}

/* The model on the first GPU that takes it, and on the others. One that does not is named. */
static FewModel *
open_everywhere (Cli *cli, const char *name, Others *others, GError **error)
{
  FewModel *first = NULL;
  g_autofree char *problem = NULL;
  g_autoptr (GError) refused = NULL;
  FewDevice **devices = few_devices (&problem); /* the first one is the CPU */
  others->models = g_new0 (FewModel *, g_strv_length ((char **) devices));
  for (guint i = 1; devices[i]; i++)
    {
      Cli there = *cli;
      there.device = devices[i]->id;
      if (refused)
        say_lost (NULL, refused->message);
      g_clear_error (&refused);
      FewModel *model = cli_open_model (&there, name, &refused);
      if (model && first)
        others->models[others->n++] = model;
      else if (model)
        first = model;
    }
  if (first && (refused || problem))
    say_lost (NULL, refused ? refused->message : problem);
  else if (refused)
    g_propagate_error (error, g_steal_pointer (&refused));
  else if (!first)
    g_set_error (error, FEW_ERROR, FEW_ERROR_DEVICE, "--device cuda:all: %s",
                 problem ? problem : "There is no GPU.");
  few_devices_free (devices);
  return first;
}

static int
print_result (Cli *cli, const FewEmbedJob *job, const FewEmbedStatus *status)
{
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_int (builder, "images", (gint64) status->known);
      cli_json_int (builder, "passed_over", *(const guint *) job->user);
      cli_json_int (builder, "texts", job->n_texts);
      cli_json_int (builder, "refused", (gint64) status->refused);
      cli_json_int (builder, "resumed", (gint64) status->resumed);
      cli_json_int (builder, "from_cache", (gint64) status->cached);
      cli_json_number (builder, "seconds", status->seconds);
      cli_json_string (builder, "output", job->output);
      cli_json_end (builder);
    }
  return CLI_OK;
}

/* What the command line says. */
typedef struct
{
  GStrv arguments, images, texts;
  char *output, *folder, *shard, *labels;
  CliBoxes boxes;
  /* what they mean */
  gboolean any;
  guint part, parts;
} EmbedOptions;

static void
clear_options (EmbedOptions *o)
{
  g_strfreev (o->arguments);
  g_strfreev (o->images);
  g_strfreev (o->texts);
  g_free (o->output);
  g_free (o->folder);
  g_free (o->shard);
  cli_boxes_clear (&o->boxes);
  g_free (o->labels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EmbedOptions, clear_options)

static gboolean
parse_options (Cli *cli, int argc, char **argv, EmbedOptions *o, int *status)
{
  const GOptionEntry entries[] = {
    { "image", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->images, "A picture (repeatable)", "FILE" },
    { "image-dir", 0, 0, G_OPTION_ARG_FILENAME, &o->folder,
      "Every picture below a folder, however many, or those of a file of labels", "FOLDER" },
    cli_boxes_entry (&o->boxes),
    cli_boxes_least_entry (&o->boxes),
    cli_boxes_category_entry (&o->boxes),
    { "labels", 0, 0, G_OPTION_ARG_STRING, &o->labels,
      "Of a file of labels: one class a picture (default), or any: those with several, too", "L" },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &o->shard,
      "Only the I-th of N parts of the pictures, or slurm: the job array's; merge joins them",
      "I/N" },
    { "text", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->texts, "A text (repeatable)", "TEXT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
      "safetensors to write; a stopped run goes on with the same command", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  return cli_parse (cli, argc, argv, "MODEL (--image F… | --image-dir D | --text T…) --output F",
                    entries, 1, &o->arguments, status);
}

/* What is wrong with what is asked for, before anything is looked at; NULL: nothing. */
static const char *
check_options (EmbedOptions *o, guint n_paths, guint n_texts)
{
  const char *wrong = cli_boxes_check (&o->boxes);
  if (wrong)
    return wrong;
  if (o->boxes.boxes && !o->folder)
    return "--boxes goes with --image-dir, a folder or a file of labels.";
  if (!o->output)
    return "--output is missing.";
  if (!cli_data_parse_labels (o->labels, &o->any))
    return "--labels knows one and any.";
  if (o->folder && n_paths > 0)
    return "give pictures or --image-dir, not both.";
  if (!o->folder && n_paths == 0 && n_texts == 0)
    return "there is nothing to embed: give --image, --image-dir or --text.";
  return o->shard ? cli_take_shard (o->shard, &o->part, &o->parts) : NULL;
}

/* Where the pictures of an archive are. */
static gboolean
take_folder (Cli *cli, EmbedOptions *o, GError **error)
{
  g_autofree char *given = g_steal_pointer (&o->folder);
  o->folder = cli_open_folder (cli, given, error);
  return o->folder != NULL;
}

/* The pictures that a file of labels names, in the place of a folder. */
static FewDataset *
take_labels (Cli *cli, EmbedOptions *o, GPtrArray *paths, GError **error)
{
  g_autoptr (FewDataset) set = cli_data_open (cli, o->folder, o->any, &o->boxes.job, error);
  if (!set)
    return NULL;
  for (guint i = 0; i < set->notes->len; i++)
    cli_complain ("note:", set->notes->pdata[i]);
  for (guint i = 0; i < set->pictures->len; i++)
    g_ptr_array_add (paths, ((const FewDataPicture *) set->pictures->pdata[i])->path);
  g_clear_pointer (&o->folder, g_free);
  return g_steal_pointer (&set);
}

/* "--image a b c": what follows the model joins the kind that was named. */
static void
list_given (const EmbedOptions *o, GPtrArray *paths, GPtrArray *texts)
{
  for (char **s = o->texts; s && *s; s++)
    g_ptr_array_add (texts, *s);
  for (char **s = o->images; s && *s; s++)
    g_ptr_array_add (paths, *s);
  for (char **s = o->arguments + 1; *s; s++)
    g_ptr_array_add (o->texts && !o->images ? texts : paths, *s);
}

int
cli_embed (Cli *cli, int argc, char **argv)
{
  g_auto (EmbedOptions) o = { NULL };
  g_autoptr (GError) error = NULL;
  int status;
  if (!parse_options (cli, argc, argv, &o, &status))
    return status;
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  list_given (&o, paths, texts);
  const char *wrong = check_options (&o, paths->len, texts->len);
  if (wrong)
    {
      g_printerr ("fewshot-cli embed: %s\n", wrong);
      return CLI_USAGE;
    }
  g_autoptr (FewDataset) labelled = NULL;
  if (o.folder && !take_folder (cli, &o, &error))
    return cli_fail (error);
  if (o.folder && paths->len == 0
      && (o.boxes.boxes || g_file_test (o.folder, G_FILE_TEST_IS_REGULAR))
      && !(labelled = take_labels (cli, &o, paths, &error)))
    return cli_fail (error);
  g_autofree char *cache = cli_cache_folder (cli);
  guint folders = 0; /* that could not be listed */
  FewEmbedJob job = { .folder = o.folder,
                      .paths = (const char *const *) paths->pdata,
                      .n_paths = paths->len,
                      .texts = (const char *const *) texts->pdata,
                      .n_texts = texts->len,
                      .cache_folder = cache,
                      .output = o.output,
                      .shard = o.part,
                      .shards = o.parts,
                      .progress = show_progress,
                      .passed_over = pass_over,
                      .lost = say_lost,
                      .user = &folders };
  if (!few_file_check_output (o.output, &error))
    return cli_fail (error);
  /* Counting costs a walk through the folder: for somebody who watches. */
  if (isatty (STDERR_FILENO) && !few_embed_count (&job, &job.total, cli->cancellable, &error))
    return cli_fail (error);
  g_auto (Others) others = { NULL, 0 };
  g_autoptr (FewModel) model = g_strcmp0 (cli->device, "cuda:all") == 0
                                   ? open_everywhere (cli, o.arguments[0], &others, &error)
                                   : cli_open_model (cli, o.arguments[0], &error);
  job.others = others.models;
  job.n_others = others.n;
  FewEmbedStatus result = { 0 };
  gboolean ok = model && few_embed (model, &job, &result, cli->cancellable, &error);
  if (model)
    cli_say_notice (model);
  cli_progress (NULL, 0, 0, NULL);
  return ok ? print_result (cli, &job, &result) : cli_fail (error);
}
