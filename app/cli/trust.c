/* SPDX-License-Identifier: MIT */
/* What may be believed of a classifier's answers, in words and as JSON. */
#include "cli/trust.h"
#include <math.h>

/* Of one's own pictures, refused in what is said of negatives. */
static const double SHARE = 0.05;

void
cli_trust_print (const FewTrust *trust)
{
  const FewTrustInfo *info = trust ? few_trust_info (trust) : NULL;
  if (!info || info->n_told == 0)
    return;
  g_print ("cross-validated on %u pictures: %.1f %% right (95 %% interval %.1f–%.1f), expected "
           "calibration error %.1f %%",
           info->n_told, 100 * info->accuracy, 100 * info->low, 100 * info->high,
           100 * info->error_after);
  if (!isnan (info->error_before))
    g_print (" (zero-shot CLIP %.1f %%)", 100 * info->error_before);
  g_print ("\n");
  if (info->answer_level > 0)
    g_print ("answer sets that hold the class of 90 %% of pictures name %.1f of %u classes\n",
             info->set_size, info->n_classes);
  else
    g_print ("these pictures are too few for answer sets: nine are needed, of classes with at "
             "least two\n");
  if (info->n_negatives > 0)
    g_print ("%u negatives: refusing %.0f %% of the own pictures refuses %.0f %% of them\n",
             info->n_negatives, 100 * SHARE, 100 * few_trust_negatives_refused (trust, SHARE));
}

void
cli_trust_json (JsonBuilder *builder, const FewTrust *trust)
{
  const FewTrustInfo *info = trust ? few_trust_info (trust) : NULL;
  if (!info)
    return;
  cli_json_number (builder, "calibration_error", info->error_after);
  cli_json_number (builder, "zero_shot_calibration_error", info->error_before);
  cli_json_number (builder, "answer_coverage", FEW_TRUST_COVERAGE);
  cli_json_number (builder, "answer_level", info->answer_level);
  cli_json_number (builder, "answer_set_size", info->set_size);
  cli_json_int (builder, "negatives", info->n_negatives);
  if (info->n_negatives > 0)
    cli_json_number (builder, "negatives_refused", few_trust_negatives_refused (trust, SHARE));
}
