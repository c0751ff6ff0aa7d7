/* SPDX-License-Identifier: MIT */
/* label-next: which of many unlabelled pictures, or of their parts, are worth a label. */
#include "cli/data.h"
#include "cli/label-table.h"
#include "cli/pictures.h"
#include <string.h>

typedef struct
{
  char **arguments, *labelled, *output;
  int most;
  gint64 seed;
  CliParts parts;
} LabelOptions;

static void
clear_options (LabelOptions *o)
{
  g_strfreev (o->arguments);
  g_free (o->labelled);
  g_free (o->output);
  cli_parts_clear (&o->parts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LabelOptions, clear_options)

/* The labelled pictures, if any, then the others. */
typedef struct
{
  CliData data;
  CliPictures pictures;
  float *features, *text;
  guint32 *labels;
} Pool;

static void
clear_pool (Pool *pool)
{
  cli_data_clear (&pool->data);
  cli_pictures_clear (&pool->pictures);
  g_free (pool->features);
  g_free (pool->text);
  g_free (pool->labels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pool, clear_pool)

static gboolean
load_labelled (Cli *cli, FewModel *model, const char *folder, Pool *pool, GError **error)
{
  static const char *const templates[] = { "a photo of a {}.", NULL };
  g_autoptr (FewDataset) set = few_labels_open (folder, cli->cancellable, error);
  if (!set || !few_dataset_check (set, folder, error)
      || !cli_data_encode (cli, model, set, &pool->data, error))
    return FALSE;
  if (!cli_data_leave_tests_out (&pool->data, model, error))
    return FALSE;
  pool->text = cli_try_floats (pool->data.n_classes, few_model_dim (model), error);
  return pool->text
         && few_model_encode_classes (model, (const char *const *) pool->data.classes, NULL,
                                      pool->data.n_classes, templates, pool->text, NULL,
                                      cli->cancellable, error);
}

static gboolean
load_pool (Cli *cli, FewModel *model, const LabelOptions *o, const char *folder, Pool *pool,
           GError **error)
{
  gsize d = few_model_dim (model);
  if ((o->labelled && !load_labelled (cli, model, o->labelled, pool, error))
      || !cli_pictures_load (cli, model, (const char *const[]) { folder, NULL }, &o->parts,
                             &pool->pictures, error))
    return FALSE;
  guint known = pool->data.n;
  guint n = known + pool->pictures.n;
  pool->features = cli_try_floats (n, d, error);
  if (!pool->features)
    return FALSE;
  pool->labels = cli_try_values (n, sizeof *pool->labels, error);
  if (!pool->labels)
    return FALSE;
  if (known > 0)
    memcpy (pool->features, pool->data.features, known * d * sizeof (float));
  memcpy (pool->features + known * d, pool->pictures.features,
          pool->pictures.n * d * sizeof (float));
  for (guint i = 0; i < n; i++)
    pool->labels[i] = i < known ? pool->data.labels[i] : FEW_UNLABELLED;
  return TRUE;
}

/* What is to be given labels, with a column for them. */
static gboolean
write_table (const Pool *pool, const guint32 *order, guint n, const LabelOptions *o, GError **error)
{
  g_auto (CliLabelTable) table = { .output = o->output, .boxes = cli_parts_are_cut (&o->parts) };
  cli_label_table_begin (&table);
  for (guint i = 0; i < n; i++)
    if (!cli_label_table_add (&table, pool->pictures.paths[order[i] - pool->data.n], "", "", error))
      return FALSE;
  return cli_label_table_write (&table, error);
}

static void
say_left_out (const CliPictures *pictures)
{
  if (pictures->unknown > 0)
    g_printerr ("%u pictures are not in the file of boxes and are passed over.\n",
                pictures->unknown);
  if (pictures->empty > 0)
    g_printerr ("%u pictures have nothing in the file of boxes.\n", pictures->empty);
}

static int
tell (const Cli *cli, const Pool *pool, const guint32 *order, guint n)
{
  JsonBuilder *builder = cli->json ? cli_json_begin () : NULL;
  if (builder)
    cli_json_array (builder, "next");
  for (guint i = 0; i < n; i++)
    {
      const char *path = pool->pictures.paths[order[i] - pool->data.n];
      g_autofree char *named = few_address_shown (path);
      g_autofree char *shown = few_text_shown (named);
      if (builder)
        cli_json_address (builder, path);
      else
        g_print ("%s\n", shown);
    }
  if (!builder)
    return CLI_OK;
  json_builder_end_array (builder);
  cli_json_int (builder, "labelled_images", pool->data.n);
  cli_json_int (builder, "unlabelled_images", pool->pictures.n);
  cli_json_end (builder);
  return CLI_OK;
}

static gboolean
parse_options (Cli *cli, int argc, char **argv, LabelOptions *o, int *status)
{
  GOptionEntry tiles = cli_parts_tiles_entry (&o->parts);
  tiles.description = "Not pictures but their tiles: N × N of each (2 to 16), or of some PIXELS "
                      "(from 32)";
  GOptionEntry boxes = cli_boxes_entry (&o->parts.boxes);
  boxes.description = "Not pictures but what a file of MegaDetector's or COCO's JSON has in them";
  boxes.arg_description = "FILE";
  const GOptionEntry entries[] = {
    { "labelled", 0, 0, G_OPTION_ARG_FILENAME, &o->labelled,
      "Pictures that have labels, in class folders or by a file of labels", "DATA" },
    { "most", 0, 0, G_OPTION_ARG_INT, &o->most, "So many pictures (10)", "N" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
      "Also as a table (CSV) with a column for their labels, to be filled in", "FILE" },
    boxes,
    cli_boxes_least_entry (&o->parts.boxes),
    cli_boxes_category_entry (&o->parts.boxes),
    tiles,
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "Seed of the clusters", "S" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "[MODEL] FOLDER — pictures that are worth a label", entries, 1,
                  &o->arguments, status)
      || !cli_check_count ("label-next", "most", o->most))
    return FALSE;
  const char *wrong = cli_parts_check (&o->parts);
  if (wrong)
    g_printerr ("fewshot-cli label-next: %s\n", wrong);
  *status = CLI_USAGE;
  return !wrong;
}

int
cli_label_next (Cli *cli, int argc, char **argv)
{
  enum { USUAL = 10 };
  g_auto (LabelOptions) o = { .most = USUAL, .seed = 1 };
  g_auto (Pool) pool = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  if (!parse_options (cli, argc, argv, &o, &status))
    return status;
  const char *name = o.arguments[1] ? o.arguments[0] : "pocket";
  const char *folder = o.arguments[1] ? o.arguments[1] : o.arguments[0];
  g_autoptr (FewModel) model = cli_open_model_with_texts (cli, name, &error);
  if (!model || !cli_parts_open (&o.parts, (const char *const[]) { folder, NULL }, &error)
      || !load_pool (cli, model, &o, folder, &pool, &error))
    return cli_fail (error);
  say_left_out (&pool.pictures);
  const FewModelInfo *info = few_model_info (model);
  FewTask task = { .n = pool.data.n + pool.pictures.n,
                   .n_classes = pool.data.n_classes,
                   .features = pool.features,
                   .labels = pool.labels,
                   .text_features = pool.text };
  g_autofree guint32 *order = cli_try_values (task.n, sizeof *order, &error);
  if (!order)
    return cli_fail (error);
  guint n = few_label_next (&task, info->dim, info->logit_scale, (guint) o.most, (guint64) o.seed,
                            (guint) cli->threads, cli->cancellable, order, &error);
  if (n == G_MAXUINT || (o.output && !write_table (&pool, order, n, &o, &error)))
    return cli_fail (error);
  return tell (cli, &pool, order, n);
}
