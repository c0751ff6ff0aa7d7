/* SPDX-License-Identifier: MIT */
/* What the worker is told, and the runs that come of it. */
#include "base/few-memory.h"
#include "session/few-session-private.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

FewRun *
few_run_new (FewProjectRun *record)
{
  FewRun *run = g_new0 (FewRun, 1);
  run->record = record;
  return run;
}

void
few_run_free (gpointer data)
{
  FewRun *run = data;
  few_project_run_unref (run->record);
  g_clear_pointer (&run->snapshot, few_snapshot_unref);
  g_clear_pointer (&run->classes, g_ptr_array_unref);
  g_free (run);
}

/* ---- the project as dense labels */

void
few_session_data_clear (FewSessionData *data)
{
  g_free (data->names);
  g_free (data->prompts);
  g_free (data->paths);
  g_free (data->ids);
  g_free (data->labels);
  g_clear_pointer (&data->classes, g_ptr_array_unref);
}

void
few_session_collect (FewSession *self, FewSessionData *data)
{
  guint n_classes = g_list_model_get_n_items (G_LIST_MODEL (self->classes));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  g_autoptr (GHashTable) label_of = g_hash_table_new (NULL, NULL);
  *data = (FewSessionData) { g_new0 (const char *, n_classes + 1),
                             g_new0 (const char *, n_classes + 1),
                             g_new0 (const char *, n + 1),
                             g_new (guint32, n + 1),
                             g_new (guint32, n + 1),
                             0,
                             n_classes,
                             g_ptr_array_new_with_free_func (g_object_unref) };
  for (guint k = 0; k < n_classes; k++)
    {
      FewClass *klass = g_list_model_get_item (G_LIST_MODEL (self->classes), k);
      data->names[k] = few_class_get_name (klass);
      data->prompts[k] = few_class_get_prompt (klass);
      g_hash_table_insert (label_of, klass, GUINT_TO_POINTER (k));
      g_ptr_array_add (data->classes, klass);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (self->pictures), i);
      if (few_picture_get_state (picture) != FEW_PICTURE_READY || few_picture_is_excluded (picture))
        continue;
      data->ids[data->n] = few_picture_get_id (picture);
      data->paths[data->n] = few_picture_get_path (picture);
      data->labels[data->n++] =
          GPOINTER_TO_UINT (g_hash_table_lookup (label_of, few_picture_get_class (picture)));
    }
}

/* As collect, for what comes back as a snapshot: its classes are remembered. */
static void
collect (FewSession *self, FewSessionData *data)
{
  few_session_collect (self, data);
  g_clear_pointer (&self->sent_classes, g_ptr_array_unref);
  self->sent_classes = g_ptr_array_ref (data->classes);
}

static gboolean
refresh (gpointer user)
{
  FewSession *self = user;
  self->refresh = 0;
  /* A trained run stays in view (marked stale) until the next one; zero-shot needs no training
   * to be shown. */
  if (!self->has_model || self->training != FEW_TRAINING_IDLE || self->shown || self->restoring
      || !g_list_model_get_n_items (G_LIST_MODEL (self->classes)))
    return G_SOURCE_REMOVE;
  g_auto (FewSessionData) data = { 0 };
  collect (self, &data);
  self->awaited = few_worker_classes (
      self->worker, &(FewPrompts) { data.n_classes, data.names, data.prompts, self->template_text },
      &(FewLabelled) { data.n, data.ids, data.labels, data.paths });
  self->awaiting_zero_shot = TRUE;
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
  return G_SOURCE_REMOVE;
}

void
few_session_queue_refresh (FewSession *self)
{
  if (!self->refresh)
    self->refresh = g_timeout_add (120, refresh, self);
}

/* ---- training */

FewTrainJob *
few_session_get_job (FewSession *self)
{
  return &self->job;
}

void
few_session_job_changed (FewSession *self)
{
  few_session_did (self, _ ("Training Settings"), FEW_EDIT_SETTINGS);
}

void
few_session_train (FewSession *self)
{
  if (self->training != FEW_TRAINING_IDLE)
    return;
  if (!self->has_model)
    {
      few_session_say (self, _ ("Open a model first."));
      return;
    }
  g_auto (FewSessionData) data = { 0 };
  g_clear_handle_id (&self->refresh, g_source_remove);
  collect (self, &data);
  self->training = FEW_TRAINING_RUNNING;
  self->stale = FALSE;
  self->awaiting_zero_shot = FALSE;
  self->sent_job = self->job;
  self->restoring = NULL;
  few_worker_train (self->worker, &self->job,
                    &(FewPrompts) { data.n_classes, data.names, data.prompts, self->template_text },
                    &(FewLabelled) { data.n, data.ids, data.labels, data.paths });
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
}

void
few_session_set_paused (FewSession *self, gboolean paused)
{
  if (self->training == FEW_TRAINING_IDLE)
    return;
  self->training = paused ? FEW_TRAINING_PAUSED : FEW_TRAINING_RUNNING;
  few_worker_set_paused (self->worker, paused);
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
}

void
few_session_stop (FewSession *self)
{
  if (self->training != FEW_TRAINING_IDLE)
    few_worker_stop_training (self->worker);
}

FewTrainingState
few_session_get_training (FewSession *self)
{
  return self->training;
}

GPtrArray *
few_session_get_runs (FewSession *self)
{
  return self->runs;
}

void
few_session_show_run (FewSession *self, guint index)
{
  if (index >= self->runs->len || self->training != FEW_TRAINING_IDLE)
    return;
  FewRun *run = self->runs->pdata[index];
  if (!run->snapshot)
    {
      self->restoring = run;
      few_worker_restore (self->worker, self->restore_ticket = ++self->next_ticket, run->record);
      return;
    }
  self->shown = run;
  self->restoring = NULL;
  self->awaiting_zero_shot = FALSE;
  few_session_update_stale (self);
  few_session_show_snapshot (self, few_snapshot_ref (run->snapshot), run->classes);
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
}

