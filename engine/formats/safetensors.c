/* SPDX-License-Identifier: MIT */
/* The safetensors format, read and written. */
#include "formats/safetensors.h"
#include "base/error.h"
#include <fewshot/atomic-file.h>
#include "base/json.h"
#include "base/memory.h"

static const gsize MAX_HEADER = 100u << 20, STREAM_BYTES = 1u << 20;
static const guint64 MAX_FILE = G_GUINT64_CONSTANT (1) << 42; /* 4 TB */

static const struct
{
  const char *name;
  guint size;
  FewDType dtype;
} dtypes[] = {
  { "F32", 4, FEW_DTYPE_F32 },    { "F16", 2, FEW_DTYPE_F16 },   { "BF16", 2, FEW_DTYPE_BF16 },
  { "I64", 8, FEW_DTYPE_I64 },    { "I32", 4, FEW_DTYPE_I32 },   { "U8", 1, FEW_DTYPE_U8 },
  { "F64", 8, FEW_DTYPE_OTHER },  { "I16", 2, FEW_DTYPE_OTHER }, { "U16", 2, FEW_DTYPE_OTHER },
  { "U32", 4, FEW_DTYPE_OTHER },  { "U64", 8, FEW_DTYPE_OTHER }, { "I8", 1, FEW_DTYPE_OTHER },
  { "BOOL", 1, FEW_DTYPE_OTHER },
};

struct FewSafetensors
{
  char *path;
  FewFile *file;
  GPtrArray *tensors;   /* FewTensor, by offset */
  GHashTable *by_name;  /* name → FewTensor, borrowed */
  GHashTable *metadata; /* string → string */
};

void
few_safetensors_free (FewSafetensors *file)
{
  g_clear_pointer (&file->by_name, g_hash_table_unref);
  g_clear_pointer (&file->metadata, g_hash_table_unref);
  g_clear_pointer (&file->tensors, g_ptr_array_unref);
  g_clear_pointer (&file->file, few_file_free);
  g_free (file->path);
  g_free (file);
}

static gint64
array_int (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return -1;
  return json_node_get_int (node);
}

/* One entry of the header; bytes are [begin, end) of the data section, which begins at `start`. */
static FewTensor *
parse_tensor (FewFile *source, const char *name, JsonObject *entry, guint64 start, GError **error)
{
  const char *file = few_file_shown (source);
  guint64 available = few_file_size (source) - start;
  const char *bad = NULL;
  const char *dtype = few_json_string (entry, "dtype", NULL, &bad);
  JsonArray *shape = few_json_array (entry, "shape", &bad);
  JsonArray *offsets = few_json_array (entry, "data_offsets", &bad);
  if (bad || !dtype || !shape || !offsets || json_array_get_length (offsets) != 2)
    {
      few_fail (error, FORMAT, "%s: the header entry of tensor “%s” is incomplete.", file, name);
      return NULL;
    }
  gint64 begin = array_int (offsets, 0);
  gint64 end = array_int (offsets, 1);
  if (begin < 0 || end < begin || (guint64) end > available)
    {
      few_fail (error, FORMAT,
                "%s: tensor “%s” lies outside the file; the download is incomplete or damaged.",
                file, name);
      return NULL;
    }
  guint n_dims = json_array_get_length (shape);
  guint element = 0;
  FewTensor tensor = { .dtype = FEW_DTYPE_OTHER, .n_dims = n_dims };
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (dtype, dtypes[i].name))
      {
        tensor.dtype = dtypes[i].dtype;
        element = dtypes[i].size;
      }
  gboolean sane = element > 0 && n_dims <= FEW_MAX_DIMS;
  for (guint i = 0; sane && i < n_dims; i++)
    {
      gint64 dim = array_int (shape, i);
      sane = dim >= 0;
      tensor.dims[i] = sane ? (gsize) dim : 0;
    }
  if (!sane || !few_tensor_measure (&tensor, element) || tensor.size != (gsize) (end - begin))
    {
      few_fail (error, FORMAT,
                "%s: tensor “%s” has a shape that does not match its bytes (type %s).", file, name,
                dtype);
      return NULL;
    }
  tensor.name = g_strdup (name);
  tensor.dtype_name = g_strdup (dtype);
  tensor.file = source;
  tensor.offset = start + (guint64) begin;
  return g_memdup2 (&tensor, sizeof tensor);
}

static int
by_offset (gconstpointer a, gconstpointer b)
{
  const FewTensor *x = *(FewTensor *const *) a;
  const FewTensor *y = *(FewTensor *const *) b;
  if (x->offset != y->offset)
    return x->offset < y->offset ? -1 : 1;
  return x->size < y->size ? -1 : x->size > y->size;
}

static gboolean
read_metadata (FewSafetensors *file, const char *shown, JsonNode *node, GError **error)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      few_fail (error, FORMAT, "%s: __metadata__ is not an object.", shown);
      return FALSE;
    }
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &value))
    if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
      g_hash_table_insert (file->metadata, g_strdup (key), g_strdup (json_node_get_string (value)));
  return TRUE;
}

