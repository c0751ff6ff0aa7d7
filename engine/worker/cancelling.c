/* SPDX-License-Identifier: MIT */
/* The cancellables that jobs of a kind share: the owner replaces them, the thread holds its own. */
#include "worker/worker-private.h"

GCancellable *
few_worker_cancellable (FewWorker *worker, GCancellable **cancellable)
{
  g_mutex_lock (&worker->lock);
  GCancellable *own = g_object_ref (*cancellable);
  g_mutex_unlock (&worker->lock);
  return own;
}
