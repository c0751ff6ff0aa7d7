/* SPDX-License-Identifier: MIT */
/* The labelled pictures that `bench` measures on, and the prompts of their classes. */
#include "cli/bench.h"
#include "cli/opened.h"
#include <string.h>

enum { MAX_PROMPTS = 32 << 20 }; /* bytes */

void
bench_sources_clear (BenchSources *s)
{
  char *strings[] = { s->split,     s->images,      s->train_list,   s->val_list,
                      s->test_list, s->class_names, s->class_prompts };
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
  cli_boxes_clear (&s->boxes);
}
static FewDataset *
open_dataset (Cli *cli, const BenchSources *s, const char *given, gboolean any, GError **error)
{
  g_autoptr (FewDataset) set = NULL;
  g_autofree char *folder = given ? cli_open_folder (cli, given, error) : NULL;
  if (given && !folder)
    return NULL;
  const char *images = s->images ? s->images : folder;
  if ((s->split || s->train_list) && !images)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--split and lists need the folder of pictures: DATA, or --images.");
  else if (s->split)
    set = few_dataset_load_split (s->split, images, error);
  else if (s->train_list)
    set = few_dataset_load_lists (s->train_list, s->val_list, s->test_list, images, error);
  else if (folder)
    set = cli_data_open (cli, folder, any, &s->boxes.job, error);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "Name a folder of class folders, a file of labels, a --split or a --train-list.");
  if (!set || (s->class_names && !few_dataset_rename_classes (set, s->class_names, error)))
    return NULL;
  return g_steal_pointer (&set);
}

static gboolean
brings (const FewDataset *set, FewRole role)
{
  for (guint i = 0; i < set->pictures->len; i++)
    if (((const FewDataPicture *) set->pictures->pdata[i])->role == role)
      return TRUE;
  return FALSE;
}

static gboolean
hold_out (const CliData *data, guint64 seed, guint8 *roles, GError **error)
{
  return data->any ? few_hold_out_several (data->sets, data->n_classes, seed, roles, error)
                   : few_hold_out (data->labels, data->n, data->n_classes, seed, roles, error);
}

/* What is tested on, where the data do not say it: a folder's val/, as the published comparisons on
 * ImageNet do, or half of each class's training pictures, another half with each seed: one half
 * of few pictures decides by chance which method is best. */
static gboolean
choose_test_pictures (Bench *b, const FewDataset *set, GError **error)
{
  if (brings (set, FEW_ROLE_TEST))
    return TRUE;
  b->halve = !set->has_roles || !brings (set, FEW_ROLE_VALIDATION);
  if (b->halve)
    return hold_out (&b->data, b->seeds[0], b->pool, error)
           && few_split_spread_parts ((const char *const *) b->data.paths, NULL, b->data.n, FALSE,
                                      b->pool, error);
  for (guint i = 0; i < b->data.n; i++)
    if (b->pool[i] == FEW_ROLE_VALIDATION)
      b->pool[i] = FEW_ROLE_TEST;
  return TRUE;
}

/* Returns how many test pictures the class has. */
static guint
warn_of_class (const Bench *b, guint class, guint most)
{
  g_autofree char *name = few_text_shown (b->data.classes[class]);
  guint counts[FEW_ROLE_UNUSED + 1] = { 0 };
  g_autofree gint32 *ids = g_new (gint32, few_model_info (b->model)->context_length);
  for (guint i = 0; i < b->data.n; i++)
    if (b->data.labels[i] == class)
      counts[b->pool[i]]++;
  guint train = counts[FEW_ROLE_TRAIN];
  if (train < most)
    g_printerr ("“%s” has %u training picture%s, fewer than %u: all of them are used.\n", name,
                train, train == 1 ? "" : "s", most);
  if (counts[FEW_ROLE_TEST] == 0)
    g_printerr ("“%s” has no test picture.\n", name);
  g_autofree char *spoken = g_strdelimit (g_strdup (b->data.classes[class]), "_", ' ');
  if (few_model_info (b->model)->reads_texts
      && few_model_tokenize (b->model, spoken, ids, NULL) <= 2)
    g_printerr ("“%s” holds no word that the model can read; its prompt says nothing about it.\n",
                name);
  return counts[FEW_ROLE_TEST];
}

/* The same of pictures with any number of labels, of all of these. */
static guint
warn_of_labels (const Bench *b, guint most)
{
  const CliData *data = &b->data;
  guint tested = 0;
  g_autofree guint *train = g_new0 (guint, data->n_classes + 1);
  g_autofree guint *test = g_new0 (guint, data->n_classes + 1);
  for (guint i = 0; i < data->n; i++)
    {
      guint n;
      const guint32 *labels = few_label_sets_get (data->sets, i, &n);
      for (guint l = 0; l < n; l++)
        {
          train[labels[l]] += b->pool[i] == FEW_ROLE_TRAIN;
          test[labels[l]] += b->pool[i] == FEW_ROLE_TEST;
        }
      tested += b->pool[i] == FEW_ROLE_TEST;
    }
  for (guint c = 0; c < data->n_classes; c++)
    {
      g_autofree char *name = few_text_shown (data->classes[c]);
      if (train[c] < most)
        g_printerr ("“%s” has %u training picture%s, fewer than %u: all of them are used.\n", name,
                    train[c], train[c] == 1 ? "" : "s", most);
      if (test[c] == 0)
        g_printerr ("“%s” has no test picture: it has no average precision.\n", name);
    }
  return tested;
}

