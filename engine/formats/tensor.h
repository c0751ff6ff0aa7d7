/* SPDX-License-Identifier: MIT */
/* A tensor in a mapped file, whatever the file's format. */
#pragma once
#include <glib.h>

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
  gconstpointer data; /* in the mapping; aligned to 1 byte only */
  gsize size;         /* bytes */
} FewTensor;

void few_tensor_free (FewTensor *tensor);
/* Sets n_elements and size from dims and the bytes of an element; FALSE when they overflow. */
gboolean few_tensor_measure (FewTensor *tensor, guint element_bytes);
/* Copies a floating-point tensor as f32; `out` holds n_elements. FALSE when the type is not a
 * float. */
gboolean few_tensor_to_f32 (const FewTensor *tensor, float *out);
/* The tensor's own bytes as f32, or NULL when they are of another type or not aligned. */
const float *few_tensor_floats (const FewTensor *tensor);
/* Lets go of the tensor's pages: they come back from the file when they are read again. */
void few_tensor_release (const FewTensor *tensor);
/* "[768, 3, 32, 32]" */
char *few_dims_to_string (const gsize *dims, guint n_dims);
