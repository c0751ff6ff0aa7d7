/* SPDX-License-Identifier: MIT */
/* Runs that a project keeps: what was learned in parts, and the snapshot that it makes again. */
#include "base/error.h"
#include "base/memory.h"
#include "lens/lens.h"
#include "lens/snapshot.h"
#include "adapt/classifier.h"
#include "adapt/scoring.h"
#include "adapt/trust.h"
#include <fewshot/apply.h>
#include <fewshot/dataset.h>
#include <fewshot/lens.h>
#include <fewshot/several.h>
#include <math.h>
#include <string.h>

/* Two tables one behind the other. NULL where there is no room: the run is kept without. */
static float *
join_floats (const float *first, gsize n, const float *second, gsize m)
{
  float *both = few_try_floats (n + m, 1, "the run", NULL);
  if (!both)
    return NULL;
  memcpy (both, first, n * sizeof *both);
  if (second)
    memcpy (both + n, second, m * sizeof *both);
  return both;
}

static gsize
count_values (const FewClassifierInfo *classifier)
{
  return classifier->key_values ? (gsize) classifier->n_keys * classifier->n_classes : 0;
}

/* W, b, W1, W2 one behind the other */
static void
keep_sum (FewProjectRun *run, const FewClassifierInfo *classifier)
{
  gsize d = classifier->dim;
  gsize half = classifier->hidden * d;
  gsize linear = classifier->n_classes * (d + 1);
  g_autofree float *first = join_floats (classifier->weight, classifier->n_classes * d,
                                         classifier->bias, classifier->n_classes);
  g_autofree float *second = join_floats (classifier->w1, half, classifier->w2, half);
  run->weights = first && second ? join_floats (first, linear, second, 2 * half) : NULL;
}

/* W1, W2, and the text that they go with; or what a tower made of the pictures. */
static void
keep_adapter (FewProjectRun *run, const FewClassifierInfo *classifier, const float *beside,
              gsize n_beside)
{
  gsize half = (gsize) classifier->hidden * (classifier->width ? classifier->width : run->dim);
  g_autofree float *both = join_floats (classifier->w1, half, classifier->w2, half);
  run->part_alpha = classifier->part_alpha;
  run->weights = both ? join_floats (both, 2 * half, beside, n_beside) : NULL;
}

/* W, b, the thresholds, and how many pictures each label was learned from */
static void
keep_independent (FewProjectRun *run, const FewClassifierInfo *classifier)
{
  guint k = classifier->n_classes;
  gsize linear = k * (classifier->dim + (gsize) 1);
  g_autofree float *positives = few_try_floats (k, 1, "the run", NULL);
  g_autofree float *first =
      join_floats (classifier->weight, (gsize) k * classifier->dim, classifier->bias, k);
  run->form = g_strdup ("independent");
  run->zero_scale = classifier->zero_scale;
  run->strength = classifier->strength;
  run->prior = classifier->prior;
  for (guint i = 0; positives && i < k; i++)
    positives[i] = (float) classifier->positives[i];
  g_autofree float *second =
      positives ? join_floats (classifier->thresholds, k, positives, k) : NULL;
  run->weights = first && second ? join_floats (first, linear, second, 2 * (gsize) k) : NULL;
}

