/* SPDX-License-Identifier: MIT */
/* Mean average precision and its table of labels, as JSON. */
#include "cli/several.h"

void
cli_several_json (JsonBuilder *builder, const char *prefix, const FewSeveralScores *scores)
{
  const struct
  {
    const char *name;
    double value;
  } members[] = {
    { "map", scores->map },
    { "micro_precision", scores->micro_precision },
    { "micro_recall", scores->micro_recall },
    { "micro_f1", scores->micro_f1 },
    { "macro_f1", scores->macro_f1 },
    { "exact", scores->exact },
  };
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *name = g_strconcat (prefix, members[i].name, NULL);
      cli_json_number (builder, name, members[i].value);
    }
}

void
cli_several_json_labels (JsonBuilder *builder, const FewSeveralScores *scores,
                         const char *const *classes, const float *thresholds)
{
  cli_json_array (builder, "per_label");
  for (guint l = 0; l < scores->n_labels; l++)
    {
      const FewSeveralLabel *label = scores->labels + l;
      json_builder_begin_object (builder);
      if (classes)
        cli_json_string (builder, "label", classes[l]);
      cli_json_int (builder, "images", label->pictures);
      cli_json_int (builder, "said", label->said);
      cli_json_number (builder, "ap", label->ap);
      cli_json_number (builder, "precision", label->precision);
      cli_json_number (builder, "recall", label->recall);
      cli_json_number (builder, "f1", label->f1);
      if (thresholds)
        cli_json_number (builder, "threshold", (double) thresholds[l]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}
