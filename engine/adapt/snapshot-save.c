/* SPDX-License-Identifier: MIT */
/* A snapshot's classifier as a file, with what its held-out pictures say of likeness. */
#include "adapt/classifier.h"
#include <fewshot/dataset.h>
#include <fewshot/lens.h>

enum { LEAST_PICTURES = 10 };

static guint
count_held_out (const FewSnapshotInfo *info)
{
  guint n = 0;
  for (guint i = 0; i < info->n; i++)
    n += info->roles[i] == FEW_ROLE_VALIDATION || info->roles[i] == FEW_ROLE_TEST;
  return n;
}

gboolean
few_snapshot_save (const FewSnapshot *snapshot, double alpha, const char *path, GError **error)
{
  static const double shares[] = { 0.01, 0.02, 0.05, 0.1, 0.2 };
  g_return_val_if_fail (snapshot != NULL && path != NULL, FALSE);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_return_val_if_fail (info->classifier != NULL, FALSE);
  FewReject rejects[G_N_ELEMENTS (shares)];
  FewClassifierInfo measured = *few_classifier_info (info->classifier);
  measured.alpha = alpha;
  measured.n_rejects = count_held_out (info) < LEAST_PICTURES ? 0 : G_N_ELEMENTS (shares);
  measured.rejects = rejects;
  for (guint i = 0; i < measured.n_rejects; i++)
    rejects[i] =
        (FewReject) { shares[i], few_lens_threshold (snapshot, alpha, 1 - shares[i], NULL) };
  g_autoptr (FewClassifier) classifier = few_classifier_new (&measured, error);
  return classifier && few_classifier_save (classifier, alpha, path, error);
}
