/* SPDX-License-Identifier: MIT */
/* labels: what a folder, a file of labels or the keywords of pictures say, before anything is
 * learned from it; and the same as a CSV file, or as other programs learn from it. */
#include "cli/boxes.h"
#include "cli/data.h"
#include "cli/label-table.h"
#include "common/labelled.h"

typedef struct
{
  char **arguments;
  char *keywords, *output, *format, *labels;
  gboolean in_pictures, link, any;
  CliBoxes boxes;
} LabelsOptions;

static void
clear_options (LabelsOptions *o)
{
  g_strfreev (o->arguments);
  g_free (o->keywords);
  g_free (o->output);
  g_free (o->format);
  cli_boxes_clear (&o->boxes);
  g_free (o->labels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LabelsOptions, clear_options)

/* ---- keywords */

static void
show_done (gpointer user G_GNUC_UNUSED, guint done)
{
  g_autofree char *detail = g_strdup_printf ("%u pictures", done);
  cli_progress ("reading keywords", done % 100, 100, detail);
}

static FewKeywordSurvey *
survey (Cli *cli, const char *folder, GError **error)
{
  FewKeywordSurvey *found =
      few_keyword_survey_new (folder, show_done, NULL, cli->cancellable, error);
  cli_progress (NULL, 0, 0, NULL);
  return found;
}

static int
print_keywords (Cli *cli, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FewKeywordSurvey) found = survey (cli, folder, &error);
  if (!found)
    return cli_fail (error);
  const GPtrArray *list = few_keyword_survey_list (found);
  JsonBuilder *builder = cli->json ? cli_json_begin () : NULL;
  if (builder)
    json_builder_begin_object (json_builder_set_member_name (builder, "keywords"));
  for (guint i = 0; i < list->len; i++)
    {
      const FewKeyword *keyword = list->pdata[i];
      g_autofree char *shown = few_text_shown (keyword->word);
      if (builder)
        cli_json_int (builder, keyword->word, keyword->n);
      else
        g_print ("%u\t%s\n", keyword->n, shown);
    }
  if (!builder)
    return CLI_OK;
  json_builder_end_object (builder);
  cli_json_end (builder);
  return CLI_OK;
}

static FewDataset *
choose_keywords (Cli *cli, const char *folder, const LabelsOptions *o, GError **error)
{
  g_autoptr (FewKeywordSurvey) found = survey (cli, folder, error);
  g_auto (GStrv) chosen = g_strsplit (o->keywords, ",", -1);
  for (char **word = chosen; *word; word++)
    g_strstrip (*word);
  const char *const *words = (const char *const *) chosen;
  if (!found)
    return NULL;
  return o->any ? few_keyword_survey_choose_any (found, words, error)
                : few_keyword_survey_choose (found, words, error);
}

/* ---- as CSV */

static const char *const ROLES[] = { "train", "validation", "test", "" };

/* "cat;dog"; free with g_free */
static char *
name_classes (const FewDataset *set, const FewDataPicture *picture)
{
  GString *names = g_string_new (NULL);
  if (!set->any)
    g_string_append (names, set->classes->pdata[picture->label]);
  for (guint i = 0; i < picture->n_labels; i++)
    g_string_append_printf (names, "%s%s", i ? ";" : "",
                            (const char *) set->classes->pdata[picture->labels[i]]);
  return g_string_free (names, FALSE);
}

static gboolean
has_boxes (const FewDataset *set)
{
  for (guint i = 0; i < set->pictures->len; i++)
    if (few_address_has_crop (((const FewDataPicture *) set->pictures->pdata[i])->path))
      return TRUE;
  return FALSE;
}

static gboolean
write_csv (const FewDataset *set, const char *output, GError **error)
{
  g_auto (CliLabelTable) table = {
    .output = output, .several = set->any, .roles = set->has_roles, .boxes = has_boxes (set)
  };
  cli_label_table_begin (&table);
  for (guint i = 0; i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      g_autofree char *names = name_classes (set, picture);
      if (!cli_label_table_add (&table, picture->path, names, ROLES[picture->role], error))
        return FALSE;
    }
  return cli_label_table_write (&table, error);
}

/* ---- for other programs */

static void
show_written (gpointer user, guint done)
{
  const FewDataset *set = user;
  cli_progress ("picture", done + 1, set->pictures->len, NULL);
}

static gboolean
write_for_others (Cli *cli, FewDataset *set, FewLabelledFormat format, const LabelsOptions *o,
                  GError **error)
{
  FewLabelledDone done;
  gboolean ok = few_labelled_write (set, format, o->output, o->link, show_written, set,
                                    cli->cancellable, &done, error);
  cli_progress (NULL, 0, 0, NULL);
  if (!ok)
    return FALSE;
  const char *made = o->link ? "linked" : "copied";
  if (format == FEW_LABELLED_COCO)
    made = "named";
  g_printerr ("%u %s, %u were there already%s.\n", done.copied, made, done.there,
              done.split_drawn ? "; the split was drawn: a fifth of each class to validate and a "
                                 "fifth to test on, where there are enough"
                               : "");
  if (done.left_out > 0)
    g_printerr ("%u pictures are not in it: their size cannot be read.\n", done.left_out);
  if (done.elsewhere > 0)
    g_printerr ("%u are named by their whole path: write the file above them to move both.\n",
                done.elsewhere);
  if (*done.card_kept)
    g_printerr ("The card that was there is %s now.\n", done.card_kept);
  return TRUE;
}

