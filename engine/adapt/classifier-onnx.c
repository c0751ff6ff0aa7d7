/* SPDX-License-Identifier: MIT */
/* A classifier as an ONNX model: features [N, D] of CLIP's image tower, before normalising, in;
 * logits [N, K] out. With unit (f) = f / max (|f|, 1e-12), the graphs are
 *
 *   bottleneck: a = [Relu] (Relu (features · W1ᵀ) · W2ᵀ);  f = alpha · a + (1 − alpha) · features;
 *     logits = exp (logit_scale) · unit (f) · textᵀ
 *   linear: x = unit (features);  logits = alpha (x · Wᵀ + b) + (1 − alpha) zero_scale x · textᵀ,
 *     with features · Wᵀ in the place of x · Wᵀ where W takes them raw
 *   cache: x = unit (features);  logits = exp (logit_scale) · x · textᵀ
 *     + exp (sharpness · (x · keysᵀ − 1)) · (alpha tau one-hot labels)
 *
 * ONNX is protocol buffers (onnx.proto3); of it a dozen kinds of fields are written here, by
 * their numbers there. */
#include "base/error.h"
#include "base/memory.h"
#include <fewshot/atomic-file.h>
#include "adapt/classifier.h"
#include <fewshot/classifier.h>
#include <math.h>
#include <string.h>

enum { IR_VERSION = 8, OPSET = 17, MOST_BYTES = G_MAXINT32 };
static const char WHAT[] = "the ONNX file";

/* ---- protocol buffers */

/* A message under way. Once there was no room for a part of it there is none for all. */
typedef struct
{
  guint8 *data;
  gsize len, room;
  gboolean is_short;
} Message;

static Message *
message_new (void)
{
  return g_new0 (Message, 1);
}

static void
message_free (Message *message)
{
  g_free (message->data);
  g_free (message);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Message, message_free)

static void
append_bytes (Message *out, gconstpointer data, gsize size)
{
  gsize wanted;
  if (!out->is_short && !g_size_checked_add (&wanted, out->len, size))
    out->is_short = TRUE;
  if (!out->is_short && wanted > out->room)
    {
      gsize room = MAX (wanted, out->room + out->room / 2);
      guint8 *grown = g_try_realloc (out->data, room);
      out->is_short = grown == NULL;
      out->data = grown ? grown : out->data;
      out->room = grown ? room : out->room;
    }
  if (out->is_short || size == 0)
    return;
  memcpy (out->data + out->len, data, size);
  out->len += size;
}

static void
put_varint (Message *out, guint64 value)
{
  do
    {
      guint8 byte = value & 0x7f;
      value >>= 7;
      byte |= value ? 0x80 : 0;
      append_bytes (out, &byte, 1);
  } while (value);
}

static void
put_int (Message *out, guint field, guint64 value)
{
  put_varint (out, field << 3);
  put_varint (out, value);
}

static void
put_bytes (Message *out, guint field, gconstpointer data, gsize size)
{
  put_varint (out, field << 3 | 2);
  put_varint (out, size);
  append_bytes (out, data, size);
}

static void
put_string (Message *out, guint field, const char *text)
{
  put_bytes (out, field, text, strlen (text));
}

