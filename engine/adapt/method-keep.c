/* SPDX-License-Identifier: MIT */
/* What a method learned, as a classifier that outlives the run. */
#include "adapt/classifier.h"
#include "adapt/method.h"
#include "config.h"
#include <string.h>

/* Nothing is kept of a task whose classes have no names. */
static void
keep_classifier (FewMethodRun *run, FewClassifierInfo *info)
{
  const FewModelInfo *model = few_model_info (run->model);
  g_clear_pointer (&run->result->classifier, few_classifier_unref);
  if (!run->task->class_names)
    return;
  info->method = run->options->name;
  info->trust = run->trust;
  info->statistics = run->statistics;
  info->dim = run->d;
  info->n_classes = run->k;
  info->alpha = info->trained_alpha;
  info->logit_scale = run->scale;
  info->text_features = run->task->text_features;
  info->classes = run->task->class_names;
  g_autofree char *now = few_origin_now ();
  info->origin = (FewOrigin) { .version = FEW_VERSION, .trained = now };
  g_auto (GStrv) prompts = few_classifier_prompts (run->task->prompts, run->k);
  info->prompts = (const char *const *) prompts;
  info->template_text = run->task->template_text;
  info->backbone = model->name;
  info->backbone_sha256 = model->sha256;
  info->backbone_fingerprint = model->fingerprint;
  info->backbone_precision = model->precision;
  run->result->classifier = few_classifier_new (info, few_run_first_error (run));
}

void
few_run_keep_linear (FewMethodRun *run, const float *weight, const float *bias)
{
  few_run_keep_blend (run, weight, bias, run->scale, 1);
}

void
few_run_keep_raw (FewMethodRun *run, const float *weight, const float *bias)
{
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_LINEAR,
                             .weight = weight,
                             .bias = bias,
                             .raw = TRUE,
                             .zero_scale = run->scale,
                             .trained_alpha = 1 };
  keep_classifier (run, &info);
}

void
few_run_keep_blend (FewMethodRun *run, const float *weight, const float *bias, double zero_scale,
                    double alpha)
{
  float *none = bias ? NULL : few_run_host (run, float, run->k, 1);
  if (!bias && !none)
    return;
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_LINEAR,
                             .weight = weight,
                             .bias = bias ? bias : none,
                             .zero_scale = zero_scale,
                             .trained_alpha = alpha };
  keep_classifier (run, &info);
}

void
few_run_keep_independent (FewMethodRun *run, const float *weight, const float *bias,
                          const float *thresholds, const guint32 *positives, double strength,
                          double prior)
{
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_INDEPENDENT,
                             .weight = weight,
                             .bias = bias,
                             .thresholds = thresholds,
                             .positives = positives,
                             .strength = strength,
                             .prior = prior,
                             .zero_scale = run->scale,
                             .trained_alpha = 1 };
  keep_classifier (run, &info);
}

void
few_run_keep_scaled (FewMethodRun *run, const float *device, double scale)
{
  gsize cells = (gsize) run->k * run->d;
  g_autofree float *weight =
      few_try_floats (run->k, run->d, FEW_RUN_WHAT, few_run_first_error (run));
  if (!weight)
    return;
  run->ops->download (run->stream, weight, device, cells);
  for (gsize i = 0; i < cells; i++)
    weight[i] *= (float) scale;
  few_run_keep_linear (run, weight, NULL);
}

void
few_run_keep_kernel (FewMethodRun *run, const float *device_keys, const guint32 *labels,
                     const float *values, guint n_keys, double tau, double sharpness)
{
  g_autofree float *keys = few_try_floats (n_keys, run->d, FEW_RUN_WHAT, few_run_first_error (run));
  if (!keys)
    return;
  run->ops->download (run->stream, keys, device_keys, (gsize) n_keys * run->d);
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_CACHE,
                             .n_keys = n_keys,
                             .keys = keys,
                             .key_labels = labels,
                             .key_values = values,
                             .tau = tau,
                             .sharpness = sharpness,
                             .trained_alpha = 1 };
  keep_classifier (run, &info);
}

void
few_run_keep_cache (FewMethodRun *run, const float *device_keys, const guint32 *labels,
                    guint n_keys, double tau, double sharpness)
{
  few_run_keep_kernel (run, device_keys, labels, NULL, n_keys, tau, sharpness);
}

void
few_run_keep_bottleneck (FewMethodRun *run, const float *weights, guint hidden, gboolean final_relu,
                         double alpha)
{
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_BOTTLENECK,
                             .hidden = hidden,
                             .final_relu = final_relu,
                             .w1 = weights,
                             .w2 = weights + (gsize) hidden * run->d,
                             .trained_alpha = alpha };
  keep_classifier (run, &info);
}

void
few_run_keep_both (FewMethodRun *run, const float *weights, guint hidden, gboolean final_relu,
                   double alpha, const float *text)
{
  float *none = few_run_host (run, float, run->k, run->d + (gsize) 1);
  if (!none)
    return;
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_SUM,
                             .hidden = hidden,
                             .final_relu = final_relu,
                             .w1 = weights,
                             .w2 = weights + (gsize) hidden * run->d,
                             .weight = none,
                             .bias = none,
                             .zero_scale = run->scale,
                             .part_alpha = alpha,
                             .part_scale = run->scale,
                             .part_text = text,
                             .trained_alpha = 1 };
  keep_classifier (run, &info);
}

void
few_run_keep_tower (FewMethodRun *run, const FewInserted *inserted)
{
  FewClassifierInfo info = { .kind = FEW_CLASSIFIER_TOWER,
                             .after = inserted->after,
                             .width = inserted->width,
                             .hidden = inserted->hidden,
                             .final_relu = inserted->final_relu,
                             .part_alpha = inserted->ratio,
                             .w1 = inserted->w1,
                             .w2 = inserted->w2,
                             .trained_alpha = 1 };
  keep_classifier (run, &info);
}
