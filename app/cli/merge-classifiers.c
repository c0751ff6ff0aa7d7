/* SPDX-License-Identifier: MIT */
/* merge of classifiers, and add: more classes without the pictures of those that are there. */
#include "cli/merge-classifiers.h"
#include "cli/data.h"
#include "cli/given.h"
#include "cli/pictures.h"
#include "common/file-sum.h"
#include <math.h>
#include <string.h>

void
cli_joining_clear (CliJoining *joining)
{
  g_free (joining->output);
  g_free (joining->as);
  g_free (joining->settings);
}

GOptionEntry
cli_joining_output_entry (CliJoining *joining)
{
  return (GOptionEntry) { .long_name = "output",
                          .short_name = 'o',
                          .arg = G_OPTION_ARG_FILENAME,
                          .arg_data = &joining->output,
                          .description = "The file to write",
                          .arg_description = "FILE" };
}

GOptionEntry
cli_joining_join_entry (CliJoining *joining)
{
  return (GOptionEntry) { .long_name = "join",
                          .arg = G_OPTION_ARG_NONE,
                          .arg_data = &joining->join,
                          .description = "Classes of the same name are the same class; otherwise "
                                         "they are refused" };
}

GOptionEntry
cli_joining_as_entry (CliJoining *joining)
{
  return (GOptionEntry) { .long_name = "as",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &joining->as,
                          .description = "gda: of what the files tell of their classes, where "
                                         "another method learned",
                          .arg_description = "METHOD" };
}

GOptionEntry
cli_joining_settings_entry (CliJoining *joining)
{
  return (GOptionEntry) { .long_name = "settings",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &joining->settings,
                          .description = "In the place of the classifiers' own, where they differ: "
                                         "tau, sharpness, lambda, a",
                          .arg_description = "KEY=VALUE,…" };
}

/* ---- options */

static gboolean
take_setting (const char *text, FewMergeOptions *options)
{
  const struct
  {
    const char *key;
    double *value;
  } known[] = { { "tau", &options->tau },
                { "sharpness", &options->sharpness },
                { "lambda", &options->lambda },
                { "a", &options->a } };
  g_auto (GStrv) pair = g_strsplit (text, "=", 2);
  for (guint i = 0; pair[0] && pair[1] && i < G_N_ELEMENTS (known); i++)
    {
      char *end = NULL;
      if (!g_str_equal (g_strstrip (pair[0]), known[i].key))
        continue;
      *known[i].value = g_ascii_strtod (pair[1], &end);
      return end != pair[1] && !*end && isfinite (*known[i].value) && *known[i].value >= 0
             && (known[i].value != &options->lambda || options->lambda > 0);
    }
  return FALSE;
}

/* What is wrong with the command line; NULL: nothing. */
static const char *
take_options (const CliJoining *joining, FewMergeOptions *options)
{
  few_merge_options_init (options);
  options->join = joining->join;
  if (!joining->output)
    return "--output is missing.";
  if (joining->as && !g_str_equal (joining->as, "gda"))
    return "--as knows gda.";
  options->as_gda = joining->as != NULL;
  g_auto (GStrv) settings = g_strsplit (joining->settings ? joining->settings : "", ",", -1);
  for (char **setting = settings; *setting; setting++)
    if (!take_setting (*setting, options))
      return "--settings are tau=, sharpness=, lambda= and a=, with a number each.";
  return NULL;
}

/* ---- what is told */

static int
report (const Cli *cli, const FewClassifier *whole, const FewMerged *merged, guint pictures,
        const char *output)
{
  const FewClassifierInfo *info = few_classifier_info (whole);
  if (cli->json)
    {
      JsonBuilder *builder = cli_json_begin ();
      cli_json_string (builder, "method", info->method);
      cli_json_int (builder, "classes", info->n_classes);
      cli_json_int (builder, "joined", merged->n_joined);
      cli_json_int (builder, "twins", merged->n_twins);
      cli_json_int (builder, "added_images", pictures);
      cli_json_number (builder, "alpha", info->alpha);
      cli_json_string (builder, "output", output);
      cli_json_end (builder);
      return CLI_OK;
    }
  g_print ("%u classes, %s", info->n_classes, few_method_info_find (info->method)->title);
  if (pictures > 0)
    g_print ("; %u picture%s encoded, those of the classes before were not needed", pictures,
             pictures == 1 ? "" : "s");
  if (merged->n_joined > 0)
    g_print ("; %u %s in several and %s one", merged->n_joined,
             merged->n_joined == 1 ? "class was" : "classes were",
             merged->n_joined == 1 ? "is" : "are each");
  if (merged->n_twins > 0)
    g_print ("; %u picture%s in several and counted once", merged->n_twins,
             merged->n_twins == 1 ? " was" : "s were");
  if (merged->n_joined > 0 && g_str_equal (info->method, "gda"))
    g_print ("; a picture that several of them learned from counts as often as that: GDA's files "
             "hold sums of pictures and cannot tell");
  g_print ("\nnot taken over: calibration, answer sets, “none of these” and the measured accuracy, "
           "which held for the parts alone; “fewshot-cli eval” measures the whole\nα %.2f%s\n"
           "classifier: %s\n",
           info->alpha, merged->alpha_lost ? ", as the method has it: the parts had others" : "",
           output);
  return CLI_OK;
}

/* ---- merge */

static void
unref_classifier (gpointer data)
{
  if (data)
    few_classifier_unref (data);
}

