/* SPDX-License-Identifier: MIT */
/* A classifier as an ONNX graph: features [N, L] of CLIP's image tower, before normalising, in;
 * logits [N, K] out. With unit (f) = f / max (|f|, 1e-12), the graphs are
 *
 *   bottleneck: a = [Relu] (Relu (features · W1ᵀ) · W2ᵀ);  f = alpha · a + (1 − alpha) · features;
 *     logits = exp (logit_scale) · unit (f) · textᵀ
 *   linear: x = unit (features);  logits = alpha (x · Wᵀ + b) + (1 − alpha) zero_scale x · textᵀ,
 *     with features · Wᵀ in the place of x · Wᵀ where W takes them raw
 *   cache: x = unit (features);  logits = exp (logit_scale) · x · textᵀ
 *     + exp (sharpness · (x · keysᵀ − 1)) · (alpha tau one-hot labels, or the keys' values)
 *   sum: the linear one's logits + alpha part_scale · unit (f) · textᵀ, f the bottleneck's at
 *     part_alpha, and text its own where it has one
 *   independent: as linear; a label's probability is Sigmoid (its logit), and it holds from the
 *     entry of the metadata "thresholds" on
 *   tower: as the bottleneck, features [N, 2 D] being what CLIP gives and a behind it */
#include "adapt/classifier.h"
#include "clip/graph.h"
#include <fewshot/classifier.h>
#include <math.h>
#include <string.h>

const char *
few_classifier_graph_unit (FewOnnx *graph, const char *x)
{
  const gint64 axis = 1;
  const char *length = few_onnx_op (graph, "ReduceL2", x, NULL);
  few_onnx_set_ints (graph, "axes", 1, &axis);
  few_onnx_set_int (graph, "keepdims", 1);
  return few_onnx_infix (graph, x, "Div",
                         few_onnx_infix_number (graph, FEW_ONNX_FLOAT, length, "Max", 1e-12));
}

/* x · textᵀ · factor */
static const char *
add_text (FewOnnx *graph, const FewClassifierInfo *k, const char *x, double factor)
{
  return few_onnx_infix (graph, x, "MatMul",
                         few_onnx_turned (graph, k->n_classes, k->dim, k->text_features, factor));
}

/* unit (alpha · a + (1 − alpha) · features) · textᵀ · factor */
static const char *
add_blended (FewOnnx *graph, const FewClassifierInfo *k, const float *text, double alpha,
             double factor, const char *a, const char *features)
{
  const char *unit = few_classifier_graph_unit (graph, few_graph_blend (graph, a, features, alpha));
  const char *alike = few_onnx_infix (graph, unit, "MatMul",
                                      few_onnx_turned (graph, k->n_classes, k->dim, text, 1));
  return few_onnx_infix_number (graph, FEW_ONNX_FLOAT, alike, "Mul", factor);
}

/* That of a bottleneck's a */
static const char *
add_adapted (FewOnnx *graph, const FewClassifierInfo *k, double alpha, double factor,
             const char *features)
{
  const char *a =
      few_graph_bottleneck (graph, features, k->w1, k->w2, k->hidden, k->dim, k->final_relu);
  return add_blended (graph, k, k->part_text ? k->part_text : k->text_features, alpha, factor, a,
                      features);
}

static const char *
add_tower (FewOnnx *graph, const FewClassifierInfo *k, double alpha, const char *features)
{
  const char *f = few_graph_columns (graph, features, 0, k->dim);
  const char *g = few_graph_columns (graph, features, k->dim, 2 * (gint64) k->dim);
  return add_blended (graph, k, k->text_features, alpha, k->logit_scale, g, f);
}

static const char *
add_bottleneck (FewOnnx *graph, const FewClassifierInfo *k, double alpha, const char *features)
{
  return add_adapted (graph, k, alpha, k->logit_scale, features);
}

static const char *
add_linear (FewOnnx *graph, const FewClassifierInfo *k, double alpha, const char *features)
{
  const char *unit = few_classifier_graph_unit (graph, features);
  const char *weight = few_onnx_turned (graph, k->n_classes, k->dim, k->weight, alpha);
  const char *learned = few_onnx_infix (graph, k->raw ? features : unit, "MatMul", weight);
  const char *clip = add_text (graph, k, unit, (1 - alpha) * k->zero_scale);
  const char *sum = few_onnx_infix (graph, learned, "Add", clip);
  return few_onnx_infix (graph, sum, "Add",
                         few_onnx_turned (graph, k->n_classes, 1, k->bias, alpha));
}

