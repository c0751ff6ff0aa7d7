/* SPDX-License-Identifier: MIT */
/* What the hub's files share: hub.c (the owner's side), hub-thread.c (the loop), pull.c (one
 * model), hub-events.c (what the owner is told). */
#pragma once
#include "hub/transfer.h"
#include <fewshot/hub.h>

#define FEW_HUB_REPORT_EVERY (G_USEC_PER_SEC / 10)

typedef struct
{
  gatomicrefcount refs;
  guint id;
  /* under the hub's lock */
  gboolean paused, cancelled;
  GCancellable *stop; /* cancelled from then on: what takes long looks at it */
  /* the thread's own */
  FewCatalogueEntry *entry; /* with files, once they are known */
  char *folder;
  int lock; /* of the folder; −1 */
  GKeyFile *state;
  guint file; /* under way, or next */
  FewTransfer *transfer;
  CURL *curl; /* in the multi handle */
  GString *listing; /* the answer about a repository's files */
  FewPullState shown;
  gint64 wait_until; /* monotonic; 0: go on */
  guint failures; /* in a row without a byte */
  guint64 before; /* bytes of the files that are done */
  guint64 transferred; /* of transfers that are over */
  guint64 progress_mark; /* done when the last attempt began */
  gint64 began; /* when that was */
  gint64 reported, rate_since;
  guint64 rate_bytes;
  double rate;
  gboolean ended;
} FewPull;

struct FewHub
{
  GThread *thread;
  GMainContext *context;
  FewPullFunc func;
  gpointer user;
  char *endpoint, *token, *models_folder, *ca_file;
  guint attempts;
  double back_off;
  FewHubAccess access;
  CURLM *multi;
  FewHasher *hasher;
  GMutex lock;
  GPtrArray *pulls; /* FewPull *, under the lock */
  GPtrArray *events; /* FewPullStatus *, under the lock */
  GSource *idle;
  guint next_id;
  gboolean quitting;
};

void few_pull_unref (gpointer pull);
/* Tells the owner where the pull is. Takes the error. */
void few_hub_report (FewHub *hub, FewPull *pull, FewPullState state, GError *error);
/* FewPullStatus * */
GPtrArray *few_hub_events_new (void);

/* The thread alone: */
gpointer few_hub_main (gpointer hub);
/* Whatever the pull can do now. */
void few_pull_advance (FewHub *hub, FewPull *pull);
/* Its request is over: the list of files, or a file. */
void few_pull_listed (FewHub *hub, FewPull *pull, CURLcode code);
void few_pull_transferred (FewHub *hub, FewPull *pull, CURLcode code);
/* Reports the progress of a file now and then. */
void few_pull_watch (FewHub *hub, FewPull *pull);
/* Ends the attempt under way; the part stays. */
void few_pull_leave (FewHub *hub, FewPull *pull);