/* What a person should know before believing the table; FALSE when there would be nothing in it. */
static gboolean
warn_of_data (const Bench *b, GError **error)
{
  guint most = 0;
  guint tested = 0;
  for (guint i = 0; i < b->n_shots; i++)
    most = MAX (most, b->shots[i]);
  for (guint c = 0; !b->data.any && c < b->data.n_classes; c++)
    tested += warn_of_class (b, c, most);
  tested += b->data.any ? warn_of_labels (b, most) : 0;
  if (tested == 0)
    g_set_error (
        error, FEW_ERROR, FEW_ERROR_INPUT,
        "There are no test pictures: the methods cannot be compared. A folder without test "
        "pictures of its own needs at least two pictures a class.");
  return tested > 0;
}

/* A JSON object of class names and the prompts that replace the templates for them → [K], NULL
 * where there is none. */
static gboolean
load_prompts (const Bench *b, const char *path, const char **prompts, JsonParser *parser,
              GError **error)
{
  gsize length;
  g_autofree char *text = few_file_read (path, MAX_PROMPTS, &length, error);
  if (!text || !few_json_check (text, length, path, error)
      || !json_parser_load_from_data (parser, text, (gssize) length, error))
    return FALSE;
  JsonNode *root = json_parser_get_root (parser);
  JsonObject *object = root && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  for (guint c = 0; object && c < b->data.n_classes; c++)
    {
      JsonNode *node = json_object_get_member (object, b->data.classes[c]);
      if (!node)
        continue;
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        object = NULL;
      else
        prompts[c] = json_node_get_string (node);
    }
  if (!object)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                 "%s is to be a JSON object of class names and their prompts.", path);
  return object != NULL;
}

gboolean
bench_load (Bench *b, const BenchSources *sources, const char *folder, const char *const *templates,
            GError **error)
{
  g_autoptr (FewDataset) set = open_dataset (b->cli, sources, folder, b->data.any, error);
  const char *listed = sources->images ? sources->images : "The list";
  const char *named = folder ? folder : listed;
  if (!set || !few_dataset_check (set, named, error)
      || !cli_data_encode (b->cli, b->model, set, &b->data, error))
    return FALSE;
  CliData *data = &b->data;
  if (data->n == 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                   "None of the %u pictures could be read.", set->pictures->len);
      return FALSE;
    }
  b->pool = cli_try_values (data->n, 1, error);
  if (!b->pool)
    return FALSE;
  memcpy (b->pool, data->roles, data->n);
  if (!choose_test_pictures (b, set, error))
    return FALSE;
  b->text = cli_try_floats (data->n_classes, few_model_dim (b->model), error);
  b->text_raw = b->text ? cli_try_floats (data->n_classes, few_model_dim (b->model), error) : NULL;
  if (!b->text_raw || !warn_of_data (b, error))
    return FALSE;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree const char **prompts = g_new0 (const char *, data->n_classes + 1);
  if (sources->class_prompts && !load_prompts (b, sources->class_prompts, prompts, parser, error))
    return FALSE;
  cli_data_compare_prompts (b->model, data, prompts, templates);
  return few_model_encode_classes (b->model, (const char *const *) data->classes, prompts,
                                   data->n_classes, templates, b->text, b->text_raw,
                                   b->cli->cancellable, error);
}

/* Which labels the pictures have, of any number. */
static void
add_sets (GChecksum *sum, const FewLabelSets *sets)
{
  g_checksum_update (sum, (const guint8 *) sets->first,
                     (gssize) (((gsize) sets->n + 1) * sizeof *sets->first));
  g_checksum_update (sum, (const guint8 *) sets->labels,
                     (gssize) (sets->first[sets->n] * sizeof *sets->labels));
}

char *
bench_identity (const Bench *b)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize d = few_model_dim (b->model);
  g_checksum_update (sum, (const guint8 *) few_model_info (b->model)->sha256, -1);
  g_checksum_update (sum, (const guint8 *) b->data.features,
                     (gssize) (b->data.n * d * sizeof (float)));
  g_checksum_update (sum, (const guint8 *) b->data.labels, (gssize) (b->data.n * sizeof (guint32)));
  if (b->data.any)
    add_sets (sum, b->data.sets);
  g_checksum_update (sum, b->pool, b->data.n);
  g_checksum_update (sum, (const guint8 *) &b->halve, sizeof b->halve);
  g_checksum_update (sum, (const guint8 *) &b->views, sizeof b->views);
  g_checksum_update (sum, (const guint8 *) &b->keep_twins, sizeof b->keep_twins);
  g_checksum_update (sum, (const guint8 *) &b->data.by, sizeof b->data.by);
  g_checksum_update (sum, (const guint8 *) b->text,
                     (gssize) (b->data.n_classes * d * sizeof (float)));
  for (guint c = 0; c < b->data.n_classes; c++) /* CoOp reads the names themselves */
    g_checksum_update (sum, (const guint8 *) b->data.classes[c],
                       (gssize) strlen (b->data.classes[c]) + 1);
  return g_strdup_printf ("{\"fewshot_bench\":1,\"identity\":\"%s\"}", g_checksum_get_string (sum));
}