/* The text of the header, and where the data begin. */
static char *
read_header (FewFile *file, gsize *length, GError **error)
{
  const char *shown = few_file_shown (file);
  guint64 size = few_file_size (file);
  guint64 stated = 0;
  if (size >= 10 && !few_file_read_at (file, &stated, sizeof stated, 0, error))
    return NULL;
  stated = GUINT64_FROM_LE (stated);
  if (size < 10 || stated < 2 || stated > MAX_HEADER || stated > size - 8)
    {
      few_fail (error, FORMAT, "%s is not a safetensors file, or it is cut off.", shown);
      return NULL;
    }
  *length = (gsize) stated;
  g_autofree char *text = g_try_malloc (*length);
  if (!text)
    {
      few_fail (error, MEMORY, "There is not enough memory to read %s.", shown);
      return NULL;
    }
  if (!few_file_read_at (file, text, *length, 8, error))
    return NULL;
  if (text[0] == '{')
    return g_steal_pointer (&text);
  few_fail (error, FORMAT, "%s is not a safetensors file, or it is cut off.", shown);
  return NULL;
}

/* Tensors by offset must follow one another without a gap, from `start` to the end. */
static gboolean
check_layout (FewSafetensors *file, guint64 start, GError **error)
{
  const char *shown = few_file_shown (file->file);
  g_ptr_array_sort (file->tensors, by_offset);
  for (guint i = 0; i < file->tensors->len; i++)
    {
      const FewTensor *tensor = file->tensors->pdata[i];
      if (tensor->offset != start)
        {
          few_fail (error, FORMAT, "%s: tensor “%s” overlaps another or leaves a gap.", shown,
                    tensor->name);
          return FALSE;
        }
      start += tensor->size;
    }
  if (start == few_file_size (file->file))
    return TRUE;
  few_fail (error, FORMAT, "%s holds bytes that no tensor claims.", shown);
  return FALSE;
}

static gboolean
read_entry (FewSafetensors *file, const char *name, JsonNode *node, guint64 start, GError **error)
{
  const char *shown = few_file_shown (file->file);
  if (g_str_equal (name, "__metadata__"))
    return read_metadata (file, shown, node, error);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      few_fail (error, FORMAT, "%s: the header entry of tensor “%s” is incomplete.", shown, name);
      return FALSE;
    }
  FewTensor *tensor = parse_tensor (file->file, name, json_node_get_object (node), start, error);
  if (!tensor)
    return FALSE;
  g_ptr_array_add (file->tensors, tensor);
  g_hash_table_insert (file->by_name, tensor->name, tensor);
  return TRUE;
}

FewSafetensors *
few_safetensors_open (const char *path, GError **error)
{
  g_autoptr (FewSafetensors) file = g_new0 (FewSafetensors, 1);
  file->path = g_strdup (path);
  file->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) few_tensor_free);
  file->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  file->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  file->file = few_file_open (path, MAX_FILE, error);
  gsize length = 0;
  g_autofree char *text = file->file ? read_header (file->file, &length, error) : NULL;
  g_autoptr (JsonNode) root =
      text ? few_json_parse (text, length, few_file_shown (file->file), error) : NULL;
  if (!root)
    return NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  json_object_iter_init (&iter, json_node_get_object (root));
  while (json_object_iter_next (&iter, &name, &node))
    if (!read_entry (file, name, node, 8 + length, error))
      return NULL;
  return check_layout (file, 8 + length, error) ? g_steal_pointer (&file) : NULL;
}

FewFile *
few_safetensors_file (const FewSafetensors *file)
{
  return file->file;
}

const char *
few_safetensors_path (const FewSafetensors *file)
{
  return file->path;
}

const FewTensor *
few_safetensors_find (const FewSafetensors *file, const char *name)
{
  return g_hash_table_lookup (file->by_name, name);
}

guint
few_safetensors_count (const FewSafetensors *file)
{
  return file->tensors->len;
}

const FewTensor *
few_safetensors_nth (const FewSafetensors *file, guint i)
{
  return file->tensors->pdata[i];
}

const char *
few_safetensors_metadata (const FewSafetensors *file, const char *key)
{
  return g_hash_table_lookup (file->metadata, key);
}

/* Where a tensor's bytes come from: memory, or a stream. */
typedef struct
{
  gconstpointer data;
  gsize unit;
  FewStreamStart start;
  FewStreamFunc func;
  gpointer start_user, user;
} Source;

struct FewSafetensorsWriter
{
  GPtrArray *tensors;
  GPtrArray *sources; /* Source *, of the tensors */
  GHashTable *metadata;
};

FewSafetensorsWriter *
few_safetensors_writer_new (void)
{
  FewSafetensorsWriter *writer = g_new0 (FewSafetensorsWriter, 1);
  writer->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) few_tensor_free);
  writer->sources = g_ptr_array_new_with_free_func (g_free);
  writer->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return writer;
}

