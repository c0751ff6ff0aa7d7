/* The safetensors format: 8 bytes little-endian header length, JSON header, tensor bytes.
 * The reader maps the file and refuses what the reference implementation refuses: overlaps, holes, out-of-range
 * offsets, sizes that do not follow from shape and type, headers over 100 MB. */
#pragma once
#include <glib.h>

typedef enum { FEW_DTYPE_F32, FEW_DTYPE_F16, FEW_DTYPE_BF16, FEW_DTYPE_I64, FEW_DTYPE_I32, FEW_DTYPE_U8, FEW_DTYPE_OTHER } FewDType;

enum { FEW_MAX_DIMS = 8 };

typedef struct
{
  char *name;
  FewDType dtype;
  char *dtype_name;
  guint n_dims;
  gsize dims[FEW_MAX_DIMS];
  gsize n_elements;
  gconstpointer data; /* in the mapping; aligned to 1 byte only */
  gsize size;         /* bytes */
} FewTensor;

typedef struct FewSafetensors FewSafetensors;

FewSafetensors *few_safetensors_open (const char *path, GError **error);
void few_safetensors_free (FewSafetensors *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSafetensors, few_safetensors_free)
const char *few_safetensors_path (const FewSafetensors *file);
const FewTensor *few_safetensors_find (const FewSafetensors *file, const char *name);
/* Tensors in the order of their bytes. */
guint few_safetensors_count (const FewSafetensors *file);
const FewTensor *few_safetensors_nth (const FewSafetensors *file, guint i);
const char *few_safetensors_metadata (const FewSafetensors *file, const char *key);
/* Copies a floating-point tensor as f32; `out` holds n_elements. FALSE when the type is not a float. */
gboolean few_tensor_to_f32 (const FewTensor *tensor, float *out);
/* "[768, 3, 32, 32]" */
char *few_dims_to_string (const gsize *dims, guint n_dims);

typedef struct FewSafetensorsWriter FewSafetensorsWriter;

FewSafetensorsWriter *few_safetensors_writer_new (void);
void few_safetensors_writer_free (FewSafetensorsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewSafetensorsWriter, few_safetensors_writer_free)
void few_safetensors_writer_metadata (FewSafetensorsWriter *writer, const char *key, const char *value);
/* The data must stay valid until write. */
void few_safetensors_writer_add (FewSafetensorsWriter *writer, const char *name, FewDType dtype, const gsize *dims,
                                 guint n_dims, gconstpointer data);
/* Writes atomically. */
gboolean few_safetensors_writer_save (FewSafetensorsWriter *writer, const char *path, GError **error);
