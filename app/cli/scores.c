/* SPDX-License-Identifier: MIT */
/* Scores as JSON, and the sentence about a class that swallows the others. */
#include "cli/scores.h"

void
cli_scores_json (JsonBuilder *builder, const FewScores *scores, const char *const *classes)
{
  cli_json_number (builder, "balanced_accuracy", scores->balanced);
  cli_json_number (builder, "log_loss", scores->log_loss);
  cli_json_number (builder, "test_calibration_error", scores->calibration);
  if (few_scores_swallows (scores))
    cli_json_string (builder, "swallowing_class", classes[scores->swallowing]);
}

void
cli_scores_json_cross_validated (JsonBuilder *builder, const FewScores *scores)
{
  if (scores->n == 0)
    return;
  cli_json_number (builder, "cross_validated_accuracy", scores->accuracy);
  cli_json_number (builder, "cross_validated_accuracy_low", scores->low);
  cli_json_number (builder, "cross_validated_accuracy_high", scores->high);
  cli_json_number (builder, "cross_validated_balanced_accuracy", scores->balanced);
  cli_json_int (builder, "cross_validated_images", scores->n);
}

void
cli_scores_json_classes (JsonBuilder *builder, const guint32 *labels, const guint32 *predicted,
                         guint n, const char *const *classes, guint n_classes)
{
  g_autofree guint *pictures = g_new0 (guint, n_classes + 1);
  g_autofree guint *right = g_new0 (guint, n_classes + 1);
  g_autofree guint *called = g_new0 (guint, n_classes + 1);
  for (guint i = 0; i < n; i++)
    {
      pictures[labels[i]]++;
      called[predicted[i]]++;
      right[labels[i]] += labels[i] == predicted[i];
    }
  json_builder_set_member_name (builder, "per_class");
  json_builder_begin_array (builder);
  for (guint c = 0; c < n_classes; c++)
    {
      if (pictures[c] == 0)
        continue;
      json_builder_begin_object (builder);
      cli_json_string (builder, "class", classes[c]);
      cli_json_int (builder, "images", pictures[c]);
      cli_json_int (builder, "right", right[c]);
      cli_json_int (builder, "called", called[c]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
cli_scores_warn (const FewScores *scores, const char *const *classes)
{
  if (!few_scores_swallows (scores))
    return;
  g_autofree char *name = few_text_shown (classes[scores->swallowing]);
  g_printerr (
      "“%s” swallows the others: %.0f %% of the pictures of other classes are taken for it. "
      "Balanced accuracy is %.1f %%; add pictures of the other classes.\n",
      name, 100 * scores->swallowed, 100 * scores->balanced);
}
