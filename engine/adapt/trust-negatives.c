/* SPDX-License-Identifier: MIT */
/* Pictures that a person says are none of the classes: Gaussian discriminants between them and all
 * of the person's own, as "automatic" learns two classes that no text describes. */
#include "adapt/automatic.h"
#include "adapt/trust.h"
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <string.h>

static double
difference (const FewAutomaticInfo *info, guint row)
{
  return info->out_of_fold[(gsize) row * 2 + 1] - info->out_of_fold[(gsize) row * 2];
}

static void
keep_odds (FewTrust *self, const FewAutomaticInfo *info)
{
  for (guint j = 0; j < info->dim; j++)
    self->odds_w[j] = (float) (info->weight[info->dim + j] - info->weight[j]);
  self->odds_b = info->bias[1] - info->bias[0];
}

gboolean
few_trust_learn_negatives (FewTrust *trust, const FewAutomatic *automatic, const FewTask *task,
                           GCancellable *cancellable, float *own_odds, float *odds, GError **error)
{
  const FewAutomaticInfo *own = few_automatic_info (automatic);
  gsize d = own->dim;
  guint n = own->n + trust->info.n_negatives;
  g_auto (FewRoom) room = { 0 };
  float *features = few_room_new (&room, float, n, d);
  float *texts = few_room_new (&room, float, 2, d);
  guint32 *labels = few_room_new (&room, guint32, n, 1);
  guint32 *groups = few_room_new (&room, guint32, n, 1);
  guint8 *roles = few_room_new (&room, guint8, n, 1);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return FALSE;
  memset (texts, 0, 2 * d * sizeof *texts);
  memset (roles, FEW_ROLE_TRAIN, n);
  for (guint i = 0; i < n; i++)
    {
      labels[i] = i >= own->n;
      const float *from =
          labels[i] ? task->negatives + (i - own->n) * d : task->features + own->pictures[i] * d;
      memcpy (features + i * d, from, d * sizeof *from);
    }
  if (!few_near_duplicates (features, n, own->dim, FEW_NEAR_DUPLICATE, 0, cancellable, groups,
                            error))
    return FALSE;
  FewAutomaticOptions options;
  few_automatic_options_init (&options);
  options.groups = groups;
  FewTask either = { .n = n,
                     .n_classes = 2,
                     .features = features,
                     .labels = labels,
                     .roles = roles,
                     .text_features = texts };
  g_autoptr (FewAutomatic) learned =
      few_automatic_learn (&either, own->dim, 1, &options, NULL, NULL, cancellable, error);
  if (!learned)
    return FALSE;
  const FewAutomaticInfo *info = few_automatic_info (learned);
  keep_odds (trust, info);
  for (guint i = 0; i < own->n; i++)
    own_odds[i] = (float) difference (info, i);
  for (guint i = own->n; i < n; i++)
    odds[i - own->n] = (float) difference (info, i);
  return TRUE;
}
