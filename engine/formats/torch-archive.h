/* SPDX-License-Identifier: MIT */
/* PyTorch's own files (torch.save since 1.6, torch.jit.save): a zip archive with a pickle that
 * lists tensors and their bytes stored beside it. No code in the file runs (io/pickle.h). */
#pragma once
#include "formats/tensor.h"

typedef struct FewTorchArchive FewTorchArchive;

FewTorchArchive *few_torch_archive_open (const char *path, GError **error);
void few_torch_archive_free (FewTorchArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTorchArchive, few_torch_archive_free)
/* The tensors of the module or of its state dict, under their dotted names; a wrapping
 * "state_dict" and "module." are taken off. */
/* What it is read from; the archive's own. */
FewFile *few_torch_archive_file (const FewTorchArchive *archive);
guint few_torch_archive_count (const FewTorchArchive *archive);
const FewTensor *few_torch_archive_nth (const FewTorchArchive *archive, guint i);
