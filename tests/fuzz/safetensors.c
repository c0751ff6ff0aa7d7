/* SPDX-License-Identifier: MIT */
/* Any bytes as a safetensors file; what opens is read to its end. */
#include "fuzz.h"
#include "formats/safetensors.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewSafetensors) file = path ? few_safetensors_open (path, &error) : NULL;
  g_assert_true (!path || (file != NULL) == (error == NULL));
  for (guint i = 0; file && i < few_safetensors_count (file); i++)
    {
      const FewTensor *tensor = few_safetensors_nth (file, i);
      g_autofree char *dims = few_dims_to_string (tensor->dims, tensor->n_dims);
      g_assert_nonnull (dims);
      g_autofree float *floats = g_new (float, tensor->n_elements + 1);
      if (few_tensor_is_float (tensor))
        g_assert_true (few_tensor_to_f32 (tensor, floats, 0, tensor->n_elements, NULL));
    }
  close (fd);
  return 0;
}
