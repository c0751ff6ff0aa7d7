/* SPDX-License-Identifier: MIT */
/* What Inspect asks of the worker: the map of pictures, and the training pictures nearest to
 * one. */
#include "session/few-session-private.h"

void
few_session_request_map (FewSession *self)
{
  if (!self->snapshot || self->training != FEW_TRAINING_IDLE || self->mapped)
    return;
  self->mapped = TRUE;
  few_worker_map (self->worker, self->map_ticket = ++self->next_ticket, self->snapshot);
}

void
few_session_mapped (FewSession *self, const FewEvent *event)
{
  if (event->id != self->map_ticket)
    return;
  g_clear_pointer (&self->map, few_map_unref);
  self->map = few_map_ref (event->map);
  g_signal_emit (self, few_session_signals[FEW_SESSION_MAP], 0);
}

FewMap *
few_session_get_map (FewSession *self)
{
  return self->map;
}

void
few_session_request_nearest (FewSession *self, FewPicture *picture, guint count)
{
  if (self->snapshot && self->training == FEW_TRAINING_IDLE)
    few_worker_nearest (self->worker, self->near_ticket = ++self->next_ticket, self->snapshot,
                        few_picture_get_id (picture), count);
}

void
few_session_nearest (FewSession *self, const FewEvent *event)
{
  if (event->id == self->near_ticket)
    g_signal_emit (self, few_session_signals[FEW_SESSION_NEAREST], 0, event->near);
}
