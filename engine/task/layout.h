/* SPDX-License-Identifier: MIT */
/* How a folder of pictures is laid out: class folders, or folders for training, validating and
 * testing that hold them. */
#pragma once
#include <fewshot/dataset.h>

typedef struct
{
  char *folder; /* of class folders */
  FewRole role;
} FewLayoutPart;

typedef struct
{
  GPtrArray *parts;   /* FewLayoutPart *, training first */
  gboolean has_roles; /* the folders say what each is for; else there is one part */
  /* With one part, when its only folder of pictures seems to hold the classes: that folder. */
  char *deeper;
} FewLayout;

/* Names count in any case (Train, valid, testing …), and one folder may wrap it all. Error for a
 * folder that cannot be listed, and for one that has classes beside the folders of a split.
 * Free with few_layout_free. */
FewLayout *few_layout_find (const char *folder, GError **error);
void few_layout_free (FewLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewLayout, few_layout_free)
/* What a folder, or a word, of this name is for (train, Validation, test_set …); unused: it is none
 * of a split. */
FewRole few_layout_role (const char *name);
