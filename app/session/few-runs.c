/* SPDX-License-Identifier: MIT */
/* What the worker is told to learn, and the runs that come of it. */
#include "session/few-runs.h"
#include "base/few-heap.h"
#include "base/few-turns.h"
#include "session/few-methods.h"
#include <glib/gi18n.h>
#include <math.h>

/* Edits that come in quick succession ask for one zero-shot snapshot. */
enum { REFRESH_DELAY = 120 }; /* ms */

struct _FewRuns
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  FewChanges *changes;
  FewView *view;
  FewTrainJob job, sent_job;
  GPtrArray *sent_classes; /* FewClass, as the command under way numbers them */
  FewRunMarks sent_marks;
  FewTrainingState training;
  double progress; /* of a run without snapshots */
  gboolean preparing; /* files are looked at before the run begins */
  FewKeptRuns *kept;
  GPtrArray *list;         /* FewRun *, of kept */
  FewRun *shown;           /* in view; NULL: CLIP itself */
  FewRun *restoring;       /* asked of the worker */
  guint restore_ticket;
  gboolean stale;
  gboolean refreshing; /* text features and a zero-shot snapshot will be asked for */
  gboolean awaiting_zero_shot;
  guint awaited; /* serial of the one asked for last */
};

enum { CHANGED, SETTINGS, DID, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewRuns, few_runs, G_TYPE_OBJECT)

