/* SPDX-License-Identifier: MIT */
/* Making data sets. */
#pragma once
#include <fewshot/dataset.h>

FewDataset *few_dataset_new (void);
/* Takes `path`. */
void few_dataset_add (FewDataset *dataset, char *path, guint label, FewRole role);
