/* SPDX-License-Identifier: MIT */
/* info of a classifier: what its file tells. */
#include "cli/facts.h"
#include "cli/several.h"
#include <math.h>

static void
print_json (const FewClassifierInfo *info)
{
  const FewOrigin *origin = &info->origin;
  JsonBuilder *builder = cli_json_begin ();
  cli_json_string (builder, "method", info->method);
  cli_json_string (builder, "backbone", info->backbone);
  cli_json_string (builder, "backbone_sha256", info->backbone_sha256);
  cli_json_string (builder, "template", info->template_text);
  cli_json_array (builder, "classes");
  for (guint i = 0; i < info->n_classes; i++)
    json_builder_add_string_value (builder, info->classes[i]);
  json_builder_end_array (builder);
  cli_json_number (builder, "alpha", info->alpha);
  cli_json_string (builder, "labels", info->thresholds ? "any" : "one");
  if (info->thresholds)
    cli_json_array (builder, "thresholds");
  for (guint i = 0; info->thresholds && i < info->n_classes; i++)
    json_builder_add_double_value (builder, (double) info->thresholds[i]);
  if (info->thresholds)
    json_builder_end_array (builder);
  cli_json_string (builder, "version", origin->version);
  cli_json_string (builder, "trained", origin->trained);
  cli_json_int (builder, "train_images", origin->n_train);
  cli_json_int (builder, "measured_images", origin->n_measured);
  cli_json_string (builder, "measured_on", origin->measured);
  cli_json_number (builder, "accuracy", origin->n_measured ? origin->accuracy : NAN);
  if (origin->several)
    {
      cli_json_number (builder, "zero_shot_map", origin->zero_shot_map);
      cli_several_json (builder, "", origin->several);
      cli_several_json_labels (builder, origin->several, info->classes, info->thresholds);
    }
  cli_json_string (builder, "made", *origin->made ? origin->made : "trained");
  cli_json_array (builder, "parents");
  for (guint i = 0; origin->parents && origin->parents[i]; i++)
    json_builder_add_string_value (builder, origin->parents[i]);
  json_builder_end_array (builder);
  cli_json_end (builder);
}

static void
print_ancestry (const FewOrigin *origin)
{
  if (!*origin->made)
    return;
  const char *words = "merged from others";
  if (g_str_equal (origin->made, "added"))
    words = "pictures were added to another classifier";
  else if (g_str_equal (origin->made, "reopened"))
    words = "another classifier, saved again from a project";
  g_print ("made          %s\n", words);
  for (guint i = 0; origin->parents && origin->parents[i]; i++)
    g_print ("parent        sha256 %s\n", origin->parents[i]);
}

/* Of any number of labels. */
static void
print_measured (const FewClassifierInfo *info)
{
  const FewOrigin *origin = &info->origin;
  g_autofree char *described = cli_several_describe (origin->several);
  g_print ("measured      %s, of %u pictures (%s)\n", described, origin->n_measured,
           origin->measured);
  cli_several_print_labels (origin->several, info->classes, info->thresholds);
}

void
cli_facts_print (const Cli *cli, const FewClassifier *classifier)
{
  const FewClassifierInfo *info = few_classifier_info (classifier);
  const FewOrigin *origin = &info->origin;
  const FewMethodInfo *method = few_method_info_find (info->method);
  if (cli->json)
    {
      print_json (info);
      return;
    }
  g_print ("classifier    %s\nmodel         %s (weights %.12s…)\nclasses       %u\n",
           method ? method->title : "?", info->backbone, info->backbone_sha256, info->n_classes);
  for (guint i = 0; i < info->n_classes; i++)
    {
      g_autofree char *shown = few_text_shown (info->classes[i]);
      if (info->thresholds)
        g_print ("              %s (from %.1f %% on, learned from %u pictures)\n", shown,
                 100 * (double) info->thresholds[i], info->positives[i]);
      else
        g_print ("              %s\n", shown);
    }
  if (info->thresholds)
    g_print ("labels        any number a picture\n");
  else
    g_print ("alpha         %.2f\n", info->alpha);
  if (*origin->trained)
    g_print ("date          %s\n", origin->trained);
  if (origin->n_train > 0)
    g_print ("learned from  %u pictures\n", origin->n_train);
  if (origin->n_measured > 0 && !isnan (origin->accuracy))
    g_print ("accuracy      %.1f %% of %u pictures (%s)\n", 100 * origin->accuracy,
             origin->n_measured, origin->measured);
  print_ancestry (origin);
  if (origin->several)
    print_measured (info);
}
