/* SPDX-License-Identifier: MIT */
/* A classifier as an ONNX model: features [N, D] of CLIP's image tower, before normalising, in;
 * logits [N, K] out. With unit (f) = f / max (|f|, 1e-12), the graphs are
 *
 *   bottleneck: a = [Relu] (Relu (features · W1ᵀ) · W2ᵀ);  f = alpha · a + (1 − alpha) · features;
 *     logits = exp (logit_scale) · unit (f) · textᵀ
 *   linear: x = unit (features);  logits = alpha (x · Wᵀ + b) + (1 − alpha) zero_scale x · textᵀ,
 *     with features · Wᵀ in the place of x · Wᵀ where W takes them raw
 *   cache: x = unit (features);  logits = exp (logit_scale) · x · textᵀ
 *     + exp (sharpness · (x · keysᵀ − 1)) · (alpha tau one-hot labels, or the keys' values)
 *   sum: the linear one's logits + alpha part_scale · unit (f) · textᵀ, f the bottleneck's at
 *     part_alpha
 *
 * ONNX is protocol buffers (onnx.proto3); of it a dozen kinds of fields are written here, by
 * their numbers there. */
#include "base/error.h"
#include <fewshot/atomic-file.h>
#include "adapt/classifier.h"
#include <fewshot/classifier.h>
#include <math.h>
#include <string.h>

enum { IR_VERSION = 8, OPSET = 17 };

/* ---- protocol buffers */

static void
put_varint (GByteArray *out, guint64 value)
{
  do
    {
      guint8 byte = value & 0x7f;
      value >>= 7;
      byte |= value ? 0x80 : 0;
      g_byte_array_append (out, &byte, 1);
  } while (value);
}

static void
put_int (GByteArray *out, guint field, guint64 value)
{
  put_varint (out, field << 3);
  put_varint (out, value);
}

static void
put_bytes (GByteArray *out, guint field, gconstpointer data, gsize size)
{
  put_varint (out, field << 3 | 2);
  put_varint (out, size);
  g_byte_array_append (out, data, (guint) size);
}

static void
put_string (GByteArray *out, guint field, const char *text)
{
  put_bytes (out, field, text, strlen (text));
}

/* Takes over the message. */
static void
put_message (GByteArray *out, guint field, GByteArray *message)
{
  put_bytes (out, field, message->data, message->len);
  g_byte_array_unref (message);
}

/* ---- ONNX */

enum {
  MODEL_IR_VERSION = 1,
  MODEL_PRODUCER = 2,
  MODEL_GRAPH = 7,
  MODEL_OPSET = 8,
  MODEL_METADATA = 14,
  GRAPH_NODE = 1,
  GRAPH_NAME = 2,
  GRAPH_INITIALIZER = 5,
  GRAPH_INPUT = 11,
  GRAPH_OUTPUT = 12,
  NODE_INPUT = 1,
  NODE_OUTPUT = 2,
  NODE_OP = 4,
  NODE_ATTRIBUTE = 5,
  ATTRIBUTE_NAME = 1,
  ATTRIBUTE_INT = 3,
  ATTRIBUTE_INTS = 8,
  ATTRIBUTE_TYPE = 20,
  TYPE_INT = 2,
  TYPE_INTS = 7,
  TENSOR_DIMS = 1,
  TENSOR_TYPE = 2,
  TENSOR_NAME = 8,
  TENSOR_RAW = 9,
  FLOAT32 = 1,
};

