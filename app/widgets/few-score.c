/* SPDX-License-Identifier: MIT */
/* Scores are cosines for CLIP and the visual adapter alone. */
#include "widgets/few-score.h"
#include <glib/gi18n.h>

const char *
few_score_describe (const FewSnapshot *snapshot)
{
  const FewClassifier *classifier = few_snapshot_info (snapshot)->classifier;
  if (few_snapshot_info (snapshot)->sets)
    return _ ("Average precision of each label: how far the pictures that have it come before the "
              "others");
  if (!classifier || few_classifier_info (classifier)->kind == FEW_CLASSIFIER_BOTTLENECK)
    return _ ("Score: cosine similarity of picture and class");
  return _ ("Score: the method’s logit over CLIP’s logit scale. It tells classes apart and is no "
            "cosine; at α = 0 it is CLIP’s, times what suits CLIP beside the method.");
}
