/* SPDX-License-Identifier: MIT */
/* A tensor in a file, whatever the file's format. Its bytes are read when they are asked for. */
#pragma once
#include "base/file.h"

typedef enum {
  FEW_DTYPE_F32,
  FEW_DTYPE_F16,
  FEW_DTYPE_BF16,
  FEW_DTYPE_I64,
  FEW_DTYPE_I32,
  FEW_DTYPE_U8,
  FEW_DTYPE_OTHER
} FewDType;

enum { FEW_MAX_DIMS = 8 };

typedef struct
{
  char *name;
  FewDType dtype;
  char *dtype_name; /* as the file spells it */
  guint n_dims;
  gsize dims[FEW_MAX_DIMS];
  gsize n_elements;
  FewFile *file; /* borrowed from the reader that lists the tensor */
  guint64 offset;
  gsize size; /* bytes */
} FewTensor;

void few_tensor_free (FewTensor *tensor);
/* Sets n_elements and size from dims and the bytes of an element; FALSE when they overflow. */
gboolean few_tensor_measure (FewTensor *tensor, guint element_bytes);
/* Bytes first … first + size of the tensor's own, as the file has them. */
gboolean few_tensor_read (const FewTensor *tensor, gpointer out, gsize first, gsize size,
                          GError **error);
/* Whether its elements can become f32. */
gboolean few_tensor_is_float (const FewTensor *tensor);
/* Elements first … first + n of a floating-point tensor as f32. */
gboolean few_tensor_to_f32 (const FewTensor *tensor, float *out, gsize first, gsize n,
                            GError **error);
/* "[768, 3, 32, 32]" */
char *few_dims_to_string (const gsize *dims, guint n_dims);