static void
add_tensor (GByteArray *graph, const char *name, const float *data, guint rows, guint columns)
{
  GByteArray *tensor = g_byte_array_new ();
  gsize n = (gsize) MAX (rows, 1) * MAX (columns, 1);
  g_autofree guint32 *little = g_new (guint32, n);
  memcpy (little, data, n * sizeof *little);
  for (gsize i = 0; i < n; i++)
    little[i] = GUINT32_TO_LE (little[i]);
  if (rows) /* 0: a scalar */
    {
      put_int (tensor, TENSOR_DIMS, rows);
      put_int (tensor, TENSOR_DIMS, columns);
    }
  put_int (tensor, TENSOR_TYPE, FLOAT32);
  put_string (tensor, TENSOR_NAME, name);
  put_bytes (tensor, TENSOR_RAW, little, n * sizeof *little);
  put_message (graph, GRAPH_INITIALIZER, tensor);
}

/* W [rows, columns] as its transpose */
static void
add_transposed (GByteArray *graph, const char *name, const float *w, guint rows, guint columns)
{
  g_autofree float *t = g_new (float, (gsize) rows *columns);
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < columns; j++)
      t[(gsize) j * rows + i] = w[(gsize) i * columns + j];
  add_tensor (graph, name, t, columns, rows);
}

static void
add_scalar (GByteArray *graph, const char *name, double value)
{
  float scalar = (float) value;
  add_tensor (graph, name, &scalar, 0, 0);
}

/* inputs: one or two */
static GByteArray *
node (const char *op, const char *first, const char *second, const char *output)
{
  GByteArray *message = g_byte_array_new ();
  put_string (message, NODE_INPUT, first);
  if (second)
    put_string (message, NODE_INPUT, second);
  put_string (message, NODE_OUTPUT, output);
  put_string (message, NODE_OP, op);
  return message;
}

static void
add_node (GByteArray *graph, const char *op, const char *first, const char *second,
          const char *output)
{
  put_message (graph, GRAPH_NODE, node (op, first, second, output));
}

/* The length of each row, [N, 1] */
static void
add_length (GByteArray *graph, const char *input, const char *output)
{
  GByteArray *message = node ("ReduceL2", input, NULL, output);
  GByteArray *axes = g_byte_array_new ();
  GByteArray *keep = g_byte_array_new ();
  put_string (axes, ATTRIBUTE_NAME, "axes");
  put_int (axes, ATTRIBUTE_INTS, 1);
  put_int (axes, ATTRIBUTE_TYPE, TYPE_INTS);
  put_string (keep, ATTRIBUTE_NAME, "keepdims");
  put_int (keep, ATTRIBUTE_INT, 1);
  put_int (keep, ATTRIBUTE_TYPE, TYPE_INT);
  put_message (message, NODE_ATTRIBUTE, axes);
  put_message (message, NODE_ATTRIBUTE, keep);
  put_message (graph, GRAPH_NODE, message);
}

/* ValueInfoProto {name 1, type 2 {tensor_type 1 {elem_type 1, shape 2 {dim 1 {dim_value 1 |
 * dim_param 2}}}}} */
static void
add_value (GByteArray *graph, guint field, const char *name, guint width)
{
  GByteArray *n = g_byte_array_new ();
  GByteArray *d = g_byte_array_new ();
  GByteArray *shape = g_byte_array_new ();
  GByteArray *tensor = g_byte_array_new ();
  GByteArray *type = g_byte_array_new ();
  GByteArray *value = g_byte_array_new ();
  put_string (n, 2, "N");
  put_int (d, 1, width);
  put_message (shape, 1, n);
  put_message (shape, 1, d);
  put_int (tensor, 1, FLOAT32);
  put_message (tensor, 2, shape);
  put_message (type, 1, tensor);
  put_string (value, 1, name);
  put_message (value, 2, type);
  put_message (graph, field, value);
}

static void
add_metadata (GByteArray *model, const char *key, const char *text)
{
  GByteArray *entry = g_byte_array_new ();
  put_string (entry, 1, key);
  put_string (entry, 2, text);
  put_message (model, MODEL_METADATA, entry);
}

