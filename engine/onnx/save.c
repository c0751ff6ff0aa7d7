/* SPDX-License-Identifier: MIT */
/* An ONNX graph as a file. Weights go to a file of their own first, one at a time; it stays where
 * they are many, or is mapped while the whole is written. */
#define _GNU_SOURCE
#include "onnx/graph-private.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/half.h"
#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <fewshot/atomic-file.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { IR_VERSION = 8, OPSET = 17, ALIGNMENT = 4096, PIECE = 1 << 16 };

/* A message of protocol buffers ends below 2 GiB; nodes and names want some room. */
static const guint64 MOST_INSIDE = (G_GUINT64_CONSTANT (1) << 31) - (1 << 26);

/* Where weights go: a file that appears under its name, or one without a name. */
typedef struct
{
  FewAtomicFile *kept;
  int fd; /* -1: kept */
  guint64 at, total;
  char *folder;
} Data;

static void
clear_data (Data *data)
{
  g_clear_pointer (&data->kept, few_atomic_file_free);
  if (data->fd >= 0)
    close (data->fd);
  g_free (data->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Data, clear_data)

static gboolean
put_data (Data *data, gconstpointer bytes, gsize size, GError **error)
{
  const guint8 *p = bytes;
  data->at += size;
  if (data->kept)
    return few_atomic_file_write (data->kept, bytes, size, error);
  while (size > 0)
    {
      gssize n = write (data->fd, p, size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          few_fail_errno (error, data->folder, FEW_FILE_WRITTEN, n < 0 ? errno : EIO);
          return FALSE;
        }
      p += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static void
turn_matrix (const float *from, gsize rows, gsize columns, float *to)
{
  for (gsize i = 0; i < rows; i++)
    for (gsize j = 0; j < columns; j++)
      to[j * rows + i] = from[i * columns + j];
}

/* f16 ends at 65504. */
static gboolean
fits_half (const FewOnnxWeight *weight, const float *values, GError **error)
{
  float most = 0;
  for (gsize i = 0; i < weight->n; i++)
    most = MAX (most, fabsf (values[i]));
  if (most < 65520)
    return TRUE;
  few_fail (error, LIMIT,
            "The tensor “%s” has a weight of %g, which f16 cannot hold. Export in f32.",
            weight->tensor->name, most);
  return FALSE;
}

/* Little-endian f16 or f32, piece by piece. */
static gboolean
put_floats (Data *data, FewOnnxType type, const float *values, gsize n, GCancellable *cancellable,
            GError **error)
{
  g_autofree guint32 *piece = few_try_bytes (PIECE * sizeof *piece, "the ONNX model", error);
  if (!piece)
    return FALSE;
  guint16 *halves = (guint16 *) piece;
  for (gsize done = 0; done < n; done += PIECE)
    {
      gsize count = MIN (n - done, (gsize) PIECE);
      gboolean half = type == FEW_ONNX_HALF;
      if (!half)
        memcpy (piece, values + done, count * sizeof *piece);
      for (gsize i = 0; i < count; i++)
        if (half)
          halves[i] = GUINT16_TO_LE (few_f32_to_f16 (values[done + i]));
        else
          piece[i] = GUINT32_TO_LE (piece[i]);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !put_data (data, piece, count * (half ? sizeof *halves : sizeof *piece), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
align_data (Data *data, GError **error)
{
  static const guint8 zeros[ALIGNMENT];
  gsize over = data->at % ALIGNMENT;
  return over == 0 || put_data (data, zeros, ALIGNMENT - over, error);
}

/* Room for the largest weight. */
static gsize
find_largest (const FewOnnx *onnx)
{
  gsize most = 1;
  for (guint i = 0; i < onnx->weights->len; i++)
    most = MAX (most, g_array_index (onnx->weights, FewOnnxWeight, i).n);
  return most;
}

/* offsets [weights] gets where each begins. */
static gboolean
write_weights (const FewOnnx *onnx, const FewOnnxWriting *writing, Data *data, guint64 *offsets,
               GCancellable *cancellable, GError **error)
{
  gsize most = find_largest (onnx);
  g_autofree float *room = few_try_floats (most, 1, "the ONNX model", error);
  g_autofree float *turned = room ? few_try_floats (most, 1, "the ONNX model", error) : NULL;
  if (!turned)
    return FALSE;
  for (guint i = 0; i < onnx->weights->len; i++)
    {
      const FewOnnxWeight *weight = &g_array_index (onnx->weights, FewOnnxWeight, i);
      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !align_data (data, error)
          || !writing->read (writing->user, weight->tensor->name, weight->n_dims, weight->dims,
                             room, error))
        return FALSE;
      offsets[i] = data->at;
      if (weight->turned)
        turn_matrix (room, weight->dims[0], weight->dims[1], turned);
      if (weight->type == FEW_ONNX_HALF && !fits_half (weight, room, error))
        return FALSE;
      if (!put_floats (data, weight->type, weight->turned ? turned : room, weight->n, cancellable,
                       error))
        return FALSE;
      if (writing->progress)
        writing->progress (writing->user, data->at, data->total);
    }
  return TRUE;
}

static gboolean
open_data (Data *data, const char *path, const char *data_name, GError **error)
{
  data->folder = g_path_get_dirname (path);
  if (data_name)
    {
      g_autofree char *name = g_build_filename (data->folder, data_name, NULL);
      data->kept = few_atomic_file_new (name, error);
      return data->kept != NULL;
    }
  g_autofree char *name = g_build_filename (data->folder, ".fewshot-XXXXXX", NULL);
  data->fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);
  if (data->fd < 0)
    {
      few_fail_errno (error, data->folder, FEW_FILE_WRITTEN, errno);
      return FALSE;
    }
  g_unlink (name);
  return TRUE;
}

/* ---- where the weights are, in the graph */

static void
add_external (Onnx__TensorProto *tensor, const char *key, const char *value)
{
  Onnx__StringStringEntryProto *entry = g_new (Onnx__StringStringEntryProto, 1);
  onnx__string_string_entry_proto__init (entry);
  entry->key = g_strdup (key);
  entry->value = g_strdup (value);
  tensor->external_data =
      g_renew (Onnx__StringStringEntryProto *, tensor->external_data, tensor->n_external_data + 1);
  tensor->external_data[tensor->n_external_data++] = entry;
}

static void
point_outside (const FewOnnx *onnx, const char *data_name, const guint64 *offsets)
{
  for (guint i = 0; i < onnx->weights->len; i++)
    {
      const FewOnnxWeight *weight = &g_array_index (onnx->weights, FewOnnxWeight, i);
      gsize size = few_onnx_weight_size (weight);
      g_autofree char *offset = g_strdup_printf ("%" PRIu64, offsets[i]);
      g_autofree char *length = g_strdup_printf ("%" G_GSIZE_FORMAT, size);
      weight->tensor->has_data_location = TRUE;
      weight->tensor->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
      add_external (weight->tensor, "location", data_name);
      add_external (weight->tensor, "offset", offset);
      add_external (weight->tensor, "length", length);
    }
}

/* Borrows the mapped bytes, or with NULL gives them back. */
static void
point_inside (const FewOnnx *onnx, char *mapped, const guint64 *offsets)
{
  for (guint i = 0; i < onnx->weights->len; i++)
    {
      const FewOnnxWeight *weight = &g_array_index (onnx->weights, FewOnnxWeight, i);
      ProtobufCBinaryData *raw = &weight->tensor->raw_data;
      weight->tensor->has_raw_data = mapped != NULL;
      raw->len = mapped ? few_onnx_weight_size (weight) : 0;
      raw->data = mapped ? (guint8 *) mapped + offsets[i] : NULL;
    }
}

/* ---- the graph */

/* protobuf-c's way to give bytes away as they come. */
typedef struct
{
  ProtobufCBuffer base;
  FewAtomicFile *file;
  GCancellable *cancellable;
  GError *error;
} Out;

static void
append_bytes (ProtobufCBuffer *buffer, size_t size, const guint8 *bytes)
{
  Out *out = (Out *) buffer;
  if (!out->error && !g_cancellable_set_error_if_cancelled (out->cancellable, &out->error))
    few_atomic_file_write (out->file, bytes, size, &out->error);
}

/* What the messages point to stays the graph's. */
static gboolean
write_graph (FewOnnx *onnx, const char *path, GCancellable *cancellable, GError **error)
{
  Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
  Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT;
  Onnx__OperatorSetIdProto *opsets[] = { &opset };
  Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
  graph.name = onnx->name;
  graph.n_node = onnx->nodes->len;
  graph.node = (Onnx__NodeProto **) onnx->nodes->pdata;
  graph.n_initializer = onnx->tensors->len;
  graph.initializer = (Onnx__TensorProto **) onnx->tensors->pdata;
  graph.n_input = onnx->inputs->len;
  graph.input = (Onnx__ValueInfoProto **) onnx->inputs->pdata;
  graph.n_output = onnx->outputs->len;
  graph.output = (Onnx__ValueInfoProto **) onnx->outputs->pdata;
  opset.has_version = TRUE;
  opset.version = OPSET;
  opset.domain = (char *) "";
  model.has_ir_version = TRUE;
  model.ir_version = IR_VERSION;
  model.producer_name = (char *) "Fewshot";
  model.graph = &graph;
  model.n_opset_import = 1;
  model.opset_import = opsets;
  model.n_metadata_props = onnx->metadata->len;
  model.metadata_props = (Onnx__StringStringEntryProto **) onnx->metadata->pdata;
  g_autoptr (FewAtomicFile) file = few_atomic_file_new (path, error);
  if (!file)
    return FALSE;
  Out out = { { append_bytes }, file, cancellable, NULL };
  protobuf_c_message_pack_to_buffer (&model.base, &out.base);
  if (out.error)
    {
      g_propagate_error (error, out.error);
      return FALSE;
    }
  return few_atomic_file_commit (file, error);
}

static gboolean
save_inside (FewOnnx *onnx, const char *path, const Data *data, const guint64 *offsets,
             GCancellable *cancellable, GError **error)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new_from_fd (data->fd, FALSE, error);
  if (!mapped)
    return FALSE;
  point_inside (onnx, g_mapped_file_get_contents (mapped), offsets);
  gboolean ok = write_graph (onnx, path, cancellable, error);
  point_inside (onnx, NULL, NULL);
  return ok;
}

gboolean
few_onnx_save (FewOnnx *onnx, const char *path, const FewOnnxWriting *writing,
               GCancellable *cancellable, GError **error)
{
  g_assert (onnx && path && (onnx->weights->len == 0 || writing));
  if (onnx->failure)
    {
      g_propagate_error (error, g_steal_pointer (&onnx->failure));
      return FALSE;
    }
  if (onnx->bytes > MOST_INSIDE)
    {
      few_fail (error, LIMIT,
                "%s would take %" PRIu64
                " MB; an ONNX file holds 2 GB. Save the classifier as safetensors.",
                path, onnx->bytes >> 20);
      return FALSE;
    }
  if (onnx->weights->len == 0)
    return write_graph (onnx, path, cancellable, error);
  g_auto (Data) data = { .fd = -1 };
  g_autofree guint64 *offsets = g_new0 (guint64, onnx->weights->len);
  for (guint i = 0; i < onnx->weights->len; i++)
    data.total +=
        few_onnx_weight_size (&g_array_index (onnx->weights, FewOnnxWeight, i)) + ALIGNMENT;
  guint64 most = writing->most_inside ? writing->most_inside : MOST_INSIDE;
  gboolean outside = data.total + onnx->bytes > MIN (most, MOST_INSIDE);
  if (!open_data (&data, path, outside ? writing->data_name : NULL, error)
      || !write_weights (onnx, writing, &data, offsets, cancellable, error))
    return FALSE;
  if (!outside)
    return save_inside (onnx, path, &data, offsets, cancellable, error);
  point_outside (onnx, writing->data_name, offsets);
  return few_atomic_file_commit (data.kept, error) && write_graph (onnx, path, cancellable, error);
}
