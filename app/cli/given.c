/* SPDX-License-Identifier: MIT */
/* A classifier file and its model, found among those on this computer by what the file records. */
#include "cli/given.h"
#include "common/known-models.h"
#include "common/paths.h"

void
cli_given_clear (CliGiven *given)
{
  g_free (given->model_name);
  g_free (given->alpha_text);
  g_strfreev (given->arguments);
  g_clear_pointer (&given->model, few_model_unref);
  g_clear_pointer (&given->classifier, few_classifier_unref);
}

GOptionEntry
cli_given_model_entry (CliGiven *given)
{
  return (GOptionEntry) { .long_name = "model",
                          .arg = G_OPTION_ARG_FILENAME,
                          .arg_data = &given->model_name,
                          .description = "The model (the one on this computer that the classifier "
                                         "was trained on)",
                          .arg_description = "MODEL" };
}

GOptionEntry
cli_given_alpha_entry (CliGiven *given)
{
  return (GOptionEntry) { .long_name = "alpha",
                          .arg = G_OPTION_ARG_STRING,
                          .arg_data = &given->alpha_text,
                          .description = "Residual ratio (the file's own)",
                          .arg_description = "A" };
}

gboolean
cli_parse_alpha (const char *text, double fallback, double *alpha)
{
  char *end = NULL;
  *alpha = text ? g_ascii_strtod (text, &end) : fallback;
  return !text || (end != text && !*end && *alpha >= 0 && *alpha <= 1);
}

/* ---- the model that a classifier was trained on */

static char *
find_model (const char *path, const FewClassifierInfo *info, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  char *found = few_known_model_of (info, cancellable, &local);
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!found)
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                 "%s was trained on the model “%s” (weights %.12s…), which is not among the models "
                 "that “fewshot-cli models” shows as here or found. Fetch it, or say where it is "
                 "with --model.",
                 path, info->backbone, info->backbone_sha256);
  return found;
}

static gboolean
check_match (const char *path, const FewClassifier *classifier, const FewModel *model,
             GError **error)
{
  const FewClassifierInfo *a = few_classifier_info (classifier);
  const FewModelInfo *m = few_model_info (model);
  FewModelMatch match = few_model_match (m, a->backbone_sha256, a->backbone_fingerprint);
  if (a->dim != m->dim || match == FEW_MODEL_OTHER)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "%s was trained on the model “%s”, which is not the one given (“%s”).", path,
                   a->backbone, m->name);
      return FALSE;
    }
  if (match == FEW_MODEL_OTHER_SETTINGS)
    {
      g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
                   "%s was trained on these weights with another config, preprocessing or "
                   "tokenizer than %s has. Give the model as it was, or train again.",
                   path, m->folder);
      return FALSE;
    }
  if (match == FEW_MODEL_UNVERIFIED)
    g_printerr (
        "fewshot-cli: the classifier was written by version 0.2, which recorded the weights "
        "alone: whether the model's config and preprocessing are the same cannot be "
        "checked.\n");
  if (*a->backbone_precision && !g_str_equal (a->backbone_precision, m->precision))
    {
      g_autofree char *told = g_strdup_printf ("%s learned from features in %s; here they are in "
                                               "%s: scores differ a little.",
                                               path, a->backbone_precision, m->precision);
      cli_complain ("note:", told);
    }
  return TRUE;
}

/* ---- which argument is what */

static const char WHERE_FROM[] =
    "a classifier is a file that “fewshot-cli train” wrote, or the window's export";

gboolean
cli_given_check (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  g_autofree char *shown = few_text_shown (path);
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, "%s is %s; %s.", shown,
               g_file_test (path, G_FILE_TEST_EXISTS) ? "no file" : "not there", WHERE_FROM);
  return FALSE;
}

