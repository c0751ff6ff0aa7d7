/* SPDX-License-Identifier: MIT */
/* One drop: what a scan found, what a person has decided about it, and how far it has become
 * pictures of the project. Of FewImport, on the UI thread. */
#pragma once
#include "session/few-examples.h"
#include "session/few-plan.h"

G_BEGIN_DECLS
typedef struct
{
  FewClass *into; /* or NULL: each folder's own */
  char *name; /* or NULL: the folder's */
  char *renamed; /* the one that has it; of a file with boxes there may be others */
  gboolean training_only;
  gboolean boxes; /* not the pictures that have some */
  gboolean none, test; /* see FewDecision */
  gboolean several; /* the project is of any number of labels a picture from then on */
  gboolean proposed, open; /* see few_import_propose */
  char **paths; /* never NULL */
  GPtrArray *found; /* FewFound *, NULL while it is scanned */
  GPtrArray *any; /* the same where pictures may have several labels; NULL: nobody has looked */
  FewPlan *plan, *any_plan; /* while it waits; any_plan: NULL where no picture has several */
  FewPlan *boxes_plan;      /* with its boxes; NULL where it has none */
  guint at, step;
  gboolean kept; /* it can be undone */
  GPtrArray *added; /* FewPicture */
  GPtrArray *refused; /* char *, sentences on files that are no pictures */
  guint labelled; /* pictures that were there and got labels */
  GHashTable *known; /* few_arrival_list_addresses; NULL until it is this drop's turn */
  GHashTable *touched; /* FewClass, of which new pictures are */
} FewLanding;

/* paths, into: may be NULL. */
FewLanding *few_landing_new (const char *const *paths, FewClass *into);
void few_landing_free (gpointer landing);
/* What was found so lands, with every label. */
void few_landing_take_any (FewLanding *landing);
/* Some more of it, as much as leaves the frames alone. */
void few_landing_add (FewLanding *landing, FewExamples *examples);
G_END_DECLS