/* output = input / max (|input|, 1e-12) */
static void
add_unit (GByteArray *graph, const char *input, const char *output)
{
  g_autofree char *length = g_strconcat (output, "_length", NULL);
  g_autofree char *least = g_strconcat (output, "_least", NULL);
  g_autofree char *safe = g_strconcat (output, "_safe_length", NULL);
  add_length (graph, input, length);
  add_node (graph, "Max", length, least, safe);
  add_node (graph, "Div", input, safe, output);
  add_scalar (graph, least, 1e-12);
}

/* f = alpha · A (features) + (1 − alpha) · features, as "blend" */
static void
add_adapter (GByteArray *graph, const FewClassifierInfo *k, double alpha)
{
  add_node (graph, "MatMul", "features", "w1", "hidden_sum");
  add_node (graph, "Relu", "hidden_sum", NULL, "hidden");
  add_node (graph, "MatMul", "hidden", "w2", "adapted_sum");
  add_node (graph, k->final_relu ? "Relu" : "Identity", "adapted_sum", NULL, "adapted");
  add_node (graph, "Mul", "adapted", "alpha", "adapter_part");
  add_node (graph, "Mul", "features", "one_minus_alpha", "own_part");
  add_node (graph, "Add", "adapter_part", "own_part", "blend");
  add_transposed (graph, "w1", k->w1, k->hidden, k->dim);
  add_transposed (graph, "w2", k->w2, k->dim, k->hidden);
  add_scalar (graph, "alpha", alpha);
  add_scalar (graph, "one_minus_alpha", 1 - alpha);
}

static void
build_bottleneck (GByteArray *graph, const FewClassifierInfo *k, double alpha)
{
  add_adapter (graph, k, alpha);
  add_unit (graph, "blend", "unit");
  add_node (graph, "MatMul", "unit", "text_features", "cosines");
  add_node (graph, "Mul", "cosines", "scale", "logits");
  add_transposed (graph, "text_features", k->text_features, k->n_classes, k->dim);
  add_scalar (graph, "scale", k->logit_scale);
}

/* rows [K, D] · factor as its transpose */
static void
add_scaled (GByteArray *graph, const char *name, const FewClassifierInfo *k, const float *rows,
            double factor)
{
  gsize cells = (gsize) k->n_classes * k->dim;
  g_autofree float *scaled = g_new (float, cells);
  for (gsize i = 0; i < cells; i++)
    scaled[i] = (float) (factor * rows[i]);
  add_transposed (graph, name, scaled, k->n_classes, k->dim);
}

/* α (W x + b) + (1 − α) z x · t, as `output` */
static void
build_linear (GByteArray *graph, const FewClassifierInfo *k, double alpha, const char *output)
{
  g_autofree float *bias = g_new (float, k->n_classes);
  for (guint i = 0; i < k->n_classes; i++)
    bias[i] = (float) alpha * k->bias[i];
  add_unit (graph, "features", "unit");
  add_node (graph, "MatMul", k->raw ? "features" : "unit", "weight", "learned");
  add_node (graph, "MatMul", "unit", "text_features", "clip_part");
  add_node (graph, "Add", "learned", "clip_part", "sum");
  add_node (graph, "Add", "sum", "bias", output);
  add_scaled (graph, "weight", k, k->weight, alpha);
  add_scaled (graph, "text_features", k, k->text_features, (1 - alpha) * k->zero_scale);
  add_tensor (graph, "bias", bias, 1, k->n_classes);
}

static void
build_sum (GByteArray *graph, const FewClassifierInfo *k, double alpha)
{
  build_linear (graph, k, alpha, "linear_logits");
  add_adapter (graph, k, k->part_alpha);
  add_unit (graph, "blend", "adapted_unit");
  add_node (graph, "MatMul", "adapted_unit", "part_text_features", "part_logits");
  add_node (graph, "Add", "linear_logits", "part_logits", "logits");
  add_scaled (graph, "part_text_features", k, k->text_features, alpha * k->part_scale);
}

