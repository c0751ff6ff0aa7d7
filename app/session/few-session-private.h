/* SPDX-License-Identifier: MIT */
/* What the files of FewSession share: few-session.c (life, model, events, export), -examples.c
 * (classes and pictures),
 * -import.c (drops), -training.c (what the worker is told, runs), -lens.c (the snapshot in view,
 * α), -project.c (project, undo). */
#pragma once
#include "session/few-history.h"
#include "session/few-session.h"

struct _FewSession
{
  GObject parent;
  FewWorker *worker;
  FewModelInfo model; /* a copy: the worker's own may go when another model is opened */
  gboolean has_model, opening;
  char *asked; /* the model asked for last */
  GListStore *classes, *pictures;
  GHashTable *by_id;    /* id → FewPicture, borrowed: those in the project */
  /* id → FewPicture, FewClass: all that ever were, so that undo brings the same ones back */
  GHashTable *all_pictures, *all_classes;
  GHashTable *by_hash;  /* hex → FewPicture, borrowed; the first with that content */
  guint next_id, next_class_id, next_ticket;
  GHashTable *tickets;  /* scan ticket → FewClass (owned) or NULL */
  GQueue imports;       /* Import *, what scans found and is being added in slices */
  guint adding;         /* the idle that adds */
  GPtrArray *refused;
  guint encoding_jobs;
  char *template_text;
  guint refresh;        /* timeout that asks for text features and a zero-shot snapshot */
  /* training */
  FewTrainJob job, sent_job;
  FewTrainingState training;
  GPtrArray *runs;      /* FewRun *, borrowed */
  GHashTable *all_runs; /* FewProjectRun → FewRun: all that ever were */
  FewRun *shown;        /* in view; NULL: CLIP itself */
  FewRun *restoring;    /* asked of the worker */
  guint restore_ticket;
  gboolean awaiting_zero_shot, stale;
  guint awaited; /* serial of the zero-shot snapshot asked for last */
  /* the project */
  FewHistory *history;
  GPtrArray *class_records;   /* of the project, NULL: to be made anew */
  GArray *picture_records;
  char *unknown;
  char *folder;               /* of the project file: moved pictures are looked for here */
  gboolean looked;            /* in that folder, since it was opened */
  /* the lens */
  FewSnapshot *snapshot;
  GPtrArray *snapshot_classes; /* FewClass, as the snapshot numbers them */
  GPtrArray *sent_classes;     /* as the command under way numbers them */
  GHashTable *rows;            /* id → row + 1 */
  guint32 *predicted, *predicted_zero_shot;
  float *margins;
  guint measured;              /* test pictures in the snapshot */
  double alpha, peeked; /* peeked: NAN unless another α is shown for a while */
  char *export_path;
  FewComparison *comparison;
  FewMap *map;
  gboolean mapped; /* asked for, of the snapshot in view */
  guint map_ticket, near_ticket;
  /* trying */
  GListStore *trials;
  GHashTable *batches;   /* ticket → what the worker was given */
  GHashTable *try_scans; /* tickets */
  FewAdapter *tried_with;
  guint trying_again, updating, updated; /* sources; how many follow α already */
  double keep;
  struct
  {
    gboolean known; /* of the snapshot in view, with these: */
    double alpha, keep, cosine;
    guint n;
  } threshold;
};

enum {
  FEW_SESSION_CHANGED,
  FEW_SESSION_PROGRESS,
  FEW_SESSION_MODEL,
  FEW_SESSION_SNAPSHOT,
  FEW_SESSION_LENS,
  FEW_SESSION_TRAINING,
  FEW_SESSION_MESSAGE,
  FEW_SESSION_IMPORTED,
  FEW_SESSION_EXPORTED,
  FEW_SESSION_SETTINGS,
  FEW_SESSION_EDITED,
  FEW_SESSION_HISTORY,
  FEW_SESSION_TRIALS,
  FEW_SESSION_MAP,
  FEW_SESSION_NEAREST,
  FEW_SESSION_SIGNALS
};
extern guint few_session_signals[FEW_SESSION_SIGNALS];

/* A sentence for the person. */
void few_session_say (FewSession *self, const char *text);

/* few-session-examples.c */
/* Counts, settles which pictures are duplicates, tells everyone and asks the worker for a new
 * zero-shot snapshot. */
void few_session_changed (FewSession *self);
void few_session_picture_done (FewSession *self, const FewEvent *event);
/* The class of that name, made when there is none; the store keeps it. */
FewClass *few_session_ensure_class (FewSession *self, const char *name);
/* Asks for the features of pictures (FewPicture). */
void few_session_encode (FewSession *self, GPtrArray *pictures);
void few_session_located (FewSession *self, const FewEvent *event);
/* Encoding ended: looks once for what is missing in the project's own folder. */
void few_session_encoded (FewSession *self);

/* few-session-import.c */
void few_session_scanned (FewSession *self, const FewEvent *event);
void few_session_drop_imports (FewSession *self);

/* few-session-project.c */
/* Something was done that can be undone: `title` says what, as "Remove 3 Pictures". Changes of
 * one kind (not 0) that follow each other quickly are one. */
typedef enum { FEW_EDIT_ONE, FEW_EDIT_ALPHA, FEW_EDIT_SETTINGS, FEW_EDIT_TEXT } FewEdit;
void few_session_did (FewSession *self, const char *title, FewEdit kind);
/* Pictures or classes are no longer as their records say. */
void few_session_touch_pictures (FewSession *self);
void few_session_touch_classes (FewSession *self);

/* few-session-training.c */
/* The project as dense labels, in the order of its classes. */
typedef struct
{
  const char **names, **prompts, **paths;
  guint32 *ids, *labels;
  guint n, n_classes;
  GPtrArray *classes; /* FewClass */
} FewSessionData;
void few_session_collect (FewSession *self, FewSessionData *data);
void few_session_data_clear (FewSessionData *data);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewSessionData, few_session_data_clear)
void few_session_queue_refresh (FewSession *self);
void few_session_trained (FewSession *self, const FewEvent *event);
void few_session_restored (FewSession *self, const FewEvent *event);
/* Whether classes and pictures are still those of the run in view. */
void few_session_update_stale (FewSession *self);
/* Nothing that was trained is in view any longer. */
void few_session_show_zero_shot (FewSession *self);
FewRun *few_run_new (FewProjectRun *record);
void few_run_free (gpointer run);

/* few-session-inspect.c */
void few_session_mapped (FewSession *self, const FewEvent *event);
void few_session_nearest (FewSession *self, const FewEvent *event);

/* few-session-try.c */
void few_session_try_init (FewSession *self);
void few_session_try_clear (FewSession *self);
/* FALSE when the scan was for an import. */
gboolean few_session_try_scanned (FewSession *self, const FewEvent *event);
void few_session_tried (FewSession *self, const FewEvent *event);
void few_session_tried_all (FewSession *self, const FewEvent *event);
void few_session_update_trials (FewSession *self);
/* Soon, when another adapter is in view. */
void few_session_try_again (FewSession *self);

/* few-session-lens.c */
/* Takes over the snapshot. */
void few_session_show_snapshot (FewSession *self, FewSnapshot *snapshot, GPtrArray *classes);
