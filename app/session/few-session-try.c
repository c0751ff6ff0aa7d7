/* SPDX-License-Identifier: MIT */
/* Pictures that are not in the project: seen through what is in view, CLIP or an adapter, and
 * followed as α moves. */
#include "session/few-session-private.h"
#include <glib/gi18n.h>
#include <math.h>

/* One command to the worker: the pictures it was given, and the classes as it numbers them. */
typedef struct
{
  GPtrArray *trials, *classes;
} Batch;

static void
batch_free (gpointer data)
{
  Batch *batch = data;
  g_ptr_array_unref (batch->trials);
  g_ptr_array_unref (batch->classes);
  g_free (batch);
}

void
few_session_try_init (FewSession *self)
{
  self->trials = g_list_store_new (FEW_TYPE_TRIAL);
  self->batches = g_hash_table_new_full (NULL, NULL, NULL, batch_free);
  self->try_scans = g_hash_table_new (NULL, NULL);
  self->keep = .95;
}

void
few_session_try_clear (FewSession *self)
{
  g_object_unref (self->trials);
  g_hash_table_unref (self->batches);
  g_hash_table_unref (self->try_scans);
  g_clear_pointer (&self->tried_with, few_adapter_unref);
}

GListModel *
few_session_get_trials (FewSession *self)
{
  return G_LIST_MODEL (self->trials);
}

static FewAdapter *
adapter_in_view (FewSession *self)
{
  const FewSnapshotInfo *info = self->snapshot ? few_snapshot_info (self->snapshot) : NULL;
  return info && info->trained ? info->adapter : NULL;
}

static void
send (FewSession *self, GPtrArray *trials)
{
  g_auto (FewSessionData) data = { 0 };
  g_autofree const char **paths = g_new (const char *, trials->len + 1);
  FewAdapter *adapter = adapter_in_view (self);
  Batch *batch = g_new (Batch, 1);
  few_session_collect (self, &data);
  for (guint i = 0; i < trials->len; i++)
    paths[i] = few_picture_get_path (few_trial_get_picture (trials->pdata[i]));
  *batch = (Batch) { g_ptr_array_ref (trials),
                     g_ptr_array_ref (adapter ? self->snapshot_classes : data.classes) };
  g_clear_pointer (&self->tried_with, few_adapter_unref);
  self->tried_with = adapter ? few_adapter_ref (adapter) : NULL;
  g_hash_table_insert (self->batches, GUINT_TO_POINTER (++self->next_ticket), batch);
  few_worker_try (self->worker, self->next_ticket, adapter,
                  &(FewPrompts) { data.n_classes, data.names, data.prompts, self->template_text },
                  paths, trials->len);
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRIALS], 0);
}

void
few_session_try (FewSession *self, const char *const *paths)
{
  if (!self->has_model || g_list_model_get_n_items (G_LIST_MODEL (self->classes)) == 0)
    {
      few_session_say (
          self,
          _ ("Add classes first: there is nothing yet that a picture could be recognised as."));
      return;
    }
  g_hash_table_add (self->try_scans, GUINT_TO_POINTER (++self->next_ticket));
  few_worker_scan (self->worker, self->next_ticket, paths, NULL);
}

gboolean
few_session_try_scanned (FewSession *self, const FewEvent *event)
{
  if (!g_hash_table_remove (self->try_scans, GUINT_TO_POINTER (event->id)))
    return FALSE;
  g_autoptr (GPtrArray) trials = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < event->found->len; i++)
    {
      const FewFound *found = event->found->pdata[i];
      if (few_is_picture_name (found->path))
        g_ptr_array_add (trials, few_trial_new (found->path));
    }
  if (trials->len == 0)
    {
      few_session_say (self, _ ("There are no pictures in there."));
      return TRUE;
    }
  g_list_store_splice (self->trials, g_list_model_get_n_items (G_LIST_MODEL (self->trials)), 0,
                       trials->pdata, trials->len);
  send (self, trials);
  return TRUE;
}

