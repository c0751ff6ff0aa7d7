/* SPDX-License-Identifier: MIT */
/* Each picture has a vote: what has more than half of them is left when the others are paired off,
 * and is counted then. */
#include "session/few-renamed.h"

typedef struct
{
  FewClass *klass; /* that may have most; borrowed */
  int ahead; /* by how many, of those that were paired off */
  guint votes, all;
} Ballot;

/* NULL: the picture was removed, or is of no class. */
static FewClass *
find_class_now (FewExamples *examples, guint id)
{
  FewPicture *picture = few_examples_get_picture (examples, id);
  FewClass *klass = picture ? few_picture_get_class (picture) : NULL;
  return klass && !few_class_is_none (klass) ? klass : NULL;
}

static void
pair_off (Ballot *ballot, FewClass *klass)
{
  if (ballot->ahead == 0)
    ballot->klass = klass;
  ballot->ahead += ballot->klass == klass ? 1 : -1;
}

static void
count (Ballot *ballot, FewClass *klass)
{
  ballot->all++;
  ballot->votes += ballot->klass == klass;
}

/* Of each picture of the run, the class that it is of now: looking for it takes longer than all
 * that is done with it. */
static FewClass **
list_classes_now (FewExamples *examples, const FewProjectRun *record)
{
  FewClass **now = g_new0 (FewClass *, record->n + 1);
  for (guint i = 0; i < record->n; i++)
    if (record->labels[i] < record->n_classes)
      now[i] = find_class_now (examples, record->ids[i]);
  return now;
}

static void
vote (FewClass *const *now, const FewProjectRun *record, Ballot *ballots,
      void (*take) (Ballot *ballot, FewClass *klass))
{
  for (guint i = 0; i < record->n; i++)
    if (now[i])
      take (&ballots[record->labels[i]], now[i]);
}

/* No class is two of the run's. */
static GHashTable *
list_names (const FewProjectRun *record)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint k = 0; k < record->n_classes; k++)
    g_hash_table_add (names, record->names[k]);
  return names;
}

FewClass **
few_renamed_find (FewExamples *examples, const FewProjectRun *record)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES (examples), NULL);
  g_return_val_if_fail (record != NULL, NULL);
  FewClass **found = g_new0 (FewClass *, record->n_classes);
  if (record->sets)
    return found;
  g_autofree Ballot *ballots = g_new0 (Ballot, record->n_classes);
  g_autoptr (GHashTable) taken = list_names (record);
  g_autofree FewClass **now = list_classes_now (examples, record);
  vote (now, record, ballots, pair_off);
  vote (now, record, ballots, count);
  for (guint k = 0; k < record->n_classes; k++)
    {
      FewClass *klass = ballots[k].klass;
      if (klass && 2 * ballots[k].votes > ballots[k].all
          && g_hash_table_add (taken, (char *) few_class_get_name (klass)))
        found[k] = klass;
    }
  return found;
}
