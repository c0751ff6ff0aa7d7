/* SPDX-License-Identifier: MIT */
/* The worker's thread: takes one command after the other to the job that does it. */
#include "base/error.h"
#include "clip/model.h"
#include "worker/jobs.h"
#include "worker/scan.h"
#include <fewshot/encode.h>
#include <fewshot/error.h>

/* What the model is now: the worker may leave a GPU, and the owner reads this later. */
static const FewModelInfo *
copy_info (const FewModel *model)
{
  return g_memdup2 (few_model_info (model), sizeof (FewModelInfo));
}

static void
open_model (FewWorker *worker, const FewOpenCommand *c)
{
  GError *error = NULL;
  FewModel *model = few_model_open (c->folder, c->device, worker->quitting, &error);
  if (model && !few_model_load_text (model, &error)) /* classes have names: it is told at once */
    g_clear_pointer (&model, few_model_unref);
  if (model)
    {
      g_clear_pointer (&worker->model, few_model_unref);
      worker->model = model;
      g_hash_table_remove_all (worker->features);
      g_clear_pointer (&worker->heats, g_ptr_array_unref);
      g_clear_pointer (&worker->pool, g_hash_table_unref);
      g_clear_pointer (&worker->texts_key, g_free);
    }
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_MODEL,
                                        .model = model ? copy_info (model) : NULL,
                                        .opened = model ? few_model_ref (model) : NULL,
                                        .error = error });
}

static void
scan_paths (FewWorker *worker, guint ticket, const FewScanCommand *c, GCancellable *cancellable)
{
  GPtrArray *found = few_scan ((const char *const *) c->paths, c->class_name, c->any, cancellable);
  few_worker_post (worker, (FewEvent) { .kind = FEW_EVENT_SCANNED, .id = ticket, .found = found });
}

static void
forget_pictures (FewWorker *worker, const FewForgetCommand *c)
{
  for (guint i = 0; i < c->n; i++)
    g_hash_table_remove (worker->features, GUINT_TO_POINTER (c->ids[i]));
}

/* What changes nothing. */
static void
look_at (FewWorker *worker, const FewCommand *c)
{
  switch (c->kind)
    {
    case FEW_COMMAND_MAP:
      few_job_map (worker, c->ticket, &c->map, c->cancellable);
      break;
    case FEW_COMMAND_NEAREST:
      few_job_nearest (worker, c->ticket, &c->nearest);
      break;
    case FEW_COMMAND_HEAT:
      few_job_heat (worker, c->ticket, &c->heat, c->cancellable);
      break;
    case FEW_COMMAND_MATCH:
      few_job_match (worker, c->ticket, &c->match, c->cancellable);
      break;
    default:
      break;
    }
}

static void
do_command (FewWorker *worker, const FewCommand *c)
{
  switch (c->kind)
    {
    case FEW_COMMAND_OPEN:
      open_model (worker, &c->open);
      break;
    case FEW_COMMAND_SCAN:
      scan_paths (worker, c->ticket, &c->scan, c->cancellable);
      break;
    case FEW_COMMAND_ENCODE:
      few_job_encode (worker, &c->encode, c->cancellable);
      break;
    case FEW_COMMAND_FORGET:
      forget_pictures (worker, &c->forget);
      break;
    case FEW_COMMAND_LOCATE:
      few_job_locate (worker, c->ticket, &c->locate, c->cancellable);
      break;
    case FEW_COMMAND_CLASSES:
      few_job_classes (worker, &c->classes);
      break;
    case FEW_COMMAND_TRAIN:
      few_job_train (worker, &c->train, c->cancellable);
      break;
    case FEW_COMMAND_COMPARE:
      few_job_compare (worker, &c->compare, c->cancellable);
      break;
    case FEW_COMMAND_CHECK:
      few_job_check (worker, c->ticket, &c->check);
      break;
    case FEW_COMMAND_LABEL:
      few_job_label (worker, c->ticket, &c->label, c->cancellable);
      break;
    case FEW_COMMAND_RESTORE:
      few_job_restore (worker, c->ticket, &c->restore);
      break;
    case FEW_COMMAND_TRY:
      few_job_try (worker, c->ticket, &c->try, c->cancellable);
      break;
    case FEW_COMMAND_MAP:
    case FEW_COMMAND_NEAREST:
    case FEW_COMMAND_HEAT:
    case FEW_COMMAND_MATCH:
      look_at (worker, c);
      break;
    case FEW_COMMAND_EXPORT:
      few_job_export (worker, &c->export);
      break;
    case FEW_COMMAND_TAKE_AWAY:
      few_job_take_away (worker, &c->take_away, c->cancellable);
      break;
    case FEW_COMMAND_QUIT:
      break;
    }
}

/* Why the model is not on the GPU any more, or could not begin there. */
static void
post_notice (FewWorker *worker)
{
  g_autofree char *notice = worker->model ? few_model_take_notice (worker->model) : NULL;
  if (notice)
    few_worker_post (
        worker, (FewEvent) { .kind = FEW_EVENT_NOTICE,
                             .model = copy_info (worker->model),
                             .opened = few_model_ref (worker->model),
                             .error = g_error_new_literal (FEW_ERROR, FEW_ERROR_DEVICE, notice) });
}

gpointer
few_worker_main (gpointer data)
{
  FewWorker *worker = data;
  for (;;)
    {
      g_autoptr (FewCommand) command = g_async_queue_pop (worker->queue);
      if (command->kind == FEW_COMMAND_QUIT)
        break;
      if (g_cancellable_is_cancelled (worker->quitting))
        continue;
      do_command (worker, command);
      post_notice (worker);
    }
  few_job_end_map (worker);
  g_clear_pointer (&worker->heats, g_ptr_array_unref);
  g_clear_pointer (&worker->pool, g_hash_table_unref);
  g_free (worker->texts_key);
  g_free (worker->texts);
  g_clear_pointer (&worker->model, few_model_unref);
  return NULL;
}
