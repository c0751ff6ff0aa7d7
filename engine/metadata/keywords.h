/* SPDX-License-Identifier: MIT */
/* The keywords of a file as a value: the three lists that programs read, and our own marks of what
 * in them was written here. */
#pragma once
#include "metadata/xmp.h"
#include <fewshot/tags.h>

/* dc:subject, lr:hierarchicalSubject, digiKam:TagsList */
enum { FEW_KEYWORD_LISTS = 3 };
/* What a mark has: Label, Path, Probability, Model, Date, Of, Wrote. */
typedef enum {
  FEW_MARK_LABEL,
  FEW_MARK_PATH,        /* its levels, as lr:hierarchicalSubject has it */
  FEW_MARK_PROBABILITY, /* four digits */
  FEW_MARK_MODEL,
  FEW_MARK_DATE,
  FEW_MARK_OF,    /* the picture's name, where several may share the file; else empty */
  FEW_MARK_WROTE, /* a letter a list that it was not in before: s, h, t */
  FEW_MARK_MEMBERS
} FewMarkMember;

typedef struct
{
  char *members[FEW_MARK_MEMBERS];
} FewMark;

typedef struct
{
  GPtrArray *lists[FEW_KEYWORD_LISTS]; /* of char * */
  GPtrArray *marks;                    /* of FewMark * */
} FewKeywords;

FewKeywords *few_keywords_new (void);
void few_keywords_free (FewKeywords *keywords);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewKeywords, few_keywords_free)
FewMark *few_mark_new (void);
void few_mark_free (gpointer mark);

FewKeywords *few_keywords_read (FewXmp *xmp, GError **error);
gboolean few_keywords_equal (const FewKeywords *a, const FewKeywords *b);
/* What differs from `before` alone is touched. */
gboolean few_keywords_write (const FewKeywords *keywords, const FewKeywords *before, FewXmp *xmp,
                             GError **error);
/* The same keywords with these tags in the place of those that an earlier run has written for the
 * picture `of` ("": the file belongs to one picture). NULL: they are the same already. */
FewKeywords *few_keywords_merge (const FewKeywords *before, const FewTag *tags, guint n_tags,
                                 const FewTagOptions *options, const char *of,
                                 FewTagsOutcome *outcome);