static const char *
add_sum (FewOnnx *graph, const FewClassifierInfo *k, double alpha, const char *features)
{
  const char *part = add_adapted (graph, k, k->part_alpha, alpha * k->part_scale, features);
  return few_onnx_infix (graph, add_linear (graph, k, alpha, features), "Add", part);
}

static const char *
add_cache (FewOnnx *graph, const FewClassifierInfo *k, double alpha, const char *features)
{
  const char *unit = few_classifier_graph_unit (graph, features);
  const char *clip = few_onnx_infix_number (graph, FEW_ONNX_FLOAT, add_text (graph, k, unit, 1),
                                            "Mul", k->logit_scale);
  const char *keys = few_onnx_turned (graph, k->n_keys, k->dim, k->keys, 1);
  const char *apart = few_onnx_infix_number (
      graph, FEW_ONNX_FLOAT, few_onnx_infix (graph, unit, "MatMul", keys), "Sub", 1);
  const char *near =
      few_onnx_op (graph, "Exp",
                   few_onnx_infix_number (graph, FEW_ONNX_FLOAT, apart, "Mul", k->sharpness), NULL);
  const gsize dims[] = { k->n_keys, k->n_classes };
  const char *values = k->key_values
                           ? few_onnx_floats (graph, 2, dims, k->key_values)
                           : few_onnx_one_hot (graph, k->n_keys, k->n_classes, k->key_labels, 1);
  const char *shares = few_onnx_infix_number (
      graph, FEW_ONNX_FLOAT, few_onnx_infix (graph, near, "MatMul", values), "Mul", alpha * k->tau);
  return few_onnx_infix (graph, clip, "Add", shares);
}

const char *
few_classifier_graph (FewOnnx *graph, const FewClassifierInfo *info, double alpha,
                      const char *features)
{
  switch (info->kind)
    {
    case FEW_CLASSIFIER_LINEAR:
    case FEW_CLASSIFIER_INDEPENDENT:
      return add_linear (graph, info, alpha, features);
    case FEW_CLASSIFIER_CACHE:
      return add_cache (graph, info, alpha, features);
    case FEW_CLASSIFIER_SUM:
      return add_sum (graph, info, alpha, features);
    case FEW_CLASSIFIER_TOWER:
      return add_tower (graph, info, alpha, features);
    case FEW_CLASSIFIER_BOTTLENECK:
      return add_bottleneck (graph, info, alpha, features);
    }
  g_return_val_if_reached (NULL);
}

void
few_classifier_graph_metadata (FewOnnx *graph, const FewClassifierInfo *k, double alpha)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *classes = few_classifier_classes_json (k);
  few_onnx_metadata (graph, "classes", classes);
  if (k->thresholds)
    {
      g_autofree char *thresholds = few_classifier_thresholds_json (k);
      few_onnx_metadata (graph, "labels", "any");
      few_onnx_metadata (graph, "thresholds", thresholds);
    }
  few_onnx_metadata (graph, "method", k->method);
  few_onnx_metadata (graph, "alpha", g_ascii_formatd (number, sizeof number, "%.6g", alpha));
  few_onnx_metadata (graph, "backbone", k->backbone);
  few_onnx_metadata (graph, "backbone_sha256", k->backbone_sha256);
  few_onnx_metadata (graph, "backbone_fingerprint", k->backbone_fingerprint);
  few_onnx_metadata (graph, "backbone_precision", k->backbone_precision);
  few_onnx_metadata (graph, "template", k->template_text);
}

gboolean
few_classifier_save_onnx (const FewClassifier *classifier, double alpha, const char *path,
                          GError **error)
{
  g_return_val_if_fail (classifier != NULL && path != NULL, FALSE);
  const FewClassifierInfo *k = few_classifier_info (classifier);
  if (k->thresholds) /* which hold for what was learned alone */
    alpha = 1;
  g_autoptr (FewOnnx) graph =
      few_onnx_new (*k->method ? k->method : "clip-adapter", FEW_ONNX_FLOAT);
  const FewOnnxDim in[] = { { .name = "N" }, { .size = few_classifier_length (classifier) } };
  const FewOnnxDim out[] = { { .name = "N" }, { .size = k->n_classes } };
  const char *features = few_onnx_input (graph, "features", FEW_ONNX_FLOAT, 2, in);
  few_classifier_graph (graph, k, alpha, features);
  few_onnx_output (graph, few_onnx_call (graph, "logits"), FEW_ONNX_FLOAT, 2, out);
  few_classifier_graph_metadata (graph, k, alpha);
  return few_onnx_save (graph, path, NULL, NULL, error);
}
