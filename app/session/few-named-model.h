/* SPDX-License-Identifier: MIT */
/* The model that a project names. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* Each may be NULL, and all are where no project is open. */
typedef struct
{
  char *folder, *sha256, *fingerprint;
} FewNamedModel;

void few_named_model_set (FewNamedModel *named, const FewProject *project);
void few_named_model_clear (FewNamedModel *named);
/* A project keeps the model that it was made with, whether or not that could be opened here; one
 * that names none gets the one that is open (NULL: none is). */
void few_named_model_record (const FewNamedModel *named, const FewModelInfo *open,
                             FewProject *project);
G_END_DECLS
