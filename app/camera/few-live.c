/* SPDX-License-Identifier: MIT */
/* One question at a time is with the worker. */
#include "camera/few-live.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewLive
{
  GObject parent;
  FewSession *session;
  FewCamera *camera;
  FewDesk *desk; /* the session's, as below */
  FewExamples *examples;
  FewView *view;
  FewTrials *trials;
  FewTrial *trial;
  GPtrArray *classes; /* of what was asked */
  guint ticket;       /* with the worker; 0: nothing is */
  gboolean newer;     /* there is a frame that it was not asked about */
  gint64 since;       /* µs: when counting began */
  guint count;        /* answers since then */
  double rate;
  char *problem;
};

enum { ANSWER, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewLive, few_live, G_TYPE_OBJECT)

/* ---- asking */

static const char *
find_hindrance (FewLive *self)
{
  const FewModelInfo *model = few_desk_get_model (self->desk);
  if (!model)
    return _ ("The model is being opened…");
  if (g_list_model_get_n_items (few_examples_get_classes (self->examples)) == 0)
    return _ ("Add classes first: there is nothing yet that a picture could be recognised as.");
  return !model->reads_texts && !few_view_get_classifier (self->view)
             ? _ ("Train first: this model reads no texts and says nothing before.")
             : NULL;
}

static void
ask (FewLive *self)
{
  g_auto (FewRoll) roll = { 0 };
  guint width, height;
  GBytes *frame = few_camera_get_frame (self->camera, &width, &height);
  const char *hindrance = find_hindrance (self);
  if (hindrance)
    {
      g_free (self->problem);
      self->problem = g_strdup (hindrance);
      g_signal_emit (self, signals[ANSWER], 0);
      return;
    }
  FewClassifier *classifier = few_view_get_classifier (self->view);
  few_examples_call_classes (self->examples, &roll);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  self->classes = g_ptr_array_ref (classifier ? few_view_get_classes (self->view) : roll.classes);
  self->ticket = few_desk_take_ticket (self->desk);
  self->newer = FALSE;
  few_worker_see (few_desk_get_worker (self->desk), self->ticket, classifier, &roll.prompts, frame,
                  width, height);
}

static void
frame_cb (FewLive *self)
{
  self->newer = TRUE;
  if (!self->ticket)
    ask (self);
}

/* ---- answers */

static void
count_answer (FewLive *self)
{
  gint64 now = g_get_monotonic_time ();
  self->count++;
  if (now - self->since < G_USEC_PER_SEC)
    return;
  if (self->since && now - self->since < 3 * G_USEC_PER_SEC)
    self->rate = self->count * (double) G_USEC_PER_SEC / (double) (now - self->since);
  self->since = now;
  self->count = 0;
}

static void
update_trial (FewLive *self)
{
  few_trial_update (
      self->trial, few_view_get_alpha (self->view), 1 - few_trials_get_keep (self->trials),
      few_trials_get_threshold (self->trials, NULL), few_view_get_promise (self->view));
  g_signal_emit (self, signals[ANSWER], 0);
}

static void
live_event_cb (FewLive *self, const FewEvent *event)
{
  if (event->kind != FEW_EVENT_SEEN || event->id != self->ticket)
    return;
  self->ticket = 0;
  g_clear_pointer (&self->problem, g_free);
  if (event->error)
    self->problem = g_strdup (event->error->message);
  else
    few_trial_set_seen (self->trial, event->snapshot, 0, self->classes);
  count_answer (self);
  update_trial (self);
  if (self->newer && few_camera_is_open (self->camera))
    ask (self);
}

static void
lens_cb (FewLive *self)
{
  if (self->classes) /* it was asked */
    update_trial (self);
}

/* What was said belongs to what was shown. */
static void
camera_changed_cb (FewLive *self)
{
  if (few_camera_get_problem (self->camera) || !few_camera_is_open (self->camera))
    {
      self->newer = FALSE;
      self->rate = NAN;
      self->since = 0;
    }
}

FewTrial *
few_live_get_trial (FewLive *self)
{
  g_return_val_if_fail (FEW_IS_LIVE (self), NULL);
  return self->trial;
}

double
few_live_get_rate (FewLive *self)
{
  g_return_val_if_fail (FEW_IS_LIVE (self), NAN);
  return self->rate;
}

const char *
few_live_get_problem (FewLive *self)
{
  g_return_val_if_fail (FEW_IS_LIVE (self), NULL);
  return self->problem;
}

/* ---- life */

static void
few_live_finalize (GObject *object)
{
  FewLive *self = FEW_LIVE (object);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  g_free (self->problem);
  g_object_unref (self->trial);
  g_object_unref (self->camera);
  g_object_unref (self->session);
  G_OBJECT_CLASS (few_live_parent_class)->finalize (object);
}

static void
few_live_class_init (FewLiveClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_live_finalize;
  signals[ANSWER] = g_signal_new ("answer", FEW_TYPE_LIVE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
few_live_init (FewLive *self)
{
  self->rate = NAN;
}

FewLive *
few_live_new (FewSession *session, FewCamera *camera)
{
  g_return_val_if_fail (FEW_IS_SESSION (session) && FEW_IS_CAMERA (camera), NULL);
  FewLive *self = g_object_new (FEW_TYPE_LIVE, NULL);
  self->session = g_object_ref (session);
  self->camera = g_object_ref (camera);
  self->desk = few_session_get_desk (session);
  self->examples = few_session_get_examples (session);
  self->view = few_session_get_view (session);
  self->trials = few_session_get_trials (session);
  self->trial = few_trial_new ("camera");
  g_signal_connect_object (camera, "frame", G_CALLBACK (frame_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (camera, "changed", G_CALLBACK (camera_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desk, "event", G_CALLBACK (live_event_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "lens", G_CALLBACK (lens_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  return self;
}
