/* SPDX-License-Identifier: MIT */
/* What the worker's files share: worker.c (the owner's side), events.c (what goes back to it),
 * thread.c and the files of its jobs. */
#pragma once
#include <fewshot/worker.h>

struct FewWorker
{
  GThread *thread;
  GAsyncQueue *queue; /* FewCommand * */
  GMainContext *context;
  char *cache_folder;
  FewEventFunc func;
  gpointer user;
  /* shared */
  GMutex lock;
  GCond wake;
  GPtrArray *events; /* FewEvent *, waiting for the idle */
  GPtrArray *delivering; /* the owner's: those under way */
  guint delivered;
  GSource *idle;
  FewSnapshot *mailbox; /* atomic */
  GCancellable *quitting, *scanning, *encoding, *training, *comparing, *trying, *taking, *looking;
  GCancellable *labelling, *mapping, *matching;
  guint newest_classes;
  gboolean paused;
  /* the thread's own */
  FewModel *model;
  GHashTable *features; /* id → float [D] */
  GHashTable *pool;     /* path → float [D] of what was to be labelled last; NULL: nothing was */
  char *texts_key;      /* of what classes `texts` are, and of which prompts; NULL: of none */
  float *texts;         /* [K, D] unit rows, then [K, D] as they are */
  GThread *mapper;      /* makes the newest map; NULL: none was made */
  GPtrArray *heats;     /* of the last pictures that were looked at; NULL: none were */
};

/* Takes over what the event points to. Any thread. */
void few_worker_post (FewWorker *worker, FewEvent event);
void few_event_free (gpointer event);
/* Takes over the snapshot. */
void few_worker_publish (FewWorker *worker, FewSnapshot *snapshot);
/* The thread. */
gpointer few_worker_main (gpointer worker);
