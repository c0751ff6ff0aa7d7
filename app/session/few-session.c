/* SPDX-License-Identifier: MIT */
/* The objects of a session and what they make up: a project. One way back serves all: undo, redo
 * and opening a file restore a project. */
#include "session/few-session.h"
#include "base/few-turns.h"
#include "session/few-history.h"
#include "session/few-named-model.h"
#include "session/few-opening.h"
#include "session/few-returned.h"
#include <glib/gi18n.h>

static const guint64 DECODE_BYTES = G_GUINT64_CONSTANT (1) << 29;

struct _FewSession
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  FewImport *import;
  FewMissing *missing;
  FewChanges *changes;
  FewView *view;
  FewRuns *runs;
  FewTrials *trials;
  FewComparison *comparison;
  FewHistory *history;
  FewDecodeBudget *decoding; /* of what is shown, beside the model's own */
  char *unknown; /* what a newer version wrote into the project, as JSON */
  FewNamedModel named; /* by the project that was opened, until a person opens another model */
  gboolean waiting;
  FewOpening *opening; /* a project on its way in; NULL: none is */
  GQueue exports; /* char *: paths of what is written, in their order */
};

enum { PROP_WAITING = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { STATE, EDITED, LEARNED, OPENED, RETURNED, EXPORTED, MESSAGE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewSession, few_session, G_TYPE_OBJECT)

/* ---- its objects */

FewDesk *
few_session_get_desk (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->desk;
}

FewExamples *
few_session_get_examples (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->examples;
}

FewImport *
few_session_get_import (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->import;
}

FewMissing *
few_session_get_missing (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->missing;
}

FewChanges *
few_session_get_changes (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->changes;
}

FewView *
few_session_get_view (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->view;
}

FewDecodeBudget *
few_session_get_decode_budget (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->decoding;
}

FewRuns *
few_session_get_runs (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->runs;
}

FewTrials *
few_session_get_trials (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->trials;
}

FewComparison *
few_session_get_comparison (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return self->comparison;
}

void
few_session_say (FewSession *self, const char *text)
{
  g_return_if_fail (FEW_IS_SESSION (self));
  few_desk_say (self->desk, text);
}

static void
open_model (FewSession *self, const char *folder, const char *device)
{
  few_desk_open_model (self->desk, folder, device);
  /* another model, other features: everything is encoded again (or found in its cache) */
  few_examples_encode_all (self->examples);
}

void
few_session_open_model (FewSession *self, const char *folder, const char *device)
{
  g_return_if_fail (FEW_IS_SESSION (self));
  gboolean fresh = few_examples_is_fresh (self->examples);
  few_named_model_clear (&self->named);
  open_model (self, folder, device);
  if (!fresh)
    g_signal_emit (self, signals[EDITED], 0);
}

/* ---- the project */

void
few_session_set_waiting (FewSession *self, gboolean waiting)
{
  g_return_if_fail (FEW_IS_SESSION (self));
  if (self->waiting == waiting)
    return;
  self->waiting = waiting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WAITING]);
}

gboolean
few_session_is_waiting (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), FALSE);
  return self->waiting;
}

/* But for the pictures. */
static FewProject *
record_project (FewSession *self)
{
  FewProject *project = few_project_new ();
  few_examples_record (self->examples, project);
  few_runs_record (self->runs, project);
  project->alpha = few_view_get_chosen_alpha (self->view);
  few_named_model_record (&self->named, few_desk_get_model (self->desk), project);
  project->unknown = g_strdup (self->unknown);
  return project;
}

FewProject *
few_session_get_project (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  FewProject *project = record_project (self);
  few_gallery_record (few_examples_get_gallery (self->examples), project);
  few_comparison_record (self->comparison, project);
  return project;
}

static FewState *
keep_state (FewSession *self)
{
  FewGallery *gallery = few_examples_get_gallery (self->examples);
  return few_state_new (record_project (self), few_gallery_keep (gallery));
}

gboolean
few_session_prepare (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), FALSE);
  return few_gallery_prepare (few_examples_get_gallery (self->examples));
}

static void
tell_edit (FewSession *self)
{
  g_signal_emit (self, signals[STATE], 0);
  g_signal_emit (self, signals[EDITED], 0);
}