int
cli_merge_classifiers (Cli *cli, const CliJoining *joining, const char *const *paths)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (unref_classifier);
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func (g_free);
  FewMergeOptions options;
  FewMerged merged = { 0 };
  const char *wrong = take_options (joining, &options);
  if (!wrong && !paths[1])
    wrong = "two classifiers at least are merged.";
  if (wrong)
    {
      g_printerr ("fewshot-cli merge: %s\n", wrong);
      return CLI_USAGE;
    }
  if (!few_file_check_output (joining->output, &error))
    return cli_fail (error);
  for (const char *const *path = paths; *path; path++)
    {
      FewClassifier *part = few_classifier_load (*path, &error);
      char *hash = part ? few_file_sum (*path, &error) : NULL;
      g_ptr_array_add (parts, part);
      g_ptr_array_add (hashes, hash);
      if (!hash)
        return cli_fail (error);
    }
  g_ptr_array_add (hashes, NULL);
  options.parents = (const char *const *) hashes->pdata;
  g_autoptr (FewClassifier) whole =
      few_classifier_merge ((FewClassifier *const *) parts->pdata, parts->len, &options, &merged,
                            cli->cancellable, &error);
  if (!whole
      || !few_classifier_save (whole, few_classifier_info (whole)->alpha, joining->output, &error))
    return cli_fail (error);
  return report (cli, whole, &merged, 0, joining->output);
}

/* ---- add */

typedef struct
{
  CliGiven given;
  CliJoining joining;
  char *class_name;
} AddOptions;

static void
clear_add (AddOptions *o)
{
  cli_given_clear (&o->given);
  cli_joining_clear (&o->joining);
  g_free (o->class_name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AddOptions, clear_add)

/* The pictures of a folder that is one class. */
static gboolean
load_class (Cli *cli, const AddOptions *o, CliData *data, GError **error)
{
  g_auto (CliPictures) pictures = { 0 };
  if (!cli_pictures_load (cli, o->given.model, (const char *const[]) { o->given.rest[0], NULL },
                          NULL, &pictures, error))
    return FALSE;
  data->n = pictures.n;
  data->refused = pictures.refused;
  data->features = g_steal_pointer (&pictures.features);
  data->labels = cli_try_values (data->n, sizeof *data->labels, error);
  data->n_classes = 1;
  data->classes = g_new0 (char *, 2);
  data->classes[0] = g_strdup (o->class_name);
  return data->labels != NULL;
}

/* Class folders, or a file of labels; without pictures that are there to test on. */
static gboolean
load_data (Cli *cli, const AddOptions *o, CliData *data, GError **error)
{
  if (!few_model_load_text (o->given.model, error) /* told before all pictures are encoded */
      || !cli_data_load (cli, o->given.model, o->given.rest[0], 0, 1, FALSE, data, error))
    return FALSE;
  return !data->has_roles || cli_data_leave_tests_out (data, o->given.model, error);
}

static FewClassifier *
add_pictures (Cli *cli, const AddOptions *o, const FewMergeOptions *options, CliData *data,
              FewMerged *merged, GError **error)
{
  const FewClassifierInfo *info = few_classifier_info (o->given.classifier);
  g_auto (GStrv) templates = few_templates_split (info->template_text);
  g_autofree float *text = cli_try_floats (data->n_classes, info->dim, error);
  if (!text)
    return NULL;
  if (!templates)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "The classifier does not tell what its prompts are: train again.");
      return NULL;
    }
  cli_data_compare_prompts (o->given.model, data, NULL, (const char *const *) templates);
  if (!few_model_encode_classes (o->given.model, (const char *const *) data->classes, NULL,
                                 data->n_classes, (const char *const *) templates, text, NULL,
                                 cli->cancellable, error))
    return NULL;
  const FewTask task = { .n = data->n,
                         .n_classes = data->n_classes,
                         .features = data->features,
                         .labels = data->labels,
                         .text_features = text,
                         .class_names = (const char *const *) data->classes,
                         .template_text = info->template_text };
  return few_classifier_add (o->given.classifier, &task, options, merged, cli->cancellable, error);
}

int
cli_add (Cli *cli, int argc, char **argv)
{
  g_auto (AddOptions) o = { 0 };
  g_auto (CliData) data = { 0 };
  g_autoptr (GError) error = NULL;
  FewMergeOptions options;
  FewMerged merged = { 0 };
  int status;
  const GOptionEntry entries[] = {
    cli_given_model_entry (&o.given),
    cli_joining_output_entry (&o.joining),
    { "class", 0, 0, G_OPTION_ARG_STRING, &o.class_name,
      "All pictures below DATA are of this class", "NAME" },
    cli_joining_join_entry (&o.joining),
    cli_joining_as_entry (&o.joining),
    cli_joining_settings_entry (&o.joining),
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "[MODEL] CLASSIFIER DATA --output F", entries, 2,
                  &o.given.arguments, &status))
    return status;
  const char *wrong = take_options (&o.joining, &options);
  if (wrong)
    {
      g_printerr ("fewshot-cli add: %s\n", wrong);
      return CLI_USAGE;
    }
  if (!cli_given_open (cli, argv[0], TRUE, &o.given, &status))
    return status;
  g_autofree char *hash = few_file_sum (cli_given_path (&o.given), &error);
  const char *const parents[] = { hash, NULL };
  options.parents = parents;
  if (!hash || !few_file_check_output (o.joining.output, &error)
      || !few_classifier_can_add (o.given.classifier, &options, &error)
      || !(o.class_name ? load_class (cli, &o, &data, &error) : load_data (cli, &o, &data, &error)))
    return cli_fail (error);
  g_autoptr (FewClassifier) whole = add_pictures (cli, &o, &options, &data, &merged, &error);
  if (!whole
      || !few_classifier_save (whole, few_classifier_info (whole)->alpha, o.joining.output, &error))
    return cli_fail (error);
  return report (cli, whole, &merged, data.n, o.joining.output);
}
