/* SPDX-License-Identifier: MIT */
/* What a class is likely to be whatever the others are, of models that learned to tell it. */
#include <fewshot/classifier.h>
#include <fewshot/lens.h>
#include <math.h>

gboolean
few_lens_alone (const FewSnapshot *s, const FewModelInfo *model, guint i, double alpha,
                float *probabilities)
{
  g_return_val_if_fail (s != NULL && model != NULL && probabilities != NULL, FALSE);
  const FewSnapshotInfo *info = few_snapshot_info (s);
  g_return_val_if_fail (i < info->n, FALSE);
  const FewClassifierInfo *k = info->classifier ? few_classifier_info (info->classifier) : NULL;
  if (!model->independent || (k && k->kind != FEW_CLASSIFIER_BOTTLENECK))
    return FALSE;
  few_lens_cosines (s, i, alpha, probabilities);
  for (guint c = 0; c < info->n_classes; c++)
    {
      double logit = model->logit_scale * (double) probabilities[c] + model->logit_bias;
      probabilities[c] = (float) (1 / (1 + exp (-logit)));
    }
  return TRUE;
}
