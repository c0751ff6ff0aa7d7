/* SPDX-License-Identifier: MIT */
/* Classifiers to safetensors; classifier-load.c reads them. */
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "formats/safetensors.h"
#include "adapt/classifier.h"
#include "adapt/classifier-format.h"
#include "adapt/origin.h"
#include "adapt/trust.h"
#include <fewshot/classifier.h>
#include <fewshot/picture.h>
#include <math.h>
#include <string.h>

const char *
few_classifier_kind_name (FewClassifierKind kind)
{
  static const char *const names[] = {
    [FEW_CLASSIFIER_BOTTLENECK] = "bottleneck", [FEW_CLASSIFIER_LINEAR] = "linear",
    [FEW_CLASSIFIER_CACHE] = "cache",           [FEW_CLASSIFIER_SUM] = "sum",
    [FEW_CLASSIFIER_TOWER] = "tower",           [FEW_CLASSIFIER_INDEPENDENT] = "independent",
  };
  return kind < G_N_ELEMENTS (names) ? names[kind] : NULL;
}

char *
few_classifier_classes_json (const FewClassifierInfo *info)
{
  return few_classifier_strings_json (info->classes, info->n_classes);
}

static void
put_double (FewSafetensorsWriter *writer, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  few_safetensors_writer_metadata (writer, key, g_ascii_formatd (text, sizeof text, "%.6g", value));
}

/* ---- writing */

