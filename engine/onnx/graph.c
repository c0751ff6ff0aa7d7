/* SPDX-License-Identifier: MIT */
/* Nodes, values and numbers of an ONNX graph. Messages and what they point to are allocated as
 * protobuf-c's default allocator does, with malloc, so that its own functions free them whole. */
#include "onnx/graph-private.h"
#include "base/words.h"
#include <stdlib.h>
#include <string.h>

static const char WHAT[] = N_ ("the ONNX file");

#define NEW(Type, init, variable)                                                                  \
  Type *variable = g_new (Type, 1);                                                                \
  init (variable)

gint32
few_onnx_data_type (FewOnnxType type)
{
  static const gint32 types[] = {
    [FEW_ONNX_FLOAT] = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    [FEW_ONNX_HALF] = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16,
    [FEW_ONNX_DOUBLE] = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE,
    [FEW_ONNX_INT64] = ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
    [FEW_ONNX_UINT8] = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8,
  };
  return types[type];
}

gsize
few_onnx_weight_size (const FewOnnxWeight *weight)
{
  return weight->n * (weight->type == FEW_ONNX_HALF ? sizeof (guint16) : sizeof (float));
}

/* Everything below a message, and itself. */
static void
free_message (gpointer message)
{
  protobuf_c_message_free_unpacked (message, NULL);
}

FewOnnx *
few_onnx_new (const char *name, FewOnnxType weights)
{
  g_assert (name && (weights == FEW_ONNX_FLOAT || weights == FEW_ONNX_HALF));
  FewOnnx *onnx = g_new0 (FewOnnx, 1);
  onnx->name = g_strdup (name);
  onnx->weight_type = weights;
  onnx->nodes = g_ptr_array_new_with_free_func (free_message);
  onnx->tensors = g_ptr_array_new_with_free_func (free_message);
  onnx->inputs = g_ptr_array_new_with_free_func (free_message);
  onnx->outputs = g_ptr_array_new_with_free_func (free_message);
  onnx->metadata = g_ptr_array_new_with_free_func (free_message);
  onnx->weights = g_array_new (FALSE, TRUE, sizeof (FewOnnxWeight));
  return onnx;
}

void
few_onnx_free (FewOnnx *onnx)
{
  if (!onnx)
    return;
  g_ptr_array_unref (onnx->nodes);
  g_ptr_array_unref (onnx->tensors);
  g_ptr_array_unref (onnx->inputs);
  g_ptr_array_unref (onnx->outputs);
  g_ptr_array_unref (onnx->metadata);
  g_array_unref (onnx->weights);
  g_clear_error (&onnx->failure);
  g_free (onnx->name);
  g_free (onnx);
}

GError **
few_onnx_first_error (FewOnnx *onnx)
{
  return onnx->failure ? NULL : &onnx->failure;
}

/* ---- what goes in and out */

static Onnx__TensorShapeProto__Dimension *
make_dimension (const FewOnnxDim *dim)
{
  NEW (Onnx__TensorShapeProto__Dimension, onnx__tensor_shape_proto__dimension__init, out);
  if (dim->name)
    {
      out->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
      out->dim_param = g_strdup (dim->name);
      return out;
    }
  out->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
  out->dim_value = dim->size;
  return out;
}

static Onnx__ValueInfoProto *
make_value (const char *name, FewOnnxType type, guint n_dims, const FewOnnxDim *dims)
{
  NEW (Onnx__TensorShapeProto, onnx__tensor_shape_proto__init, shape);
  NEW (Onnx__TypeProto__Tensor, onnx__type_proto__tensor__init, tensor);
  NEW (Onnx__TypeProto, onnx__type_proto__init, whole);
  NEW (Onnx__ValueInfoProto, onnx__value_info_proto__init, value);
  shape->n_dim = n_dims;
  shape->dim = g_new (Onnx__TensorShapeProto__Dimension *, n_dims + 1);
  for (guint i = 0; i < n_dims; i++)
    shape->dim[i] = make_dimension (&dims[i]);
  tensor->has_elem_type = TRUE;
  tensor->elem_type = few_onnx_data_type (type);
  tensor->shape = shape;
  whole->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  whole->tensor_type = tensor;
  value->name = g_strdup (name);
  value->type = whole;
  return value;
}

const char *
few_onnx_input (FewOnnx *onnx, const char *name, FewOnnxType type, guint n_dims,
                const FewOnnxDim *dims)
{
  Onnx__ValueInfoProto *value = make_value (name, type, n_dims, dims);
  g_ptr_array_add (onnx->inputs, value);
  return value->name;
}

void
few_onnx_output (FewOnnx *onnx, const char *value, FewOnnxType type, guint n_dims,
                 const FewOnnxDim *dims)
{
  g_ptr_array_add (onnx->outputs, make_value (value, type, n_dims, dims));
}

