/* SPDX-License-Identifier: MIT */
/* The worker thread: ordered commands through a queue, last-write-wins values beside it,
 * snapshots through a one-slot mailbox, everything else as events that one idle delivers to the
 * owner's main context. */
#include "worker/worker-private.h"
#include <fewshot/places.h>
#include <fewshot/worker.h>

/* ---- commands and events */

void
few_command_free (gpointer data)
{
  FewCommand *c = data;
  for (guint i = 0; c->prompts && i < c->n_classes; i++)
    g_free (c->prompts[i]);
  g_free (c->prompts);
  g_strfreev (c->names);
  g_free (c->text);
  g_free (c->device);
  g_free (c->ids);
  g_free (c->labels);
  g_strfreev (c->paths);
  g_strfreev (c->methods);
  g_strfreev (c->hashes);
  g_clear_pointer (&c->run, few_project_run_unref);
  g_clear_pointer (&c->adapter, few_adapter_unref);
  g_free (c->shots);
  g_free (c->seeds);
  g_clear_pointer (&c->snapshot, few_snapshot_unref);
  g_free (c);
}

static void
event_free (gpointer data)
{
  FewEvent *event = data;
  g_clear_pointer (&event->found, g_ptr_array_unref);
  g_clear_pointer (&event->snapshot, few_snapshot_unref);
  g_free ((FewModelInfo *) event->model);
  g_clear_pointer (&event->opened, few_model_unref);
  g_clear_pointer (&event->map, few_map_unref);
  g_clear_pointer (&event->near, g_array_unref);
  g_clear_pointer (&event->compared, few_compared_unref);
  g_clear_error ((GError **) &event->error);
  g_free ((guint8 *) event->hash);
  g_free (event);
}

/* Thousands of events may wait (a folder that the cache answers): they are handed over in
 * slices, below the priority of drawing, so that the owner's frames go on. */
static const gint64 SLICE = 3000; /* µs */

