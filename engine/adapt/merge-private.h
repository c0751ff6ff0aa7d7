/* SPDX-License-Identifier: MIT */
/* Inside few_classifier_merge: the parts' classes as those of the whole, and what each closed form
 * makes of them. */
#pragma once
#include "base/memory.h"
#include <fewshot/merge.h>

#define FEW_MERGE_WHAT N_ ("the classifier that is merged")

typedef struct
{
  const FewClassifierInfo **parts; /* [n] */
  guint n;
  const FewMergeOptions *options;
  GCancellable *cancellable;
  guint k, d;
  GPtrArray *names;   /* char *, the parts' */
  GPtrArray *prompts; /* char *; NULL: the template */
  guint32 **maps;     /* [n] each [its K]: which class of the whole its class is */
  float *text;        /* [K, D] */
  FewRoom room;       /* of all arrays that the result is made of */
  FewMerged merged;
} FewUnion;

/* The whole of the parts; made: FewOrigin's. */
FewClassifier *few_union_make (const FewClassifierInfo **parts, guint n,
                               const FewMergeOptions *options, const char *made, FewMerged *merged,
                               GCancellable *cancellable, GError **error);

/* Fill what the kind of classifier has. */
gboolean few_union_zero_shot (FewUnion *u, FewClassifierInfo *whole, GError **error);
gboolean few_union_gda (FewUnion *u, FewClassifierInfo *whole, GError **error);
gboolean few_union_cache (FewUnion *u, FewClassifierInfo *whole, GError **error);
gboolean few_union_kernel (FewUnion *u, FewClassifierInfo *whole, GError **error);

/* The value that was given, or the one that all known [n] have, NAN being none; FALSE with a
 * sentence that names the setting. */
gboolean few_union_agree (const char *setting, double given, const double *known, guint n,
                          double *value, GError **error);