static void
build_cache (GByteArray *graph, const FewClassifierInfo *k, double alpha)
{
  g_autofree float *values = g_new0 (float, (gsize) k->n_keys * k->n_classes);
  for (gsize i = 0; k->key_values && i < (gsize) k->n_keys * k->n_classes; i++)
    values[i] = (float) (alpha * k->tau) * k->key_values[i];
  for (guint i = 0; !k->key_values && i < k->n_keys; i++)
    values[(gsize) i * k->n_classes + k->key_labels[i]] = (float) (alpha * k->tau);
  add_unit (graph, "features", "unit");
  add_node (graph, "MatMul", "unit", "text_features", "cosines");
  add_node (graph, "Mul", "cosines", "scale", "clip_part");
  add_node (graph, "MatMul", "unit", "keys", "alike");
  add_node (graph, "Sub", "alike", "one", "apart");
  add_node (graph, "Mul", "apart", "sharpness", "exponent");
  add_node (graph, "Exp", "exponent", NULL, "affinity");
  add_node (graph, "MatMul", "affinity", "values", "cache_part");
  add_node (graph, "Add", "clip_part", "cache_part", "logits");
  add_transposed (graph, "text_features", k->text_features, k->n_classes, k->dim);
  add_transposed (graph, "keys", k->keys, k->n_keys, k->dim);
  add_tensor (graph, "values", values, k->n_keys, k->n_classes);
  add_scalar (graph, "scale", k->logit_scale);
  add_scalar (graph, "one", 1);
  add_scalar (graph, "sharpness", k->sharpness);
}

static GByteArray *
build_graph (const FewClassifierInfo *k, double alpha)
{
  GByteArray *graph = g_byte_array_new ();
  switch (k->kind)
    {
    case FEW_CLASSIFIER_LINEAR:
      build_linear (graph, k, alpha, "logits");
      break;
    case FEW_CLASSIFIER_CACHE:
      build_cache (graph, k, alpha);
      break;
    case FEW_CLASSIFIER_SUM:
      build_sum (graph, k, alpha);
      break;
    case FEW_CLASSIFIER_BOTTLENECK:
      build_bottleneck (graph, k, alpha);
    }
  put_string (graph, GRAPH_NAME, *k->method ? k->method : "clip-adapter");
  add_value (graph, GRAPH_INPUT, "features", k->dim);
  add_value (graph, GRAPH_OUTPUT, "logits", k->n_classes);
  return graph;
}

gboolean
few_classifier_save_onnx (const FewClassifier *classifier, double alpha, const char *path,
                          GError **error)
{
  g_return_val_if_fail (classifier != NULL && path != NULL, FALSE);
  const FewClassifierInfo *k = few_classifier_info (classifier);
  g_autoptr (GByteArray) model = g_byte_array_new ();
  g_autofree char *classes = few_classifier_classes_json (k);
  GByteArray *opset = g_byte_array_new ();
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  put_int (model, MODEL_IR_VERSION, IR_VERSION);
  put_string (model, MODEL_PRODUCER, "Fewshot");
  put_message (model, MODEL_GRAPH, build_graph (k, alpha));
  put_string (opset, 1, "");
  put_int (opset, 2, OPSET);
  put_message (model, MODEL_OPSET, opset);
  add_metadata (model, "classes", classes);
  add_metadata (model, "method", k->method);
  add_metadata (model, "alpha", g_ascii_formatd (number, sizeof number, "%.6g", alpha));
  add_metadata (model, "backbone", k->backbone);
  add_metadata (model, "backbone_sha256", k->backbone_sha256);
  add_metadata (model, "backbone_fingerprint", k->backbone_fingerprint);
  add_metadata (model, "backbone_precision", k->backbone_precision);
  add_metadata (model, "template", k->template_text);
  g_autoptr (FewAtomicFile) file = few_atomic_file_new (path, error);
  return file && few_atomic_file_write (file, model->data, model->len, error)
         && few_atomic_file_commit (file, error);
}