/* Worked out once for each snapshot, α and share. */
double
few_session_get_threshold (FewSession *self, guint *n)
{
  double alpha = few_session_get_alpha (self);
  if (!self->snapshot || self->keep >= 1)
    {
      if (n)
        *n = 0;
      return NAN;
    }
  if (!self->threshold.known || self->threshold.alpha != alpha
      || self->threshold.keep != self->keep)
    {
      self->threshold.known = TRUE;
      self->threshold.alpha = alpha;
      self->threshold.keep = self->keep;
      self->threshold.cosine =
          few_lens_threshold (self->snapshot, alpha, self->keep, &self->threshold.n);
    }
  if (n)
    *n = self->threshold.n;
  return self->threshold.cosine;
}

double
few_session_get_keep (FewSession *self)
{
  return self->keep;
}

void
few_session_set_keep (FewSession *self, double keep)
{
  self->keep = CLAMP (keep, .5, 1);
  few_session_update_trials (self);
}

/* Thousands of pictures follow α in slices, so that the slider does not wait for them. */
static const gint64 SLICE = 3000; /* µs */

static gboolean
update_slice (gpointer user)
{
  FewSession *self = user;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->trials));
  double alpha = few_session_get_alpha (self);
  double threshold = few_session_get_threshold (self, NULL);
  gint64 until = g_get_monotonic_time () + SLICE;
  for (; self->updated < n && g_get_monotonic_time () < until; self->updated++)
    {
      g_autoptr (FewTrial) trial =
          g_list_model_get_item (G_LIST_MODEL (self->trials), self->updated);
      few_trial_update (trial, alpha, threshold);
    }
  if (self->updated < n)
    return G_SOURCE_CONTINUE;
  self->updating = 0;
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRIALS], 0);
  return G_SOURCE_REMOVE;
}

void
few_session_update_trials (FewSession *self)
{
  self->updated = 0;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->trials)) == 0)
    return;
  if (self->updating)
    return; /* it begins again */
  if (update_slice (self) == G_SOURCE_CONTINUE)
    self->updating = g_idle_add (update_slice, self);
}

/* Another adapter came into view: everything is seen through it. */
static gboolean
again (gpointer user)
{
  FewSession *self = user;
  self->trying_again = 0;
  if (self->training != FEW_TRAINING_IDLE || adapter_in_view (self) == self->tried_with)
    return G_SOURCE_REMOVE;
  g_autoptr (GPtrArray) trials = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->trials)); i++)
    g_ptr_array_add (trials, g_list_model_get_item (G_LIST_MODEL (self->trials), i));
  few_worker_stop_trying (self->worker);
  g_hash_table_remove_all (self->batches);
  send (self, trials);
  return G_SOURCE_REMOVE;
}

void
few_session_try_again (FewSession *self)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->trials)) && !self->trying_again)
    self->trying_again = g_idle_add (again, self);
}

void
few_session_tried (FewSession *self, const FewEvent *event)
{
  const Batch *batch = g_hash_table_lookup (self->batches, GUINT_TO_POINTER (event->ticket));
  if (!batch)
    return;
  if (event->error)
    {
      few_trial_set_refused (batch->trials->pdata[event->id], event->error->message);
      return;
    }
  const FewSnapshotInfo *info = few_snapshot_info (event->snapshot);
  double alpha = few_session_get_alpha (self);
  double threshold = few_session_get_threshold (self, NULL);
  for (guint row = 0; row < info->n; row++)
    {
      FewTrial *trial = batch->trials->pdata[info->ids[row]];
      few_trial_set_seen (trial, event->snapshot, row, batch->classes);
      few_trial_update (trial, alpha, threshold);
    }
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRIALS], 0);
}

void
few_session_tried_all (FewSession *self, const FewEvent *event)
{
  if (event->error && !g_error_matches (event->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    few_session_say (self, event->error->message);
  g_hash_table_remove (self->batches, GUINT_TO_POINTER (event->id));
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRIALS], 0);
}

gboolean
few_session_is_trying (FewSession *self)
{
  return g_hash_table_size (self->batches) > 0;
}

void
few_session_stop_trying (FewSession *self)
{
  few_worker_stop_trying (self->worker);
}

void
few_session_clear_trials (FewSession *self)
{
  few_worker_stop_trying (self->worker);
  g_hash_table_remove_all (self->batches);
  g_list_store_remove_all (self->trials);
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRIALS], 0);
}
