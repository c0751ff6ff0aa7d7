/* SPDX-License-Identifier: MIT */
/* The public face of the safetensors writer: a few f32 or u8 tensors and strings, for tools. */
#include <fewshot/tensor-file.h>
#include "formats/safetensors.h"

gboolean
few_tensor_file_save (const char *path, const FewNamedTensor *tensors, guint n_tensors,
                      const char *const *metadata, GError **error)
{
  g_return_val_if_fail (path != NULL && (n_tensors == 0 || tensors), FALSE);
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  for (; metadata && metadata[0]; metadata += 2)
    few_safetensors_writer_metadata (writer, metadata[0], metadata[1]);
  for (guint i = 0; i < n_tensors; i++)
    few_safetensors_writer_add (
        writer, tensors[i].name, tensors[i].bytes ? FEW_DTYPE_U8 : FEW_DTYPE_F32, tensors[i].dims,
        tensors[i].n_dims, tensors[i].bytes ? (gconstpointer) tensors[i].bytes : tensors[i].floats);
  return few_safetensors_writer_save (writer, path, error);
}
