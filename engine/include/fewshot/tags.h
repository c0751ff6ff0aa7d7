/* SPDX-License-Identifier: MIT */
/* What a classifier says, as keywords in the metadata of pictures: XMP, in a file beside the
 * picture or, where that is asked for, in the picture. Keywords of others stay; what was written
 * here is marked with the model, the probability and the date, so that a later run changes its own
 * and a journal can take all of it back. Any thread: Exiv2's XMP has global state, so that each
 * call waits for the others. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

/* FALSE with a sentence in a build without gexiv2: everything below then fails with it. */
FEW_API gboolean few_tags_available (GError **error);

typedef struct
{
  const char *label;
  double probability;
} FewTag;

typedef struct
{
  const char *root;  /* what the labels stand below, "/" or "|" between levels; NULL: nothing */
  const char *model; /* what made the tags, in words */
  const char *date;  /* ISO 8601; NULL: now */
  gboolean inside;   /* in the picture itself */
} FewTagOptions;

typedef enum {
  FEW_TAGS_SAME,    /* nothing is to be written */
  FEW_TAGS_NEW,     /* the picture had no tags of ours */
  FEW_TAGS_CHANGED, /* it has others */
  FEW_TAGS_REMOVED, /* it has none now */
} FewTagsOutcome;
enum { FEW_TAGS_OUTCOMES = FEW_TAGS_REMOVED + 1 };

/* What a run has written, for taking it back: a file of JSON lines below the user's state, made
 * with the first line. */
typedef struct FewTagJournal FewTagJournal;
FEW_API FewTagJournal *few_tag_journal_new (const char *folder, GError **error);
FEW_API void few_tag_journal_free (FewTagJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewTagJournal, few_tag_journal_free)
/* Its file; NULL while nothing was written. */
FEW_API const char *few_tag_journal_file (const FewTagJournal *journal);
/* The newest of those whose run was over this folder; NULL where there is none. */
FEW_API char *few_tag_journal_find (const char *folder, GError **error);

/* One picture: read, merged, noted in the journal, and the whole file written or the old one left.
 * journal NULL: nothing is written, the outcome is what would come of it. `tags` are all that the
 * picture is to have of ours: none takes away what an earlier run has written. *file (may be NULL)
 * gets which file that is; free with g_free. */
FEW_API gboolean few_tags_put (const char *picture, const FewTag *tags, guint n_tags,
                               const FewTagOptions *options, FewTagJournal *journal,
                               FewTagsOutcome *outcome, char **file, GError **error);

typedef struct
{
  guint restored; /* files */
  guint changed;  /* were written by somebody else since, and are left as they are */
  guint failed;   /* and lines of the journal that cannot be read */
} FewTagUndone;

typedef void (*FewTagUndoFunc) (gpointer user, const char *sentence);
/* Puts every file back to what it was before the run; each that cannot be is told to func. The
 * journal goes when all were seen; FALSE where it cannot be read, or it was cancelled. */
FEW_API gboolean few_tags_undo (const char *journal, FewTagUndoFunc func, gpointer user,
                                FewTagUndone *undone, GCancellable *cancellable, GError **error);

/* The keywords of a picture, those of a file beside it among them; NULL-terminated, each once, in
 * the order of the file. Hierarchical ones as their last level. Free with g_strfreev. */
FEW_API char **few_tags_read (const char *picture, GError **error);

G_END_DECLS
