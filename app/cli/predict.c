/* SPDX-License-Identifier: MIT */
/* predict and eval: using an exported adapter. */
#include "cli/cli.h"
#include "cli/data.h"
#include <math.h>
#include <string.h>

static FewClassifier *
load_adapter (const char *path, const FewModel *model, GError **error)
{
  g_autoptr (FewClassifier) classifier = few_classifier_load (path, error);
  if (!classifier)
    return NULL;
  const FewClassifierInfo *a = few_classifier_info (classifier);
  const FewModelInfo *m = few_model_info (model);
  FewModelMatch match = few_model_match (m, a->backbone_sha256, a->backbone_fingerprint);
  if (a->dim != m->dim || match == FEW_MODEL_OTHER)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "%s was trained on the model “%s”, which is not the one given (“%s”).", path,
                   a->backbone, m->name);
      return NULL;
    }
  if (match == FEW_MODEL_OTHER_SETTINGS)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "%s was trained on these weights with another config, preprocessing or "
                   "tokenizer than %s has. Give the model as it was, or train again.",
                   path, m->folder);
      return NULL;
    }
  if (match == FEW_MODEL_UNVERIFIED)
    g_printerr (
        "fewshot-cli: the classifier was written by version 0.2, which recorded the weights "
        "alone: whether the model's config and preprocessing are the same cannot be "
        "checked.\n");
  return g_steal_pointer (&classifier);
}

static guint
largest (const float *values, guint n)
{
  guint best = 0;
  for (guint i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return best;
}

static gboolean
parse_alpha (const char *text, double fallback, double *alpha)
{
  char *end = NULL;
  *alpha = text ? g_ascii_strtod (text, &end) : fallback;
  return !text || (end != text && !*end && *alpha >= 0 && *alpha <= 1);
}

/* What both commands are given. */
typedef struct
{
  char **arguments; /* MODEL ADAPTER … */
  FewModel *model;
  FewClassifier *classifier;
  double alpha;
} Given;

static void
given_clear (Given *given)
{
  g_strfreev (given->arguments);
  g_clear_pointer (&given->model, few_model_unref);
  g_clear_pointer (&given->classifier, few_classifier_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Given, given_clear)

/* FALSE: return *status. */
static gboolean
open_given (Cli *cli, int argc, char **argv, const char *usage, Given *given, int *status)
{
  g_autofree char *alpha_text = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "alpha", 0, 0, G_OPTION_ARG_STRING, &alpha_text, "Residual ratio (the file's own)", "A" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, usage, entries, 3, &given->arguments, status))
    return FALSE;
  given->model = cli_open_model (cli, given->arguments[0], &error);
  given->classifier =
      given->model ? load_adapter (given->arguments[1], given->model, &error) : NULL;
  if (!given->classifier)
    {
      *status = cli_fail (error);
      return FALSE;
    }
  if (!parse_alpha (alpha_text, few_classifier_info (given->classifier)->alpha, &given->alpha))
    {
      g_printerr ("fewshot-cli %s: --alpha is a number from 0 to 1.\n", argv[0]);
      *status = CLI_USAGE;
      return FALSE;
    }
  return TRUE;
}

