/* SPDX-License-Identifier: MIT */
/* Any number of labels a picture. */
#pragma once
#include <fewshot/export.h>
#include <glib.h>

G_BEGIN_DECLS

/* Of picture i: labels[first[i]] … labels[first[i + 1] − 1], growing; a picture may have none.
 * Filled by who made it and immutable from then on: any thread. */
typedef struct
{
  guint n;               /* pictures */
  const guint32 *first;  /* [n + 1] */
  const guint32 *labels; /* [first[n]] */
} FewLabelSets;

FEW_API FewLabelSets *few_label_sets_new (void);
FEW_API FewLabelSets *few_label_sets_ref (FewLabelSets *sets);
FEW_API void few_label_sets_unref (FewLabelSets *sets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewLabelSets, few_label_sets_unref)
/* One picture more. Its labels [n] come in any order, and twice is once. FALSE: FEW_ERROR_MEMORY,
 * and nothing was added. */
FEW_API gboolean few_label_sets_add (FewLabelSets *sets, const guint32 *labels, guint n,
                                     GError **error);
/* The pictures rows [n] in their order, without labels that are not below n_labels. */
FEW_API FewLabelSets *few_label_sets_pick (const FewLabelSets *sets, const guint32 *rows, guint n,
                                           guint n_labels, GError **error);
FEW_API const guint32 *few_label_sets_get (const FewLabelSets *sets, guint picture, guint *n);
FEW_API gboolean few_label_sets_hold (const FewLabelSets *sets, guint picture, guint32 label);

G_END_DECLS