void
few_onnx_metadata (FewOnnx *onnx, const char *key, const char *text)
{
  NEW (Onnx__StringStringEntryProto, onnx__string_string_entry_proto__init, entry);
  entry->key = g_strdup (key);
  entry->value = g_utf8_make_valid (text, -1);
  g_ptr_array_add (onnx->metadata, entry);
}

/* ---- nodes */

const char *
few_onnx_op (FewOnnx *onnx, const char *op, ...)
{
  NEW (Onnx__NodeProto, onnx__node_proto__init, node);
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  va_list values;
  va_start (values, op);
  for (const char *value = va_arg (values, const char *); value;
       value = va_arg (values, const char *))
    g_ptr_array_add (inputs, g_strdup (value));
  va_end (values);
  node->op_type = g_strdup (op);
  node->n_input = inputs->len;
  node->input = g_memdup2 (inputs->pdata, inputs->len * sizeof (char *));
  node->n_output = 1;
  node->output = g_new (char *, 1);
  node->output[0] = g_strdup_printf ("%s_%u", op, onnx->nodes->len);
  g_ptr_array_add (onnx->nodes, node);
  return node->output[0];
}

static Onnx__NodeProto *
last_node (FewOnnx *onnx)
{
  g_assert (onnx->nodes->len > 0);
  return onnx->nodes->pdata[onnx->nodes->len - 1];
}

const char *
few_onnx_infix (FewOnnx *onnx, const char *a, const char *op, const char *b)
{
  return few_onnx_op (onnx, op, a, b, NULL);
}

const char *
few_onnx_infix_number (FewOnnx *onnx, FewOnnxType type, const char *a, const char *op, double b)
{
  return few_onnx_infix (onnx, a, op, few_onnx_number (onnx, type, b));
}

const char *
few_onnx_call (FewOnnx *onnx, const char *name)
{
  Onnx__NodeProto *node = last_node (onnx);
  g_free (node->output[0]);
  node->output[0] = g_strdup (name);
  return node->output[0];
}

static Onnx__AttributeProto *
add_attribute (FewOnnx *onnx, const char *name, Onnx__AttributeProto__AttributeType type)
{
  Onnx__NodeProto *node = last_node (onnx);
  NEW (Onnx__AttributeProto, onnx__attribute_proto__init, attribute);
  attribute->name = g_strdup (name);
  attribute->has_type = TRUE;
  attribute->type = type;
  node->attribute = g_renew (Onnx__AttributeProto *, node->attribute, node->n_attribute + 1);
  node->attribute[node->n_attribute++] = attribute;
  return attribute;
}