static void
add_numbers (JsonBuilder *builder, const char *name, const float *values, guint n)
{
  cli_json_array (builder, name);
  for (guint i = 0; i < n; i++)
    json_builder_add_double_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
begin_predictions (JsonBuilder *builder, const FewClassifierInfo *info, double alpha)
{
  cli_json_number (builder, "alpha", alpha);
  cli_json_array (builder, "classes");
  for (guint i = 0; i < info->n_classes; i++)
    json_builder_add_string_value (builder, info->classes[i]);
  json_builder_end_array (builder);
  cli_json_array (builder, "predictions");
}

/* builder NULL: a line on standard output */
static void
show_prediction (JsonBuilder *builder, const Given *given, const char *path, const float *feature)
{
  const FewClassifierInfo *info = few_classifier_info (given->classifier);
  g_autofree float *cosines = g_new (float, info->n_classes);
  g_autofree float *probabilities = g_new (float, info->n_classes);
  few_classifier_predict (given->classifier, feature, given->alpha, cosines, probabilities);
  guint best = largest (cosines, info->n_classes);
  if (!builder)
    {
      g_autofree char *file = few_text_shown (path);
      g_autofree char *name = few_text_shown (info->classes[best]);
      g_print ("%s: %s (cosine %.3f, probability %.1f %%)\n", file, name, cosines[best],
               100 * probabilities[best]);
      return;
    }
  g_autofree char *shown = g_filename_display_name (path);
  json_builder_begin_object (builder);
  cli_json_string (builder, "path", shown);
  cli_json_string (builder, "class", info->classes[best]);
  cli_json_int (builder, "index", best);
  add_numbers (builder, "cosines", cosines, info->n_classes);
  add_numbers (builder, "probabilities", probabilities, info->n_classes);
  json_builder_end_object (builder);
}

int
cli_predict (Cli *cli, int argc, char **argv)
{
  g_auto (Given) given = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  if (!open_given (cli, argc, argv, "MODEL ADAPTER PICTURE…", &given, &status))
    return status;
  const FewClassifierInfo *info = few_classifier_info (given.classifier);
  const char *const *paths = (const char *const *) given.arguments + 2;
  guint n = g_strv_length (given.arguments + 2);
  guint refused = 0;
  g_autofree float *features = g_new (float, (gsize) n * info->dim);
  g_autofree guint8 *known = g_new0 (guint8, n);
  if (!cli_encode (cli, given.model, paths, n, features, known, NULL, &refused, NULL, &error))
    return cli_fail (error);
  JsonBuilder *builder = cli->json ? cli_json_begin () : NULL;
  if (builder)
    begin_predictions (builder, info, given.alpha);
  for (guint i = 0; i < n; i++)
    if (known[i])
      show_prediction (builder, &given, paths[i], features + (gsize) i * info->dim);
  if (builder)
    {
      json_builder_end_array (builder);
      cli_json_int (builder, "refused", refused);
      cli_json_end (builder);
    }
  return refused == n ? CLI_FAILURE : CLI_OK;
}

typedef struct
{
  guint n, right, right_zero_shot;
  guint unknown; /* pictures of classes that the adapter does not have */
} Counts;

/* What is measured: the test pictures where the folder has some of its own, else the validation
 * pictures, else (FEW_ROLE_UNUSED) all of them. */
static FewRole
measured_role (const CliData *data)
{
  if (data->has_roles && cli_data_has (data, FEW_ROLE_TEST))
    return FEW_ROLE_TEST;
  return data->has_roles && cli_data_has (data, FEW_ROLE_VALIDATION) ? FEW_ROLE_VALIDATION
                                                                     : FEW_ROLE_UNUSED;
}

/* Classes are matched by name; `unknown` gets the names of those that the adapter does not have. */
static Counts
count_right (const Given *given, const CliData *data, GPtrArray *unknown)
{
  const FewClassifierInfo *info = few_classifier_info (given->classifier);
  FewRole measured = measured_role (data);
  Counts counts = { 0 };
  g_autofree float *cosines = g_new (float, info->n_classes);
  for (guint i = 0; i < data->n; i++)
    {
      if (measured != FEW_ROLE_UNUSED && data->roles[i] != measured)
        continue;
      const char *name = data->classes[data->labels[i]];
      guint label = 0;
      while (label < info->n_classes && !g_str_equal (info->classes[label], name))
        label++;
      if (label == info->n_classes)
        {
          if (!g_ptr_array_find (unknown, name, NULL))
            g_ptr_array_add (unknown, (gpointer) name);
          counts.unknown++;
          continue;
        }
      const float *feature = data->features + (gsize) i * info->dim;
      counts.n++;
      few_classifier_predict (given->classifier, feature, given->alpha, cosines, NULL);
      counts.right += largest (cosines, info->n_classes) == label;
      few_classifier_predict (given->classifier, feature, 0, cosines, NULL);
      counts.right_zero_shot += largest (cosines, info->n_classes) == label;
    }
  return counts;
}

static void
say_unknown (guint pictures, const GPtrArray *classes)
{
  enum { NAMED = 10 };
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < MIN (classes->len, NAMED); i++)
    {
      g_autofree char *shown = few_text_shown (classes->pdata[i]);
      g_string_append_printf (names, "%s“%s”", i ? ", " : "", shown);
    }
  if (classes->len > NAMED)
    g_string_append (names, " …");
  g_printerr ("%u picture%s of %u class%s that the adapter does not have %s not counted: %s.\n",
              pictures, pictures == 1 ? "" : "s", classes->len, classes->len == 1 ? "" : "es",
              pictures == 1 ? "is" : "are", names->str);
}

