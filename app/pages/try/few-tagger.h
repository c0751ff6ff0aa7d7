/* SPDX-License-Identifier: MIT */
/* A list of pictures whose classes become keywords in their metadata, and the way back. Any
 * thread. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct
{
  char *path;
  FewTag *tags; /* [n], 0: what an earlier run has written is taken away */
  guint n;
} FewTagItem;

/* FewTagItem * */
GPtrArray *few_tag_items_new (void);
void few_tag_items_add (GPtrArray *items, const char *path, const FewTag *tags, guint n);

typedef struct
{
  guint n[FEW_TAGS_OUTCOMES];
  GPtrArray *failed; /* sentences */
  char *journal;     /* NULL: nothing was written */
  gboolean stopped;
} FewTagged;

void few_tagged_free (FewTagged *tagged);
/* progress (may be NULL) from this thread. What was written before it was cancelled stays, and is
 * in the journal. NULL where there can be no journal, or no metadata. */
FewTagged *few_tag_pictures (GPtrArray *items, const FewTagOptions *options,
                             void (*progress) (gpointer user, guint done, guint total),
                             gpointer user, GCancellable *cancellable, GError **error);
/* What all items lie in. Free with g_free. */
char *few_tag_items_folder (const GPtrArray *items);
G_END_DECLS
