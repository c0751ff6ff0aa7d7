/* SPDX-License-Identifier: MIT */
/* The last question counts: answers to those before it are not taken. */
#include "session/few-matching.h"

struct _FewMatching
{
  GObject parent;
  FewDesk *desk;
  FewPicture *one, *other; /* NULL: nothing is wanted */
  guint ticket;            /* of the question on its way; 0: none is */
  GArray *matches;
  FewHeatInfo info[2];
  char *problem;
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewMatching, few_matching, G_TYPE_OBJECT)

static void
forget_answer (FewMatching *self)
{
  g_clear_pointer (&self->matches, g_array_unref);
  g_clear_pointer (&self->problem, g_free);
}

void
few_matching_ask (FewMatching *self, FewPicture *one, FewPicture *other)
{
  g_return_if_fail (FEW_IS_MATCHING (self));
  g_return_if_fail ((!one && !other) || (FEW_IS_PICTURE (one) && FEW_IS_PICTURE (other)));
  if (self->one == one && self->other == other)
    return;
  forget_answer (self);
  if (self->ticket)
    few_worker_stop_matching (few_desk_get_worker (self->desk));
  self->ticket = 0;
  g_set_object (&self->one, one);
  g_set_object (&self->other, other);
  if (one && few_desk_get_model (self->desk))
    {
      self->ticket = few_desk_take_ticket (self->desk);
      few_worker_match (few_desk_get_worker (self->desk), self->ticket,
                        few_picture_get_address (one), few_picture_get_address (other),
                        FEW_MATCHES);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
event_cb (FewMatching *self, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_MODEL && event->model)
    few_matching_ask (self, NULL, NULL); /* its parts are others */
  if (event->kind != FEW_EVENT_MATCHED || !self->ticket || event->id != self->ticket)
    return;
  self->ticket = 0;
  forget_answer (self);
  self->problem = event->error ? g_strdup (event->error->message) : NULL;
  self->matches = event->error ? NULL : g_array_ref (event->matches);
  self->info[0] = event->heat;
  self->info[1] = event->heat_other;
  g_signal_emit (self, signals[CHANGED], 0);
}

GArray *
few_matching_get (FewMatching *self, FewHeatInfo *one, FewHeatInfo *other)
{
  g_return_val_if_fail (FEW_IS_MATCHING (self), NULL);
  *one = self->info[0];
  *other = self->info[1];
  return self->matches;
}

gboolean
few_matching_is_asking (FewMatching *self)
{
  g_return_val_if_fail (FEW_IS_MATCHING (self), FALSE);
  return self->ticket != 0;
}

const char *
few_matching_get_problem (FewMatching *self)
{
  g_return_val_if_fail (FEW_IS_MATCHING (self), NULL);
  return self->problem;
}

static void
few_matching_finalize (GObject *object)
{
  FewMatching *self = FEW_MATCHING (object);
  forget_answer (self);
  g_clear_object (&self->one);
  g_clear_object (&self->other);
  g_object_unref (self->desk);
  G_OBJECT_CLASS (few_matching_parent_class)->finalize (object);
}

static void
few_matching_class_init (FewMatchingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_matching_finalize;
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_MATCHING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_matching_init (FewMatching *self)
{
}

FewMatching *
few_matching_new (FewDesk *desk)
{
  g_return_val_if_fail (FEW_IS_DESK (desk), NULL);
  FewMatching *self = g_object_new (FEW_TYPE_MATCHING, NULL);
  self->desk = g_object_ref (desk);
  g_signal_connect_object (desk, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  return self;
}
