/* SPDX-License-Identifier: MIT */
/* Numbers of a file: their types, and how they become f32. */
#include "formats/tensor.h"
#include "formats/half.h"
#include <string.h>

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
few_tensor_read (const FewTensor *tensor, gpointer out, gsize first, gsize size, GError **error)
{
  g_return_val_if_fail (first <= tensor->size && size <= tensor->size - first, FALSE);
  return few_file_read_at (tensor->file, out, size, tensor->offset + first, error);
}

gboolean
few_tensor_is_float (const FewTensor *tensor)
{
  return tensor->dtype == FEW_DTYPE_F32 || tensor->dtype == FEW_DTYPE_F16
         || tensor->dtype == FEW_DTYPE_BF16;
}

static gboolean
read_halves (const FewTensor *tensor, float *out, gsize first, gsize n, GError **error)
{
  enum { PIECE = 16384 };
  guint16 halves[PIECE];
  gboolean brain = tensor->dtype == FEW_DTYPE_BF16;
  for (gsize done = 0, m; done < n; done += m)
    {
      m = MIN (n - done, PIECE);
      if (!few_tensor_read (tensor, halves, (first + done) * sizeof *halves, m * sizeof *halves,
                            error))
        return FALSE;
      for (gsize i = 0; i < m; i++)
        {
          guint16 half = GUINT16_FROM_LE (halves[i]);
          out[done + i] = brain ? few_bf16_to_f32 (half) : few_f16_to_f32 (half);
        }
    }
  return TRUE;
}

gboolean
few_tensor_to_f32 (const FewTensor *tensor, float *out, gsize first, gsize n, GError **error)
{
  g_return_val_if_fail (few_tensor_is_float (tensor), FALSE);
  if (tensor->dtype != FEW_DTYPE_F32)
    return read_halves (tensor, out, first, n, error);
  if (!few_tensor_read (tensor, out, first * sizeof *out, n * sizeof *out, error))
    return FALSE;
  for (gsize i = 0; G_BYTE_ORDER == G_BIG_ENDIAN && i < n; i++)
    {
      guint32 bits;
      memcpy (&bits, out + i, sizeof bits);
      bits = GUINT32_FROM_LE (bits);
      memcpy (out + i, &bits, sizeof bits);
    }
  return TRUE;
}