static void
keep_learned (FewProjectRun *run, const FewClassifierInfo *classifier, const float *inserted)
{
  gsize d = classifier->dim;
  run->dim = classifier->dim;
  run->hidden = classifier->hidden;
  run->final_relu = classifier->final_relu;
  run->trained_alpha = classifier->trained_alpha;
  run->logit_scale = classifier->logit_scale;
  run->trust = classifier->trust ? few_trust_pack (classifier->trust, &run->n_trust) : NULL;
  switch (classifier->kind)
    {
    case FEW_CLASSIFIER_BOTTLENECK:
      run->weights = join_floats (classifier->w1, classifier->hidden * d, classifier->w2,
                                  classifier->hidden * d);
      break;
    case FEW_CLASSIFIER_LINEAR:
      run->form = g_strdup ("linear");
      run->raw = classifier->raw;
      run->zero_scale = classifier->zero_scale;
      run->weights = join_floats (classifier->weight, classifier->n_classes * d, classifier->bias,
                                  classifier->n_classes);
      break;
    case FEW_CLASSIFIER_INDEPENDENT:
      keep_independent (run, classifier);
      break;
    case FEW_CLASSIFIER_SUM:
      run->form = g_strdup (classifier->part_text ? "pair" : "sum");
      run->zero_scale = classifier->zero_scale;
      run->part_alpha = classifier->part_alpha;
      run->part_scale = classifier->part_scale;
      if (classifier->part_text)
        keep_adapter (run, classifier, classifier->part_text, classifier->n_classes * d);
      else
        keep_sum (run, classifier);
      break;
    case FEW_CLASSIFIER_TOWER:
      run->form = g_strdup ("tower");
      run->after = classifier->after;
      run->width = classifier->width;
      keep_adapter (run, classifier, inserted, run->n * d);
      break;
    case FEW_CLASSIFIER_CACHE:
      run->form = g_strdup (classifier->key_values ? "kernel" : "cache");
      run->tau = classifier->tau;
      run->sharpness = classifier->sharpness;
      run->n_keys = classifier->n_keys;
      run->key_labels = few_try_copy (classifier->key_labels, classifier->n_keys,
                                      sizeof *run->key_labels, "the run", NULL);
      if (run->key_labels)
        run->weights = join_floats (classifier->keys, classifier->n_keys * d,
                                    classifier->key_values, count_values (classifier));
    }
}

/* Which pictures it learned from. FALSE: there is no memory. */
static gboolean
keep_pictures (FewProjectRun *run, const FewSnapshotInfo *info)
{
  run->history = few_try_copy (info->history, info->epoch, sizeof *info->history, "the run", NULL);
  run->ids = few_try_copy (info->ids, info->n, sizeof *info->ids, "the run", NULL);
  run->labels = few_try_copy (info->labels, info->n, sizeof *info->labels, "the run", NULL);
  run->roles = few_try_copy (info->roles, info->n, 1, "the run", NULL);
  gboolean ok = run->history && run->ids && run->labels && run->roles;
  run->sets = info->sets ? few_label_sets_ref (info->sets) : NULL;
  run->epochs = run->history ? info->epoch : 0;
  run->n = ok ? info->n : 0;
  return ok;
}

/* What a run on any number of labels has in the place of accuracies. Without room they are not
 * known. */
static void
keep_precision (FewProjectRun *run, const FewSnapshot *snapshot)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  run->test_map = run->zero_shot_map = run->cross_validated_map = NAN;
  if (!info->sets)
    return;
  g_autoptr (FewSeveralScores) after = few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 1, NULL);
  g_autoptr (FewSeveralScores) before = few_several_of_snapshot (snapshot, FEW_ROLE_TEST, 0, NULL);
  run->test_map = after ? after->map : NAN;
  run->zero_shot_map = before ? before->map : NAN;
  run->cross_validated_map = info->several ? info->several->map : NAN;
}

