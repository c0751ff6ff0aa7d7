/* SPDX-License-Identifier: MIT */
/* The snapshot in view and what α makes of it. */
#include "session/few-session-private.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

double
few_session_get_alpha (FewSession *self)
{
  return isnan (self->peeked) ? self->alpha : self->peeked;
}

int
few_session_get_measured_role (FewSession *self)
{
  return self->measured > 0 ? FEW_ROLE_TEST : -1;
}

guint
few_session_count_measured (FewSession *self)
{
  return self->measured > 0 ? self->measured : few_snapshot_info (self->snapshot)->n;
}

static void
update_lens (FewSession *self)
{
  if (!self->snapshot)
    return;
  const FewSnapshotInfo *info = few_snapshot_info (self->snapshot);
  few_lens_predict (self->snapshot, few_session_get_alpha (self), self->predicted, self->margins);
  g_autofree float *zero_shot = g_new (float, info->n_classes);
  g_autofree float *adapted = g_new (float, info->n_classes);
  few_lens_class_means (self->snapshot, few_session_get_alpha (self), zero_shot, adapted);
  for (guint k = 0; k < info->n_classes; k++)
    few_class_set_means (self->snapshot_classes->pdata[k], zero_shot[k], adapted[k]);
  g_autofree guint32 *pictures = g_new (guint32, info->n_classes);
  few_lens_class_scores (self->snapshot, few_session_get_measured_role (self), self->predicted,
                         zero_shot, adapted, pictures);
  for (guint k = 0; k < info->n_classes; k++)
    few_class_set_scores (self->snapshot_classes->pdata[k],
                          &(FewClassScores) { zero_shot[k], adapted[k], pictures[k] });
  g_signal_emit (self, few_session_signals[FEW_SESSION_LENS], 0);
  few_session_update_trials (self);
}

static gboolean
same_rows (const FewSnapshot *a, const FewSnapshot *b)
{
  const FewSnapshotInfo *x = a ? few_snapshot_info (a) : NULL;
  const FewSnapshotInfo *y = few_snapshot_info (b);
  return x && x->n == y->n && x->n_classes == y->n_classes
         && memcmp (x->ids, y->ids, x->n * sizeof *x->ids) == 0
         && memcmp (x->labels, y->labels, x->n * sizeof *x->labels) == 0;
}

void
few_session_show_snapshot (FewSession *self, FewSnapshot *snapshot, GPtrArray *classes)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  gboolean same = same_rows (self->snapshot, snapshot);
  g_clear_pointer (&self->snapshot, few_snapshot_unref);
  self->snapshot = snapshot;
  if (classes != self->snapshot_classes)
    {
      g_clear_pointer (&self->snapshot_classes, g_ptr_array_unref);
      self->snapshot_classes = g_ptr_array_ref (classes);
    }
  if (!same)
    {
      g_hash_table_remove_all (self->rows);
      for (guint i = 0; i < info->n; i++)
        g_hash_table_insert (self->rows, GUINT_TO_POINTER (info->ids[i]), GUINT_TO_POINTER (i + 1));
      self->predicted = g_renew (guint32, self->predicted, info->n + 1);
      self->predicted_zero_shot = g_renew (guint32, self->predicted_zero_shot, info->n + 1);
      self->margins = g_renew (float, self->margins, info->n + 1);
    }
  self->measured = 0;
  for (guint i = 0; i < info->n; i++)
    self->measured += info->roles[i] == FEW_ROLE_TEST;
  /* what was worked out of the one before; a new snapshot may stand at the same address */
  self->mapped = FALSE;
  self->threshold.known = FALSE;
  few_lens_predict (snapshot, 0, self->predicted_zero_shot, NULL);
  g_signal_emit (self, few_session_signals[FEW_SESSION_SNAPSHOT], 0);
  update_lens (self);
  few_session_try_again (self);
}

gboolean
few_session_poll (FewSession *self)
{
  g_autoptr (FewSnapshot) snapshot = few_worker_take_snapshot (self->worker);
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  /* One that answers an older request numbers other classes, or has fewer pictures: the newer
   * one follows. */
  gboolean wanted = info
                    && (info->trained ? self->training != FEW_TRAINING_IDLE
                                      : self->awaiting_zero_shot && info->serial == self->awaited);
  if (wanted && info->n_classes == self->sent_classes->len)
    {
      self->awaiting_zero_shot = FALSE;
      few_session_show_snapshot (self, g_steal_pointer (&snapshot), self->sent_classes);
    }
  return self->awaiting_zero_shot || self->training != FEW_TRAINING_IDLE;
}

/* ---- for the widgets */

FewSnapshot *
few_session_get_snapshot (FewSession *self)
{
  return self->snapshot;
}

void
few_session_set_alpha (FewSession *self, double alpha)
{
  alpha = CLAMP (round (alpha * 1000) / 1000, 0, 1);
  if (alpha == few_session_get_alpha (self))
    return;
  self->alpha = alpha;
  self->peeked = NAN;
  update_lens (self);
  few_session_did (self, _ ("Change α"), FEW_EDIT_ALPHA);
}

void
few_session_peek_alpha (FewSession *self, double alpha)
{
  self->peeked = alpha;
  update_lens (self);
}

int
few_session_get_row (FewSession *self, FewPicture *picture)
{
  return (int) GPOINTER_TO_UINT (
             g_hash_table_lookup (self->rows, GUINT_TO_POINTER (few_picture_get_id (picture))))
         - 1;
}

const guint32 *
few_session_get_predicted (FewSession *self)
{
  return self->predicted;
}

const guint32 *
few_session_get_predicted_zero_shot (FewSession *self)
{
  return self->predicted_zero_shot;
}

const float *
few_session_get_margins (FewSession *self)
{
  return self->margins;
}

GPtrArray *
few_session_get_snapshot_classes (FewSession *self)
{
  return self->snapshot_classes;
}

FewClass *
few_session_get_snapshot_class (FewSession *self, guint k)
{
  return self->snapshot_classes->pdata[k];
}

FewPicture *
few_session_get_row_picture (FewSession *self, guint row)
{
  return g_hash_table_lookup (self->by_id,
                              GUINT_TO_POINTER (few_snapshot_info (self->snapshot)->ids[row]));
}
