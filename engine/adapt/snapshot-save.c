/* SPDX-License-Identifier: MIT */
/* A snapshot's classifier as a file, with what its held-out pictures say of likeness. */
#include "adapt/classifier.h"
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <fewshot/several.h>
#include <fewshot/trust.h>
#include <math.h>

enum { LEAST_PICTURES = 10 };

static guint
count_held_out (const FewSnapshotInfo *info)
{
  guint n = 0;
  for (guint i = 0; i < info->n; i++)
    n += info->roles[i] == FEW_ROLE_VALIDATION || info->roles[i] == FEW_ROLE_TEST;
  return n;
}

/* What the held-out pictures say at α: those to test on, or else those to choose on, or else what
 * the method foretold of itself. */
static void
measure (const FewSnapshot *snapshot, double alpha, FewClassifierInfo *k)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  FewOrigin *origin = &k->origin;
  for (guint i = 0; i < info->n; i++)
    {
      origin->n_train += info->roles[i] == FEW_ROLE_TRAIN;
      origin->n_validation += info->roles[i] == FEW_ROLE_VALIDATION;
      origin->n_test += info->roles[i] == FEW_ROLE_TEST;
    }
  gboolean test = origin->n_test > 0;
  int role = test ? FEW_ROLE_TEST : FEW_ROLE_VALIDATION;
  origin->n_measured = test ? origin->n_test : origin->n_validation;
  origin->measured = test ? "test" : "validation";
  origin->accuracy = few_lens_accuracy (snapshot, role, alpha);
  origin->zero_shot_accuracy = few_lens_accuracy (snapshot, role, 0);
  if (origin->n_measured > 0)
    return;
  origin->measured = "";
  if (!k->trust || !few_trust_holds (k->trust, alpha))
    return;
  const FewTrustInfo *trust = few_trust_info (k->trust);
  origin->accuracy = trust->accuracy;
  origin->n_measured = trust->n_told;
  origin->measured = "cross-validation";
}

/* The same of pictures with any number of labels, of which nothing is right as a whole. */
static gboolean
measure_sets (const FewSnapshot *snapshot, FewOrigin *origin, FewSeveralScores **several,
              GError **error)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  FewRole role = origin->n_test > 0 ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
  origin->n_measured = 0;
  origin->measured = "";
  origin->accuracy = origin->zero_shot_accuracy = origin->zero_shot_map = NAN;
  if (role == FEW_ROLE_TRAIN && !info->several)
    return TRUE;
  *several = role == FEW_ROLE_TEST ? few_several_of_snapshot (snapshot, role, 1, error)
                                   : few_several_copy (info->several, error);
  g_autoptr (FewSeveralScores) before =
      *several ? few_several_of_snapshot (snapshot, role, 0, error) : NULL;
  if (!before)
    return FALSE;
  origin->several = *several;
  origin->n_measured = (*several)->n;
  origin->measured = role == FEW_ROLE_TEST ? "test" : "cross-validation";
  origin->zero_shot_map = before->map;
  return TRUE;
}

FewClassifier *
few_snapshot_measured (const FewSnapshot *snapshot, double alpha, GError **error)
{
  static const double shares[] = { 0.01, 0.02, 0.05, 0.1, 0.2 };
  g_return_val_if_fail (snapshot != NULL, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_return_val_if_fail (info->classifier != NULL, NULL);
  FewReject rejects[G_N_ELEMENTS (shares)];
  g_autoptr (FewSeveralScores) several = NULL;
  if (info->thresholds) /* which hold for what was learned alone */
    alpha = 1;
  FewClassifierInfo measured = *few_classifier_info (info->classifier);
  measured.alpha = alpha;
  /* how unlike all labels a picture is says nothing where it may have none */
  measured.n_rejects =
      info->sets || count_held_out (info) < LEAST_PICTURES ? 0 : G_N_ELEMENTS (shares);
  measured.rejects = rejects;
  for (guint i = 0; i < measured.n_rejects; i++)
    rejects[i] =
        (FewReject) { shares[i], few_lens_threshold (snapshot, alpha, 1 - shares[i], NULL) };
  measure (snapshot, alpha, &measured);
  if (info->sets && !measure_sets (snapshot, &measured.origin, &several, error))
    return NULL;
  return few_classifier_new (&measured, error);
}

gboolean
few_snapshot_save (const FewSnapshot *snapshot, double alpha, const char *path, GError **error)
{
  g_return_val_if_fail (snapshot != NULL && path != NULL, FALSE);
  g_autoptr (FewClassifier) classifier = few_snapshot_measured (snapshot, alpha, error);
  return classifier && few_classifier_save (classifier, alpha, path, error);
}