void
few_safetensors_writer_free (FewSafetensorsWriter *writer)
{
  g_ptr_array_unref (writer->tensors);
  g_ptr_array_unref (writer->sources);
  g_hash_table_unref (writer->metadata);
  g_free (writer);
}

void
few_safetensors_writer_metadata (FewSafetensorsWriter *writer, const char *key, const char *value)
{
  /* what is no UTF-8 could be written and not be read back */
  g_hash_table_insert (writer->metadata, g_strdup (key), g_utf8_make_valid (value, -1));
}

void
few_safetensors_writer_add (FewSafetensorsWriter *writer, const char *name, FewDType dtype,
                            const gsize *dims, guint n_dims, gconstpointer data)
{
  g_return_if_fail (n_dims <= FEW_MAX_DIMS && dtype < FEW_DTYPE_OTHER);
  FewTensor *tensor = g_new0 (FewTensor, 1);
  tensor->name = g_strdup (name);
  tensor->dtype = dtype;
  tensor->n_dims = n_dims;
  tensor->n_elements = 1;
  for (guint i = 0; i < n_dims; i++)
    tensor->n_elements *= tensor->dims[i] = dims[i];
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (dtypes[i].dtype == dtype)
      {
        tensor->dtype_name = g_strdup (dtypes[i].name);
        tensor->size = tensor->n_elements * dtypes[i].size;
      }
  Source source = { .data = data };
  g_ptr_array_add (writer->tensors, tensor);
  g_ptr_array_add (writer->sources, g_memdup2 (&source, sizeof source));
}

void
few_safetensors_writer_add_stream (FewSafetensorsWriter *writer, const char *name, FewDType dtype,
                                   const gsize *dims, guint n_dims, gsize unit,
                                   FewStreamStart start, gpointer start_user, FewStreamFunc func,
                                   gpointer user)
{
  few_safetensors_writer_add (writer, name, dtype, dims, n_dims, NULL);
  Source *source = writer->sources->pdata[writer->sources->len - 1];
  *source = (Source) { NULL, unit, start, func, start_user, user };
}

static gboolean
write_stream (FewAtomicFile *file, const char *path, const Source *source, gsize size,
              GError **error)
{
  gsize piece = MAX (STREAM_BYTES / source->unit, 1) * source->unit;
  g_autofree guint8 *buffer = few_try_bytes (piece, path, error);
  if (!buffer)
    return FALSE;
  source->start (source->start_user);
  for (gsize n; size > 0; size -= n)
    {
      n = MIN (size, piece);
      if (!source->func (source->user, buffer, n))
        {
          few_fail (error, FORMAT, "%s: what it is made from ended early.", path);
          return FALSE;
        }
      if (!few_atomic_file_write (file, buffer, n, error))
        return FALSE;
    }
  return TRUE;
}

static char *
header_text (FewSafetensorsWriter *writer, gsize *length)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  if (g_hash_table_size (writer->metadata) > 0)
    {
      json_builder_set_member_name (builder, "__metadata__");
      json_builder_begin_object (builder);
      g_autoptr (GList) keys =
          g_list_sort (g_hash_table_get_keys (writer->metadata), (GCompareFunc) strcmp);
      for (GList *l = keys; l; l = l->next)
        {
          json_builder_set_member_name (builder, l->data);
          json_builder_add_string_value (builder, g_hash_table_lookup (writer->metadata, l->data));
        }
      json_builder_end_object (builder);
    }
  gsize offset = 0;
  for (guint i = 0; i < writer->tensors->len; i++)
    {
      FewTensor *tensor = writer->tensors->pdata[i];
      json_builder_set_member_name (builder, tensor->name);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "dtype");
      json_builder_add_string_value (builder, tensor->dtype_name);
      json_builder_set_member_name (builder, "shape");
      json_builder_begin_array (builder);
      for (guint d = 0; d < tensor->n_dims; d++)
        json_builder_add_int_value (builder, tensor->dims[d]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "data_offsets");
      json_builder_begin_array (builder);
      json_builder_add_int_value (builder, offset);
      json_builder_add_int_value (builder, offset += tensor->size);
      json_builder_end_array (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, length);
}

gboolean
few_safetensors_writer_save (FewSafetensorsWriter *writer, const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *header = header_text (writer, &length);
  static const char spaces[8] = "        ";
  gsize padding = (8 - length % 8) % 8;
  guint64 stated = GUINT64_TO_LE (length + padding);
  g_autoptr (FewAtomicFile) file = few_atomic_file_new (path, error);
  if (!file || !few_atomic_file_write (file, &stated, 8, error)
      || !few_atomic_file_write (file, header, length, error)
      || !few_atomic_file_write (file, spaces, padding, error))
    return FALSE;
  for (guint i = 0; i < writer->tensors->len; i++)
    {
      FewTensor *tensor = writer->tensors->pdata[i];
      const Source *source = writer->sources->pdata[i];
      if (source->func ? !write_stream (file, path, source, tensor->size, error)
                       : !few_atomic_file_write (file, source->data, tensor->size, error))
        return FALSE;
    }
  return few_atomic_file_commit (file, error);
}
