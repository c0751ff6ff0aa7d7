/* SPDX-License-Identifier: MIT */
/* Joins the visual adapter to what "automatic" learned, where it helps. */
#pragma once
#include <fewshot/automatic.h>
#include <fewshot/snapshot.h>
#include <fewshot/trainer.h>

/* What the labelled pictures say, each by what did not see it. */
typedef struct
{
  gboolean joined; /* the adapter lowers the log-loss */
  double automatic, adapter; /* what the logits of each are multiplied with */
  double loss_before, loss_after; /* mean log-loss; of the sum, by weights that other folds chose */
  FewScores cross_validated; /* of the answers that are taken */
} FewJoin;

/* Of the n pictures that automatic learned from: logits [n, K] of the sum, by weights that other
 * folds chose, and whether they say something. */
typedef struct
{
  double *logits;
  guint8 *told;
} FewJoinedLogits;

/* out_of_fold: what the adapters of the folds say of the same pictures, at `alpha` and
 * `temperature`. FALSE with an error when memory is short. */
gboolean few_automatic_weigh (const FewAutomatic *automatic, const FewSnapshot *out_of_fold,
                              double alpha, double temperature, const FewJoinedLogits *joined,
                              FewJoin *join, GError **error);
/* Cross-validated scores of the automatic answer alone. */
void few_automatic_scores (const FewAutomatic *automatic, FewScores *scores);
/* The sum as a classifier, of joined parts; adapter: the one learned from all pictures, whose
 * alpha and logit_scale are those of few_automatic_weigh. */
FewClassifier *few_automatic_sum (const FewAutomatic *automatic, const FewJoin *join,
                                  const FewSnapshot *out_of_fold, const FewClassifier *adapter,
                                  GError **error);