/* The classes that a run was trained with: those of the same names that are there, or stand-ins. */
static GPtrArray *
classes_of (FewSession *self, const FewProjectRun *record)
{
  GPtrArray *classes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint k = 0; k < g_list_model_get_n_items (G_LIST_MODEL (self->classes)); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (G_LIST_MODEL (self->classes), k);
      g_hash_table_insert (known, (char *) few_class_get_name (klass), klass);
    }
  for (guint k = 0; k < record->n_classes; k++)
    {
      FewClass *klass = g_hash_table_lookup (known, record->names[k]);
      g_ptr_array_add (classes,
                       klass ? g_object_ref (klass) : few_class_new (G_MAXUINT, record->names[k]));
    }
  return classes;
}

void
few_session_restored (FewSession *self, const FewEvent *event)
{
  FewRun *run = self->restoring;
  guint index;
  if (event->id != self->restore_ticket || !run)
    return; /* another one was asked for since */
  self->restoring = NULL;
  if (event->error)
    {
      few_session_say (self, event->error->message);
      few_session_queue_refresh (self);
      return;
    }
  run->snapshot = few_snapshot_ref (event->snapshot);
  run->classes = classes_of (self, run->record);
  if (g_ptr_array_find (self->runs, run, &index))
    few_session_show_run (self, index);
}

int
few_session_get_shown_run (FewSession *self)
{
  guint index;
  return self->shown && g_ptr_array_find (self->runs, self->shown, &index) ? (int) index : -1;
}

void
few_session_delete_run (FewSession *self, guint index)
{
  if (index >= self->runs->len || self->training != FEW_TRAINING_IDLE)
    return;
  gboolean shown = self->runs->pdata[index] == self->shown;
  g_ptr_array_remove_index (self->runs, index);
  if (shown)
    few_session_show_zero_shot (self);
  few_session_did (self, _ ("Delete Run"), FEW_EDIT_ONE);
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
}

void
few_session_show_zero_shot (FewSession *self)
{
  self->shown = self->restoring = NULL;
  self->stale = FALSE;
  few_session_queue_refresh (self);
}

void
few_session_update_stale (FewSession *self)
{
  const FewProjectRun *record = self->shown ? self->shown->record : NULL;
  self->stale = FALSE;
  if (!record)
    return;
  g_auto (FewSessionData) data = { 0 };
  few_session_collect (self, &data);
  self->stale = data.n != record->n || data.n_classes != record->n_classes
                || !g_str_equal (self->template_text, record->template_text)
                || memcmp (data.ids, record->ids, data.n * sizeof *data.ids) != 0
                || memcmp (data.labels, record->labels, data.n * sizeof *data.labels) != 0;
  for (guint k = 0; k < data.n_classes && !self->stale; k++)
    self->stale = !g_str_equal (data.names[k], record->names[k])
                  || g_strcmp0 (data.prompts[k], record->prompts[k]) != 0;
}

gboolean
few_session_is_stale (FewSession *self)
{
  return self->stale;
}

/* With thousands of pictures and classes a run in memory is large. The older ones go; they come
 * back from their weights when they are shown. */
static void
let_go (FewSession *self)
{
  static const gsize MOST = 100u << 20;
  gsize total = 0;
  for (guint i = self->runs->len; i > 0; i--)
    {
      FewRun *run = self->runs->pdata[i - 1];
      const FewSnapshotInfo *info = run->snapshot ? few_snapshot_info (run->snapshot) : NULL;
      total += info ? 2 * (gsize) info->n * info->n_classes * sizeof (float) : 0;
      if (info && total > MOST && run != self->shown)
        {
          g_clear_pointer (&run->snapshot, few_snapshot_unref);
          g_clear_pointer (&run->classes, g_ptr_array_unref);
        }
    }
}

void
few_session_trained (FewSession *self, const FewEvent *event)
{
  self->training = FEW_TRAINING_IDLE;
  if (event->error)
    few_session_say (self, event->error->message);
  else if (event->snapshot)
    {
      const FewSnapshotInfo *info = few_snapshot_info (event->snapshot);
      FewAlphaChoice choice;
      g_autofree char *title = g_strdup_printf (
          ngettext ("Run %u: %u epoch, α %.2f", "Run %u: %u epochs, α %.2f", info->epoch),
          g_hash_table_size (self->all_runs) + 1, info->epoch, info->trained_alpha);
      g_autofree const char **prompts = g_new0 (const char *, info->n_classes + 1);
      for (guint k = 0; k < info->n_classes && k < self->sent_classes->len; k++)
        prompts[k] = few_class_get_prompt (self->sent_classes->pdata[k]);
      FewRun *run = few_run_new (
          few_project_run_new (title, &self->sent_job, event->snapshot, prompts, event->stopped));
      run->snapshot = few_snapshot_ref (event->snapshot);
      run->classes = g_ptr_array_ref (self->sent_classes);
      g_hash_table_insert (self->all_runs, run->record, run);
      g_ptr_array_add (self->runs, run);
      few_lens_choose_alpha (event->snapshot, &choice);
      self->alpha = choice.best;
      self->peeked = NAN;
      g_autoptr (FewSnapshot) older = few_worker_take_snapshot (self->worker);
      self->shown = run;
      few_session_update_stale (self);
      few_session_show_snapshot (self, few_snapshot_ref (event->snapshot), self->sent_classes);
      let_go (self);
      few_memory_give_back ();
      few_session_did (self, _ ("Train"), FEW_EDIT_ONE);
    }
  g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
}
