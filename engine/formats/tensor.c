/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "formats/tensor.h"
#include "formats/half.h"
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void
few_tensor_free (FewTensor *tensor)
{
  g_free (tensor->name);
  g_free (tensor->dtype_name);
  g_free (tensor);
}

gboolean
few_tensor_measure (FewTensor *tensor, guint element_bytes)
{
  tensor->n_elements = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    if (!g_size_checked_mul (&tensor->n_elements, tensor->n_elements, tensor->dims[i]))
      return FALSE;
  return g_size_checked_mul (&tensor->size, tensor->n_elements, element_bytes);
}

char *
few_dims_to_string (const gsize *dims, guint n_dims)
{
  GString *text = g_string_new ("[");
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, i ? ", " : "", dims[i]);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

gboolean
few_tensor_to_f32 (const FewTensor *tensor, float *out)
{
  const char *bytes = tensor->data;
  guint16 half;
  switch (tensor->dtype)
    {
    case FEW_DTYPE_F32:
      memcpy (out, bytes, tensor->size);
      return TRUE;
    case FEW_DTYPE_F16:
      for (gsize i = 0; i < tensor->n_elements; i++)
        {
          memcpy (&half, bytes + 2 * i, 2);
          out[i] = few_f16_to_f32 (GUINT16_FROM_LE (half));
        }
      return TRUE;
    case FEW_DTYPE_BF16:
      for (gsize i = 0; i < tensor->n_elements; i++)
        {
          memcpy (&half, bytes + 2 * i, 2);
          out[i] = few_bf16_to_f32 (GUINT16_FROM_LE (half));
        }
      return TRUE;
    default:
      return FALSE;
    }
}

const float *
few_tensor_floats (const FewTensor *tensor)
{
  gboolean usable = tensor->dtype == FEW_DTYPE_F32 && (uintptr_t) tensor->data % sizeof (float) == 0
                    && G_BYTE_ORDER == G_LITTLE_ENDIAN;
  return usable ? tensor->data : NULL;
}

void
few_tensor_release (const FewTensor *tensor)
{
  uintptr_t page = (uintptr_t) sysconf (_SC_PAGESIZE);
  uintptr_t begin = ((uintptr_t) tensor->data + page - 1) / page * page;
  uintptr_t end = ((uintptr_t) tensor->data + tensor->size) / page * page;
  if (end > begin)
    madvise ((void *) begin, end - begin, MADV_DONTNEED);
}