static void
tell_change (FewRuns *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
tell_step (FewRuns *self, const char *title, FewEdit kind)
{
  g_signal_emit (self, signals[DID], 0, title, (guint) kind);
}

static void
set_training (FewRuns *self, FewTrainingState training)
{
  if (self->training == training)
    return;
  self->training = training;
  few_view_set_live (self->view, training != FEW_TRAINING_IDLE);
}

/* ---- CLIP itself */

/* As few_examples_call, for what comes back as a snapshot: its classes are remembered. */
static void
call_roll (FewRuns *self, FewRoll *roll)
{
  few_examples_call (self->examples, roll);
  g_clear_pointer (&self->sent_classes, g_ptr_array_unref);
  self->sent_classes = g_ptr_array_ref (roll->classes);
}

/* A trained run stays in view (marked stale) until the next; zero-shot needs no training. */
static gboolean
wants_zero_shot (FewRuns *self)
{
  return few_desk_get_model (self->desk) && self->training == FEW_TRAINING_IDLE && !self->shown
         && !self->restoring
         && g_list_model_get_n_items (few_examples_get_classes (self->examples)) > 0;
}

static void
refresh (gpointer user)
{
  FewRuns *self = user;
  g_auto (FewRoll) roll = { 0 };
  self->refreshing = FALSE;
  if (!wants_zero_shot (self) || few_view_forget_unsaid (self->view))
    return;
  call_roll (self, &roll);
  self->awaited =
      few_worker_classes (few_desk_get_worker (self->desk), &roll.prompts, &roll.pictures);
  self->awaiting_zero_shot = TRUE;
  tell_change (self);
}

static void
queue_refresh (FewRuns *self)
{
  if (!self->refreshing)
    few_turns_add_later (self, refresh, REFRESH_DELAY);
  self->refreshing = TRUE;
}

/* Nothing that was trained is in view any longer. */
static void
show_zero_shot (FewRuns *self)
{
  self->shown = self->restoring = NULL;
  self->stale = FALSE;
  queue_refresh (self);
}

/* One that answers an older request has other classes, or fewer pictures: a newer one follows. */
static gboolean
is_wanted (FewRuns *self, const FewSnapshotInfo *info)
{
  if (!self->sent_classes || info->n_classes != self->sent_classes->len)
    return FALSE;
  return info->trained ? self->training != FEW_TRAINING_IDLE
                       : self->awaiting_zero_shot && info->serial == self->awaited;
}

gboolean
few_runs_poll (FewRuns *self)
{
  g_return_val_if_fail (FEW_IS_RUNS (self), FALSE);
  FewSnapshot *snapshot = few_worker_take_snapshot (few_desk_get_worker (self->desk));
  if (snapshot && is_wanted (self, few_snapshot_info (snapshot)))
    {
      self->awaiting_zero_shot = FALSE;
      few_view_show (self->view, snapshot, self->sent_classes, NAN);
    }
  else
    few_release_snapshot (snapshot);
  return self->awaiting_zero_shot || self->training != FEW_TRAINING_IDLE;
}

/* ---- the next run */

const FewTrainJob *
few_runs_get_job (FewRuns *self)
{
  g_return_val_if_fail (FEW_IS_RUNS (self), NULL);
  return &self->job;
}

void
few_runs_set_job (FewRuns *self, const FewTrainJob *job)
{
  g_return_if_fail (FEW_IS_RUNS (self) && job != NULL);
  self->job = *job;
  tell_step (self, _ ("Training Settings"), FEW_EDIT_SETTINGS);
}

void
few_runs_set_method (FewRuns *self, const char *specification)
{
  g_return_if_fail (FEW_IS_RUNS (self));
  FewTrainJob job = self->job;
  job.method = specification && *specification ? g_intern_string (specification) : NULL;
  if (job.method == self->job.method)
    return;
  few_runs_set_job (self, &job);
  g_signal_emit (self, signals[SETTINGS], 0);
}

/* ---- the run under way */

static void
send_job (FewRuns *self)
{
  g_auto (FewRoll) roll = { 0 };
  FewWorker *worker = few_desk_get_worker (self->desk);
  call_roll (self, &roll);
  self->awaiting_zero_shot = FALSE;
  self->restoring = NULL;
  self->sent_job = few_method_choice_job (self->examples, &self->job);
  self->progress = 0;
  self->sent_marks = few_kept_runs_mark (&roll, few_changes_count (self->changes));
  few_worker_train (worker, &self->sent_job, &roll.prompts, &roll.pictures);
  few_worker_set_paused (worker, self->training == FEW_TRAINING_PAUSED);
  self->stale = FALSE;
  tell_change (self);
}

static void
looked_cb (gpointer user)
{
  FewRuns *self = user;
  if (self->preparing)
    send_job (self);
  self->preparing = FALSE;
}

void
few_runs_train (FewRuns *self)
{
  g_return_if_fail (FEW_IS_RUNS (self));
  if (self->training != FEW_TRAINING_IDLE)
    return;
  if (!few_desk_get_model (self->desk))
    {
      few_desk_say (self->desk, _ ("Open a model first."));
      return;
    }
  self->preparing = TRUE;
  set_training (self, FEW_TRAINING_RUNNING);
  few_changes_look (self->changes, looked_cb, self);
  tell_change (self);
}

void
few_runs_set_paused (FewRuns *self, gboolean paused)
{
  g_return_if_fail (FEW_IS_RUNS (self));
  if (self->training == FEW_TRAINING_IDLE)
    return;
  few_worker_set_paused (few_desk_get_worker (self->desk), paused);
  set_training (self, paused ? FEW_TRAINING_PAUSED : FEW_TRAINING_RUNNING);
  tell_change (self);
}

double
few_runs_get_progress (FewRuns *self)
{
  g_return_val_if_fail (FEW_IS_RUNS (self), 0);
  return self->progress;
}

FewTrainingState
few_runs_get_training (FewRuns *self)
{
  g_return_val_if_fail (FEW_IS_RUNS (self), FEW_TRAINING_IDLE);
  return self->training;
}

/* ---- those that ended */

GPtrArray *
few_runs_get_list (FewRuns *self)
{
  g_return_val_if_fail (FEW_IS_RUNS (self), NULL);
  return self->list;
}

gboolean
few_runs_is_stale (FewRuns *self)
{
  g_return_val_if_fail (FEW_IS_RUNS (self), FALSE);
  return self->stale;
}

int
few_runs_get_shown (FewRuns *self)
{
  guint index;
  g_return_val_if_fail (FEW_IS_RUNS (self), -1);
  return self->shown && g_ptr_array_find (self->list, self->shown, &index) ? (int) index : -1;
}

/* Whether classes and pictures are still those of the run in view. */
static void
update_stale (FewRuns *self)
{
  g_auto (FewRoll) roll = { 0 };
  if (self->shown)
    few_examples_call (self->examples, &roll);
  self->stale =
      self->shown && !few_kept_runs_matches (self->shown, &roll, few_changes_count (self->changes));
}

void
few_runs_show (FewRuns *self, guint index)
{
  g_return_if_fail (FEW_IS_RUNS (self));
  if (index >= self->list->len || self->training != FEW_TRAINING_IDLE)
    return;
  FewRun *run = self->list->pdata[index];
  if (!few_kept_runs_is_at_hand (run, few_desk_get_model (self->desk)))
    {
      self->restoring = run;
      self->restore_ticket = few_desk_take_ticket (self->desk);
      few_worker_restore (few_desk_get_worker (self->desk), self->restore_ticket, run->record);
      return;
    }
  self->shown = run;
  self->restoring = NULL;
  self->awaiting_zero_shot = FALSE;
  update_stale (self);
  few_view_show (self->view, few_snapshot_ref (run->snapshot), run->classes, NAN);
  tell_change (self);
}

/* It came to nothing: what was in view before it is again. */
static void
end_training (FewRuns *self)
{
  int shown = few_runs_get_shown (self);
  self->preparing = FALSE;
  set_training (self, FEW_TRAINING_IDLE);
  update_stale (self);
  if (shown >= 0)
    few_runs_show (self, (guint) shown);
  else
    queue_refresh (self);
  tell_change (self);
}

void
few_runs_stop (FewRuns *self)
{
  g_return_if_fail (FEW_IS_RUNS (self));
  if (self->preparing)
    end_training (self);
  else if (self->training != FEW_TRAINING_IDLE)
    few_worker_stop_training (few_desk_get_worker (self->desk));
}

static void
take_restored (FewRuns *self, const FewEvent *event)
{
  guint index;
  FewRun *run = event->id == self->restore_ticket ? self->restoring : NULL;
  if (!run)
    return; /* another one was asked for since */
  self->restoring = NULL;
  if (event->error)
    few_desk_say (self->desk, event->error->message);
  else if (!run->snapshot)
    few_kept_runs_complete (run, event->snapshot, self->desk, self->examples);
  if (!event->error && g_ptr_array_find (self->list, run, &index))
    few_runs_show (self, index);
  else
    queue_refresh (self);
}

void
few_runs_delete (FewRuns *self, guint index)
{
  g_return_if_fail (FEW_IS_RUNS (self));
  if (index >= self->list->len || self->training != FEW_TRAINING_IDLE)
    return;
  const FewRun *run = g_ptr_array_remove_index (self->list, index);
  if (run == self->shown || run == self->restoring)
    show_zero_shot (self);
  tell_step (self, _ ("Delete Run"), FEW_EDIT_ONE);
  tell_change (self);
}

static void
tell_ended (gpointer user)
{
  tell_step (user, _ ("Train"), FEW_EDIT_ONE);
  tell_change (user);
}

static void
show_ended (gpointer user)
{
  FewRuns *self = user;
  FewAlphaChoice choice;
  FewRun *run = self->shown;
  if (run && run->snapshot) /* it may have been deleted since */
    {
      few_lens_choose_alpha (run->snapshot, &choice);
      few_view_show (self->view, few_snapshot_ref (run->snapshot), run->classes, choice.best);
    }
  few_kept_runs_trim (self->kept, run);
  few_heap_give_back ();
  few_view_follow (self->view, self, tell_ended);
}

static void
take_trained (FewRuns *self, const FewEvent *event)
{
  if (event->error)
    few_desk_say (self->desk, event->error->message);
  if (!event->snapshot || event->error)
    {
      end_training (self);
      return;
    }
  few_release_snapshot (few_worker_take_snapshot (few_desk_get_worker (self->desk))); /* older */
  set_training (self, FEW_TRAINING_IDLE);
  if (self->list->len == FEW_KEPT_RUNS_MOST)
    few_desk_say (self->desk, _ ("The oldest run made room for this one."));
  self->shown = few_kept_runs_add (self->kept, &self->sent_job, event->snapshot, self->sent_classes,
                                   event->stopped);
  self->shown->marks = self->sent_marks;
  update_stale (self);
  few_view_follow (self->view, self, show_ended);
}

/* ---- the project */

void
few_runs_record (FewRuns *self, FewProject *project)
{
  g_return_if_fail (FEW_IS_RUNS (self) && project != NULL);
  few_kept_runs_record (self->kept, project);
  project->job = self->job;
}

void
few_runs_restore (FewRuns *self, const FewProject *project)
{
  g_return_if_fail (FEW_IS_RUNS (self) && project != NULL);
  int wanted =
      few_kept_runs_restore (self->kept, project, self->shown, few_desk_get_model (self->desk));
  if (self->shown && few_runs_get_shown (self) < 0)
    show_zero_shot (self);
  if (wanted >= 0)
    few_runs_show (self, (guint) wanted);
  self->job = project->job;
  g_signal_emit (self, signals[SETTINGS], 0);
  tell_change (self);
}

static void
content_changed_cb (FewRuns *self)
{
  update_stale (self);
  queue_refresh (self);
}

static void
runs_event_cb (FewRuns *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_TRAINED)
    take_trained (self, event);
  else if (event->kind == FEW_EVENT_TRAINING)
    {
      self->progress = event->total > 0 ? (double) event->done / event->total : 0;
      tell_change (self);
    }
  else if (event->kind == FEW_EVENT_RESTORED)
    take_restored (self, event);
  else if (event->kind == FEW_EVENT_MODEL && !event->error)
    {
      if (self->shown && !few_kept_runs_fits_model (self->shown, few_desk_get_model (self->desk)))
        show_zero_shot (self); /* its features are another model's */
      queue_refresh (self);
    }
}

