/* SPDX-License-Identifier: MIT */
/* A folder with a model that runs elsewhere: written, then run and compared. */
#include "clip/model.h"
#include "base/words.h"
#include "worker/jobs.h"
#include <fewshot/crop.h>
#include <fewshot/error.h>
#include <fewshot/portable.h>

enum { WRITING, VERIFYING };

typedef struct
{
  FewWorker *worker;
  guint stage;
  gint64 told; /* when */
} Taking;

/* Some times a second. */
static void
tell_progress (gpointer user, guint64 done, guint64 total)
{
  Taking *taking = user;
  gint64 now = g_get_monotonic_time ();
  if (now - taking->told < G_USEC_PER_SEC / 20)
    return;
  taking->told = now;
  guint64 unit = taking->stage == WRITING ? 1 << 10 : 1; /* KiB: bytes are too many for a guint */
  few_worker_post (taking->worker, (FewEvent) { .kind = FEW_EVENT_TAKING,
                                                .id = taking->stage,
                                                .done = (guint) (done / unit),
                                                .total = (guint) (total / unit) });
}

static void
verify (FewWorker *worker, const FewClassifier *classifier, const FewTakeAwayCommand *c,
        Taking *taking, GCancellable *cancellable, FewEvent *event)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *onnx = g_build_filename (c->path, "model.onnx", NULL);
  const char *const *paths = (const char *const *) c->paths;
  taking->stage = VERIFYING;
  if (!few_portable_verify (worker->model, classifier, onnx, paths, g_strv_length (c->paths),
                            &event->verification, tell_progress, taking, cancellable, &error))
    event->unverified = g_strdup (error->message);
}

void
few_job_take_away (FewWorker *worker, const FewTakeAwayCommand *c, GCancellable *cancellable)
{
  GError *error = NULL;
  FewEvent event = { .kind = FEW_EVENT_TAKEN };
  Taking taking = { .worker = worker };
  /* a whole file to try the folder with */
  g_autofree char *sample = c->paths[0] ? few_address_split (c->paths[0], NULL) : NULL;
  const FewPortableFolder options = { .onnx = c->onnx, .licence = c->licence, .sample = sample };
  g_autoptr (FewClassifier) classifier = few_snapshot_measured (c->snapshot, c->onnx.alpha, &error);
  if (classifier && worker->model
      && few_portable_save_folder (worker->model, classifier, &options, c->path, tell_progress,
                                   &taking, cancellable, &error))
    verify (worker, classifier, c, &taking, cancellable, &event);
  if (!error && !worker->model)
    error = g_error_new_literal (FEW_ERROR, FEW_ERROR_INPUT, _ ("There is no model open."));
  event.error = error;
  few_worker_post (worker, event);
}
