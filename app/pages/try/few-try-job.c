/* SPDX-License-Identifier: MIT */
/* What is done with all answers, copies or tags, one at a time, in a thread. */
#include "pages/try/few-try-job.h"

typedef struct
{
  gpointer data;
  GDestroyNotify free_data;
  guint total;
  int done; /* atomic; shown by a timer */
} Job;

/* The UI thread's: what shows how far a job is. */
typedef struct
{
  GTask *task;
  FewTryPage *page; /* weak */
} Watch;

static void
job_free (gpointer data)
{
  Job *job = data;
  job->free_data (job->data);
  g_free (job);
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;
  g_clear_weak_pointer (&watch->page);
  g_object_unref (watch->task);
  g_free (watch);
}

static gboolean
progress_timeout_cb (gpointer user)
{
  const Watch *watch = user;
  Job *job = g_task_get_task_data (watch->task);
  if (g_task_get_completed (watch->task))
    return G_SOURCE_REMOVE;
  if (watch->page)
    few_try_page_set_progress (watch->page, (guint) g_atomic_int_get (&job->done), job->total);
  return G_SOURCE_CONTINUE;
}

gpointer
few_try_job_get (gpointer job)
{
  return ((Job *) job)->data;
}

void
few_try_job_count (gpointer job, guint done, guint total G_GNUC_UNUSED)
{
  g_atomic_int_set (&((Job *) job)->done, (int) done);
}

void
few_try_job_begin (FewActions *actions, FewTryPage *page, guint total, GTaskThreadFunc run,
                   gpointer data, GDestroyNotify free_data, GAsyncReadyCallback ended)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Job *job = g_new (Job, 1);
  Watch *watch = g_new0 (Watch, 1);
  *job = (Job) { data, free_data, total, 0 };
  watch->task = g_task_new (actions, cancellable, ended, NULL);
  g_set_weak_pointer (&watch->page, page);
  g_task_set_task_data (watch->task, job, job_free);
  g_task_set_check_cancellable (watch->task, FALSE); /* what was done until then is told, too */
  few_try_actions_set_job (actions, page, cancellable);
  g_task_run_in_thread (watch->task, run);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 100, progress_timeout_cb, watch, watch_free);
}

void
few_try_actions_set_job (FewActions *actions, FewTryPage *page, GCancellable *job)
{
  static const char *const names[] = { "try-sort",         "try-sort-to",        "try-tag",
                                       "try-tag-to",       "try-keep-timelapse", "try-keep-coco",
                                       "try-keep-camtrap", "try-keep-to" };
  few_try_page_set_job (page, job);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    few_actions_enable (actions, names[i], !job);
  if (!job)
    few_try_page_set_progress (page, 0, 0);
}
