/* SPDX-License-Identifier: MIT */
/* "Automatic" among the methods: see fewshot/automatic.h. It learns from the training pictures
 * alone unless it is told to take the validation pictures, too, on which it chooses nothing; from
 * pictures themselves, not from views of them. */
#include "adapt/automatic-adapter.h"
#include "adapt/classifier.h"
#include "adapt/gaussian.h"
#include "adapt/method.h"
#include "adapt/trainer-private.h"
#include "adapt/training-groups.h"
#include "lens/lens.h"
#include "lens/snapshot.h"
#include <fewshot/apply.h>
#include <fewshot/automatic.h>
#include <fewshot/dataset.h>
#include <fewshot/trust.h>
#include <math.h>
#include <string.h>

typedef struct
{
  double alpha;        /* NAN: the result's */
  gboolean groups;     /* near-duplicates stay in one fold */
  gboolean validation; /* learn from validation pictures, too */
  gboolean adapter;    /* the visual adapter is trained, too, and joins where it helps */
  gboolean even;       /* the stack's prior trusts all parts alike */
  gboolean balanced;   /* no class is likelier beforehand */
  guint seed;
} AutomaticSettings;

static const FewSetting settings[] = {
  FEW_OWN_NUMBER (AutomaticSettings, alpha, "alpha", 0, 1, NAN),
  FEW_OWN_WORD (AutomaticSettings, groups, "groups", "0 1", TRUE),
  FEW_OWN_WORD (AutomaticSettings, validation, "validation", "0 1", FALSE),
  FEW_OWN_WORD (AutomaticSettings, adapter, "adapter", "0 1", FALSE),
  FEW_OWN_WORD (AutomaticSettings, even, "prior", "zero-shot even", FALSE),
  FEW_OWN_PRIORS (AutomaticSettings, balanced),
  FEW_OWN_WHOLE (AutomaticSettings, seed, "seed", 0, 1000000000, 1),
  FEW_SETTINGS_END,
};

/* The two ends that α moves between. */
static void
keep_blend (FewMethodRun *r, const FewAutomatic *automatic, double alpha)
{
  gsize cells = (gsize) r->k * r->d;
  double *weight = few_run_host (r, double, r->k, r->d);
  double *bias = few_run_host (r, double, r->k, 1);
  float *w = few_run_host (r, float, r->k, r->d);
  float *b = few_run_host (r, float, r->k, 1);
  double square = 0;
  if (!weight || !bias || !w || !b)
    return;
  few_automatic_at (automatic, 0, weight, bias);
  for (guint i = 0; i < r->d; i++) /* a class's text feature, unit, times the temperature */
    square += weight[i] * weight[i];
  few_automatic_at (automatic, 1, weight, bias);
  for (gsize i = 0; i < cells; i++)
    w[i] = (float) weight[i];
  for (guint c = 0; c < r->k; c++)
    b[c] = (float) bias[c];
  few_run_keep_blend (r, w, b, sqrt (square), alpha);
}

/* Scores of all pictures at α; what was learned, in the result. */
static gboolean
report_classifier (FewMethodRun *r, const FewAutomatic *automatic, double alpha, GError **error)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  gsize cells = (gsize) r->k * r->d;
  double *weight = few_run_host (r, double, r->k, r->d);
  double *bias = few_run_host (r, double, r->k, 1);
  float *w = few_run_host (r, float, r->k, r->d);
  float *b = few_run_host (r, float, r->k, 1);
  if (few_run_short (r, error))
    return FALSE;
  memcpy (weight, info->weight, cells * sizeof (double));
  memcpy (bias, info->bias, r->k * sizeof (double));
  if (!isnan (alpha))
    few_automatic_at (automatic, alpha, weight, bias);
  for (gsize i = 0; i < cells; i++)
    w[i] = (float) weight[i];
  for (guint c = 0; c < r->k; c++)
    b[c] = (float) bias[c];
  float *features = few_run_upload_normalised (r, r->task->features, r->n);
  float *device_w = few_run_upload (r, w, cells);
  if (few_run_short (r, error))
    return FALSE;
  few_run_score (r, features, device_w, 1, b);
  few_run_learned (r, "weight", r->k, r->d, w);
  few_run_learned (r, "bias", 1, r->k, b);
  keep_blend (r, automatic, isnan (alpha) ? info->alpha : alpha);
  r->result->parameters = (guint64) r->k * (r->d + 1);
  few_run_chose (r, "alpha", isnan (alpha) ? info->alpha : alpha);
  few_run_chose (r, "zero-shot", info->zero_shot);
  few_run_chose (r, "gda", info->gda);
  few_run_chose (r, "lp++", info->lp);
  return TRUE;
}

/* Of what was learned from, so that more can be learned from later: where a classifier is kept. */
static gboolean
keep_statistics (FewMethodRun *r, const FewAutomatic *automatic, GError **error)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  FewGaussian gaussian;
  if (!r->task->class_names)
    return TRUE;
  few_gaussian_init (&gaussian, r->k, r->d, &r->room);
  if (few_run_short (r, error)
      || !few_gaussian_measure (&gaussian, r->task->features, r->task->labels, info->pictures,
                                info->n, r->task->text_features, error))
    return FALSE;
  r->statistics = few_gaussian_keep (&gaussian, NAN, &r->room);
  return !few_run_short (r, error);
}

