/* SPDX-License-Identifier: MIT */
/* Which pictures are none of the classes. */
#include "base/error.h"
#include <fewshot/portable.h>

gboolean
few_refusal_find (const FewClassifier *classifier, double alpha, double share, FewRefusal *refusal,
                  GError **error)
{
  g_return_val_if_fail (classifier != NULL && refusal != NULL, FALSE);
  g_return_val_if_fail (share > 0 && share <= 1, FALSE);
  const FewClassifierInfo *info = few_classifier_info (classifier);
  gboolean knows = info->trust && few_trust_info (info->trust)->n_told > 0;
  *refusal = (FewRefusal) { .by_strangeness = knows };
  if (knows && few_trust_holds (info->trust, alpha))
    {
      refusal->level = few_trust_refusal (info->trust, share);
      return TRUE;
    }
  if (!knows && alpha == info->alpha
      && few_classifier_threshold (classifier, share, &refusal->level))
    return TRUE;
  few_fail (error, INPUT,
            "The classifier does not say at this α which pictures are as unlike its classes as "
            "that share of those that were held out.");
  return FALSE;
}

gboolean
few_refusal_holds (const FewRefusal *refusal, const FewClassifier *classifier, const float *feature,
                   guint best, const float *cosines, const float *probabilities)
{
  g_return_val_if_fail (refusal != NULL && classifier != NULL && feature != NULL, FALSE);
  if (!refusal->by_strangeness)
    return cosines[best] < refusal->level;
  const FewTrust *trust = few_classifier_info (classifier)->trust;
  FewLook look = few_trust_look (trust, feature);
  return few_trust_strangeness (trust, look, probabilities[best]) > refusal->level;
}