FewProjectRun *
few_project_run_new (const char *title, const FewTrainJob *job, const FewSnapshot *snapshot,
                     const char *const *prompts, gboolean stopped)
{
  g_return_val_if_fail (job != NULL && snapshot != NULL, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_return_val_if_fail (info->classifier != NULL, NULL);
  const FewClassifierInfo *classifier = few_classifier_info (info->classifier);
  FewAlphaChoice choice;
  few_lens_choose_alpha (snapshot, &choice); /* that the run is shown at */
  FewProjectRun *run = g_new0 (FewProjectRun, 1);
  g_atomic_ref_count_init (&run->refs);
  run->title = g_strdup (title);
  run->job = *job;
  run->stopped = stopped;
  run->seconds = info->seconds;
  run->test_accuracy = few_lens_accuracy (snapshot, FEW_ROLE_TEST, choice.best);
  run->zero_shot_accuracy = few_lens_accuracy (snapshot, FEW_ROLE_TEST, 0);
  run->chosen_alpha = info->chosen_alpha;
  run->cross_validated = info->cross_validated;
  keep_precision (run, snapshot);
  for (guint i = 0; i < info->n; i++)
    run->n_test += info->roles[i] == FEW_ROLE_TEST;
  run->n_classes = info->n_classes;
  run->names = g_strdupv ((char **) classifier->classes);
  run->prompts = g_new0 (char *, info->n_classes + 1);
  for (guint k = 0; prompts && k < info->n_classes; k++)
    run->prompts[k] = g_strdup (prompts[k]);
  run->template_text = g_strdup (classifier->template_text);
  if (keep_pictures (run, info))
    keep_learned (run, classifier, info->inserted); /* else it is kept without */
  run->backbone_sha256 = g_strdup (classifier->backbone_sha256);
  run->backbone_fingerprint =
      *classifier->backbone_fingerprint ? g_strdup (classifier->backbone_fingerprint) : NULL;
  run->backbone_precision =
      *classifier->backbone_precision ? g_strdup (classifier->backbone_precision) : NULL;
  return run;
}

FewProjectRun *
few_project_run_of_classifier (const char *title, const char *sha256,
                               const FewClassifier *classifier)
{
  g_return_val_if_fail (title != NULL && sha256 != NULL && classifier != NULL, NULL);
  const FewClassifierInfo *info = few_classifier_info (classifier);
  FewProjectRun *run = g_new0 (FewProjectRun, 1);
  g_atomic_ref_count_init (&run->refs);
  run->title = g_strdup (title);
  run->parent = g_strdup (sha256);
  few_train_options_init (&run->job.options);
  gboolean adapter = g_str_equal (info->method, "clip-adapter");
  run->job.method = adapter || !*info->method ? NULL : g_intern_string (info->method);
  run->test_accuracy = run->zero_shot_accuracy = NAN;
  run->test_map = run->zero_shot_map = run->cross_validated_map = NAN;
  run->chosen_alpha = NAN; /* by pictures that are not here */
  run->n_classes = info->n_classes;
  run->names = g_strdupv ((char **) info->classes);
  run->prompts = g_new0 (char *, info->n_classes + 1);
  for (guint k = 0; info->prompts && k < info->n_classes; k++)
    run->prompts[k] = *info->prompts[k] ? g_strdup (info->prompts[k]) : NULL;
  run->template_text = g_strdup (info->template_text);
  run->history = g_new0 (FewEpoch, 1);
  run->ids = g_new0 (guint32, 1);
  run->labels = g_new0 (guint32, 1);
  run->roles = g_new0 (guint8, 1);
  keep_learned (run, info, NULL);
  run->backbone_sha256 = g_strdup (info->backbone_sha256);
  run->backbone_fingerprint =
      *info->backbone_fingerprint ? g_strdup (info->backbone_fingerprint) : NULL;
  run->backbone_precision = *info->backbone_precision ? g_strdup (info->backbone_precision) : NULL;
  return run;
}

/* Why a run cannot be shown. */
static void
fail_restore (const FewProjectRun *run, FewModelMatch match, GError **error)
{
  if (!run->weights)
    few_fail (error, INPUT, "“%s” was kept without its weights. Train again to see it.",
              run->title);
  else if (match == FEW_MODEL_OTHER_SETTINGS)
    few_fail (error, INPUT,
              "“%s” was trained with these weights and another config, preprocessing or "
              "tokenizer. Open that model to see it, or train again.",
              run->title);
  else
    few_fail (error, INPUT,
              "“%s” was trained with another model. Open that model to see it, or train again.",
              run->title);
}

/* The kind, and where its numbers lie among the run's weights; `none`: as many zeroes as a linear
 * part has numbers; positives [K]: FewClassifierInfo's. */
static void
take_form (const FewProjectRun *run, const float *none, const guint32 *positives,
           FewClassifierInfo *info)
{
  gsize half = (gsize) run->dim * run->hidden;
  if (!run->form)
    {
      info->w1 = run->weights;
      info->w2 = run->weights + half;
    }
  else if (g_str_equal (run->form, "tower"))
    {
      info->kind = FEW_CLASSIFIER_TOWER;
      info->after = run->after;
      info->width = run->width;
      info->w1 = run->weights;
      info->w2 = run->weights + (gsize) run->width * run->hidden;
    }
  else if (g_str_equal (run->form, "pair"))
    {
      info->kind = FEW_CLASSIFIER_SUM;
      info->weight = info->bias = none;
      info->w1 = run->weights;
      info->w2 = run->weights + half;
      info->part_text = info->w2 + half;
    }
  else if (g_str_equal (run->form, "linear") || g_str_equal (run->form, "independent"))
    {
      gboolean linear = g_str_equal (run->form, "linear");
      info->kind = linear ? FEW_CLASSIFIER_LINEAR : FEW_CLASSIFIER_INDEPENDENT;
      info->weight = run->weights;
      info->bias = run->weights + (gsize) run->n_classes * run->dim;
      info->thresholds = linear ? NULL : info->bias + run->n_classes;
      info->positives = linear ? NULL : positives;
    }
  else if (g_str_equal (run->form, "sum"))
    {
      info->kind = FEW_CLASSIFIER_SUM;
      info->weight = run->weights;
      info->bias = run->weights + (gsize) run->n_classes * run->dim;
      info->w1 = info->bias + run->n_classes;
      info->w2 = info->w1 + half;
    }
  else
    {
      info->kind = FEW_CLASSIFIER_CACHE;
      info->n_keys = run->n_keys;
      info->keys = run->weights;
      info->key_labels = run->key_labels;
      if (g_str_equal (run->form, "kernel"))
        info->key_values = run->weights + (gsize) run->n_keys * run->dim;
    }
}

/* Of how many pictures each label was learned; zeroes of another form. NULL: there is no room. */
static guint32 *
read_positives (const FewProjectRun *run, GError **error)
{
  guint k = run->n_classes;
  guint32 *positives = few_try_copy (NULL, k, sizeof *positives, "the run", error);
  gboolean told = g_strcmp0 (run->form, "independent") == 0;
  const float *kept = told ? run->weights + (gsize) k * (run->dim + (gsize) 2) : NULL;
  for (guint i = 0; positives && i < k; i++)
    positives[i] = told && kept[i] > 0 && kept[i] < 1e9f ? (guint32) kept[i] : 0;
  return positives;
}

static gboolean
has_adapter (const FewProjectRun *run)
{
  static const char *const forms[] = { "sum", "pair", "tower", NULL };
  return g_strv_contains (forms, run->form);
}

static FewClassifier *
restore_classifier (const FewModelInfo *model, const FewProjectRun *run, const float *text_features,
                    GError **error)
{
  double alpha = isnan (run->trained_alpha) ? run->job.options.alpha : run->trained_alpha;
  g_auto (GStrv) prompts =
      few_classifier_prompts ((const char *const *) run->prompts, run->n_classes);
  FewClassifierInfo info = { .method = run->job.method,
                             .dim = run->dim,
                             .n_classes = run->n_classes,
                             .trained_alpha = alpha,
                             .alpha = isnan (run->chosen_alpha) ? alpha : run->chosen_alpha,
                             .logit_scale =
                                 isnan (run->logit_scale) ? model->logit_scale : run->logit_scale,
                             .text_features = text_features,
                             .hidden = run->form && !has_adapter (run) ? 0 : run->hidden,
                             .final_relu = run->final_relu,
                             .part_alpha = run->part_alpha,
                             .part_scale = run->part_scale,
                             .raw = run->raw,
                             .zero_scale = run->zero_scale,
                             .strength = run->strength,
                             .prior = run->prior,
                             .tau = run->tau,
                             .sharpness = run->sharpness,
                             .classes = (const char *const *) run->names,
                             .template_text = run->template_text,
                             .prompts = (const char *const *) prompts,
                             .backbone = model->name,
                             .backbone_sha256 = run->backbone_sha256,
                             .backbone_fingerprint = run->backbone_fingerprint,
                             .backbone_precision = run->backbone_precision };
  const char *const parents[] = { run->parent, NULL };
  if (run->parent)
    info.origin = (FewOrigin) { .made = "reopened", .parents = parents };
  gsize linear = run->n_classes * (run->dim + (gsize) 1);
  g_autofree float *none = few_try_floats (linear, 1, "the run", error);
  if (!none)
    return NULL;
  memset (none, 0, linear * sizeof *none);
  g_autofree guint32 *positives = read_positives (run, error);
  if (!positives)
    return NULL;
  take_form (run, none, positives, &info);
  g_autoptr (FewTrust) trust =
      run->trust ? few_trust_unpack (run->trust, run->n_trust, run->n_classes, run->dim) : NULL;
  info.trust = trust;
  return few_classifier_new (&info, error);
}

/* What the tower made of the pictures that are still there: the task's, in the run's order. */
static float *
join_kept (const FewProjectRun *run, const FewTask *task, GError **error)
{
  gsize d = run->dim;
  const float *made = run->weights + 2 * (gsize) run->width * run->hidden;
  g_autofree float *theirs = few_try_floats (task->n, d, "the run", error);
  guint row = 0;
  for (guint i = 0; theirs && i < run->n && row < task->n; i++)
    if ((task->ids ? task->ids[row] : row) == run->ids[i])
      memcpy (theirs + row++ * d, made + i * d, d * sizeof *theirs);
  if (theirs && row < task->n)
    few_fail (error, INPUT, "“%s” was kept without some of its pictures. Train again to see it.",
              run->title);
  return theirs && row == task->n ? few_join_features (task, theirs, d, error) : NULL;
}

FewSnapshot *
few_snapshot_restore (FewModel *model, const FewProjectRun *run, const FewTask *task,
                      GError **error)
{
  g_return_val_if_fail (model != NULL && run != NULL && task != NULL, NULL);
  g_return_val_if_fail (task->text_features != NULL, NULL);
  const FewModelInfo *info = few_model_info (model);
  FewModelMatch match = few_model_match (info, run->backbone_sha256, run->backbone_fingerprint);
  if (!run->weights || run->dim != info->dim || !few_model_match_fits (match))
    {
      fail_restore (run, match, error);
      return NULL;
    }
  g_autoptr (FewClassifier) classifier = restore_classifier (info, run, task->text_features, error);
  g_autofree float *joined = NULL;
  FewTask own = *task;
  if (classifier && g_strcmp0 (run->form, "tower") == 0)
    own.features = joined = join_kept (run, task, error);
  g_autoptr (FewSnapshot) out =
      classifier && own.features ? few_snapshot_apply (model, classifier, &own, error) : NULL;
  FewEpoch *history =
      out ? few_try_copy (run->history, run->epochs, sizeof *history, "the run", error) : NULL;
  if (!history)
    return NULL;
  out->info.epoch = run->epochs;
  out->info.epochs = run->stopped ? MAX (run->epochs, run->job.options.epochs) : run->epochs;
  out->info.history = history;
  out->info.seconds = run->seconds;
  out->info.chosen_alpha = run->chosen_alpha;
  out->info.cross_validated = run->cross_validated;
  return g_steal_pointer (&out);
}
