/* SPDX-License-Identifier: MIT */
#include "session/few-session-private.h"
#include "base/few-memory.h"
#include "base/few-settings.h"
#include <glib/gi18n.h>
#include <math.h>

guint few_session_signals[FEW_SESSION_SIGNALS];

G_DEFINE_FINAL_TYPE (FewSession, few_session, G_TYPE_OBJECT)

void
few_session_say (FewSession *self, const char *text)
{
  g_signal_emit (self, few_session_signals[FEW_SESSION_MESSAGE], 0, text);
}

/* ---- what the worker says */

static void
on_event (gpointer user, const FewEvent *event)
{
  FewSession *self = user;
  switch (event->kind)
    {
    case FEW_EVENT_MODEL:
      self->opening = FALSE;
      if (event->error)
        few_session_say (self, event->error->message);
      else
        {
          self->model = *event->model;
          self->model.name = g_intern_string (event->model->name);
          self->model.device = g_intern_string (event->model->device);
          self->model.architecture = g_intern_string (event->model->architecture);
          self->model.folder = g_intern_string (event->model->folder);
          self->model.sha256 = g_intern_string (event->model->sha256);
          self->has_model = TRUE;
          few_comparison_clear (self->comparison);
          if (self->shown
              && g_strcmp0 (self->shown->record->backbone_sha256, self->model.sha256) != 0)
            few_session_show_zero_shot (self); /* its features are another model's */
          few_session_queue_refresh (self);
        }
      g_signal_emit (self, few_session_signals[FEW_SESSION_MODEL], 0);
      break;
    case FEW_EVENT_NOTICE:
      self->model.device = g_intern_string (event->model->device);
      self->model.precision = event->model->precision;
      {
        g_autofree char *text =
            g_strdup_printf (_ ("The CPU is used instead of the GPU: %s"), event->error->message);
        few_session_say (self, text);
      }
      g_signal_emit (self, few_session_signals[FEW_SESSION_MODEL], 0);
      break;
    case FEW_EVENT_SCANNED:
      if (!few_session_try_scanned (self, event))
        few_session_scanned (self, event);
      break;
    case FEW_EVENT_PICTURE:
      few_session_picture_done (self, event);
      break;
    case FEW_EVENT_PROGRESS:
      g_signal_emit (self, few_session_signals[FEW_SESSION_PROGRESS], 0, event->done, event->total);
      break;
    case FEW_EVENT_IDLE:
      if (event->error && !g_error_matches (event->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        few_session_say (self, event->error->message);
      self->encoding_jobs -= self->encoding_jobs > 0;
      if (self->encoding_jobs == 0)
        g_signal_emit (self, few_session_signals[FEW_SESSION_PROGRESS], 0, 0, 0);
      few_session_changed (self);
      if (self->encoding_jobs == 0)
        {
          few_session_encoded (self);
          few_memory_give_back ();
        }
      g_signal_emit (self, few_session_signals[FEW_SESSION_EDITED], 0); /* hashes became known */
      break;
    case FEW_EVENT_TRAINED:
      few_session_trained (self, event);
      break;
    case FEW_EVENT_MAPPED:
      few_session_mapped (self, event);
      break;
    case FEW_EVENT_NEAREST:
      few_session_nearest (self, event);
      break;
    case FEW_EVENT_TRIED:
      few_session_tried (self, event);
      break;
    case FEW_EVENT_TRIED_ALL:
      few_session_tried_all (self, event);
      break;
    case FEW_EVENT_RESTORED:
      few_session_restored (self, event);
      break;
    case FEW_EVENT_LOCATED:
      few_session_located (self, event);
      break;
    case FEW_EVENT_COMPARING:
      few_comparison_take (self->comparison, event);
      break;
    case FEW_EVENT_COMPARED:
      if (event->error)
        few_session_say (self, event->error->message);
      few_comparison_take (self->comparison, event);
      g_signal_emit (self, few_session_signals[FEW_SESSION_TRAINING], 0);
      break;
    case FEW_EVENT_EXPORTED:
      if (event->error)
        few_session_say (self, event->error->message);
      else
        g_signal_emit (self, few_session_signals[FEW_SESSION_EXPORTED], 0, self->export_path,
                       event->done, event->total);
      break;
    }
}

/* ---- life */

static void
few_session_finalize (GObject *object)
{
  FewSession *self = FEW_SESSION (object);
  g_clear_handle_id (&self->refresh, g_source_remove);
  g_clear_handle_id (&self->trying_again, g_source_remove);
  g_clear_handle_id (&self->updating, g_source_remove);
  few_worker_free (self->worker);
  few_session_drop_imports (self);
  g_clear_pointer (&self->snapshot, few_snapshot_unref);
  g_clear_pointer (&self->snapshot_classes, g_ptr_array_unref);
  g_clear_pointer (&self->sent_classes, g_ptr_array_unref);
  g_clear_pointer (&self->class_records, g_ptr_array_unref);
  g_clear_pointer (&self->picture_records, g_array_unref);
  few_history_free (self->history);
  g_clear_pointer (&self->map, few_map_unref);
  few_session_try_clear (self);
  g_ptr_array_unref (self->runs);
  g_hash_table_unref (self->all_runs);
  g_hash_table_unref (self->all_pictures);
  g_hash_table_unref (self->all_classes);
  g_free (self->unknown);
  g_free (self->asked);
  g_free (self->folder);
  g_ptr_array_unref (self->refused);
  g_hash_table_unref (self->tickets);
  g_hash_table_unref (self->by_hash);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->rows);
  g_object_unref (self->comparison);
  g_object_unref (self->pictures);
  g_object_unref (self->classes);
  g_free (self->predicted);
  g_free (self->predicted_zero_shot);
  g_free (self->margins);
  g_free (self->template_text);
  g_free (self->export_path);
  G_OBJECT_CLASS (few_session_parent_class)->finalize (object);
}

static void
unref_class (gpointer klass)
{
  g_clear_object ((GObject **) &klass);
}

static guint
new_signal (const char *name, guint n, ...)
{
  va_list types;
  va_start (types, n);
  guint id = g_signal_new_valist (name, FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL,
                                  G_TYPE_NONE, n, types);
  va_end (types);
  return id;
}

static void
few_session_class_init (FewSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_session_finalize;
  few_session_signals[FEW_SESSION_CHANGED] = new_signal ("changed", 0);
  few_session_signals[FEW_SESSION_PROGRESS] = new_signal ("progress", 2, G_TYPE_UINT, G_TYPE_UINT);
  few_session_signals[FEW_SESSION_MODEL] = new_signal ("model", 0);
  few_session_signals[FEW_SESSION_SNAPSHOT] = new_signal ("snapshot", 0);
  few_session_signals[FEW_SESSION_LENS] = new_signal ("lens", 0);
  few_session_signals[FEW_SESSION_TRAINING] = new_signal ("training", 0);
  few_session_signals[FEW_SESSION_MESSAGE] = new_signal ("message", 1, G_TYPE_STRING);
  few_session_signals[FEW_SESSION_IMPORTED] = new_signal ("imported", 2, G_TYPE_UINT, G_TYPE_UINT);
  few_session_signals[FEW_SESSION_SETTINGS] = new_signal ("settings", 0);
  few_session_signals[FEW_SESSION_EDITED] = new_signal ("edited", 0);
  few_session_signals[FEW_SESSION_HISTORY] = new_signal ("history", 0);
  few_session_signals[FEW_SESSION_TRIALS] = new_signal ("trials", 0);
  few_session_signals[FEW_SESSION_MAP] = new_signal ("map", 0);
  few_session_signals[FEW_SESSION_NEAREST] = new_signal ("nearest", 1, G_TYPE_ARRAY);
  few_session_signals[FEW_SESSION_EXPORTED] =
      new_signal ("exported", 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT);
}

static void
few_session_init (FewSession *self)
{
  self->worker = few_worker_new (NULL, on_event, self);
  self->comparison = few_comparison_new ();
  few_session_try_init (self);
  self->classes = g_list_store_new (FEW_TYPE_CLASS);
  self->pictures = g_list_store_new (FEW_TYPE_PICTURE);
  self->by_id = g_hash_table_new (NULL, NULL);
  self->by_hash = g_hash_table_new (g_str_hash, g_str_equal);
  self->tickets = g_hash_table_new_full (NULL, NULL, NULL, unref_class);
  self->rows = g_hash_table_new (NULL, NULL);
  self->refused = g_ptr_array_new_with_free_func (g_free);
  self->all_pictures = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->all_classes = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->all_runs = g_hash_table_new_full (NULL, NULL, NULL, few_run_free);
  self->runs = g_ptr_array_new ();
  self->history = few_history_new ();
  self->peeked = NAN;
  self->template_text = g_strdup ("a photo of a {}.");
  few_train_options_init (&self->job.options);
  self->job.split_seed = 1;
  self->alpha = self->job.options.alpha;
}

FewSession *
few_session_new (void)
{
  return g_object_new (FEW_TYPE_SESSION, NULL);
}

GListModel *
few_session_get_classes (FewSession *self)
{
  return G_LIST_MODEL (self->classes);
}

GListModel *
few_session_get_pictures (FewSession *self)
{
  return G_LIST_MODEL (self->pictures);
}

/* ---- model */

void
few_session_open_model (FewSession *self, const char *folder)
{
  self->opening = TRUE;
  g_free (self->asked);
  self->asked = g_strdup (folder);
  g_autofree char *device = few_settings_device ();
  few_worker_open_model (self->worker, folder, device);
  /* another model, other features: everything is encoded again (or found in its cache) */
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->pictures)); i++)
    g_ptr_array_add (pictures, g_list_model_get_item (G_LIST_MODEL (self->pictures), i));
  few_session_encode (self, pictures);
  g_signal_emit (self, few_session_signals[FEW_SESSION_MODEL], 0);
}

const FewModelInfo *
few_session_get_model (FewSession *self)
{
  return self->has_model ? &self->model : NULL;
}

gboolean
few_session_is_opening (FewSession *self)
{
  return self->opening;
}

/* ---- export */

gboolean
few_session_can_export (FewSession *self)
{
  return self->snapshot && few_snapshot_info (self->snapshot)->adapter
         && self->training == FEW_TRAINING_IDLE;
}

void
few_session_export (FewSession *self, const char *path)
{
  if (!few_session_can_export (self))
    {
      few_session_say (self, _ ("Train an adapter first."));
      return;
    }
  g_free (self->export_path);
  self->export_path = g_strdup (path);
  few_worker_export (self->worker, self->snapshot, self->alpha, path);
}
