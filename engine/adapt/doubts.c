/* SPDX-License-Identifier: MIT */
/* Labels that are likely wrong, by what "automatic" says of each picture out of fold (confident
 * learning: Northcutt, Jiang and Chuang, JAIR 2021). */
#include "adapt/automatic.h"
#include <fewshot/check.h>
#include <fewshot/dataset.h>
#include <math.h>
#include <string.h>

/* p [K] is written to */
static void
add_doubt (GArray *doubts, const FewAutomaticInfo *info, const FewDense *dense, guint32 picture,
           guint32 suggested, double *p)
{
  guint k = info->n_classes;
  memcpy (p, info->out_of_fold + (gsize) picture * k, k * sizeof *p);
  few_dense_softmax (dense, k, p);
  FewDoubt doubt = { info->pictures[picture], suggested, p[info->labels[picture]], p[suggested] };
  g_array_append_val (doubts, doubt);
}

static GArray *
list_doubts (const FewAutomatic *automatic, GError **error)
{
  const FewAutomaticInfo *info = few_automatic_info (automatic);
  g_autoptr (FewDense) dense = few_dense_new (error);
  g_auto (FewRoom) room = { 0 };
  guint32 *order = few_room_new (&room, guint32, info->n, 1);
  guint32 *predicted = few_room_new (&room, guint32, info->n, 1);
  double *p = few_room_new (&room, double, info->n_classes, 1);
  if (!dense || few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return NULL;
  few_automatic_suspects (automatic, order, NULL, predicted);
  GArray *doubts = g_array_new (FALSE, FALSE, sizeof (FewDoubt));
  for (guint i = 0; i < info->n; i++)
    if (info->told[order[i]] && predicted[order[i]] != info->labels[order[i]])
      add_doubt (doubts, info, dense, order[i], predicted[order[i]], p);
  return doubts;
}

GArray *
few_find_doubts (const FewTask *task, guint dim, double logit_scale, const guint32 *groups,
                 guint threads, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (task != NULL && dim > 0, NULL);
  g_auto (FewRoom) room = { 0 };
  guint8 *roles = few_room_new (&room, guint8, task->n, 1);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return NULL;
  memset (roles, FEW_ROLE_TRAIN, task->n);
  FewTask all = *task;
  all.roles = roles;
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  options.groups = groups;
  options.threads = threads;
  g_autoptr (FewAutomatic) automatic =
      few_automatic_learn (&all, dim, logit_scale, &options, NULL, NULL, cancellable, error);
  return automatic ? list_doubts (automatic, error) : NULL;
}
