/* SPDX-License-Identifier: MIT */
/* What a drop would do, before it lands. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* What the project has, for any thread. */
typedef struct
{
  GHashTable *paths; /* of its pictures → const char **, the names of their classes, or NULL */
  GHashTable *names; /* of its classes */
  const char *into;  /* the class that pictures without one of their own are for; NULL: none */
  gboolean none; /* these are for no class: those that are there keep what they have */
  gboolean several; /* pictures have any number of labels: those that are there get others, too */
} FewKnown;

typedef struct
{
  guint pictures;     /* that the project does not have; those that are parts, too */
  guint parts, files; /* of the pictures, parts; how many files these are of */
  guint known;        /* that it has */
  guint labelled;     /* of these, those that get labels which they have not */
  guint boxes;        /* that may take the place of pictures, and are not counted among them */
  guint joined;       /* of the classes, those that there are already */
  guint into_new, into_old; /* classes of new pictures alone: those to be made, those there are */
  guint training;     /* of the pictures, in the folders of a split for training */
  guint testing;      /* and in those for testing */
  guint several;      /* so, that are of more than one class */
  gboolean has_roles; /* folders say what they are for */
  gboolean listed; /* a file says which class each is of */
  GPtrArray *classes; /* char *: names, each once; none where all are without a label */
  GArray *counts; /* guint: pictures of each, new or labelled */
  char *folder; /* of all new pictures; NULL: they lie in several */
  GPtrArray *refused; /* char *: files that are no pictures, for display */
  GPtrArray *reasons; /* char *: sentences about what else is left out */
} FewPlan;

/* found: FewFound *. with_boxes: those of a file of labels take the place of the pictures that have
 * some. Any thread. */
FewPlan *few_plan_new (const GPtrArray *found, const FewKnown *known, gboolean with_boxes);
void few_plan_free (FewPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewPlan, few_plan_free)
/* TRUE where a person should see it first although nothing is to be decided: something is wrong,
 * is not done as the folders say, or is more than anybody means. */
gboolean few_plan_surprises (const FewPlan *plan);
G_END_DECLS
