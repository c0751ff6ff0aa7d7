/* SPDX-License-Identifier: MIT */
/* What the worker's files share: worker.c (the owner's side, events) and jobs.c (what the thread
 * does). */
#pragma once
#include <fewshot/worker.h>

typedef enum {
  OPEN_MODEL,
  SCAN,
  ENCODE,
  FORGET,
  CLASSES,
  TRAIN,
  EXPORT,
  COMPARE,
  RESTORE,
  LOCATE,
  TRY,
  MAP,
  NEAREST,
  QUIT
} FewCommandKind;

typedef struct
{
  FewCommandKind kind;
  guint serial;
  char *text, *device; /* folder; class name; template */
  guint ticket, n, n_classes;
  /* paths or class names; prompts may hold NULL, so it has n_classes entries */
  char **names, **prompts;
  guint32 *ids, *labels;
  FewTrainJob job;
  FewSnapshot *snapshot; /* EXPORT, MAP, NEAREST */
  double alpha;
  char **paths, **methods; /* COMPARE; LOCATE: folders in paths */
  char **hashes;           /* ENCODE, LOCATE: [n], entries may be empty */
  FewProjectRun *run;      /* RESTORE */
  FewAdapter *adapter;     /* TRY; may be NULL */
  guint *shots, n_shots;
  guint64 *seeds;
  guint n_seeds;
} FewCommand;

struct FewWorker
{
  GThread *thread;
  GAsyncQueue *queue;
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
  GCancellable *quitting, *encoding, *comparing, *trying;
  guint newest_classes, newest_map;
  gboolean paused, stop;
  double learning_rate; /* 0: as planned */
  /* the thread's own */
  FewModel *model;
  GHashTable *features; /* id → float [D] */
};

void few_command_free (gpointer command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCommand, few_command_free)

/* Takes over what the event points to. */
void few_worker_post (FewWorker *worker, FewEvent event);
/* Takes over the snapshot. */
void few_worker_publish (FewWorker *worker, FewSnapshot *snapshot);
/* The thread. */
gpointer few_worker_main (gpointer worker);
