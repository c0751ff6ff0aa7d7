/* SPDX-License-Identifier: MIT */
/* The owner's side of the worker: ordered commands through a queue, last-write-wins values beside
 * it. */
#include "worker/command.h"
#include "worker/worker-private.h"
#include <fewshot/places.h>

/* ---- life */

FewWorker *
few_worker_new (const char *cache_folder, FewEventFunc func, gpointer user)
{
  g_return_val_if_fail (func != NULL, NULL);
  FewWorker *worker = g_new0 (FewWorker, 1);
  worker->queue = g_async_queue_new_full (few_command_free);
  worker->context = g_main_context_ref_thread_default ();
  worker->cache_folder = cache_folder ? g_strdup (cache_folder) : few_default_cache_folder ();
  worker->func = func;
  worker->user = user;
  worker->events = g_ptr_array_new_with_free_func (few_event_free);
  worker->quitting = g_cancellable_new ();
  worker->scanning = g_cancellable_new ();
  worker->encoding = g_cancellable_new ();
  worker->training = g_cancellable_new ();
  worker->comparing = g_cancellable_new ();
  worker->trying = g_cancellable_new ();
  worker->taking = g_cancellable_new ();
  worker->looking = g_cancellable_new ();
  worker->labelling = g_cancellable_new ();
  worker->mapping = g_cancellable_new ();
  worker->matching = g_cancellable_new ();
  worker->features = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_mutex_init (&worker->lock);
  g_cond_init (&worker->wake);
  worker->thread = g_thread_new ("few-worker", few_worker_main, worker);
  return worker;
}

void
few_worker_free (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  g_cancellable_cancel (worker->quitting);
  few_worker_stop_scanning (worker);
  few_worker_cancel_encoding (worker);
  few_worker_stop_training (worker);
  few_worker_stop_comparing (worker);
  few_worker_stop_trying (worker);
  few_worker_stop_taking (worker);
  few_worker_stop_heat (worker);
  few_worker_stop_labelling (worker);
  few_worker_stop_mapping (worker);
  few_worker_stop_matching (worker);
  g_async_queue_push_front (worker->queue, few_command_new (FEW_COMMAND_QUIT, 0));
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
  g_object_unref (worker->scanning);
  g_object_unref (worker->encoding);
  g_object_unref (worker->training);
  g_object_unref (worker->comparing);
  g_object_unref (worker->trying);
  g_object_unref (worker->taking);
  g_object_unref (worker->looking);
  g_object_unref (worker->labelling);
  g_object_unref (worker->mapping);
  g_object_unref (worker->matching);
  g_main_context_unref (worker->context);
  g_mutex_clear (&worker->lock);
  g_cond_clear (&worker->wake);
  g_free (worker->cache_folder);
  g_free (worker);
}

/* ---- what can be stopped */

/* Ends what runs under it and what waits for it. */
static void
cancel (FewWorker *worker, GCancellable **cancellable)
{
  g_mutex_lock (&worker->lock);
  g_cancellable_cancel (*cancellable);
  g_mutex_unlock (&worker->lock);
}

/* A reference for a command. What was cancelled before stays so, for those who wait under it, and
 * does not cancel what comes now. */
static GCancellable *
take_cancellable (FewWorker *worker, GCancellable **cancellable)
{
  g_mutex_lock (&worker->lock);
  if (g_cancellable_is_cancelled (*cancellable) && !g_cancellable_is_cancelled (worker->quitting))
    {
      g_object_unref (*cancellable);
      *cancellable = g_cancellable_new ();
    }
  GCancellable *own = g_object_ref (*cancellable);
  g_mutex_unlock (&worker->lock);
  return own;
}

void
few_worker_stop_scanning (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->scanning);
}

void
few_worker_cancel_encoding (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->encoding);
}

void
few_worker_stop_comparing (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->comparing);
}

void
few_worker_stop_trying (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->trying);
}

void
few_worker_stop_heat (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->looking);
}

void
few_worker_stop_labelling (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->labelling);
}

void
few_worker_stop_mapping (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->mapping);
}

void
few_worker_stop_matching (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->matching);
}

void
few_worker_set_paused (FewWorker *worker, gboolean paused)
{
  g_return_if_fail (worker != NULL);
  g_mutex_lock (&worker->lock);
  worker->paused = paused;
  g_cond_signal (&worker->wake);
  g_mutex_unlock (&worker->lock);
}

void
few_worker_stop_training (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  g_mutex_lock (&worker->lock);
  g_cancellable_cancel (worker->training);
  g_cond_signal (&worker->wake);
  g_mutex_unlock (&worker->lock);
}

/* ---- files */

void
few_worker_open_model (FewWorker *worker, const char *folder, const char *device)
{
  g_return_if_fail (worker != NULL && folder != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_OPEN, 0);
  c->open = (FewOpenCommand) { g_strdup (folder), g_strdup (device) };
  g_async_queue_push (worker->queue, c);
}

