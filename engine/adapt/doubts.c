/* SPDX-License-Identifier: MIT */
/* Labels that are likely wrong, by what "automatic" says of each picture out of fold (confident
 * learning: Northcutt, Jiang and Chuang, JAIR 2021). */
#include "adapt/automatic.h"
#include <fewshot/check.h>
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <math.h>
#include <string.h>

typedef struct
{
  const FewTask *task;
  const FewAutomatic *automatic;
  FewDense *dense;
  double *p;      /* [K] of the picture that is looked at */
  GArray *doubts; /* FewDoubt */
} Search;

/* By its probabilities in p. */
static void
judge (const Search *search, guint32 picture)
{
  const double *p = search->p;
  guint32 label = search->task->labels[picture];
  guint32 best = 0;
  for (guint c = 1; c < search->task->n_classes; c++)
    best = p[c] > p[best] ? c : best;
  const FewDoubt doubt = { picture, best, p[label], p[best] };
  if (best != label)
    g_array_append_val (search->doubts, doubt);
}

/* Those that are learned from, by the folds. have [K]: which classes they have. */
static void
judge_learned (const Search *search, guint8 *have)
{
  const FewAutomaticInfo *info = few_automatic_info (search->automatic);
  guint k = info->n_classes;
  for (guint i = 0; i < info->n; i++)
    {
      have[info->labels[i]] = TRUE;
      memcpy (search->p, info->out_of_fold + (gsize) i * k, k * sizeof *search->p);
      few_dense_softmax (search->dense, k, search->p);
      if (info->told[i])
        judge (search, info->pictures[i]);
    }
}

/* The others, by all that was learned. */
static gboolean
judge_others (const Search *search, const guint8 *roles, const guint8 *have, GError **error)
{
  const FewTask *task = search->task;
  gsize d = few_automatic_info (search->automatic)->dim;
  for (guint i = 0; i < task->n; i++)
    {
      if (roles[i] == FEW_ROLE_TRAIN || !have[task->labels[i]])
        continue;
      if (!few_automatic_probabilities (search->automatic, NAN, task->features + i * d, 1,
                                        search->p, error))
        return FALSE;
      judge (search, i);
    }
  return TRUE;
}

static int
compare_doubts (gconstpointer a, gconstpointer b)
{
  const FewDoubt *x = a;
  const FewDoubt *y = b;
  if (x->p_own != y->p_own)
    return x->p_own < y->p_own ? -1 : 1;
  return (x->picture > y->picture) - (x->picture < y->picture);
}

static GArray *
list_doubts (const FewTask *task, const FewAutomatic *automatic, const guint8 *roles,
             GError **error)
{
  g_autoptr (FewDense) dense = few_dense_new (error);
  g_autoptr (GArray) doubts = g_array_new (FALSE, FALSE, sizeof (FewDoubt));
  g_auto (FewRoom) room = { 0 };
  double *p = few_room_new (&room, double, task->n_classes, 1);
  guint8 *have = few_room_new (&room, guint8, task->n_classes, 1);
  const Search search = { task, automatic, dense, p, doubts };
  if (!dense || few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return NULL;
  judge_learned (&search, have);
  if (!judge_others (&search, roles, have, error))
    return NULL;
  g_array_sort (doubts, compare_doubts);
  return g_steal_pointer (&doubts);
}

/* Test pictures, and whatever is nearly the same, are not learned from. roles [n] are written to,
 * tests [n], too. */
static gboolean
choose_learned (const FewTask *task, const guint32 *groups, guint8 *roles, guint8 *tests,
                GError **error)
{
  for (guint i = 0; i < task->n; i++)
    {
      tests[i] = task->roles && task->roles[i] == FEW_ROLE_TEST;
      roles[i] = tests[i] ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
    }
  return !groups || few_split_keep_pinned (groups, tests, task->n, roles, NULL, error);
}

GArray *
few_find_doubts (const FewTask *task, guint dim, double logit_scale, const guint32 *groups,
                 guint threads, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (task != NULL && dim > 0, NULL);
  g_auto (FewRoom) room = { 0 };
  guint8 *roles = few_room_new (&room, guint8, task->n, 1);
  guint8 *tests = few_room_new (&room, guint8, task->n, 1);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error)
      || !choose_learned (task, groups, roles, tests, error))
    return NULL;
  FewTask all = *task;
  all.roles = roles;
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  options.groups = groups;
  options.threads = threads;
  g_autoptr (FewAutomatic) automatic =
      few_automatic_learn (&all, dim, logit_scale, &options, NULL, NULL, cancellable, error);
  return automatic ? list_doubts (task, automatic, roles, error) : NULL;
}