/* ---- life */

static void
few_runs_finalize (GObject *object)
{
  FewRuns *self = FEW_RUNS (object);
  g_clear_pointer (&self->sent_classes, g_ptr_array_unref);
  few_kept_runs_free (self->kept);
  g_object_unref (self->view);
  g_object_unref (self->changes);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_runs_parent_class)->finalize (object);
}

static void
few_runs_class_init (FewRunsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_runs_finalize;
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_RUNS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  signals[SETTINGS] = g_signal_new ("settings", FEW_TYPE_RUNS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
  signals[DID] = g_signal_new ("did", FEW_TYPE_RUNS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void
few_runs_init (FewRuns *self)
{
  self->kept = few_kept_runs_new ();
  self->list = few_kept_runs_get_list (self->kept);
  few_method_choice_init_job (&self->job);
}

FewRuns *
few_runs_new (FewDesk *desk, FewExamples *examples, FewChanges *changes, FewView *view)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  g_return_val_if_fail (FEW_IS_CHANGES (changes) && FEW_IS_VIEW (view), NULL);
  FewRuns *self = g_object_new (FEW_TYPE_RUNS, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  self->changes = g_object_ref (changes);
  self->view = g_object_ref (view);
  g_signal_connect_object (desk, "event", G_CALLBACK (runs_event_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (examples, "content", G_CALLBACK (content_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}