static void
push_scan (FewWorker *worker, guint ticket, const char *const *paths, const char *class_name,
           gboolean any)
{
  FewCommand *c = few_command_new (FEW_COMMAND_SCAN, ticket);
  c->scan = (FewScanCommand) { g_strdupv ((char **) paths), g_strdup (class_name), any };
  c->cancellable = take_cancellable (worker, &worker->scanning);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_scan (FewWorker *worker, guint ticket, const char *const *paths, const char *class_name)
{
  g_return_if_fail (worker != NULL && paths != NULL);
  push_scan (worker, ticket, paths, class_name, FALSE);
}

void
few_worker_scan_any (FewWorker *worker, guint ticket, const char *const *paths,
                     const char *class_name)
{
  g_return_if_fail (worker != NULL && paths != NULL);
  push_scan (worker, ticket, paths, class_name, TRUE);
}

void
few_worker_encode (FewWorker *worker, guint n, const guint32 *ids, const char *const *paths,
                   const char *const *hashes)
{
  g_return_if_fail (worker != NULL && (n == 0 || (ids != NULL && paths != NULL)));
  few_worker_encode_own (worker, n, g_memdup2 (ids, n * sizeof *ids), few_strings_copy (paths, n),
                         few_strings_copy (hashes, n));
}

void
few_worker_encode_own (FewWorker *worker, guint n, guint32 *ids, char **paths, char **hashes)
{
  g_return_if_fail (worker != NULL && (n == 0 || (ids != NULL && paths != NULL)));
  FewCommand *c = few_command_new (FEW_COMMAND_ENCODE, 0);
  c->encode = (FewEncodeCommand) { .n = n, .ids = ids, .paths = paths, .hashes = hashes };
  c->cancellable = take_cancellable (worker, &worker->encoding);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_forget (FewWorker *worker, guint n, const guint32 *ids)
{
  g_return_if_fail (worker != NULL && (n == 0 || ids != NULL));
  FewCommand *c = few_command_new (FEW_COMMAND_FORGET, 0);
  c->forget = (FewForgetCommand) { n, g_memdup2 (ids, n * sizeof *ids) };
  g_async_queue_push (worker->queue, c);
}

void
few_worker_locate (FewWorker *worker, guint ticket, const char *const *folders,
                   const char *const *hashes, guint n)
{
  g_return_if_fail (worker != NULL && folders != NULL && (n == 0 || hashes != NULL));
  FewCommand *c = few_command_new (FEW_COMMAND_LOCATE, ticket);
  c->locate = (FewLocateCommand) { g_strdupv ((char **) folders), n, few_strings_copy (hashes, n) };
  c->cancellable = take_cancellable (worker, &worker->encoding);
  g_async_queue_push (worker->queue, c);
}

/* ---- classes and pictures */

guint
few_worker_classes (FewWorker *worker, const FewPrompts *prompts, const FewLabelled *pictures)
{
  g_return_val_if_fail (worker != NULL && prompts != NULL && pictures != NULL, 0);
  FewCommand *c = few_command_new (FEW_COMMAND_CLASSES, 0);
  FewLabelled wanted = *pictures;
  wanted.paths = NULL; /* of pictures that are encoded nobody asks */
  g_mutex_lock (&worker->lock);
  guint serial = ++worker->newest_classes;
  g_mutex_unlock (&worker->lock);
  c->classes =
      (FewClassesCommand) { few_prompts_copy (prompts), few_labelled_copy (&wanted), serial };
  g_async_queue_push (worker->queue, c);
  return serial;
}

void
few_worker_train (FewWorker *worker, const FewTrainJob *job, const FewPrompts *prompts,
                  const FewLabelled *pictures)
{
  g_return_if_fail (worker != NULL && job != NULL && prompts != NULL && pictures != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_TRAIN, 0);
  c->train = (FewTrainCommand) { few_prompts_copy (prompts), few_labelled_copy (pictures), *job };
  g_mutex_lock (&worker->lock);
  worker->paused = FALSE;
  g_cond_signal (&worker->wake);
  g_mutex_unlock (&worker->lock);
  c->cancellable = take_cancellable (worker, &worker->training);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_compare (FewWorker *worker, const FewCompareJob *job, const FewPrompts *prompts,
                    const FewLabelled *pictures)
{
  g_return_if_fail (worker != NULL && job != NULL && prompts != NULL && pictures != NULL);
  g_return_if_fail (job->methods != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_COMPARE, 0);
  c->compare = (FewCompareCommand) { few_prompts_copy (prompts), few_labelled_copy (pictures),
                                     few_compare_job_copy (job) };
  c->cancellable = take_cancellable (worker, &worker->comparing);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_try (FewWorker *worker, guint ticket, FewClassifier *classifier,
                const FewPrompts *prompts, const char *const *paths, guint n)
{
  g_return_if_fail (worker != NULL && prompts != NULL && (n == 0 || paths != NULL));
  FewCommand *c = few_command_new (FEW_COMMAND_TRY, ticket);
  c->try = (FewTryCommand) { .classifier = classifier ? few_classifier_ref (classifier) : NULL,
                             .prompts = few_prompts_copy (prompts),
                             .n = n,
                             .paths = few_strings_copy (paths, n) };
  c->cancellable = take_cancellable (worker, &worker->trying);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_see (FewWorker *worker, guint ticket, FewClassifier *classifier,
                const FewPrompts *prompts, GBytes *rgb, guint width, guint height)
{
  g_return_if_fail (worker != NULL && prompts != NULL && rgb != NULL);
  g_return_if_fail (g_bytes_get_size (rgb) == (gsize) 3 * width * height && width && height);
  FewCommand *c = few_command_new (FEW_COMMAND_TRY, ticket);
  c->try = (FewTryCommand) { .classifier = classifier ? few_classifier_ref (classifier) : NULL,
                             .prompts = few_prompts_copy (prompts),
                             .rgb = g_bytes_ref (rgb),
                             .width = width,
                             .height = height };
  g_async_queue_push (worker->queue, c);
}

/* ---- runs and snapshots */

void
few_worker_restore (FewWorker *worker, guint ticket, FewProjectRun *run)
{
  g_return_if_fail (worker != NULL && run != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_RESTORE, ticket);
  c->restore.run = few_project_run_ref (run);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_check (FewWorker *worker, guint ticket, const FewPrompts *prompts,
                  const FewLabelled *pictures)
{
  g_return_if_fail (worker != NULL && prompts != NULL && pictures != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_CHECK, ticket);
  c->check.prompts = few_prompts_copy (prompts);
  c->check.pictures = few_labelled_copy (pictures);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_label (FewWorker *worker, guint ticket, const FewPrompts *prompts,
                  const FewLabelled *pictures, const char *const *paths, guint n, guint most)
{
  g_return_if_fail (worker != NULL && prompts != NULL && pictures != NULL);
  g_return_if_fail (n == 0 || paths != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_LABEL, ticket);
  c->label = (FewLabelCommand) { few_prompts_copy (prompts), few_labelled_copy (pictures), n, most,
                                 few_strings_copy (paths, n) };
  few_worker_stop_labelling (worker); /* the newest alone */
  c->cancellable = take_cancellable (worker, &worker->labelling);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_map (FewWorker *worker, guint ticket, FewSnapshot *snapshot, FewMapKind kind)
{
  g_return_if_fail (worker != NULL && snapshot != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_MAP, ticket);
  c->map = (FewMapCommand) { few_snapshot_ref (snapshot), kind };
  few_worker_stop_mapping (worker); /* the newest alone */
  c->cancellable = take_cancellable (worker, &worker->mapping);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_nearest (FewWorker *worker, guint ticket, FewSnapshot *snapshot, guint32 id, guint count)
{
  g_return_if_fail (worker != NULL && snapshot != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_NEAREST, ticket);
  c->nearest = (FewNearestCommand) { few_snapshot_ref (snapshot), id, count };
  g_async_queue_push (worker->queue, c);
}

void
few_worker_heat (FewWorker *worker, guint ticket, FewClassifier *classifier,
                 const FewPrompts *prompts, const char *path, guint class_index, double alpha)
{
  g_return_if_fail (worker != NULL && prompts != NULL && path != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_HEAT, ticket);
  c->heat = (FewHeatCommand) { .classifier = classifier ? few_classifier_ref (classifier) : NULL,
                               .prompts = few_prompts_copy (prompts),
                               .path = g_strdup (path),
                               .class_index = class_index,
                               .alpha = alpha };
  c->cancellable = take_cancellable (worker, &worker->looking);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_match (FewWorker *worker, guint ticket, const char *one, const char *other, guint most)
{
  g_return_if_fail (worker != NULL && one != NULL && other != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_MATCH, ticket);
  c->match = (FewMatchCommand) { g_strdup (one), g_strdup (other), most };
  few_worker_stop_matching (worker); /* the newest alone */
  c->cancellable = take_cancellable (worker, &worker->matching);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_export (FewWorker *worker, FewSnapshot *snapshot, double alpha, const char *path)
{
  g_return_if_fail (worker != NULL && snapshot != NULL && path != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_EXPORT, 0);
  c->export = (FewExportCommand) { few_snapshot_ref (snapshot), alpha, g_strdup (path) };
  g_async_queue_push (worker->queue, c);
}

void
few_worker_take_away (FewWorker *worker, FewSnapshot *snapshot, const FewPortableOptions *onnx,
                      const char *licence, const char *path, const char *const *paths)
{
  g_return_if_fail (worker != NULL && snapshot != NULL && onnx != NULL && path != NULL
                    && paths != NULL);
  FewCommand *c = few_command_new (FEW_COMMAND_TAKE_AWAY, 0);
  c->take_away = (FewTakeAwayCommand) { few_snapshot_ref (snapshot), *onnx, g_strdup (path),
                                        g_strdup (licence), g_strdupv ((char **) paths) };
  c->cancellable = take_cancellable (worker, &worker->taking);
  g_async_queue_push (worker->queue, c);
}

void
few_worker_stop_taking (FewWorker *worker)
{
  g_return_if_fail (worker != NULL);
  cancel (worker, &worker->taking);
}
