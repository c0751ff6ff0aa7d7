/* Making data sets. */
#pragma once
#include "../fewshot.h"

FewDataset *few_dataset_new (void);
/* Takes `path`. */
void few_dataset_add (FewDataset *dataset, char *path, guint label, FewRole role);