/* As CSV, unless another format is asked for. */
static gboolean
write_set (Cli *cli, FewDataset *set, const LabelsOptions *o, GError **error)
{
  FewLabelledFormat format =
      o->format ? few_labelled_format_find (o->format) : FEW_LABELLED_FORMATS;
  return format < FEW_LABELLED_FORMATS ? write_for_others (cli, set, format, o, error)
                                       : write_csv (set, o->output, error);
}

/* What is wrong with the options; NULL: nothing. */
static const char *
check_options (LabelsOptions *o)
{
  const char *wrong = cli_boxes_check (&o->boxes);
  if (wrong)
    return wrong;
  if (o->boxes.boxes && (o->in_pictures || o->keywords))
    return "--boxes goes with neither --in-pictures nor --keywords.";
  gboolean known = !o->format || g_str_equal (o->format, "csv")
                   || few_labelled_format_find (o->format) < FEW_LABELLED_FORMATS;
  if (!known)
    return "--format knows csv, yolo, huggingface and coco.";
  if (!cli_data_parse_labels (o->labels, &o->any))
    return "--labels knows one and any.";
  if (o->any && g_strcmp0 (o->format, "yolo") == 0)
    return "YOLO's folders have each picture in that of one class: --labels any goes with --format "
           "csv, coco and huggingface, which name all of its labels.";
  if ((o->format || o->link) && !o->output)
    return "--format and --link go with --output.";
  return NULL;
}

/* ---- what is told */

static void
print_set (Cli *cli, const FewDataset *set)
{
  g_autofree guint *counts = g_new0 (guint, set->classes->len + 1);
  guint roles[FEW_ROLE_UNUSED + 1] = { 0 };
  guint none = 0;
  for (guint i = 0; i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      for (guint l = 0; l < picture->n_labels; l++)
        counts[picture->labels[l]]++;
      counts[picture->label] += !set->any;
      none += set->any && picture->n_labels == 0;
      roles[picture->role]++;
    }
  if (!cli->json)
    {
      for (guint k = 0; k < set->classes->len; k++)
        {
          g_autofree char *shown = few_text_shown (set->classes->pdata[k]);
          g_print ("%u\t%s\n", counts[k], shown);
        }
      g_printerr ("%u pictures of %u classes; %u left out.\n", set->pictures->len,
                  set->classes->len, set->left_out);
      if (none > 0)
        g_printerr ("%u of them have no label.\n", none);
      return;
    }
  JsonBuilder *builder = cli_json_begin ();
  json_builder_begin_object (json_builder_set_member_name (builder, "classes"));
  for (guint k = 0; k < set->classes->len; k++)
    cli_json_int (builder, set->classes->pdata[k], counts[k]);
  json_builder_end_object (builder);
  cli_json_int (builder, "images", set->pictures->len);
  cli_json_int (builder, "left_out", set->left_out);
  if (set->any)
    cli_json_int (builder, "without_label", none);
  for (guint r = 0; set->has_roles && r < FEW_ROLE_UNUSED; r++)
    cli_json_int (builder, ROLES[r], roles[r]);
  cli_json_end (builder);
}

int
cli_labels (Cli *cli, int argc, char **argv)
{
  g_auto (LabelsOptions) o = { NULL };
  g_autoptr (GError) error = NULL;
  int status;
  const GOptionEntry entries[] = {
    { "in-pictures", 0, 0, G_OPTION_ARG_NONE, &o.in_pictures,
      "The keywords that the pictures of a folder have", NULL },
    { "keywords", 0, 0, G_OPTION_ARG_STRING, &o.keywords,
      "Pictures of a folder with exactly one of these keywords are of that class", "WORD,WORD" },
    { "labels", 0, 0, G_OPTION_ARG_STRING, &o.labels,
      "one class a picture (default), or any: a picture may have several labels, or none", "L" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
      "Write them as CSV, for train, bench and embed, or as --format says", "FILE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &o.format,
      "csv, yolo (folders for classification), huggingface (a data set with its card), coco (a "
      "file)",
      "FORMAT" },
    cli_boxes_entry (&o.boxes),
    cli_boxes_least_entry (&o.boxes),
    cli_boxes_category_entry (&o.boxes),
    { "link", 0, 0, G_OPTION_ARG_NONE, &o.link,
      "Links to the pictures in the place of copies, where the format has folders", NULL },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "DATA — what labels there are", entries, 1, &o.arguments,
                  &status))
    return status;
  const char *wrong = check_options (&o);
  if (wrong)
    {
      g_printerr ("fewshot-cli labels: %s\n", wrong);
      return CLI_USAGE;
    }
  const char *data = o.arguments[0];
  if (o.in_pictures)
    return print_keywords (cli, data);
  g_autoptr (FewDataset) set = o.keywords ? choose_keywords (cli, data, &o, &error)
                                          : cli_data_open (cli, data, o.any, &o.boxes.job, &error);
  if (!set)
    return cli_fail (error);
  for (guint i = 0; i < set->notes->len; i++)
    cli_complain ("note:", set->notes->pdata[i]);
  if (o.output && !write_set (cli, set, &o, &error))
    return cli_fail (error);
  print_set (cli, set);
  return CLI_OK;
}
