/* SPDX-License-Identifier: MIT */
/* One adapter a fold, side by side: trainers that take the lanes' streams in turn. */
#include "adapt/adapter-folds.h"
#include "adapt/trainer-private.h"
#include "base/memory.h"
#include "base/words.h"
#include "clip/model.h"
#include "lens/lens.h"
#include "lens/snapshot.h"
#include <fewshot/dataset.h>
#include <string.h>

static const char WHAT[] = N_ ("the folds");

struct FewAdapterFolds
{
  FewBackend *backend;
  guint n, k, d, n_folds; /* n: training pictures */
  double logit_scale;
  FewRoom room;
  guint32 *pictures, *labels, *fold; /* [n] */
  FewTrainer **trainers;             /* [n_folds], NULL: too little to learn from */
  guint8 *roles;                     /* [n] in the snapshot: validation where it tells */
  double share;                      /* of the steps that are wanted */
};

/* The roles of a fold: its own pictures are set aside. Whether two classes are left; says which of
 * its pictures have their class among the others. seen [K] is written to. */
static gboolean
set_fold_aside (FewAdapterFolds *f, guint number, guint8 *seen, guint8 *roles)
{
  guint classes = 0;
  memset (seen, FALSE, f->k);
  guint own = 0;
  for (guint i = 0; i < f->n; i++)
    {
      gboolean inside = f->fold[i] == number;
      roles[i] = inside ? FEW_ROLE_UNUSED : FEW_ROLE_TRAIN;
      own += inside;
      if (inside)
        continue;
      classes += !seen[f->labels[i]];
      seen[f->labels[i]] = TRUE;
    }
  for (guint i = 0; i < f->n && classes >= 2; i++)
    if (f->fold[i] == number)
      f->roles[i] = seen[f->labels[i]] ? FEW_ROLE_VALIDATION : FEW_ROLE_UNUSED;
  return classes >= 2 && own > 0;
}

static gboolean
make_trainers (FewAdapterFolds *f, FewModel *model, const FewTrainOptions *options,
               const FewTask *task, const float *features, GError **error)
{
  g_autofree guint8 *roles = few_try_bytes (f->n, WHAT, error);
  g_autofree guint8 *seen = roles ? few_try_bytes (f->k, WHAT, error) : NULL;
  if (!seen)
    return FALSE;
  FewTrainOptions own = *options;
  own.folds = FALSE;
  for (guint j = 0; j < f->n_folds; j++)
    {
      if (!set_fold_aside (f, j, seen, roles))
        continue;
      const FewTask labelled = { .n = f->n,
                                 .n_classes = f->k,
                                 .features = features,
                                 .labels = f->labels,
                                 .roles = roles,
                                 .ids = f->pictures,
                                 .text_features = task->text_features,
                                 .class_names = task->class_names };
      f->trainers[j] = few_trainer_begin (model, &own, &labelled, error);
      if (!f->trainers[j])
        return FALSE;
    }
  return TRUE;
}

FewAdapterFolds *
few_adapter_folds_new (FewModel *model, const FewTrainOptions *options, const FewTask *task,
                       const guint32 *fold, guint n_folds, GError **error)
{
  g_autoptr (FewAdapterFolds) f = g_new0 (FewAdapterFolds, 1);
  gsize room = (gsize) task->n + 1;
  f->k = task->n_classes;
  f->d = few_model_dim (model);
  f->n_folds = n_folds;
  f->trainers = g_new0 (FewTrainer *, n_folds);
  f->logit_scale = few_model_info (model)->logit_scale;
  f->pictures = few_room_new (&f->room, guint32, room, 1);
  f->labels = few_room_new (&f->room, guint32, room, 1);
  f->fold = few_room_new (&f->room, guint32, room, 1);
  f->roles = few_room_new (&f->room, guint8, room, 1);
  if (few_room_is_short (&f->room, WHAT, error))
    return NULL;
  memset (f->roles, FEW_ROLE_UNUSED, room);
  for (guint i = 0; i < task->n; i++)
    if (task->roles[i] == FEW_ROLE_TRAIN)
      {
        f->pictures[f->n] = i;
        f->labels[f->n] = task->labels[i];
        f->fold[f->n++] = fold[i];
      }
  g_autofree float *features = few_try_floats (f->n, f->d, WHAT, error);
  if (!features)
    return NULL;
  for (guint i = 0; i < f->n; i++)
    memcpy (features + (gsize) i * f->d, task->features + (gsize) f->pictures[i] * f->d,
            f->d * sizeof (float));
  if (!make_trainers (f, model, options, task, features, error))
    return NULL;
  f->backend = few_model_backend (model);
  return g_steal_pointer (&f);
}

void
few_adapter_folds_free (FewAdapterFolds *f)
{
  for (guint j = 0; f->trainers && j < f->n_folds; j++)
    g_clear_pointer (&f->trainers[j], few_trainer_free);
  g_free (f->trainers);
  few_room_clear (&f->room);
  g_free (f);
}

void
few_adapter_folds_views_from (FewAdapterFolds *f, guint n)
{
  for (guint i = 0; i < f->n; i++)
    if (f->pictures[i] >= n)
      f->roles[i] = FEW_ROLE_TRAIN;
}

static void
advance_fold_cb (gpointer user, guint i, guint lane G_GNUC_UNUSED, FewStream *stream)
{
  FewAdapterFolds *f = user;
  FewTrainer *t = f->trainers[i];
  if (!t)
    return;
  FewStream *whole = t->stream;
  t->stream = stream;
  while (few_trainer_share (t) < f->share && few_trainer_step_alone (t))
    ;
  few_trainer_hand_over (t); /* what is done here another stream reads next */
  t->stream = whole;
}

gboolean
few_adapter_folds_advance (FewAdapterFolds *f, double share, GError **error)
{
  f->share = share;
  f->backend->run_lanes (f->backend, f->n_folds, advance_fold_cb, f);
  for (guint j = 0; j < f->n_folds; j++)
    if (f->trainers[j] && !few_trainer_handed_over (f->trainers[j], error))
      return FALSE;
  return TRUE;
}

/* Row i as the adapter of its fold sees it. */
static void
take_row (const FewSnapshot *from, FewSnapshot *to, guint i)
{
  gsize k = to->info.n_classes;
  memcpy (to->at + i * k, from->at + i * k, k * sizeof (float));
  memcpy (to->ft + i * k, from->ft + i * k, k * sizeof (float));
  to->aa[i] = from->aa[i];
  to->af[i] = from->af[i];
  to->ff[i] = from->ff[i];
}

FewSnapshot *
few_adapter_folds_snapshot (FewAdapterFolds *f, GError **error)
{
  g_autoptr (FewSnapshot) out =
      few_snapshot_new (f->n, f->k, f->d, f->labels, f->roles, f->pictures, error);
  if (!out)
    return NULL;
  for (guint j = 0; j < f->n_folds; j++)
    {
      if (!f->trainers[j])
        continue;
      g_autoptr (FewSnapshot) one = few_trainer_snapshot (f->trainers[j], error);
      if (!one)
        return NULL;
      for (guint i = 0; i < f->n; i++)
        if (f->fold[i] == j)
          take_row (one, out, i);
    }
  out->info.trained = TRUE;
  out->info.logit_scale = f->logit_scale;
  few_snapshot_seal (out);
  return g_steal_pointer (&out);
}
