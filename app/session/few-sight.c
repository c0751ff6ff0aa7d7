/* SPDX-License-Identifier: MIT */
/* One question after the other: while one is on its way, only that another is due is kept. */
#include "session/few-sight.h"

struct _FewSight
{
  GObject parent;
  FewDesk *desk;
  FewExamples *examples;
  FewView *view;
  FewPicture *picture; /* NULL: nothing is wanted */
  FewClass *klass;
  guint ticket;         /* of the question on its way; 0: none is */
  FewPicture *asked;    /* its picture, and its class */
  FewClass *asked_class;
  gboolean again;       /* what it will say is old by then */
  float *maps;          /* [FEW_SIGHTS, rows, columns]; NULL: not known */
  FewHeatInfo info;
  guint done, total;
  char *problem;
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewSight, few_sight, G_TYPE_OBJECT)

static void
send_question (FewSight *self)
{
  g_auto (FewRoll) roll = { 0 };
  FewClassifier *classifier = few_view_get_classifier (self->view);
  guint k;
  few_examples_call_classes (self->examples, &roll);
  GPtrArray *classes = classifier ? few_view_get_classes (self->view) : roll.classes;
  self->again = FALSE;
  self->done = self->total = 0;
  if (!few_desk_get_model (self->desk) || !g_ptr_array_find (classes, self->klass, &k))
    return;
  self->ticket = few_desk_take_ticket (self->desk);
  g_set_object (&self->asked, self->picture);
  g_set_object (&self->asked_class, self->klass);
  few_worker_heat (few_desk_get_worker (self->desk), self->ticket, classifier, &roll.prompts,
                   few_picture_get_address (self->picture), k, few_view_get_alpha (self->view));
}

static void
want_answer (FewSight *self)
{
  if (!self->picture)
    return;
  if (self->ticket)
    self->again = TRUE;
  else
    send_question (self);
}

static void
lens_cb (FewSight *self)
{
  want_answer (self);
}

static void
forget_answer (FewSight *self)
{
  g_clear_pointer (&self->maps, g_free);
  g_clear_pointer (&self->problem, g_free);
}

void
few_sight_ask (FewSight *self, FewPicture *picture, FewClass *klass)
{
  g_return_if_fail (FEW_IS_SIGHT (self));
  g_return_if_fail (!picture || (FEW_IS_PICTURE (picture) && FEW_IS_CLASS (klass)));
  if (self->picture == picture && (!picture || self->klass == klass))
    return;
  forget_answer (self);
  if (self->ticket && self->picture != picture)
    few_worker_stop_heat (few_desk_get_worker (self->desk));
  g_set_object (&self->picture, picture);
  g_set_object (&self->klass, klass);
  want_answer (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* What came of the question on its way. Somebody else's stop ends ours, too: it is asked again. */
static void
take_answer (FewSight *self, const FewEvent *event)
{
  gboolean stopped = g_error_matches (event->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gsize n = (gsize) event->heat.rows * event->heat.columns;
  self->ticket = 0;
  if (self->asked == self->picture && self->asked_class == self->klass && !stopped)
    {
      forget_answer (self);
      self->info = event->heat;
      self->maps = g_memdup2 (event->heat_maps, FEW_SIGHTS * n * sizeof *self->maps);
      self->problem = event->error ? g_strdup (event->error->message) : NULL;
    }
  g_clear_object (&self->asked);
  g_clear_object (&self->asked_class);
  if (self->again || stopped)
    want_answer (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
look_event_cb (FewSight *self, const FewEvent *event)
{
  if (!self->ticket || event->id != self->ticket)
    return;
  if (event->kind == FEW_EVENT_HEAT)
    take_answer (self, event);
  else if (event->kind == FEW_EVENT_HEATING)
    {
      self->done = event->done;
      self->total = event->total;
      g_signal_emit (self, signals[CHANGED], 0);
    }
}

const float *
few_sight_get_map (FewSight *self, FewSightKind kind)
{
  g_return_val_if_fail (FEW_IS_SIGHT (self) && kind < FEW_SIGHTS, NULL);
  return self->maps ? self->maps + (gsize) kind * self->info.rows * self->info.columns : NULL;
}

const FewHeatInfo *
few_sight_get_info (FewSight *self)
{
  g_return_val_if_fail (FEW_IS_SIGHT (self), NULL);
  return &self->info;
}

gboolean
few_sight_is_asking (FewSight *self, guint *done, guint *total)
{
  g_return_val_if_fail (FEW_IS_SIGHT (self), FALSE);
  *done = self->done;
  *total = self->total;
  return self->ticket != 0;
}

const char *
few_sight_get_problem (FewSight *self)
{
  g_return_val_if_fail (FEW_IS_SIGHT (self), NULL);
  return self->problem;
}

static void
few_sight_finalize (GObject *object)
{
  FewSight *self = FEW_SIGHT (object);
  forget_answer (self);
  g_clear_object (&self->picture);
  g_clear_object (&self->klass);
  g_clear_object (&self->asked);
  g_clear_object (&self->asked_class);
  g_object_unref (self->view);
  g_object_unref (self->examples);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_sight_parent_class)->finalize (object);
}

static void
few_sight_class_init (FewSightClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_sight_finalize;
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_SIGHT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_sight_init (FewSight *self)
{
}

FewSight *
few_sight_new (FewDesk *desk, FewExamples *examples, FewView *view)
{
  g_return_val_if_fail (FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples), NULL);
  g_return_val_if_fail (FEW_IS_VIEW (view), NULL);
  FewSight *self = g_object_new (FEW_TYPE_SIGHT, NULL);
  self->desk = g_object_ref (desk);
  self->examples = g_object_ref (examples);
  self->view = g_object_ref (view);
  g_signal_connect_object (desk, "event", G_CALLBACK (look_event_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "lens", G_CALLBACK (lens_cb), self, G_CONNECT_SWAPPED);
  return self;
}
