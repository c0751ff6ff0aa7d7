/* SPDX-License-Identifier: MIT */
/* What goes back to the owner: events, which one idle delivers to its main context, and the newest
 * snapshot in a mailbox of one place. */
#include "worker/worker-private.h"

void
few_event_free (gpointer data)
{
  FewEvent *event = data;
  if (!event)
    return; /* it was delivered */
  g_clear_pointer (&event->found, g_ptr_array_unref);
  g_clear_pointer (&event->snapshot, few_snapshot_unref);
  g_free ((FewModelInfo *) event->model);
  g_clear_pointer (&event->opened, few_model_unref);
  g_clear_pointer (&event->map, few_map_unref);
  g_clear_pointer (&event->near, g_array_unref);
  g_free (event->heat_maps);
  g_clear_pointer (&event->matches, g_array_unref);
  g_clear_pointer (&event->doubts, g_array_unref);
  g_clear_pointer (&event->losses, g_array_unref);
  g_clear_pointer (&event->next, g_array_unref);
  g_clear_pointer (&event->compared, few_compared_unref);
  g_clear_error ((GError **) &event->error);
  g_free (event->sha256);
  g_free (event->unverified);
  g_free (event->unkept);
  g_free (event);
}

/* Thousands of events may wait (a folder that the cache answers): they are handed over in
 * slices, below the priority of drawing, so that the owner's frames go on. */
static const gint64 SLICE = 3000; /* µs */

static void
deliver_event (FewWorker *worker)
{
  FewEvent *event = g_steal_pointer (&worker->delivering->pdata[worker->delivered++]);
  worker->func (worker->user, event);
  few_event_free (event); /* each at once: thousands together would take longer than a frame */
}

/* Whoever hears that a job has ended looks at all that came of it: that begins a slice. */
static gboolean
begins_slice (const FewEvent *event)
{
  return event->kind == FEW_EVENT_IDLE;
}

static void
deliver_slice (FewWorker *worker)
{
  gint64 until = g_get_monotonic_time () + SLICE;
  do
    deliver_event (worker);
  while (worker->delivered < worker->delivering->len && g_get_monotonic_time () < until
         && !begins_slice (worker->delivering->pdata[worker->delivered]));
}

static gboolean
deliver_events (gpointer data)
{
  FewWorker *worker = data;
  if (!worker->delivering)
    {
      g_mutex_lock (&worker->lock);
      worker->delivering = g_steal_pointer (&worker->events);
      worker->events = g_ptr_array_new_with_free_func (few_event_free);
      g_mutex_unlock (&worker->lock);
      worker->delivered = 0;
    }
  if (worker->delivered < worker->delivering->len)
    deliver_slice (worker);
  if (worker->delivered < worker->delivering->len)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&worker->delivering, g_ptr_array_unref);
  g_mutex_lock (&worker->lock);
  gboolean more = worker->events->len > 0;
  if (!more)
    g_clear_pointer (&worker->idle, g_source_unref);
  g_mutex_unlock (&worker->lock);
  return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
is_progress (const FewEvent *event)
{
  return event->kind == FEW_EVENT_PROGRESS || event->kind == FEW_EVENT_TAKING
         || event->kind == FEW_EVENT_MAPPING || event->kind == FEW_EVENT_HEATING
         || event->kind == FEW_EVENT_POOLING
         || (event->kind == FEW_EVENT_COMPARING && !event->compared);
}

void
few_worker_post (FewWorker *worker, FewEvent event)
{
  g_mutex_lock (&worker->lock);
  /* only the newest progress matters */
  FewEvent *last = worker->events->len ? worker->events->pdata[worker->events->len - 1] : NULL;
  if (is_progress (&event) && last && last->kind == event.kind && is_progress (last))
    *last = event;
  else
    g_ptr_array_add (worker->events, g_memdup2 (&event, sizeof event));
  if (!worker->idle)
    {
      worker->idle = g_idle_source_new ();
      g_source_set_priority (worker->idle, G_PRIORITY_DEFAULT_IDLE);
      g_source_set_callback (worker->idle, deliver_events, worker, NULL);
      g_source_attach (worker->idle, worker->context);
    }
  g_mutex_unlock (&worker->lock);
}

void
few_worker_publish (FewWorker *worker, FewSnapshot *snapshot)
{
  g_mutex_lock (&worker->lock);
  FewSnapshot *old = worker->mailbox;
  worker->mailbox = snapshot;
  g_mutex_unlock (&worker->lock);
  g_clear_pointer (&old, few_snapshot_unref);
}

FewSnapshot *
few_worker_take_snapshot (FewWorker *worker)
{
  g_return_val_if_fail (worker != NULL, NULL);
  g_mutex_lock (&worker->lock);
  FewSnapshot *snapshot = g_steal_pointer (&worker->mailbox);
  g_mutex_unlock (&worker->lock);
  return snapshot;
}