static void
restore_state (FewSession *self, const FewState *state)
{
  few_examples_restore (self->examples, state->project, state->pieces);
  few_view_restore_alpha (self->view, state->project->alpha);
  few_runs_restore (self->runs, state->project);
  tell_edit (self);
}

/* ---- opening */

static void
end_opening (FewSession *self)
{
  tell_edit (self);
  few_opening_tell_unverified (self->opening, self->desk);
  few_history_reset (self->history, keep_state (self));
  g_clear_pointer (&self->opening, few_opening_free);
  g_signal_emit (self, signals[STATE], 0);
  g_signal_emit (self, signals[OPENED], 0);
}

static void
open_some (gpointer user)
{
  FewSession *self = user;
  if (few_opening_go_on (self->opening))
    few_turns_add (self, open_some);
  else
    end_opening (self);
}

void
few_session_open_project (FewSession *self, FewProject *project, const char *folder,
                          const char *device)
{
  g_return_if_fail (FEW_IS_SESSION (self));
  g_return_if_fail (project != NULL && device != NULL);
  /* ids count anew in every project: pictures of another one must not be taken for those of this
   * one */
  g_return_if_fail (few_examples_is_fresh (self->examples) && !self->opening);
  g_free (self->unknown);
  self->unknown = g_strdup (project->unknown);
  few_named_model_set (&self->named, project);
  few_missing_set_home (self->missing, folder);
  self->opening =
      few_opening_new (project, self->examples, self->view, self->runs, self->comparison);
  few_opening_open_model (self->opening, self->desk, device);
  if (few_opening_is_long (self->opening))
    {
      few_turns_add (self, open_some);
      return;
    }
  while (few_opening_go_on (self->opening))
    ;
  end_opening (self);
}

/* ---- its history */

static void
did_cb (FewSession *self, const char *title, guint kind)
{
  few_history_push (self->history, keep_state (self), title, kind);
  tell_edit (self);
}

/* A drop that is still being added is not whole yet. */
const char *
few_session_get_undo (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return few_import_is_adding (self->import) ? NULL : few_history_get_undo (self->history);
}

const char *
few_session_get_redo (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), NULL);
  return few_import_is_adding (self->import) ? NULL : few_history_get_redo (self->history);
}

void
few_session_undo (FewSession *self)
{
  g_return_if_fail (FEW_IS_SESSION (self));
  const FewState *before = few_history_get_state (self->history);
  const FewState *state = few_session_get_undo (self) ? few_history_undo (self->history) : NULL;
  if (!state)
    return;
  g_autoptr (GArray) ids = few_returned_find (before, state);
  restore_state (self, state);
  g_autoptr (GPtrArray) pictures = few_returned_get (ids, self->examples);
  g_signal_emit (self, signals[RETURNED], 0, pictures);
}

void
few_session_redo (FewSession *self)
{
  g_return_if_fail (FEW_IS_SESSION (self));
  const FewState *state = few_session_get_redo (self) ? few_history_redo (self->history) : NULL;
  if (state)
    restore_state (self, state);
}

guint64
few_session_get_step (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), 0);
  return few_history_get_step (self->history);
}

/* ---- export */

gboolean
few_session_can_export (FewSession *self)
{
  g_return_val_if_fail (FEW_IS_SESSION (self), FALSE);
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  return snapshot && few_snapshot_info (snapshot)->classifier
         && few_runs_get_training (self->runs) == FEW_TRAINING_IDLE;
}

void
few_session_export (FewSession *self, const char *path)
{
  g_return_if_fail (FEW_IS_SESSION (self));
  g_return_if_fail (path != NULL);
  if (!few_session_can_export (self))
    {
      few_session_say (self, _ ("Train first."));
      return;
    }
  g_queue_push_tail (&self->exports, g_strdup (path));
  few_worker_export (few_desk_get_worker (self->desk), few_view_get_snapshot (self->view),
                     few_view_get_exported_alpha (self->view), path);
}

/* ---- what the objects say */

static void
take_exported (FewSession *self, const FewEvent *event)
{
  g_autofree char *path = g_queue_pop_head (&self->exports);
  if (event->error)
    few_session_say (self, event->error->message);
  else
    g_signal_emit (self, signals[EXPORTED], 0, path, event->done, event->total);
}

