/* SPDX-License-Identifier: MIT */
/* Making data sets. */
#pragma once
#include <fewshot/dataset.h>

/* What is taken of a folder or a list, whatever it holds; beyond it FEW_ERROR_LIMIT. */
#define FEW_DATASET_MOST_PICTURES 20000000u
#define FEW_DATASET_MOST_CLASSES 1000000u
/* A set of one class each becomes one of any number. */
gboolean few_dataset_make_any (FewDataset *dataset, GError **error);
/* Of a set of any number: labels [n] in any order, and twice is once. Both take `path`, in any
 * case. */
gboolean few_dataset_add_any (FewDataset *dataset, char *path, const guint32 *labels, guint n,
                              FewRole role, GError **error);
gboolean few_dataset_add (FewDataset *dataset, char *path, guint label, FewRole role,
                          GError **error);
