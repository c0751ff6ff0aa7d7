/* SPDX-License-Identifier: MIT */
/* One watched folder at work, some pictures at a time, in the thread of few-watch-thread.h. */
#pragma once
#include "watch/few-watched.h"
#include <fewshot.h>

G_BEGIN_DECLS
/* What the jobs of a thread share. */
typedef struct
{
  GHashTable *models; /* folder → FewModel */
  char *device;       /* as few_model_open takes it */
  char *tag_root;
  GCancellable *cancellable;
} FewWatchShared;

typedef struct FewWatchJob FewWatchJob;
/* The classifier is to be named: not "". */
FewWatchJob *few_watch_job_new (FewWatched *watched, const FewWatchShared *shared);
void few_watch_job_free (FewWatchJob *job);
const FewWatched *few_watch_job_get_watched (const FewWatchJob *job);
/* Some pictures; FALSE: there is nothing to do just now. */
gboolean few_watch_job_step (FewWatchJob *job);
/* The model's folder; NULL while it is not open. */
const char *few_watch_job_get_model (const FewWatchJob *job);

/* How it goes. */
typedef struct
{
  char *id;
  char *problem;     /* a sentence; NULL: none */
  char *tail;        /* few_watch_log_tail */
  gboolean busy;     /* pictures are waiting */
  GPtrArray *labels; /* char *: of the pictures that were answered since the last report */
} FewWatchReport;
/* NULL: nothing has changed. */
FewWatchReport *few_watch_job_report (FewWatchJob *job);
void few_watch_report_free (FewWatchReport *report);
G_END_DECLS
