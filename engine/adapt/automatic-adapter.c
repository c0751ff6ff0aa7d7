/* SPDX-License-Identifier: MIT */
/* Trains the adapter that may join "automatic". */
#include "adapt/automatic-adapter.h"
#include "adapt/automatic.h"
#include "adapt/classifier.h"
#include "adapt/trainer-private.h"
#include "adapt/trust.h"

/* Whether enough pictures can tell if it helps. */
static gboolean
can_tell (const FewAutomatic *automatic)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  guint told = 0;
  for (guint i = 0; i < info->n; i++)
    told += info->told[i] != 0;
  return told >= 2 && 2 * (gsize) told >= info->n;
}

/* *stopped: by whoever watches, or by an error. */
static gboolean
train_through (FewTrainer *trainer, const FewAdapterWatch *watch, gboolean *stopped, GError **error)
{
  GError *problem = NULL;
  gboolean going = TRUE;
  *stopped = FALSE;
  while (going && !*stopped)
    {
      going = few_trainer_step (trainer);
      *stopped = !watch->stepped (watch->user, trainer, &problem);
    }
  if (problem)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  if (!few_trainer_check (trainer, error))
    return FALSE;
  guint n;
  const FewEpoch *history = few_trainer_history (trainer, &n);
  watch->ended (watch->user, history, n);
  return TRUE;
}

/* The sum, with what its answers to pictures unseen say of those to come, and the statistics. */
static FewClassifier *
sum_up (const FewAutomatic *automatic, const FewTask *task, FewTrainer *trainer,
        const FewJoin *join, const FewJoinedLogits *joined, const FewStatistics *statistics,
        GCancellable *cancellable, GError **error)
{
  g_autoptr (FewSnapshot) snapshot = few_trainer_snapshot (trainer, error);
  if (!snapshot)
    return NULL;
  g_autoptr (FewClassifier) sum = few_automatic_sum (
      automatic, join, trainer->out_of_fold, few_snapshot_info (snapshot)->classifier, error);
  if (!sum)
    return NULL;
  const FewTrustAnswers answers = { joined->logits, joined->told, sum };
  g_autoptr (FewTrust) trust = few_trust_learn (automatic, &answers, task, cancellable, error);
  if (!trust)
    return NULL;
  FewClassifierInfo info = *few_classifier_info (sum);
  info.trust = trust;
  info.statistics = *statistics;
  return few_classifier_new (&info, error);
}

gboolean
few_automatic_add_adapter (FewModel *model, const FewAutomatic *automatic, const FewTask *task,
                           const FewTrainOptions *options, const FewStatistics *statistics,
                           const FewAdapterWatch *watch, GCancellable *cancellable,
                           FewClassifier **classifier, FewJoin *join, GError **error)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  gboolean stopped;
  FewTrainOptions own = *options;
  own.side = FEW_SIDE_VISUAL;
  own.folds = TRUE;
  *classifier = NULL;
  *join = (FewJoin) { .automatic = 1 };
  few_automatic_scores (automatic, &join->cross_validated);
  if (!can_tell (automatic) || !few_model_info (model)->reads_texts)
    return TRUE;
  g_autoptr (FewTrainer) trainer = few_trainer_new (model, &own, task, error);
  if (!trainer || !train_through (trainer, watch, &stopped, error))
    return FALSE;
  if (stopped || !trainer->out_of_fold)
    return TRUE;
  g_auto (FewRoom) room = { 0 };
  const FewJoinedLogits joined = { few_room_new (&room, double, info->n, info->n_classes),
                                   few_room_new (&room, guint8, info->n, 1) };
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error)
      || !few_automatic_weigh (automatic, trainer->out_of_fold, trainer->alpha,
                               trainer->temperature, &joined, join, error))
    return FALSE;
  if (!join->joined)
    return TRUE;
  *classifier = sum_up (automatic, task, trainer, join, &joined, statistics, cancellable, error);
  return *classifier != NULL;
}
