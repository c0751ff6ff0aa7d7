/* SPDX-License-Identifier: MIT */
/* One job over all answers of Try at a time, in a thread; the page shows how far it is and cancels
 * it. The UI thread begins it. */
#pragma once
#include "pages/try/few-try-page.h"

G_BEGIN_DECLS
/* run: its task data is the job; `ended` is to call few_try_actions_set_job with NULL. Takes data.
 * total: how many pictures it goes through. */
void few_try_job_begin (FewActions *actions, FewTryPage *page, guint total, GTaskThreadFunc run,
                        gpointer data, GDestroyNotify free_data, GAsyncReadyCallback ended);
/* The data of a job, by the task data of `run` or of the task that has ended. */
gpointer few_try_job_get (gpointer job);
/* From the thread: so many are done. In the form in which what copies and tags tells it. */
void few_try_job_count (gpointer job, guint done, guint total);
/* The actions that begin a job rest meanwhile. NULL: it is over, and shows no progress any more.
 * actions: any of the window. */
void few_try_actions_set_job (FewActions *actions, FewTryPage *page, GCancellable *job);
G_END_DECLS
