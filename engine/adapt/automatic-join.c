/* SPDX-License-Identifier: MIT */
/* A second stack on the first one's result: z = u z_A + v z_V of the automatic answer and the
 * visual adapter's, (u, v) ≥ 0 by the log-loss of out-of-fold logits. Whether the adapter joins is
 * decided by weights that never saw the picture they are judged on: those of the other folds. */
#include "adapt/automatic-join.h"
#include "base/words.h"
#include "adapt/adapter-folds.h"
#include "adapt/automatic.h"
#include "adapt/classifier.h"
#include "lens/lens.h"
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

static const double LAMBDA[] = { 3, 3 };
static const double PRIOR[] = { 0.7, 0.3 };
static const char WHAT[] = N_ ("the joined classifier");

typedef struct
{
  const FewAutomaticInfo *info;
  FewPool *pool;
  FewDense **dense; /* one a thread */
  double *adapter;  /* [n, K] logits */
  float *judged;    /* [n, K] of the sum, by weights of other folds */
  const FewJoinedLogits *joined; /* the same */
  guint32 *told, *others; /* [n] */
  guint n_told;
} Weighing;

static gboolean
find_weights (Weighing *w, const guint32 *rows, guint n, double *weights, GError **error)
{
  const FewAutoStack stack = { .parts = 2,
                               .n = n,
                               .k = w->info->n_classes,
                               .logits = { w->info->out_of_fold, w->adapter },
                               .rows = rows,
                               .labels = w->info->labels };
  return few_auto_stack (&stack, w->pool, w->dense, LAMBDA, PRIOR, NULL, weights, error);
}

/* The sum's logits of each fold's pictures, by the weights of all other folds. */
static gboolean
judge_folds (Weighing *w, GError **error)
{
  guint k = w->info->n_classes;
  for (guint fold = 0; fold < FEW_ADAPTER_FOLDS; fold++)
    {
      double weights[FEW_AUTO_PARTS];
      guint n = 0;
      for (guint i = 0; i < w->n_told; i++)
        if (w->info->folds[w->told[i]] % FEW_ADAPTER_FOLDS != fold)
          w->others[n++] = w->told[i];
      if (n == w->n_told || n == 0)
        continue;
      if (!find_weights (w, w->others, n, weights, error))
        return FALSE;
      for (guint i = 0; i < w->n_told; i++)
        {
          gsize row = (gsize) w->told[i] * k;
          if (w->info->folds[w->told[i]] % FEW_ADAPTER_FOLDS == fold)
            for (guint c = 0; c < k; c++)
              {
                w->joined->logits[row + c] =
                    weights[0] * w->info->out_of_fold[row + c] + weights[1] * w->adapter[row + c];
                w->judged[row + c] = (float) w->joined->logits[row + c];
              }
        }
    }
  return TRUE;
}

static gboolean
weigh (Weighing *w, FewJoin *join, GError **error)
{
  double weights[FEW_AUTO_PARTS];
  FewScores sum;
  if (!judge_folds (w, error) || !find_weights (w, w->told, w->n_told, weights, error))
    return FALSE;
  few_scores_measure (w->judged, w->info->labels, w->told, w->n_told, w->info->n_classes, &sum);
  join->automatic = weights[0];
  join->adapter = weights[1];
  join->loss_after = sum.log_loss;
  join->joined = weights[1] > 0 && sum.log_loss < join->loss_before;
  if (join->joined)
    join->cross_validated = sum;
  return TRUE;
}

/* The pictures of which both say something. FALSE where they are not the same pictures. */
static gboolean
find_told (Weighing *w, const FewSnapshot *out_of_fold)
{
  const FewSnapshotInfo *other = few_snapshot_info (out_of_fold);
  gboolean same = other->n == w->info->n;
  for (guint i = 0; same && i < w->info->n; i++)
    {
      same = other->ids[i] == w->info->pictures[i];
      w->joined->told[i] = w->info->told[i] && other->roles[i] == FEW_ROLE_VALIDATION;
      if (w->joined->told[i])
        w->told[w->n_told++] = i;
    }
  return same && w->n_told >= 2 && 2 * (gsize) w->n_told >= w->info->n;
}

gboolean
few_automatic_weigh (const FewAutomatic *automatic, const FewSnapshot *out_of_fold, double alpha,
                     double temperature, const FewJoinedLogits *joined, FewJoin *join,
                     GError **error)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  gsize cells = (gsize) info->n * info->n_classes;
  g_auto (FewRoom) room = { 0 };
  Weighing w = { .info = info,
                 .joined = joined,
                 .adapter = few_room_new (&room, double, info->n, info->n_classes),
                 .judged = few_room_new (&room, float, info->n, info->n_classes),
                 .told = few_room_new (&room, guint32, info->n, 1),
                 .others = few_room_new (&room, guint32, info->n, 1) };
  *join = (FewJoin) { .automatic = 1 };
  few_automatic_scores (automatic, &join->cross_validated);
  join->loss_before = join->cross_validated.log_loss;
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  if (!find_told (&w, out_of_fold))
    return TRUE;
  few_adapter_logits (out_of_fold, alpha, temperature, w.judged);
  for (gsize i = 0; i < cells; i++)
    w.adapter[i] = w.judged[i];
  w.pool = few_pool_new (0);
  w.dense = few_dense_new_each (w.pool, error);
  gboolean ok = w.dense && weigh (&w, join, error);
  few_dense_free_each (w.dense);
  few_pool_free (w.pool);
  return ok;
}

