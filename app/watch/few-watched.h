/* SPDX-License-Identifier: MIT */
/* A folder to watch and what is done with its pictures, as a value and as a setting. Immutable: any
 * thread. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
/* With each new picture, beside a line in the log. */
typedef enum { FEW_WATCH_LIST, FEW_WATCH_TAGS, FEW_WATCH_SORT } FewWatchAction;

typedef struct
{
  gatomicrefcount refs;
  char *id; /* of the folder's path */
  char *folder; /* absolute */
  char *classifier; /* a file; "": the one that was exported last */
  char *target; /* SORT: where the folders of the classes are; "": not chosen yet */
  FewWatchAction action;
  gboolean recursive, on;
} FewWatched;

/* The members but id and refs are copied. */
FewWatched *few_watched_new (const FewWatched *members);
FewWatched *few_watched_ref (FewWatched *watched);
void few_watched_unref (FewWatched *watched);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWatched, few_watched_unref)
gboolean few_watched_is_equal (const FewWatched *a, const FewWatched *b);
/* "Holiday" */
char *few_watched_name (const FewWatched *watched);
/* "list", "tags", "sort"; FALSE: none of them. */
gboolean few_watched_read_action (const char *word, FewWatchAction *action);
/* As an element of the setting “watched”, floating; NULL: that it cannot be. */
GVariant *few_watched_to_variant (const FewWatched *watched);
FewWatched *few_watched_from_variant (GVariant *variant);
/* What is to be set before it can be watched, a sentence; NULL: nothing. */
const char *few_watched_complain (const FewWatched *watched);
/* Lines for a shell that make systemd watch those of these (FewWatched *) that are on, day and
 * night, and no others. */
char *few_watched_units (const GPtrArray *folders, const char *tag_root);
G_END_DECLS