/* For whoever looks into it: each learned picture's place, fold and out-of-fold logits. */
static void
report_folds (FewMethodRun *r, const FewAutomatic *automatic)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  gsize cells = (gsize) info->n * r->k;
  float *out_of_fold = few_run_host (r, float, info->n, r->k);
  float *folds = few_run_host (r, float, info->n, 1);
  float *pictures = few_run_host (r, float, info->n, 1);
  if (!out_of_fold || !folds || !pictures)
    return; /* few_run_short tells */
  for (gsize i = 0; i < cells; i++)
    out_of_fold[i] = (float) info->out_of_fold[i];
  for (guint i = 0; i < info->n; i++)
    {
      folds[i] = (float) info->folds[i];
      pictures[i] = (float) info->pictures[i];
    }
  few_run_learned (r, "pictures", 1, info->n, pictures);
  few_run_learned (r, "folds", 1, info->n, folds);
  few_run_learned (r, "out_of_fold", info->n, r->k, out_of_fold);
}

/* ---- the visual adapter beside it */

static gboolean
adapter_stepped (gpointer user, FewTrainer *trainer, GError **error)
{
  FewMethodRun *r = user;
  guint done = (guint) lrint (1000 * few_trainer_share (trainer));
  if (!r->watch->stepped)
    return few_run_tick (r, done, 1000, error);
  if (r->watch->progress)
    r->watch->progress (r->watch->user, done, 1000);
  /* who may end it and keep the answer: not by cancelling all */
  return r->watch->stepped (r->watch->user, trainer, error);
}

static void
adapter_ended (gpointer user, const FewEpoch *history, guint n)
{
  few_run_add_epochs (user, history, n);
}

/* What stands before the adapter learns, for who looks on. */
static gboolean
show_answer (FewMethodRun *r, GError **error)
{
  if (!r->watch->answered)
    return TRUE;
  g_autoptr (FewSnapshot) snapshot =
      few_snapshot_apply (r->model, r->result->classifier, r->task, error);
  if (!snapshot)
    return FALSE;
  snapshot->info.cross_validated = r->result->cross_validated;
  r->watch->answered (r->watch->user, snapshot);
  return TRUE;
}

/* Scores and classifier become those of the sum where it helps. */
static gboolean
add_adapter (FewMethodRun *r, const FewAutomatic *automatic, const guint32 *groups, GError **error)
{
  FewTask task = *r->task;
  FewTrainOptions options;
  const FewAdapterWatch watch = { adapter_stepped, adapter_ended, r };
  FewJoin join;
  g_autoptr (FewClassifier) sum = NULL;
  task.groups = groups;
  few_train_options_init (&options);
  options.seed = r->options->train.seed;
  if (!r->task->class_names)
    return TRUE;
  if (!show_answer (r, error)
      || !few_automatic_add_adapter (r->model, automatic, &task, &options, &r->statistics, &watch,
                                     r->cancellable, &sum, &join, error))
    return FALSE;
  few_run_chose (r, "adapter", sum ? join.adapter : 0);
  if (!sum)
    return TRUE;
  g_autoptr (FewSnapshot) snapshot = few_snapshot_apply (r->model, sum, r->task, error);
  if (!snapshot)
    return FALSE;
  few_snapshot_scores (snapshot, few_classifier_info (sum)->alpha, r->n, r->result->scores);
  g_clear_pointer (&r->result->classifier, few_classifier_unref);
  r->result->classifier = g_steal_pointer (&sum);
  r->result->cross_validated = join.cross_validated;
  return TRUE;
}

static gboolean
run_automatic (FewMethodRun *r, GError **error)
{
  AutomaticSettings own;
  few_settings_own (r->options, &own, sizeof own);
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  g_autofree guint32 *groups =
      own.groups ? few_training_groups (r->task, r->d, own.validation, few_run_threads (r),
                                        r->cancellable, error)
                 : NULL;
  if (own.groups && !groups)
    return FALSE;
  options.groups = groups;
  options.validation_too = own.validation;
  options.seed = own.seed;
  options.even_prior = own.even;
  options.balanced_priors = own.balanced;
  options.threads = few_run_threads (r);
  g_autoptr (FewAutomatic) automatic = few_automatic_learn (
      r->task, r->d, r->scale, &options, r->watch->progress, r->watch->user, r->cancellable, error);
  if (!automatic)
    return FALSE;
  /* what folds tell is of the α that the result has */
  g_autoptr (FewTrust) trust =
      isnan (own.alpha) ? few_trust_new (automatic, r->task, r->d, r->cancellable, error) : NULL;
  r->trust = trust;
  if ((isnan (own.alpha) && !trust) || !keep_statistics (r, automatic, error))
    return FALSE;
  gboolean reported = report_classifier (r, automatic, own.alpha, error);
  r->trust = NULL;
  if (!reported)
    return FALSE;
  report_folds (r, automatic);
  few_automatic_scores (automatic, &r->result->cross_validated);
  return !own.adapter || own.validation || add_adapter (r, automatic, groups, error);
}

const FewMethod few_methods_automatic[] = {
  { .info = { .name = "automatic",
              .title = "Automatic",
              .reference = "zero-shot CLIP, GDA and LP++, stacked",
              .usual = TRUE,
              .keeps = TRUE },
    .settings = settings,
    .run = run_automatic },
  { .run = NULL },
};
