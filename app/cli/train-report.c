/* SPDX-License-Identifier: MIT */
/* train: what it says at the end. */
#include "cli/train-report.h"
#include "cli/scores.h"
#include "cli/trust.h"
#include <math.h>

static void
measure_test_pictures (CliTrainReport *r)
{
  guint *counts = r->counts;
  const FewSnapshotInfo *learned = few_snapshot_info (r->snapshot);
  for (guint i = 0; i < learned->n; i++)
    counts[learned->roles[i]]++;
  r->before = few_lens_accuracy (r->snapshot, FEW_ROLE_TEST, 0);
  few_lens_scores (r->snapshot, FEW_ROLE_TEST, r->alpha, &r->test);
}

static const FewClassifierInfo *
get_learned (const CliTrainReport *r)
{
  return few_classifier_info (few_snapshot_info (r->snapshot)->classifier);
}

/* Of the test pictures, by class. */
static void
add_classes (JsonBuilder *builder, const CliTrainReport *r, guint32 *labels, guint32 *predicted)
{
  const FewSnapshotInfo *info = few_snapshot_info (r->snapshot);
  guint n = 0;
  few_lens_predict (r->snapshot, r->alpha, predicted, NULL);
  for (guint i = 0; i < info->n; i++)
    if (info->roles[i] == FEW_ROLE_TEST)
      {
        labels[n] = info->labels[i];
        predicted[n++] = predicted[i];
      }
  cli_scores_json_classes (builder, labels, predicted, n, get_learned (r)->classes,
                           info->n_classes);
}

static gboolean
print_json_report (const CliTrainReport *r, GError **error)
{
  const FewSnapshotInfo *learned = few_snapshot_info (r->snapshot);
  g_autofree guint32 *labels = cli_try_values (learned->n, sizeof *labels, error);
  g_autofree guint32 *predicted =
      labels ? cli_try_values (learned->n, sizeof *predicted, error) : NULL;
  if (!predicted)
    return FALSE;
  JsonBuilder *builder = cli_json_begin ();
  cli_json_int (builder, "classes", r->data->n_classes);
  cli_json_int (builder, "images", r->data->n);
  cli_json_int (builder, "refused", r->data->refused);
  cli_json_int (builder, "duplicates", r->data->duplicates);
  cli_json_int (builder, "from_cache", r->data->cached);
  cli_json_int (builder, "train_images", r->counts[FEW_ROLE_TRAIN]);
  cli_json_int (builder, "validation_images", r->counts[FEW_ROLE_VALIDATION]);
  cli_json_int (builder, "test_images", r->counts[FEW_ROLE_TEST]);
  cli_json_number (builder, "zero_shot_accuracy", r->before);
  cli_json_string (builder, "method", get_learned (r)->method);
  cli_json_number (builder, "accuracy", r->test.accuracy);
  cli_json_number (builder, "accuracy_low", r->test.low);
  cli_json_number (builder, "accuracy_high", r->test.high);
  cli_scores_json (builder, &r->test, get_learned (r)->classes);
  cli_scores_json_cross_validated (builder, &learned->cross_validated);
  add_classes (builder, r, labels, predicted);
  cli_json_int (builder, "twins_moved", r->data->twins);
  cli_json_number (builder, "validation_accuracy",
                   few_lens_accuracy (r->snapshot, FEW_ROLE_VALIDATION, r->alpha));
  cli_json_number (builder, "train_accuracy",
                   few_lens_accuracy (r->snapshot, FEW_ROLE_TRAIN, r->alpha));
  cli_json_number (builder, "alpha", r->alpha);
  cli_json_number (builder, "trained_alpha", get_learned (r)->trained_alpha);
  cli_json_number (builder, "seconds", r->seconds);
  cli_json_string (builder, "device", r->info->device);
  cli_trust_json (builder, get_learned (r)->trust);
  cli_json_string (builder, "output", r->job->output);
  cli_json_end (builder);
  return TRUE;
}

static const char *
say_how_chosen (const CliTrainReport *r)
{
  if (r->job->alpha_given)
    return "as given";
  if (r->choice.by_folds)
    return "least log-loss of pictures held out in turn";
  if (!r->info->reads_texts)
    return "the model reads no texts to blend with";
  if (r->choice.enough)
    return "best on validation";
  return r->counts[FEW_ROLE_VALIDATION] > 0 ? "as trained: not enough validation pictures to choose"
                                            : "as learned: no validation pictures are kept aside";
}

static void
print_report (const CliTrainReport *r)
{
  g_print ("%u classes, %u pictures (%u train, %u validation, %u test; %u refused, "
           "%u duplicates)\n",
           r->data->n_classes, r->data->n, r->counts[FEW_ROLE_TRAIN],
           r->counts[FEW_ROLE_VALIDATION], r->counts[FEW_ROLE_TEST], r->data->refused,
           r->data->duplicates);
  if (r->data->twins > 0)
    g_print ("%u picture%s to test or choose on had a twin among those that are learned from and "
             "%s\n",
             r->data->twins, r->data->twins == 1 ? "" : "s",
             r->job->shots > 0 ? "were left out" : "were moved there");
  g_autofree char *before = isnan (r->before)
                                ? g_strdup ("")
                                : g_strdup_printf ("zero-shot CLIP %.1f %%, ", 100 * r->before);
  if (isnan (r->test.accuracy))
    g_print ("no test pictures were left to measure on\n");
  else
    g_print (
        "%s%s %.1f %% (95 %% interval %.1f–%.1f) of the test pictures right; balanced accuracy "
        "%.1f %%\n",
        before, few_method_title (get_learned (r)->method), 100 * r->test.accuracy,
        100 * r->test.low, 100 * r->test.high, 100 * r->test.balanced);
  const FewScores *folds = &few_snapshot_info (r->snapshot)->cross_validated;
  if (folds->n > 0 && !get_learned (r)->trust) /* which says it itself */
    g_print ("cross-validated: %.1f %% (95 %% interval %.1f–%.1f) of %u pictures right, each by "
             "what was learned without it\n",
             100 * folds->accuracy, 100 * folds->low, 100 * folds->high, folds->n);
  cli_trust_print (get_learned (r)->trust);
  g_print ("α %.2f (%s), %.1f s on %s\nclassifier: %s\n", r->alpha, say_how_chosen (r), r->seconds,
           r->info->device, r->job->output);
}

gboolean
cli_train_report (const Cli *cli, CliTrainReport *report, GError **error)
{
  measure_test_pictures (report);
  const FewScores *folds = &few_snapshot_info (report->snapshot)->cross_validated;
  cli_scores_warn (report->test.n > 0 ? &report->test : folds, get_learned (report)->classes);
  if (cli->json)
    return print_json_report (report, error);
  print_report (report);
  return TRUE;
}
