/* SPDX-License-Identifier: MIT */
/* Tensors to a safetensors file. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  gsize dims[4];
  guint n_dims;
  const float *floats;  /* F32, or */
  const guint8 *bytes;  /* U8 */
} FewNamedTensor;

/* safetensors, written atomically. metadata: key, value, key, value …, NULL; may be NULL. */
FEW_API gboolean few_tensor_file_save (const char *path, const FewNamedTensor *tensors,
                                       guint n_tensors, const char *const *metadata,
                                       GError **error);

G_END_DECLS