gboolean
cli_given_check_either (const char *name, GError **error)
{
  g_autofree char *folder = few_model_folder (name);
  if (g_file_test (folder, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autofree char *shown = few_text_shown (name);
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               "%s is not there, neither as a classifier nor as a model: %s, and “fewshot-cli "
               "models” shows the models.",
               shown, WHERE_FROM);
  return FALSE;
}

/* Before anything is opened. */
static gboolean
check_there (const CliGiven *given, gboolean is_first, GError **error)
{
  char **arguments = given->arguments;
  if (given->model_name)
    return cli_given_check (arguments[0], error);
  return is_first
         || (cli_given_check_either (arguments[0], error)
             && (!arguments[1] || cli_given_check (arguments[1], error)));
}

/* Whether the first argument is the classifier, which is then loaded; otherwise it is the model.
 * Of two files either may be the classifier: a model may be one weights file. FALSE with an error
 * when neither is. */
static gboolean
load_first (CliGiven *given, gboolean *is_first, GError **error)
{
  char **arguments = given->arguments;
  g_autoptr (GError) why = NULL;
  *is_first = given->model_name || g_file_test (arguments[0], G_FILE_TEST_IS_REGULAR);
  if (!check_there (given, *is_first, error))
    return FALSE;
  if (!*is_first)
    return TRUE;
  given->classifier = few_classifier_load (arguments[0], &why);
  if (given->classifier)
    return TRUE;
  if (!given->model_name && arguments[1])
    given->classifier = few_classifier_load (arguments[1], NULL);
  *is_first = FALSE;
  if (!given->classifier)
    g_propagate_error (error, g_steal_pointer (&why));
  return given->classifier != NULL;
}

/* The model, and the classifier if it is not loaded yet. */
static gboolean
open_both (Cli *cli, CliGiven *given, gboolean is_first, GError **error)
{
  const char *path = given->arguments[is_first ? 0 : 1];
  g_autofree char *found = NULL;
  const char *model = is_first ? given->model_name : given->arguments[0];
  if (!model)
    {
      const FewClassifierInfo *info = few_classifier_info (given->classifier);
      model = found = find_model (path, info, cli->cancellable, error);
    }
  given->model = model ? cli_open_model (cli, model, error) : NULL;
  if (given->model && !given->classifier)
    given->classifier = few_classifier_load (path, error);
  return given->model && given->classifier
         && check_match (path, given->classifier, given->model, error);
}

gboolean
cli_given_open (Cli *cli, const char *command, gboolean needs_rest, CliGiven *given, int *status)
{
  g_autoptr (GError) error = NULL;
  gboolean is_first;
  *status = CLI_USAGE;
  if (!cli_parse_alpha (given->alpha_text, 0, &given->alpha))
    {
      g_printerr ("fewshot-cli %s: --alpha is a number from 0 to 1.\n", command);
      return FALSE;
    }
  if (!load_first (given, &is_first, &error))
    {
      *status = cli_fail (error);
      return FALSE;
    }
  guint taken = is_first ? 1 : 2;
  guint n = g_strv_length (given->arguments);
  if (n < taken + (needs_rest ? 1 : 0))
    {
      g_printerr ("fewshot-cli %s: an argument is missing: %s.\n", command,
                  n < taken ? "the classifier, or a file that is one" : "what to look at");
      return FALSE;
    }
  given->rest = given->arguments + taken;
  if (!open_both (cli, given, is_first, &error))
    {
      *status = cli_fail (error);
      return FALSE;
    }
  if (given->alpha_text && few_classifier_info (given->classifier)->thresholds)
    {
      g_printerr ("fewshot-cli %s: the classifier tells each label by itself, and its thresholds "
                  "hold for what was learned: leave --alpha out.\n",
                  command);
      *status = CLI_USAGE;
      return FALSE;
    }
  if (!given->alpha_text)
    given->alpha = few_classifier_info (given->classifier)->alpha;
  return TRUE;
}

const char *
cli_given_path (const CliGiven *given)
{
  return given->rest[-1];
}
