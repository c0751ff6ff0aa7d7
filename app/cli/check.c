/* SPDX-License-Identifier: MIT */
/* check: pictures whose label may be wrong, and pictures that are nearly the same. */
#include "cli/boxes.h"
#include "cli/data.h"
#include "common/csv.h"

typedef struct
{
  char **arguments, *template_text, *csv;
  int most;
  gboolean json_lines;
  CliBoxes boxes;
} CheckOptions;

static void
clear_options (CheckOptions *o)
{
  g_strfreev (o->arguments);
  g_free (o->template_text);
  g_free (o->csv);
  cli_boxes_clear (&o->boxes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CheckOptions, clear_options)

typedef struct
{
  CliData data;
  gboolean parts;  /* some are parts of pictures */
  guint32 *groups; /* [n] what no fold tears apart */
  guint32 *alike;  /* [n] what is nearly the same */
  GArray *doubts;  /* FewDoubt */
} Check;

static void
clear_check (Check *check)
{
  cli_data_clear (&check->data);
  g_free (check->groups);
  g_free (check->alike);
  g_clear_pointer (&check->doubts, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, clear_check)

/* Parts of one file belong together and are not the same for that: of parts the features alone
 * tell. twins [n]: near-duplicates, as cli_data_find_alike finds them. */
static gboolean
find_alike_parts (Cli *cli, FewModel *model, Check *check, const guint32 *twins, GError **error)
{
  const CliData *data = &check->data;
  check->alike = cli_try_values (data->n, sizeof *check->alike, error);
  return check->alike
         && few_near_duplicates_apart (data->features, data->n, few_model_dim (model),
                                       FEW_NEAR_DUPLICATE, (const char *const *) data->paths,
                                       (guint) cli->threads, cli->cancellable, check->alike, error)
         && few_groups_join (check->alike, twins, data->n, error);
}

static gboolean
find_doubts (Cli *cli, FewModel *model, const CheckOptions *o, Check *check, GError **error)
{
  CliData *data = &check->data;
  const FewModelInfo *info = few_model_info (model);
  g_auto (GStrv) templates =
      few_templates_split (o->template_text ? o->template_text : "a photo of a {}.");
  g_autofree float *text = cli_try_floats (data->n_classes, info->dim, error);
  if (!text
      || !few_model_encode_classes (model, (const char *const *) data->classes, NULL,
                                    data->n_classes, (const char *const *) templates, text, NULL,
                                    cli->cancellable, error))
    return FALSE;
  check->groups = cli_try_values (data->n, sizeof *check->groups, error);
  if (!check->groups
      || !few_near_duplicates (data->features, data->n, info->dim, FEW_NEAR_DUPLICATE,
                               (guint) cli->threads, cli->cancellable, check->groups, error)
      || !cli_data_look_at_files (cli, data, error))
    return FALSE;
  g_autofree guint32 *twins = cli_data_find_alike (cli, model, data, error);
  check->parts = cli_data_has_parts (data);
  if (!twins || (check->parts && !find_alike_parts (cli, model, check, twins, error))
      || !few_groups_join (twins, data->together, data->n, error)
      || !few_groups_join_told (check->groups, twins, data->labels, data->roles, data->n, error))
    return FALSE;
  if (!check->parts)
    check->alike = g_memdup2 (check->groups, data->n * sizeof *check->alike);
  FewTask task = { .n = data->n,
                   .n_classes = data->n_classes,
                   .features = data->features,
                   .labels = data->labels,
                   .roles = data->roles,
                   .text_features = text };
  check->doubts = few_find_doubts (&task, info->dim, info->logit_scale, check->groups,
                                   (guint) cli->threads, cli->cancellable, error);
  return check->doubts != NULL;
}

static gboolean
load (Cli *cli, const CheckOptions *o, Check *check, GError **error)
{
  const char *name = o->arguments[1] ? o->arguments[0] : "pocket";
  const char *folder = o->arguments[1] ? o->arguments[1] : o->arguments[0];
  g_autoptr (FewModel) model = cli_open_model_with_texts (cli, name, error);
  if (!model)
    return FALSE;
  check->data.by = FEW_TOGETHER_BURSTS;
  g_autoptr (FewDataset) set =
      few_labels_open_boxes (folder, &o->boxes.job, cli->cancellable, error);
  if (!set || !few_dataset_check (set, folder, error)
      || !cli_data_encode (cli, model, set, &check->data, error)
      || !find_doubts (cli, model, o, check, error))
    return FALSE;
  if (o->most > 0 && check->doubts->len > (guint) o->most)
    g_array_set_size (check->doubts, (guint) o->most);
  return TRUE;
}

/* ---- what is told */

static void
add_doubt (JsonBuilder *builder, const CliData *data, const FewDoubt *doubt)
{
  cli_json_place (builder, data->paths[doubt->picture]);
  cli_json_string (builder, "class", data->classes[data->labels[doubt->picture]]);
  cli_json_string (builder, "suggested", data->classes[doubt->suggested]);
  cli_json_number (builder, "p_class", doubt->p_own);
  cli_json_number (builder, "p_suggested", doubt->p_suggested);
}

/* Of what is nearly the same as picture `first`, itself before the others, when it is the first. */
static GPtrArray *
list_group (const Check *check, guint first)
{
  GPtrArray *paths = g_ptr_array_new ();
  for (guint i = first; i < check->data.n; i++)
    if (check->alike[i] == first)
      g_ptr_array_add (paths, check->data.paths[i]);
  return paths;
}

static char *
show (const char *address)
{
  g_autofree char *shown = few_address_shown (address);
  return few_text_shown (shown);
}

static void
print_lines (const Check *check)
{
  const CliData *data = &check->data;
  for (guint i = 0; i < check->doubts->len; i++)
    {
      const FewDoubt *doubt = &g_array_index (check->doubts, FewDoubt, i);
      g_autofree char *path = show (data->paths[doubt->picture]);
      g_autofree char *own = few_text_shown (data->classes[data->labels[doubt->picture]]);
      g_autofree char *suggested = few_text_shown (data->classes[doubt->suggested]);
      g_print ("%s: labelled %s (%.1f %%), looks like %s (%.1f %%)\n", path, own,
               100 * doubt->p_own, suggested, 100 * doubt->p_suggested);
    }
  for (guint i = 0; i < data->n; i++)
    {
      g_autoptr (GPtrArray) paths = list_group (check, i);
      for (guint j = 0; paths->len > 1 && j < paths->len; j++)
        {
          g_autofree char *path = show (paths->pdata[j]);
          g_print ("%s%s", j ? ", " : "nearly the same: ", path);
        }
      if (paths->len > 1)
        g_print ("\n");
    }
  g_print ("%u of %u pictures may have another class's label\n", check->doubts->len, data->n);
}

static void
print_json_lines (const Check *check)
{
  for (guint i = 0; i < check->doubts->len; i++)
    {
      g_autoptr (JsonBuilder) builder = cli_json_begin ();
      add_doubt (builder, &check->data, &g_array_index (check->doubts, FewDoubt, i));
      json_builder_end_object (builder);
      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      g_autofree char *text = json_to_string (root, FALSE);
      cli_put_json (text);
    }
}

static void
print_json (const Check *check)
{
  JsonBuilder *builder = cli_json_begin ();
  cli_json_int (builder, "images", check->data.n);
  cli_json_int (builder, "refused", check->data.refused);
  cli_json_int (builder, "duplicates", check->data.duplicates);
  cli_json_array (builder, "doubts");
  for (guint i = 0; i < check->doubts->len; i++)
    {
      json_builder_begin_object (builder);
      add_doubt (builder, &check->data, &g_array_index (check->doubts, FewDoubt, i));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  cli_json_array (builder, "near_duplicates");
  for (guint i = 0; i < check->data.n; i++)
    {
      g_autoptr (GPtrArray) paths = list_group (check, i);
      if (paths->len < 2)
        continue;
      json_builder_begin_array (builder);
      for (guint j = 0; j < paths->len; j++)
        cli_json_address (builder, paths->pdata[j]);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  cli_json_end (builder);
}

static gboolean
write_csv (const Check *check, const char *path, GError **error)
{
  const CliData *data = &check->data;
  g_autoptr (GString) csv = g_string_new ("path,class,suggested,p_class,p_suggested");
  g_string_append (csv, check->parts ? ",box\r\n" : "\r\n");
  for (guint i = 0; i < check->doubts->len; i++)
    {
      const FewDoubt *doubt = &g_array_index (check->doubts, FewDoubt, i);
      FewCrop crop;
      double box[4];
      g_autofree char *file = few_address_split (data->paths[doubt->picture], &crop);
      g_autofree char *shown = g_filename_display_name (file);
      few_crop_box (&crop, box);
      few_csv_text (csv, shown);
      few_csv_text (csv, data->classes[data->labels[doubt->picture]]);
      few_csv_text (csv, data->classes[doubt->suggested]);
      few_csv_number (csv, doubt->p_own);
      few_csv_number (csv, doubt->p_suggested);
      if (check->parts)
        few_csv_box (csv, box, ",");
      few_csv_end (csv);
    }
  return few_file_write (path, csv->str, csv->len, error);
}

/* What is wrong with the options; NULL: nothing. */
static const char *
find_wrong (const Cli *cli, CheckOptions *o)
{
  g_auto (GStrv) templates = few_templates_split (o->template_text ? o->template_text : "{}");
  if (!templates)
    return "--template has no {} for the class name.";
  if (o->most < 0)
    return "--most is not to be negative.";
  if (cli->json && o->json_lines)
    return "give --json or --json-lines, not both.";
  return cli_boxes_check (&o->boxes);
}

int
cli_check (Cli *cli, int argc, char **argv)
{
  g_auto (CheckOptions) o = { NULL };
  g_auto (Check) check = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  const GOptionEntry entries[] = {
    { "most", 0, 0, G_OPTION_ARG_INT, &o.most, "No more than N, the least likely labels first",
      "N" },
    { "template", 0, 0, G_OPTION_ARG_STRING, &o.template_text,
      "Prompt with {} for the class name; several are separated by |", "T" },
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &o.csv, "Also a table", "FILE" },
    { "json-lines", 0, 0, G_OPTION_ARG_NONE, &o.json_lines, "A JSON object a line and picture",
      NULL },
    cli_boxes_entry (&o.boxes),
    cli_boxes_least_entry (&o.boxes),
    cli_boxes_category_entry (&o.boxes),
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "[MODEL] DATA — labels that may be wrong", entries, 1,
                  &o.arguments, &status))
    return status;
  const char *wrong = find_wrong (cli, &o);
  if (wrong)
    {
      g_printerr ("fewshot-cli check: %s\n", wrong);
      return CLI_USAGE;
    }
  if (!load (cli, &o, &check, &error) || (o.csv && !write_csv (&check, o.csv, &error)))
    return cli_fail (error);
  if (cli->json)
    print_json (&check);
  else if (o.json_lines)
    print_json_lines (&check);
  else
    print_lines (&check);
  return CLI_OK;
}