static void
session_event_cb (FewSession *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_EXPORTED)
    take_exported (self, event);
  else if (event->kind == FEW_EVENT_IDLE)
    g_signal_emit (self, signals[LEARNED], 0); /* hashes */
}

/* The model's hash is known once it is open. */
static void
model_cb (FewSession *self)
{
  g_signal_emit (self, signals[LEARNED], 0);
}

static void
state_cb (FewSession *self)
{
  g_signal_emit (self, signals[STATE], 0);
}

/* What was found is the project's. */
static void
found_cb (FewSession *self)
{
  g_signal_emit (self, signals[EDITED], 0);
}

static void
message_cb (FewSession *self, const char *text)
{
  g_signal_emit (self, signals[MESSAGE], 0, text);
}

/* ---- life */

static void
few_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, FEW_SESSION (object)->waiting);
}

static void
few_session_finalize (GObject *object)
{
  FewSession *self = FEW_SESSION (object);
  g_clear_pointer (&self->opening, few_opening_free);
  g_object_unref (self->comparison);
  g_object_unref (self->trials);
  g_object_unref (self->runs);
  g_object_unref (self->view);
  g_object_unref (self->changes);
  g_object_unref (self->missing);
  g_object_unref (self->import);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  few_history_free (self->history);
  few_decode_budget_unref (self->decoding);
  g_free (self->unknown);
  few_named_model_clear (&self->named);
  g_queue_clear_full (&self->exports, g_free);
  G_OBJECT_CLASS (few_session_parent_class)->finalize (object);
}

static void
few_session_class_init (FewSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_session_get_property;
  G_OBJECT_CLASS (klass)->finalize = few_session_finalize;
  properties[PROP_WAITING] = g_param_spec_boolean ("waiting", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  signals[STATE] = g_signal_new ("state", FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  signals[EDITED] = g_signal_new ("edited", FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  signals[LEARNED] = g_signal_new ("learned", FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[OPENED] = g_signal_new ("opened", FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  signals[RETURNED] = g_signal_new ("returned", FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
  signals[EXPORTED] = g_signal_new ("exported", FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT);
  signals[MESSAGE] = g_signal_new ("message", FEW_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
connect_did (FewSession *self, gpointer object)
{
  g_signal_connect_object (object, "did", G_CALLBACK (did_cb), self, G_CONNECT_SWAPPED);
}

static void
connect_state (FewSession *self, gpointer object, const char *signal)
{
  g_signal_connect_object (object, signal, G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
}

/* Who is made first is told first: each hears of a change after those below it. */
static void
few_session_init (FewSession *self)
{
  self->desk = few_desk_new ();
  self->examples = few_examples_new (self->desk);
  self->import = few_import_new (self->desk, self->examples);
  self->missing = few_missing_new (self->desk, self->examples);
  self->changes = few_changes_new (self->desk, self->examples);
  self->view = few_view_new (self->desk, self->examples);
  self->runs = few_runs_new (self->desk, self->examples, self->changes, self->view);
  self->trials = few_trials_new (self->desk, self->examples, self->view, self->runs);
  self->comparison = few_comparison_new (self->desk, self->examples, self->changes);
  self->history = few_history_new ();
  self->decoding = few_decode_budget_new (DECODE_BYTES);
  g_signal_connect_object (self->desk, "event", G_CALLBACK (session_event_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desk, "notify::model", G_CALLBACK (model_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desk, "message", G_CALLBACK (message_cb), self, G_CONNECT_SWAPPED);
  connect_did (self, self->examples);
  connect_did (self, self->view);
  connect_did (self, self->runs);
  connect_state (self, self->examples, "changed");
  connect_state (self, self->import, "added"); /* what can be undone */
  connect_state (self, self->desk, "notify::model");
  connect_state (self, self->view, "snapshot");
  connect_state (self, self->runs, "changed");
  connect_state (self, self->comparison, "notify::running");
  g_signal_connect_object (self->comparison, "found", G_CALLBACK (found_cb), self,
                           G_CONNECT_SWAPPED);
}

FewSession *
few_session_new (void)
{
  return g_object_new (FEW_TYPE_SESSION, NULL);
}
