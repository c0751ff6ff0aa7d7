/* SPDX-License-Identifier: MIT */
/* eval: how often a classifier is right. */
#include "cli/cli.h"
#include "cli/data.h"
#include "cli/given.h"
#include "cli/scores.h"
#include "cli/several.h"
#include <math.h>

static guint
largest (const float *values, guint n)
{
  guint best = 0;
  for (guint i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return best;
}

typedef struct
{
  guint n, right, right_zero_shot;
  FewScores scores;
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
count_right (const CliGiven *given, const CliData *data, GPtrArray *unknown, guint32 *labels,
             guint32 *predicted)
{
  const FewClassifierInfo *info = few_classifier_info (given->classifier);
  gsize length = few_classifier_length (given->classifier);
  FewRole measured = measured_role (data);
  Counts counts = { 0 };
  g_autofree float *cosines = g_new (float, info->n_classes);
  g_autofree float *logits = cli_try_floats (data->n + 1, info->n_classes, NULL);
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
      const float *feature = data->features + i * length;
      counts.n++;
      few_classifier_predict (given->classifier, feature, given->alpha, cosines, NULL);
      labels[counts.n - 1] = label;
      predicted[counts.n - 1] = largest (cosines, info->n_classes);
      for (guint c = 0; logits && c < info->n_classes; c++)
        logits[(gsize) (counts.n - 1) * info->n_classes + c] =
            (float) (info->logit_scale * cosines[c]);
      counts.right += predicted[counts.n - 1] == label;
      few_classifier_predict (given->classifier, feature, 0, cosines, NULL);
      counts.right_zero_shot += largest (cosines, info->n_classes) == label;
    }
  counts.scores = (FewScores) { .balanced = NAN, .swallowing = FEW_NO_CLASS };
  if (logits)
    few_scores_measure (logits, labels, NULL, counts.n, info->n_classes, &counts.scores);
  return counts;
}

/* A tower takes more of each picture than what the set was encoded to. */
typedef struct
{
  float *features;
  gsize length;
  GError *error;
} Completion;

static void
take_whole (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
            gboolean from_cache G_GNUC_UNUSED, const GError *error)
{
  Completion *c = user;
  if (feature)
    memcpy (c->features + index * c->length, feature, c->length * sizeof *feature);
  else if (!c->error)
    c->error = g_error_copy (error);
}

static gboolean
complete_features (Cli *cli, const CliGiven *given, CliData *data, GError **error)
{
  guint length = few_classifier_length (given->classifier);
  if (length == few_model_dim (given->model))
    return TRUE;
  g_autofree char *cache = cli_cache_folder (cli);
  Completion c = { .features = cli_try_floats (data->n, length, error), .length = length };
  if (!c.features
      || !few_classifier_encode_files (given->classifier, given->model,
                                       (const char *const *) data->paths, data->n, cache,
                                       take_whole, &c, cli->cancellable, error)
      || c.error)
    {
      g_free (c.features);
      if (c.error)
        g_propagate_error (error, c.error);
      return FALSE;
    }
  g_free (data->features);
  data->features = c.features;
  return TRUE;
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
print_counts (const Cli *cli, const CliGiven *given, const CliData *data, const Counts *counts,
              const guint32 *labels, const guint32 *predicted)
{
  gboolean reads = few_model_info (given->model)->reads_texts;
  double before = reads ? (double) counts->right_zero_shot / counts->n : NAN;
  double after = (double) counts->right / counts->n;
  double low, high;
  few_interval (counts->right, counts->n, &low, &high);
  if (!cli->json)
    {
      g_autofree char *zero_shot =
          reads ? g_strdup_printf ("zero-shot CLIP %.1f %%, ", 100 * before) : g_strdup ("");
      g_print ("%u pictures: %sadapter %.1f %% (95 %% interval %.1f–%.1f) "
               "right at α %.2f, balanced accuracy %.1f %% (%u refused, %u duplicates, %u twins of "
               "training pictures, %u of unknown classes)\n",
               counts->n, zero_shot, 100 * after, 100 * low, 100 * high, given->alpha,
               100 * counts->scores.balanced, data->refused, data->duplicates, data->twins,
               counts->unknown);
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
  const FewClassifierInfo *info = few_classifier_info (given->classifier);
  cli_scores_json (builder, &counts->scores, info->classes);
  cli_scores_json_classes (builder, labels, predicted, counts->n, info->classes, info->n_classes);
  cli_json_int (builder, "twins", data->twins);
  cli_json_number (builder, "alpha", given->alpha);
  cli_json_end (builder);
}

int
cli_eval (Cli *cli, int argc, char **argv)
{
  g_auto (CliGiven) given = { 0 };
  g_auto (CliData) data = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  const GOptionEntry entries[] = { cli_given_model_entry (&given), cli_given_alpha_entry (&given),
                                   G_OPTION_ENTRY_NULL };
  if (!cli_parse (cli, argc, argv, "[MODEL] CLASSIFIER DATA — accuracy of a classifier", entries, 2,
                  &given.arguments, &status)
      || !cli_given_open (cli, argv[0], TRUE, &given, &status))
    return status;
  const char *folder = given.rest[0];
  if (few_classifier_info (given.classifier)->thresholds)
    return cli_several_eval (cli, given.classifier, given.model, folder);
  if (!cli_data_load (cli, given.model, folder, 0, 1, FALSE, &data, &error)
      || !complete_features (cli, &given, &data, &error))
    return cli_fail (error);
  if (measured_role (&data) == FEW_ROLE_VALIDATION)
    g_printerr ("There are no test pictures: those for validation are measured. An adapter whose α "
                "was chosen on them does better there than elsewhere.\n");
  g_autoptr (GPtrArray) unknown = g_ptr_array_new ();
  g_autofree guint32 *labels = cli_try_values (data.n, sizeof *labels, &error);
  g_autofree guint32 *predicted =
      labels ? cli_try_values (data.n, sizeof *predicted, &error) : NULL;
  if (!predicted)
    return cli_fail (error);
  Counts counts = count_right (&given, &data, unknown, labels, predicted);
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
  cli_scores_warn (&counts.scores, few_classifier_info (given.classifier)->classes);
  print_counts (cli, &given, &data, &counts, labels, predicted);
  return CLI_OK;
}
