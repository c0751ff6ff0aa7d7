/* SPDX-License-Identifier: MIT */
/* Runs that a project kept, made visible again. */
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/apply.h>

static FewSnapshot *
restore_run (FewWorker *worker, const FewProjectRun *run, GError **error)
{
  g_auto (FewGathered) g = { 0 };
  const FewPrompts prompts = { run->n_classes, (const char *const *) run->names,
                               (const char *const *) run->prompts, run->template_text };
  const FewLabelled pictures = {
    .n = run->n, .ids = run->ids, .labels = run->labels, .sets = run->sets
  };
  if (!few_gather (worker, &prompts, &pictures, &g, error))
    return NULL;
  for (guint i = 0, row = 0; row < g.task.n; i++) /* the order is kept */
    if (run->ids[i] == g.ids[row])
      g.roles[row++] = run->roles[i];
  return few_snapshot_restore (worker->model, run, &g.task, error);
}

void
few_job_restore (FewWorker *worker, guint ticket, const FewRestoreCommand *c)
{
  GError *error = NULL;
  FewSnapshot *snapshot = restore_run (worker, c->run, &error);
  few_worker_post (
      worker, (FewEvent) {
                  .kind = FEW_EVENT_RESTORED, .id = ticket, .snapshot = snapshot, .error = error });
}
