/* SPDX-License-Identifier: MIT */
/* The thread that looks after all watched folders, of low priority. Functions: the UI thread. */
#pragma once
#include "watch/few-watch-job.h"

G_BEGIN_DECLS
typedef struct FewWatchThread FewWatchThread;
/* In the UI thread, not after few_watch_thread_free. The report is the function's. */
typedef void (*FewWatchReportFunc) (gpointer user, FewWatchReport *report);

FewWatchThread *few_watch_thread_new (FewWatchReportFunc func, gpointer user);
/* Waits until what is at hand is left. */
void few_watch_thread_free (FewWatchThread *thread);
/* folders: FewWatched *, of named classifiers; kept. */
void few_watch_thread_set (FewWatchThread *thread, GPtrArray *folders, const char *tag_root,
                           gboolean paused);
G_END_DECLS