void
few_onnx_set_int (FewOnnx *onnx, const char *name, gint64 value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (onnx, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
  attribute->has_i = TRUE;
  attribute->i = value;
}

void
few_onnx_set_float (FewOnnx *onnx, const char *name, double value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (onnx, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
  attribute->has_f = TRUE;
  attribute->f = (float) value;
}

void
few_onnx_set_ints (FewOnnx *onnx, const char *name, guint n, const gint64 *values)
{
  Onnx__AttributeProto *attribute =
      add_attribute (onnx, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
  attribute->n_ints = n;
  attribute->ints = g_memdup2 (values, n * sizeof *values);
}

const char *
few_onnx_cast (FewOnnx *onnx, const char *value, FewOnnxType type)
{
  const char *out = few_onnx_op (onnx, "Cast", value, NULL);
  few_onnx_set_int (onnx, "to", few_onnx_data_type (type));
  return out;
}

/* ---- numbers */

static Onnx__TensorProto *
add_tensor (FewOnnx *onnx, const char *name, FewOnnxType type, guint n_dims, const gsize *dims)
{
  NEW (Onnx__TensorProto, onnx__tensor_proto__init, tensor);
  tensor->name = name ? g_strdup (name) : g_strdup_printf ("constant_%u", onnx->tensors->len);
  tensor->has_data_type = TRUE;
  tensor->data_type = few_onnx_data_type (type);
  tensor->n_dims = n_dims;
  tensor->dims = g_new (gint64, n_dims + 1);
  for (guint i = 0; i < n_dims; i++)
    tensor->dims[i] = (gint64) dims[i];
  g_ptr_array_add (onnx->tensors, tensor);
  return tensor;
}

/* Takes the bytes over. */
static const char *
give_raw (Onnx__TensorProto *tensor, gpointer bytes, gsize size)
{
  tensor->has_raw_data = TRUE;
  tensor->raw_data.len = size;
  tensor->raw_data.data = bytes;
  return tensor->name;
}

const char *
few_onnx_floats (FewOnnx *onnx, guint n_dims, const gsize *dims, const float *values)
{
  gsize n = 1;
  for (guint i = 0; i < n_dims; i++)
    n *= dims[i];
  guint32 *little = few_try_copy (values, n, sizeof *little, WHAT, few_onnx_first_error (onnx));
  n = little ? n : 0;
  onnx->bytes += n * sizeof *little;
  for (gsize i = 0; i < n; i++)
    little[i] = GUINT32_TO_LE (little[i]);
  return give_raw (add_tensor (onnx, NULL, FEW_ONNX_FLOAT, n_dims, dims), little,
                   n * sizeof *little);
}

/* How a tensor of weights is kept. */
static FewOnnxType
choose_type (const FewOnnx *onnx, guint n_dims)
{
  return n_dims > 1 ? onnx->weight_type : FEW_ONNX_FLOAT;
}

static const char *
as_float (FewOnnx *onnx, FewOnnxType type, const char *kept)
{
  return type == FEW_ONNX_FLOAT ? kept : few_onnx_cast (onnx, kept, FEW_ONNX_FLOAT);
}

const char *
few_onnx_turned (FewOnnx *onnx, guint rows, guint columns, const float *values, double factor)
{
  g_autofree float *turned = few_try_floats (rows, columns, WHAT, few_onnx_first_error (onnx));
  if (!turned)
    return few_onnx_number (onnx, FEW_ONNX_FLOAT, 0); /* nothing is saved */
  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < columns; j++)
      turned[(gsize) j * rows + i] = (float) (factor * values[(gsize) i * columns + j]);
  return few_onnx_floats (onnx, 2, (gsize[]) { columns, rows }, turned);
}

const char *
few_onnx_one_hot (FewOnnx *onnx, guint n, guint columns, const guint32 *labels, float value)
{
  g_auto (FewRoom) room = { 0 };
  float *values = few_room_new (&room, float, n, columns);
  if (few_room_is_short (&room, WHAT, few_onnx_first_error (onnx)))
    return few_onnx_number (onnx, FEW_ONNX_FLOAT, 0); /* nothing is saved */
  for (guint i = 0; i < n; i++)
    values[(gsize) i * columns + labels[i]] = value;
  return few_onnx_floats (onnx, 2, (gsize[]) { n, columns }, values);
}

static const char *
add_integers (FewOnnx *onnx, guint n_dims, guint n, const gint64 *values)
{
  gint64 *little = g_new (gint64, n);
  for (guint i = 0; i < n; i++)
    little[i] = GINT64_TO_LE (values[i]);
  return give_raw (add_tensor (onnx, NULL, FEW_ONNX_INT64, n_dims, (gsize[]) { n }), little,
                   n * sizeof *little);
}

const char *
few_onnx_integers (FewOnnx *onnx, guint n, const gint64 *values)
{
  return add_integers (onnx, 1, n, values);
}

const char *
few_onnx_integer (FewOnnx *onnx, gint64 value)
{
  return add_integers (onnx, 0, 1, &value);
}

const char *
few_onnx_number (FewOnnx *onnx, FewOnnxType type, double value)
{
  g_assert (type == FEW_ONNX_FLOAT || type == FEW_ONNX_DOUBLE);
  float single = (float) value;
  if (type == FEW_ONNX_FLOAT)
    return few_onnx_floats (onnx, 0, NULL, &single);
  guint64 *bits = g_new (guint64, 1);
  memcpy (bits, &value, sizeof *bits);
  *bits = GUINT64_TO_LE (*bits);
  return give_raw (add_tensor (onnx, NULL, type, 0, NULL), bits, sizeof *bits);
}

const char *
few_onnx_weight (FewOnnx *onnx, const char *name, guint n_dims, const gsize *dims, gboolean turned)
{
  g_assert (n_dims >= 1 && n_dims <= 4 && (!turned || n_dims == 2));
  for (guint i = 0; i < onnx->weights->len; i++)
    {
      const FewOnnxWeight *there = &g_array_index (onnx->weights, FewOnnxWeight, i);
      if (g_str_equal (there->tensor->name, name) && there->turned == turned)
        return there->value;
    }
  FewOnnxWeight weight = {
    .n_dims = n_dims, .n = 1, .type = choose_type (onnx, n_dims), .turned = turned
  };
  for (guint i = 0; i < n_dims; i++)
    {
      weight.dims[i] = dims[i];
      weight.n *= dims[i];
    }
  gsize shown[4] = { weight.dims[0], weight.dims[1], weight.dims[2], weight.dims[3] };
  if (turned)
    {
      shown[0] = weight.dims[1];
      shown[1] = weight.dims[0];
    }
  weight.tensor = add_tensor (onnx, name, weight.type, n_dims, shown);
  weight.value = as_float (onnx, weight.type, weight.tensor->name);
  g_array_append_val (onnx->weights, weight);
  return weight.value;
}