/* Takes over the message. */
static void
put_message (Message *out, guint field, Message *message)
{
  put_bytes (out, field, message->data, message->len);
  out->is_short |= message->is_short;
  message_free (message);
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
add_tensor (Message *graph, const char *name, const float *data, guint rows, guint columns)
{
  Message *tensor = message_new ();
  gsize n = (gsize) MAX (rows, 1) * MAX (columns, 1);
  g_autofree guint32 *little = few_try_copy (data, n, sizeof *little, WHAT, NULL);
  tensor->is_short = little == NULL;
  n = little ? n : 0;
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
add_transposed (Message *graph, const char *name, const float *w, guint rows, guint columns)
{
  g_autofree float *t = few_try_floats (rows, columns, WHAT, NULL);
  graph->is_short |= t == NULL;
  if (!t)
    return;
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < columns; j++)
      t[(gsize) j * rows + i] = w[(gsize) i * columns + j];
  add_tensor (graph, name, t, columns, rows);
}

static void
add_scalar (Message *graph, const char *name, double value)
{
  float scalar = (float) value;
  add_tensor (graph, name, &scalar, 0, 0);
}

/* inputs: one or two */
static Message *
node (const char *op, const char *first, const char *second, const char *output)
{
  Message *message = message_new ();
  put_string (message, NODE_INPUT, first);
  if (second)
    put_string (message, NODE_INPUT, second);
  put_string (message, NODE_OUTPUT, output);
  put_string (message, NODE_OP, op);
  return message;
}

static void
add_node (Message *graph, const char *op, const char *first, const char *second, const char *output)
{
  put_message (graph, GRAPH_NODE, node (op, first, second, output));
}

/* The length of each row, [N, 1] */
static void
add_length (Message *graph, const char *input, const char *output)
{
  Message *message = node ("ReduceL2", input, NULL, output);
  Message *axes = message_new ();
  Message *keep = message_new ();
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
add_value (Message *graph, guint field, const char *name, guint width)
{
  Message *n = message_new ();
  Message *d = message_new ();
  Message *shape = message_new ();
  Message *tensor = message_new ();
  Message *type = message_new ();
  Message *value = message_new ();
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
add_metadata (Message *model, const char *key, const char *text)
{
  Message *entry = message_new ();
  put_string (entry, 1, key);
  put_string (entry, 2, text);
  put_message (model, MODEL_METADATA, entry);
}

/* input / max (|input|, 1e-12), as "unit" */
static void
add_unit (Message *graph, const char *input)
{
  add_length (graph, input, "length");
  add_node (graph, "Max", "length", "least", "safe_length");
  add_node (graph, "Div", input, "safe_length", "unit");
  add_scalar (graph, "least", 1e-12);
}

static void
build_bottleneck (Message *graph, const FewClassifierInfo *k, double alpha)
{
  add_node (graph, "MatMul", "features", "w1", "hidden_sum");
  add_node (graph, "Relu", "hidden_sum", NULL, "hidden");
  add_node (graph, "MatMul", "hidden", "w2", "adapted_sum");
  add_node (graph, k->final_relu ? "Relu" : "Identity", "adapted_sum", NULL, "adapted");
  add_node (graph, "Mul", "adapted", "alpha", "adapter_part");
  add_node (graph, "Mul", "features", "one_minus_alpha", "clip_part");
  add_node (graph, "Add", "adapter_part", "clip_part", "blend");
  add_unit (graph, "blend");
  add_node (graph, "MatMul", "unit", "text_features", "cosines");
  add_node (graph, "Mul", "cosines", "scale", "logits");
  add_transposed (graph, "w1", k->w1, k->hidden, k->dim);
  add_transposed (graph, "w2", k->w2, k->dim, k->hidden);
  add_transposed (graph, "text_features", k->text_features, k->n_classes, k->dim);
  add_scalar (graph, "alpha", alpha);
  add_scalar (graph, "one_minus_alpha", 1 - alpha);
  add_scalar (graph, "scale", k->logit_scale);
}

/* rows [K, D] · factor as its transpose */
static void
add_scaled (Message *graph, const char *name, const FewClassifierInfo *k, const float *rows,
            double factor)
{
  gsize cells = (gsize) k->n_classes * k->dim;
  g_autofree float *scaled = few_try_floats (k->n_classes, k->dim, WHAT, NULL);
  graph->is_short |= scaled == NULL;
  if (!scaled)
    return;
  for (gsize i = 0; i < cells; i++)
    scaled[i] = (float) (factor * rows[i]);
  add_transposed (graph, name, scaled, k->n_classes, k->dim);
}

static void
build_linear (Message *graph, const FewClassifierInfo *k, double alpha)
{
  g_autofree float *bias = few_try_floats (k->n_classes, 1, WHAT, NULL);
  graph->is_short |= bias == NULL;
  if (!bias)
    return;
  for (guint i = 0; i < k->n_classes; i++)
    bias[i] = (float) alpha * k->bias[i];
  add_unit (graph, "features");
  add_node (graph, "MatMul", k->raw ? "features" : "unit", "weight", "learned");
  add_node (graph, "MatMul", "unit", "text_features", "clip_part");
  add_node (graph, "Add", "learned", "clip_part", "sum");
  add_node (graph, "Add", "sum", "bias", "logits");
  add_scaled (graph, "weight", k, k->weight, alpha);
  add_scaled (graph, "text_features", k, k->text_features, (1 - alpha) * k->zero_scale);
  add_tensor (graph, "bias", bias, 1, k->n_classes);
}

static void
build_cache (Message *graph, const FewClassifierInfo *k, double alpha)
{
  g_auto (FewRoom) room = { 0 };
  float *values = few_room_new (&room, float, k->n_keys, k->n_classes);
  graph->is_short |= values == NULL;
  if (!values)
    return;
  for (guint i = 0; i < k->n_keys; i++)
    values[(gsize) i * k->n_classes + k->key_labels[i]] = (float) (alpha * k->tau);
  add_unit (graph, "features");
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

static Message *
build_graph (const FewClassifierInfo *k, double alpha)
{
  Message *graph = message_new ();
  if (k->kind == FEW_CLASSIFIER_LINEAR)
    build_linear (graph, k, alpha);
  else if (k->kind == FEW_CLASSIFIER_CACHE)
    build_cache (graph, k, alpha);
  else
    build_bottleneck (graph, k, alpha);
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
  g_autoptr (Message) model = message_new ();
  g_autofree char *classes = few_classifier_classes_json (k);
  Message *opset = message_new ();
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
  if (model->is_short)
    {
      few_fail (error, MEMORY, "There is not enough memory for %s.", WHAT);
      return FALSE;
    }
  if (model->len > MOST_BYTES)
    {
      few_fail (error, LIMIT,
                "The ONNX file would take %" G_GSIZE_FORMAT
                " MB; such files hold 2047 MB. Save the classifier as safetensors.",
                model->len >> 20);
      return FALSE;
    }
  g_autoptr (FewAtomicFile) file = few_atomic_file_new (path, error);
  return file && few_atomic_file_write (file, model->data, model->len, error)
         && few_atomic_file_commit (file, error);
}
