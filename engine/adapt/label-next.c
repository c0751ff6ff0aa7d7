/* SPDX-License-Identifier: MIT */
/* Which pictures to label next: from clusters without a label, first what is typical, then what is
 * unsure. */
#include "adapt/automatic.h"
#include "base/words.h"
#include "adapt/clusters.h"
#include <fewshot/check.h>
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

/* ENOUGH: labelled pictures of a class from which on it is asked what is unsure */
enum { ENOUGH = 3, MOST_CLUSTERS = 500 };
static const char WHAT[] = N_ ("so many pictures to choose from");

typedef struct
{
  const FewTask *task;
  guint d, n_clusters;
  guint32 *cluster; /* [n] */
  double *x;        /* [n, D] unit rows */
  double *worth;    /* [n] how much a label is, within its cluster */
} Choice;

/* Of an unlabelled cluster before the others: fewer labels, then more pictures. */
typedef struct
{
  guint labelled, unlabelled, number;
} Cluster;

static int
compare_clusters (gconstpointer a, gconstpointer b)
{
  const Cluster *x = a;
  const Cluster *y = b;
  if (x->labelled != y->labelled)
    return x->labelled < y->labelled ? -1 : 1;
  if (x->unlabelled != y->unlabelled)
    return x->unlabelled > y->unlabelled ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

static gboolean
is_unlabelled (const Choice *choice, guint i)
{
  return choice->task->labels[i] == FEW_UNLABELLED;
}

/* Whether every class has enough pictures to ask what is unsure. */
static gboolean
has_enough (const FewTask *task, guint *counts)
{
  memset (counts, 0, task->n_classes * sizeof *counts);
  for (guint i = 0; i < task->n; i++)
    if (task->labels[i] != FEW_UNLABELLED)
      counts[task->labels[i]]++;
  for (guint c = 0; c < task->n_classes; c++)
    if (counts[c] < ENOUGH)
      return FALSE;
  return task->n_classes > 1;
}

/* Worth: cosine to the mean of the cluster. */
static gboolean
find_typical (Choice *choice, GError **error)
{
  guint d = choice->d;
  g_auto (FewRoom) room = { 0 };
  double *means = few_room_new (&room, double, choice->n_clusters, d);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  memset (means, 0, (gsize) choice->n_clusters * d * sizeof *means);
  for (guint i = 0; i < choice->task->n; i++)
    for (guint j = 0; j < d; j++)
      means[(gsize) choice->cluster[i] * d + j] += choice->x[(gsize) i * d + j];
  for (guint c = 0; c < choice->n_clusters; c++)
    {
      double *mean = means + (gsize) c * d;
      double square = 0;
      for (guint j = 0; j < d; j++)
        square += mean[j] * mean[j];
      for (guint j = 0; j < d && square > 0; j++)
        mean[j] /= sqrt (square);
    }
  for (guint i = 0; i < choice->task->n; i++)
    {
      choice->worth[i] = 0;
      for (guint j = 0; j < d; j++)
        choice->worth[i] +=
            choice->x[(gsize) i * d + j] * means[(gsize) choice->cluster[i] * d + j];
    }
  return TRUE;
}

/* Worth: how near the two likeliest classes are. */
static gboolean
find_unsure (Choice *choice, double logit_scale, guint threads, GCancellable *cancellable,
             GError **error)
{
  const FewTask *task = choice->task;
  g_auto (FewRoom) room = { 0 };
  guint32 *labels = few_room_new (&room, guint32, task->n, 1);
  guint8 *roles = few_room_new (&room, guint8, task->n, 1);
  double *p = few_room_new (&room, double, task->n, task->n_classes);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    {
      roles[i] = is_unlabelled (choice, i) ? FEW_ROLE_UNUSED : FEW_ROLE_TRAIN;
      labels[i] = is_unlabelled (choice, i) ? 0 : task->labels[i];
    }
  FewTask known = *task;
  known.labels = labels;
  known.roles = roles;
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  options.threads = threads;
  g_autoptr (FewAutomatic) automatic = few_automatic_learn (
      &known, choice->d, logit_scale, &options, NULL, NULL, cancellable, error);
  if (!automatic
      || !few_automatic_probabilities (automatic, NAN, task->features, task->n, p, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    {
      const double *row = p + (gsize) i * task->n_classes;
      double first = 0;
      double second = 0;
      for (guint c = 0; c < task->n_classes; c++)
        {
          second = MAX (second, MIN (first, row[c]));
          first = MAX (first, row[c]);
        }
      choice->worth[i] = second - first;
    }
  return TRUE;
}

/* The unlabelled picture of most worth in a cluster that is not taken yet; n: there is none. */
static guint
find_best (const Choice *choice, guint cluster, const guint8 *taken)
{
  guint n = choice->task->n;
  guint best = n;
  for (guint i = 0; i < n; i++)
    if (choice->cluster[i] == cluster && is_unlabelled (choice, i) && !taken[i]
        && (best == n || choice->worth[i] > choice->worth[best]))
      best = i;
  return best;
}

/* A picture of each cluster in turn. taken [n] zeroed, clusters [n_clusters]: are written to. */
static void
take_in_turn (const Choice *choice, guint most, Cluster *clusters, guint8 *taken, guint32 *order)
{
  guint n = 0;
  for (guint c = 0; c < choice->n_clusters; c++)
    clusters[c] = (Cluster) { .number = c };
  for (guint i = 0; i < choice->task->n; i++)
    if (is_unlabelled (choice, i))
      clusters[choice->cluster[i]].unlabelled++;
    else
      clusters[choice->cluster[i]].labelled++;
  qsort (clusters, choice->n_clusters, sizeof *clusters, compare_clusters);
  while (n < most)
    for (guint c = 0; c < choice->n_clusters && n < most; c++)
      {
        guint best = find_best (choice, clusters[c].number, taken);
        if (best == choice->task->n)
          continue;
        taken[best] = TRUE;
        order[n++] = best;
      }
}

static gboolean
choose (Choice *choice, double logit_scale, guint most, guint64 seed, guint threads,
        GCancellable *cancellable, guint32 *order, GError **error)
{
  const FewTask *task = choice->task;
  g_auto (FewRoom) room = { 0 };
  choice->x = few_room_new (&room, double, task->n, choice->d);
  choice->worth = few_room_new (&room, double, task->n, 1);
  choice->cluster = few_room_new (&room, guint32, task->n, 1);
  guint *counts = few_room_new (&room, guint, MAX (task->n_classes, 1), 1);
  guint8 *taken = few_room_new (&room, guint8, task->n, 1);
  Cluster *clusters = few_room_new (&room, Cluster, choice->n_clusters, 1);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    few_automatic_unit (task->features + (gsize) i * choice->d, choice->d,
                        choice->x + (gsize) i * choice->d);
  if (!few_clusters_find (choice->x, task->n, choice->d, choice->n_clusters, seed, cancellable,
                          choice->cluster, error))
    return FALSE;
  gboolean told = has_enough (task, counts)
                      ? find_unsure (choice, logit_scale, threads, cancellable, error)
                      : find_typical (choice, error);
  if (!told)
    return FALSE;
  memset (taken, 0, task->n);
  take_in_turn (choice, most, clusters, taken, order);
  return TRUE;
}

guint
few_label_next (const FewTask *task, guint dim, double logit_scale, guint most, guint64 seed,
                guint threads, GCancellable *cancellable, guint32 *order, GError **error)
{
  g_return_val_if_fail (task != NULL && dim > 0 && order != NULL, G_MAXUINT);
  guint unlabelled = 0;
  for (guint i = 0; i < task->n; i++)
    unlabelled += task->labels[i] == FEW_UNLABELLED;
  most = MIN (most, unlabelled);
  if (most == 0)
    return 0;
  guint wanted = task->n - unlabelled + most; /* a cluster for each label, once all are there */
  Choice choice = { .task = task, .d = dim, .n_clusters = MIN (wanted, MOST_CLUSTERS) };
  gboolean ok = choose (&choice, logit_scale, most, seed, threads, cancellable, order, error);
  return ok ? most : G_MAXUINT;
}
