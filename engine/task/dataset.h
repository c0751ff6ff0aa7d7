/* SPDX-License-Identifier: MIT */
/* Making data sets. */
#pragma once
#include <fewshot/dataset.h>

/* What is taken of a folder or a list, whatever it holds; beyond it FEW_ERROR_LIMIT. */
#define FEW_DATASET_MOST_PICTURES 20000000u
#define FEW_DATASET_MOST_CLASSES 1000000u
/* Takes `path`, in any case. */
gboolean few_dataset_add (FewDataset *dataset, char *path, guint label, FewRole role,
                          GError **error);
