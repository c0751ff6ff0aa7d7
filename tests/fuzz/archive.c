/* SPDX-License-Identifier: MIT */
/* Any bytes as a PyTorch archive; every tensor that it is said to hold is read. */
#include "fuzz.h"
#include "formats/torch-archive.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd;
  g_autofree char *path = fuzz_file (data, size, &fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewTorchArchive) archive = path ? few_torch_archive_open (path, &error) : NULL;
  g_assert_true (!path || (archive != NULL) == (error == NULL));
  for (guint i = 0; archive && i < few_torch_archive_count (archive); i++)
    {
      const FewTensor *tensor = few_torch_archive_nth (archive, i);
      g_autofree float *floats =
          tensor->size <= size ? g_new (float, tensor->n_elements + 1) : NULL;
      g_assert_nonnull (floats);
      if (few_tensor_is_float (tensor))
        g_assert_true (few_tensor_to_f32 (tensor, floats, 0, tensor->n_elements, NULL));
    }
  close (fd);
  return 0;
}