void
few_automatic_scores (const FewAutomatic *automatic, FewScores *scores)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  g_auto (FewRoom) room = { 0 };
  float *logits = few_room_new (&room, float, info->n, info->n_classes);
  guint32 *told = few_room_new (&room, guint32, info->n, 1);
  guint n = 0;
  *scores = (FewScores) { .swallowing = FEW_NO_CLASS };
  if (few_room_is_short (&room, WHAT, NULL))
    return;
  for (gsize i = 0; i < (gsize) info->n * info->n_classes; i++)
    logits[i] = (float) info->out_of_fold[i];
  for (guint i = 0; i < info->n; i++)
    if (info->told[i])
      told[n++] = i;
  few_scores_measure (logits, info->labels, told, n, info->n_classes, scores);
}

/* ---- the classifier */

/* √ mean (z − its row's mean)² over the told pictures */
static double
measure_spread (const FewAutomaticInfo *info, const double *z)
{
  guint k = info->n_classes;
  double total = 0;
  guint n = 0;
  for (guint i = 0; i < info->n; i++)
    {
      const double *row = z + (gsize) i * k;
      double mean = 0;
      if (!info->told[i])
        continue;
      n++;
      for (guint c = 0; c < k; c++)
        mean += row[c] / k;
      for (guint c = 0; c < k; c++)
        total += (row[c] - mean) * (row[c] - mean);
    }
  return n ? sqrt (total / ((double) n * k)) : 0;
}

/* σL of what was learned: the sum less CLIP's part, out of fold. */
static double
measure_learned (const FewAutomatic *automatic, const FewJoin *join, const FewSnapshot *out_of_fold,
                 const FewClassifierInfo *adapter, float *logits, double *learned)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  const FewAutoFit *fit = automatic->fit;
  double scale = few_snapshot_info (out_of_fold)->logit_scale;
  gsize cells = (gsize) info->n * info->n_classes;
  few_adapter_logits (out_of_fold, 0, 1, logits); /* α = 0: zero-shot CLIP */
  for (gsize i = 0; i < cells; i++)
    learned[i] = join->automatic * (info->out_of_fold[i] - fit->zero_shot * logits[i]);
  few_adapter_logits (out_of_fold, adapter->alpha, adapter->logit_scale / scale, logits);
  for (gsize i = 0; i < cells; i++)
    learned[i] += join->adapter * logits[i];
  return measure_spread (info, learned);
}

FewClassifier *
few_automatic_sum (const FewAutomatic *automatic, const FewJoin *join,
                   const FewSnapshot *out_of_fold, const FewClassifier *adapter, GError **error)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  const FewAutoFit *fit = automatic->fit;
  FewClassifierInfo sum = *few_classifier_info (adapter);
  gsize cells = (gsize) info->n_classes * info->dim;
  double scale = few_snapshot_info (out_of_fold)->logit_scale;
  g_auto (FewRoom) room = { 0 };
  float *logits = few_room_new (&room, float, info->n, info->n_classes);
  double *learned = few_room_new (&room, double, info->n, info->n_classes);
  float *weight = few_room_new (&room, float, info->n_classes, info->dim);
  float *bias = few_room_new (&room, float, info->n_classes, 1);
  if (few_room_is_short (&room, WHAT, error))
    return NULL;
  double clip_spread = fit->zero_shot_spread;
  double clip_share = join->automatic * fit->zero_shot * clip_spread;
  double spread = measure_learned (automatic, join, out_of_fold, &sum, logits, learned);
  double total = clip_share + spread;
  double factor = total / spread; /* at α = 1 as spread out as the sum is */
  for (gsize i = 0; i < cells; i++)
    weight[i] = (float) (factor * join->automatic * fit->learned_w[i]);
  for (guint c = 0; c < info->n_classes; c++)
    bias[c] = (float) (factor * join->automatic * fit->learned_b[c]);
  sum.kind = FEW_CLASSIFIER_SUM;
  sum.method = "automatic";
  sum.weight = weight;
  sum.bias = bias;
  sum.zero_scale = scale * total / clip_spread;
  sum.part_alpha = sum.alpha;
  sum.part_scale = factor * join->adapter * sum.logit_scale;
  sum.logit_scale = scale;
  sum.alpha = sum.trained_alpha = spread / total;
  return few_classifier_new (&sum, error);
}