static void
print_counts (const Cli *cli, const Given *given, const CliData *data, const Counts *counts)
{
  double before = (double) counts->right_zero_shot / counts->n;
  double after = (double) counts->right / counts->n;
  double low, high;
  few_interval (counts->right, counts->n, &low, &high);
  if (!cli->json)
    {
      g_print ("%u pictures: zero-shot CLIP %.1f %%, adapter %.1f %% (95 %% interval %.1f–%.1f) "
               "right at α %.2f (%u refused, %u duplicates, %u of unknown classes)\n",
               counts->n, 100 * before, 100 * after, 100 * low, 100 * high, given->alpha,
               data->refused, data->duplicates, counts->unknown);
      return;
    }
  JsonBuilder *builder = cli_json_begin ();
  cli_json_int (builder, "classes", few_classifier_info (given->classifier)->n_classes);
  cli_json_int (builder, "images", counts->n);
  cli_json_int (builder, "refused", data->refused);
  cli_json_int (builder, "duplicates", data->duplicates);
  cli_json_int (builder, "unknown_class", counts->unknown);
  cli_json_number (builder, "zero_shot_accuracy", before);
  cli_json_number (builder, "accuracy", after);
  cli_json_number (builder, "accuracy_low", low);
  cli_json_number (builder, "accuracy_high", high);
  cli_json_number (builder, "alpha", given->alpha);
  cli_json_end (builder);
}

int
cli_eval (Cli *cli, int argc, char **argv)
{
  g_auto (Given) given = { 0 };
  g_auto (CliData) data = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  if (!open_given (cli, argc, argv, "MODEL ADAPTER DATA", &given, &status))
    return status;
  const char *folder = given.arguments[2];
  if (!cli_data_load (cli, given.model, folder, 0, 1, FALSE, &data, &error))
    return cli_fail (error);
  if (measured_role (&data) == FEW_ROLE_VALIDATION)
    g_printerr ("There are no test pictures: those for validation are measured. An adapter whose α "
                "was chosen on them does better there than elsewhere.\n");
  g_autoptr (GPtrArray) unknown = g_ptr_array_new ();
  Counts counts = count_right (&given, &data, unknown);
  if (counts.unknown > 0)
    say_unknown (counts.unknown, unknown);
  if (counts.n == 0)
    {
      g_autofree char *shown = few_text_shown (folder);
      g_autofree char *deeper = data.deeper ? few_text_shown (data.deeper) : NULL;
      g_printerr ("fewshot-cli: no picture of %s belongs to a class of the adapter.%s%s%s\n", shown,
                  deeper ? " The class folders seem to lie deeper: name " : "",
                  deeper ? deeper : "", deeper ? " instead." : "");
      return CLI_FAILURE;
    }
  print_counts (cli, &given, &data, &counts);
  return CLI_OK;
}

int
cli_onnx (Cli *cli, int argc, char **argv)
{
  g_autofree char *alpha_text = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  double alpha;
  int status;
  const GOptionEntry entries[] = {
    { "alpha", 0, 0, G_OPTION_ARG_STRING, &alpha_text, "Residual ratio (the file's own)", "A" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "File to write", "F" },
    G_OPTION_ENTRY_NULL,
  };
  if (!cli_parse (cli, argc, argv, "ADAPTER --output F — an adapter as an ONNX model", entries, 1,
                  &arguments, &status))
    return status;
  g_autoptr (FewClassifier) classifier = few_classifier_load (arguments[0], &error);
  if (!classifier)
    return cli_fail (error);
  if (!output || !parse_alpha (alpha_text, few_classifier_info (classifier)->alpha, &alpha))
    {
      g_printerr ("fewshot-cli onnx: %s\n",
                  output ? "--alpha is a number from 0 to 1." : "--output says where to.");
      return CLI_USAGE;
    }
  return few_classifier_save_onnx (classifier, alpha, output, &error) ? CLI_OK : cli_fail (error);
}