static gboolean
deliver (gpointer data)
{
  FewWorker *worker = data;
  gint64 until = g_get_monotonic_time () + SLICE;
  if (!worker->delivering)
    {
      g_mutex_lock (&worker->lock);
      worker->delivering = g_steal_pointer (&worker->events);
      worker->events = g_ptr_array_new_with_free_func (event_free);
      g_mutex_unlock (&worker->lock);
      worker->delivered = 0;
    }
  while (worker->delivered < worker->delivering->len && g_get_monotonic_time () < until)
    worker->func (worker->user, worker->delivering->pdata[worker->delivered++]);
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

void
few_worker_post (FewWorker *worker, FewEvent event)
{
  g_mutex_lock (&worker->lock);
  /* only the newest progress matters */
  FewEvent *last = worker->events->len ? worker->events->pdata[worker->events->len - 1] : NULL;
  gboolean progress =
      event.kind == FEW_EVENT_PROGRESS || (event.kind == FEW_EVENT_COMPARING && !event.compared);
  if (progress && last && last->kind == event.kind && !last->compared)
    *last = event;
  else
    g_ptr_array_add (worker->events, g_memdup2 (&event, sizeof event));
  if (!worker->idle)
    {
      worker->idle = g_idle_source_new ();
      g_source_set_priority (worker->idle, G_PRIORITY_DEFAULT_IDLE);
      g_source_set_callback (worker->idle, deliver, worker, NULL);
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
  g_mutex_lock (&worker->lock);
  FewSnapshot *snapshot = g_steal_pointer (&worker->mailbox);
  g_mutex_unlock (&worker->lock);
  return snapshot;
}

/* ---- the owner's side */

FewWorker *
few_worker_new (const char *cache_folder, FewEventFunc func, gpointer user)
{
  FewWorker *worker = g_new0 (FewWorker, 1);
  worker->queue = g_async_queue_new_full (few_command_free);
  worker->context = g_main_context_ref_thread_default ();
  worker->cache_folder = cache_folder ? g_strdup (cache_folder) : few_default_cache_folder ();
  worker->func = func;
  worker->user = user;
  worker->events = g_ptr_array_new_with_free_func (event_free);
  worker->quitting = g_cancellable_new ();
  worker->encoding = g_cancellable_new ();
  worker->comparing = g_cancellable_new ();
  worker->trying = g_cancellable_new ();
  worker->features = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_mutex_init (&worker->lock);
  g_cond_init (&worker->wake);
  worker->thread = g_thread_new ("few-worker", few_worker_main, worker);
  return worker;
}

static FewCommand *
command_new (FewCommandKind kind)
{
  FewCommand *c = g_new0 (FewCommand, 1);
  c->kind = kind;
  return c;
}

void
few_worker_free (FewWorker *worker)
{
  g_cancellable_cancel (worker->quitting);
  few_worker_cancel_encoding (worker);
  few_worker_stop_training (worker);
  few_worker_stop_comparing (worker);
  few_worker_stop_trying (worker);
  g_async_queue_push_front (worker->queue, command_new (QUIT));
  g_thread_join (worker->thread);
  g_mutex_lock (&worker->lock);
  if (worker->idle)
    {
      g_source_destroy (worker->idle);
      g_clear_pointer (&worker->idle, g_source_unref);
    }
  g_mutex_unlock (&worker->lock);
  g_clear_pointer (&worker->mailbox, few_snapshot_unref);
  g_ptr_array_unref (worker->events);
  g_clear_pointer (&worker->delivering, g_ptr_array_unref);
  g_hash_table_unref (worker->features);
  g_async_queue_unref (worker->queue);
  g_object_unref (worker->quitting);
  g_object_unref (worker->encoding);
  g_object_unref (worker->comparing);
  g_object_unref (worker->trying);
  g_main_context_unref (worker->context);
  g_mutex_clear (&worker->lock);
  g_cond_clear (&worker->wake);
  g_free (worker->cache_folder);
  g_free (worker);
}

void
few_worker_open_model (FewWorker *worker, const char *folder, const char *device)
{
  FewCommand *c = command_new (OPEN_MODEL);
  c->text = g_strdup (folder);
  c->device = g_strdup (device);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_scan (FewWorker *worker, guint ticket, const char *const *paths, const char *class_name)
{
  FewCommand *c = command_new (SCAN);
  c->ticket = ticket;
  c->names = g_strdupv ((char **) paths);
  c->text = g_strdup (class_name);
  g_async_queue_push (worker->queue, c);
}

static char **
copy_strings (const char *const *strings, guint n)
{
  char **copy = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    copy[i] = g_strdup (strings[i]);
  return copy;
}

/* What was cancelled before does not cancel what comes now. */
static void
renew (FewWorker *worker, GCancellable **cancellable)
{
  g_mutex_lock (&worker->lock);
  if (g_cancellable_is_cancelled (*cancellable) && !g_cancellable_is_cancelled (worker->quitting))
    {
      g_object_unref (*cancellable);
      *cancellable = g_cancellable_new ();
    }
  g_mutex_unlock (&worker->lock);
}

void
few_worker_encode (FewWorker *worker, guint n, const guint32 *ids, const char *const *paths,
                   const char *const *hashes)
{
  FewCommand *c = command_new (ENCODE);
  c->n = n;
  c->ids = g_memdup2 (ids, n * sizeof *ids);
  c->names = copy_strings (paths, n);
  c->hashes = hashes ? g_new0 (char *, n + 1) : NULL;
  for (guint i = 0; hashes && i < n; i++)
    c->hashes[i] = g_strdup (hashes[i] ? hashes[i] : "");
  renew (worker, &worker->encoding);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_locate (FewWorker *worker, guint ticket, const char *const *folders,
                   const char *const *hashes, guint n)
{
  FewCommand *c = command_new (LOCATE);
  c->ticket = ticket;
  c->n = n;
  c->paths = g_strdupv ((char **) folders);
  c->hashes = copy_strings (hashes, n);
  renew (worker, &worker->encoding);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_restore (FewWorker *worker, guint ticket, FewProjectRun *run)
{
  FewCommand *c = command_new (RESTORE);
  c->ticket = ticket;
  c->run = few_project_run_ref (run);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_forget (FewWorker *worker, guint n, const guint32 *ids)
{
  FewCommand *c = command_new (FORGET);
  c->n = n;
  c->ids = g_memdup2 (ids, n * sizeof *ids);
  g_async_queue_push (worker->queue, c);
}

static FewCommand *
data_command (FewCommandKind kind, const char *const *names, const char *const *prompts,
              guint n_classes, const char *template_text, const guint32 *ids, const guint32 *labels,
              guint n)
{
  FewCommand *c = command_new (kind);
  c->n = n;
  c->n_classes = n_classes;
  c->names = copy_strings (names, n_classes);
  c->prompts = prompts ? copy_strings (prompts, n_classes) : NULL;
  c->text = g_strdup (template_text);
  c->ids = g_memdup2 (ids, n * sizeof *ids);
  c->labels = g_memdup2 (labels, n * sizeof *labels);
  return c;
}

guint
few_worker_classes (FewWorker *worker, const char *const *names, const char *const *prompts,
                    guint n_classes, const char *template_text, const guint32 *ids,
                    const guint32 *labels, guint n)
{
  FewCommand *c = data_command (CLASSES, names, prompts, n_classes, template_text, ids, labels, n);
  g_mutex_lock (&worker->lock);
  guint serial = c->serial = ++worker->newest_classes;
  g_mutex_unlock (&worker->lock);
  g_async_queue_push (worker->queue, c);
  return serial;
}

void
few_worker_train (FewWorker *worker, const FewTrainJob *job, const char *const *names,
                  const char *const *prompts, guint n_classes, const char *template_text,
                  const guint32 *ids, const guint32 *labels, guint n)
{
  FewCommand *c = data_command (TRAIN, names, prompts, n_classes, template_text, ids, labels, n);
  c->job = *job;
  g_mutex_lock (&worker->lock);
  worker->stop = FALSE;
  worker->paused = FALSE;
  g_mutex_unlock (&worker->lock);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_compare (FewWorker *worker, const FewCompareJob *job, const char *const *names,
                    const char *const *prompts, guint n_classes, const char *template_text,
                    const guint32 *ids, const guint32 *labels, const char *const *paths, guint n)
{
  FewCommand *c = data_command (COMPARE, names, prompts, n_classes, template_text, ids, labels, n);
  c->paths = copy_strings (paths, n);
  c->methods = g_strdupv ((char **) job->methods);
  c->shots = g_memdup2 (job->shots, job->n_shots * sizeof *job->shots);
  c->n_shots = job->n_shots;
  c->seeds = g_memdup2 (job->seeds, job->n_seeds * sizeof *job->seeds);
  c->n_seeds = job->n_seeds;
  renew (worker, &worker->comparing);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_map (FewWorker *worker, guint ticket, FewSnapshot *snapshot)
{
  FewCommand *c = command_new (MAP);
  c->ticket = ticket;
  c->snapshot = few_snapshot_ref (snapshot);
  g_mutex_lock (&worker->lock);
  c->serial = ++worker->newest_map;
  g_mutex_unlock (&worker->lock);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_nearest (FewWorker *worker, guint ticket, FewSnapshot *snapshot, guint32 id, guint count)
{
  FewCommand *c = command_new (NEAREST);
  c->ticket = ticket;
  c->snapshot = few_snapshot_ref (snapshot);
  c->n = count;
  c->ids = g_memdup2 (&id, sizeof id);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_try (FewWorker *worker, guint ticket, FewAdapter *adapter, const char *const *names,
                const char *const *prompts, guint n_classes, const char *template_text,
                const char *const *paths, guint n)
{
  FewCommand *c = data_command (TRY, names, prompts, n_classes, template_text, NULL, NULL, 0);
  c->ticket = ticket;
  c->n = n;
  c->paths = copy_strings (paths, n);
  c->adapter = adapter ? few_adapter_ref (adapter) : NULL;
  renew (worker, &worker->trying);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_stop_trying (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  g_cancellable_cancel (worker->trying);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_stop_comparing (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  g_cancellable_cancel (worker->comparing);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_export (FewWorker *worker, FewSnapshot *snapshot, double alpha, const char *path)
{
  FewCommand *c = command_new (EXPORT);
  c->snapshot = few_snapshot_ref (snapshot);
  c->alpha = alpha;
  c->text = g_strdup (path);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_set_paused (FewWorker *worker, gboolean paused)
{
  g_mutex_lock (&worker->lock);
  worker->paused = paused;
  g_cond_signal (&worker->wake);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_set_learning_rate (FewWorker *worker, double learning_rate)
{
  g_mutex_lock (&worker->lock);
  worker->learning_rate = learning_rate;
  g_mutex_unlock (&worker->lock);
}

void
few_worker_stop_training (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  worker->stop = TRUE;
  g_cond_signal (&worker->wake);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_cancel_encoding (FewWorker *worker)
{
  g_mutex_lock (&worker->lock);
  g_cancellable_cancel (worker->encoding);
  g_mutex_unlock (&worker->lock);
}