static void
put_metadata (FewSafetensorsWriter *writer, const FewClassifierInfo *k, double alpha)
{
  g_autofree char *classes = few_classifier_classes_json (k);
  g_autofree char *preprocess = g_strdup_printf ("of-the-backbone-v%d", FEW_PREPROCESS_VERSION);
  gboolean adapter = k->kind == FEW_CLASSIFIER_BOTTLENECK;
  const char *const texts[][2] = {
    { "format", adapter ? FEW_FORMAT_ADAPTER : FEW_FORMAT_CLASSIFIER },
    { "format_version", FEW_FORMAT_VERSION },
    { "kind", few_classifier_kind_name (k->kind) },
    { "method", k->method },
    { "backbone", k->backbone },
    { "backbone_sha256", k->backbone_sha256 },
    { "template", k->template_text },
    { "classes", classes },
    { "preprocess", preprocess },
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    few_safetensors_writer_metadata (writer, texts[i][0], texts[i][1]);
  if (*k->backbone_fingerprint)
    few_safetensors_writer_metadata (writer, "backbone_fingerprint", k->backbone_fingerprint);
  if (*k->backbone_precision)
    few_safetensors_writer_metadata (writer, "backbone_precision", k->backbone_precision);
  if (k->w1)
    few_safetensors_writer_metadata (writer, "final_relu", k->final_relu ? "1" : "0");
  if (k->weight)
    few_safetensors_writer_metadata (writer, "raw", k->raw ? "1" : "0");
  if (k->after)
    {
      g_autofree char *after = g_strdup_printf ("%u", k->after);
      few_safetensors_writer_metadata (writer, "after", after);
    }
  if (k->kind == FEW_CLASSIFIER_INDEPENDENT)
    {
      few_safetensors_writer_metadata (writer, "labels", "any");
      put_double (writer, "strength", k->strength);
      put_double (writer, "prior", k->prior);
    }
  if (k->n_rejects > 0 && alpha == k->alpha)
    {
      g_autofree char *rejects = few_classifier_rejects_json (k);
      few_safetensors_writer_metadata (writer, "reject", rejects);
    }
  if (k->trust && few_trust_holds (k->trust, alpha))
    {
      put_double (writer, "answer_coverage", FEW_TRUST_COVERAGE);
      put_double (writer, "answer_level", few_trust_info (k->trust)->answer_level);
    }
  if (k->prompts)
    {
      g_autofree char *prompts = few_classifier_strings_json (k->prompts, k->n_classes);
      few_safetensors_writer_metadata (writer, "prompts", prompts);
    }
  few_origin_write (&k->origin, alpha == k->alpha, writer);
  put_double (writer, "alpha", alpha);
  put_double (writer, "trained_alpha", k->trained_alpha);
  if (adapter)
    put_double (writer, "beta", 0);
}

/* Numbers that stay valid until the file is written. */
typedef struct
{
  float log_scale, zero_scale, tau, sharpness, part_alpha, part_scale;
  gint32 *labels, *counts, *positives; /* little-endian */
} Numbers;

static void
put_scalar (FewSafetensorsWriter *writer, const char *name, const float *value)
{
  few_safetensors_writer_add (writer, name, FEW_DTYPE_F32, NULL, 0, value);
}

static void
put_matrix (FewSafetensorsWriter *writer, const char *name, gsize rows, gsize columns,
            const float *values)
{
  few_safetensors_writer_add (writer, name, FEW_DTYPE_F32, (gsize[]) { rows, columns }, 2, values);
}

static void
put_learned (FewSafetensorsWriter *writer, const FewClassifierInfo *k, Numbers *numbers)
{
  gsize width = k->width ? k->width : k->dim;
  if (k->w1)
    {
      put_matrix (writer, "fc.0.weight", k->hidden, width, k->w1);
      put_matrix (writer, "fc.2.weight", width, k->hidden, k->w2);
    }
  if (k->weight)
    {
      put_matrix (writer, "weight", k->n_classes, k->dim, k->weight);
      few_safetensors_writer_add (writer, "bias", FEW_DTYPE_F32, (gsize[]) { k->n_classes }, 1,
                                  k->bias);
      put_scalar (writer, "zero_scale", &numbers->zero_scale);
    }
  if (k->kind == FEW_CLASSIFIER_INDEPENDENT)
    {
      for (guint i = 0; i < k->n_classes; i++)
        numbers->positives[i] = GINT32_TO_LE ((gint32) k->positives[i]);
      few_safetensors_writer_add (writer, "thresholds", FEW_DTYPE_F32, (gsize[]) { k->n_classes },
                                  1, k->thresholds);
      few_safetensors_writer_add (writer, "positives", FEW_DTYPE_I32, (gsize[]) { k->n_classes }, 1,
                                  numbers->positives);
    }
  if (k->kind == FEW_CLASSIFIER_SUM || k->kind == FEW_CLASSIFIER_TOWER)
    put_scalar (writer, "part_alpha", &numbers->part_alpha);
  if (k->kind == FEW_CLASSIFIER_SUM)
    put_scalar (writer, "part_scale", &numbers->part_scale);
  if (k->part_text)
    put_matrix (writer, "part_text", k->n_classes, k->dim, k->part_text);
  if (k->keys)
    {
      for (guint i = 0; i < k->n_keys; i++)
        numbers->labels[i] = GINT32_TO_LE ((gint32) k->key_labels[i]);
      put_matrix (writer, "keys", k->n_keys, k->dim, k->keys);
      few_safetensors_writer_add (writer, "key_labels", FEW_DTYPE_I32, (gsize[]) { k->n_keys }, 1,
                                  numbers->labels);
      if (k->key_values)
        put_matrix (writer, "key_values", k->n_keys, k->n_classes, k->key_values);
      put_scalar (writer, "tau", &numbers->tau);
      put_scalar (writer, "sharpness", &numbers->sharpness);
    }
}

/* They hold at every α. */
static void
put_statistics (FewSafetensorsWriter *writer, const FewClassifierInfo *k, Numbers *numbers)
{
  const FewStatistics *s = &k->statistics;
  if (!s->counts || !s->means || !s->scatter)
    return;
  for (guint i = 0; i < k->n_classes; i++)
    numbers->counts[i] = GINT32_TO_LE ((gint32) s->counts[i]);
  few_safetensors_writer_add (writer, "class_counts", FEW_DTYPE_I32, (gsize[]) { k->n_classes }, 1,
                              numbers->counts);
  put_matrix (writer, "class_means", k->n_classes, k->dim, s->means);
  put_matrix (writer, "scatter", k->dim, k->dim, s->scatter);
  if (!isnan (s->a))
    put_double (writer, "gda_weight", s->a);
}

gboolean
few_classifier_save (const FewClassifier *classifier, double alpha, const char *path,
                     GError **error)
{
  g_return_val_if_fail (classifier != NULL && path != NULL, FALSE);
  const FewClassifierInfo *k = few_classifier_info (classifier);
  if (k->thresholds) /* which hold for what was learned alone */
    alpha = 1;
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  g_autofree gint32 *labels = few_try_bytes (k->n_keys * sizeof *labels, "the file", error);
  g_autofree gint32 *counts =
      labels ? few_try_bytes (k->n_classes * sizeof *counts, "the file", error) : NULL;
  g_autofree gint32 *positives =
      counts ? few_try_bytes (k->n_classes * sizeof *positives, "the file", error) : NULL;
  gsize n_trust = 0;
  g_autofree float *trust = NULL;
  if (!positives)
    return FALSE;
  gboolean told = k->trust && few_trust_holds (k->trust, alpha);
  if (told)
    trust = few_trust_pack (k->trust, &n_trust);
  if (told && !trust)
    {
      few_fail (error, MEMORY, "There is not enough memory for the classifier's file.");
      return FALSE;
    }
  Numbers numbers = { .log_scale = (float) log (k->logit_scale),
                      .zero_scale = (float) k->zero_scale,
                      .tau = (float) k->tau,
                      .sharpness = (float) k->sharpness,
                      .part_alpha = (float) k->part_alpha,
                      .part_scale = (float) k->part_scale,
                      .labels = labels,
                      .counts = counts,
                      .positives = positives };
  put_metadata (writer, k, alpha);
  put_learned (writer, k, &numbers);
  put_statistics (writer, k, &numbers);
  put_matrix (writer, "text_features", k->n_classes, k->dim, k->text_features);
  put_scalar (writer, "logit_scale", &numbers.log_scale);
  if (trust)
    few_safetensors_writer_add (writer, "trust", FEW_DTYPE_F32, (gsize[]) { n_trust }, 1, trust);
  return few_safetensors_writer_save (writer, path, error);
}
