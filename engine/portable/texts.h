/* SPDX-License-Identifier: MIT */
/* What is written beside an exported model for people and for Python. */
#pragma once
#include <fewshot/portable.h>

typedef struct
{
  const FewModelInfo *model;
  const FewClassifierInfo *classifier;
  const FewPortableFolder *options;
  const char *sample; /* the name of the sample picture; NULL: none */
} FewPortableTexts;

/* Free each with g_free. */
char *few_portable_labels (const FewPortableTexts *texts);
char *few_portable_program (const FewPortableTexts *texts);
char *few_portable_readme (const FewPortableTexts *texts);
char *few_portable_card (const FewPortableTexts *texts);
