/* SPDX-License-Identifier: MIT */
/* The methods that a comparison may run, and which of them are wanted: of FewComparison. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
typedef struct
{
  char *specification; /* as few_method_parse reads it */
  char *title;         /* translated; the specification where it has settings of its own */
  gboolean enabled;
} FewEntrant;

typedef struct FewEntrants FewEntrants;

#define FEW_ENTRANT_UNKNOWN G_MAXUINT

/* All that there are, the quick ones enabled. */
FewEntrants *few_entrants_new (void);
void few_entrants_free (FewEntrants *entrants);
guint few_entrants_count (const FewEntrants *entrants);
/* Borrowed. */
FewEntrant *few_entrants_get (const FewEntrants *entrants, guint i);
/* One more, or one that is known and is enabled now. several: of pictures with any number of
 * labels; a method that is for others is an error, as is a specification that cannot be read. */
gboolean few_entrants_add (FewEntrants *entrants, const char *specification, gboolean several,
                           GError **error);
/* Of the methods for pictures of that kind these are enabled now and no others. */
void few_entrants_want (FewEntrants *entrants, const char *const *specifications, gboolean several);
/* Where each of these is, at the end and not enabled if it was not among them; free with g_free.
 * One that cannot be read, as a later version's: FEW_ENTRANT_UNKNOWN. */
guint *few_entrants_place (FewEntrants *entrants, const char *const *specifications,
                           gboolean several);
/* Those that are enabled and suit: their specifications, borrowed, and guint, their places (both
 * may be NULL). Returns how many. */
guint few_entrants_choose (const FewEntrants *entrants, const FewModelInfo *model, gboolean several,
                           GPtrArray *specifications, GArray *places);
/* Whether it can learn with this model (NULL: any), from pictures of that kind. */
gboolean few_entrant_suits (const FewEntrant *entrant, const FewModelInfo *model, gboolean several);
G_END_DECLS
