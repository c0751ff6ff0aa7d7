/* What the files of FewSession share: few-session.c (life, model, events, export), -examples.c (classes and pictures),
 * -training.c (what the worker is told, runs), -lens.c (the snapshot in view, α). */
#pragma once
#include "few-session.h"

struct _FewSession
{
  GObject parent;
  FewWorker *worker;
  FewModelInfo model; /* a copy: the worker's own may go when another model is opened */
  gboolean has_model, opening;
  GListStore *classes, *pictures;
  GHashTable *by_id;    /* id → FewPicture, borrowed */
  GHashTable *by_hash;  /* hex → FewPicture, borrowed; the first with that content */
  guint next_id, next_ticket;
  GHashTable *tickets;  /* scan ticket → FewClass (owned) or NULL */
  GQueue imports;       /* Import *, what scans found and is being added in slices */
  guint adding;         /* the idle that adds */
  GPtrArray *refused;
  guint encoding_jobs;
  char *template_text;
  GPtrArray *removed_pictures;
  FewClass *removed_class;
  guint removed_position;
  guint refresh;        /* timeout that asks for text features and a zero-shot snapshot */
  /* training */
  FewTrainJob job;
  FewTrainingState training;
  GPtrArray *runs;
  gboolean awaiting_zero_shot, stale;
  /* the lens */
  FewSnapshot *snapshot;
  GPtrArray *snapshot_classes; /* FewClass, as the snapshot numbers them */
  GPtrArray *sent_classes;     /* as the command under way numbers them */
  GHashTable *rows;            /* id → row + 1 */
  guint32 *predicted, *predicted_zero_shot;
  float *margins;
  double alpha;
  char *export_path;
  FewComparison *comparison;
};

enum
{
  FEW_SESSION_CHANGED,
  FEW_SESSION_PROGRESS,
  FEW_SESSION_MODEL,
  FEW_SESSION_SNAPSHOT,
  FEW_SESSION_LENS,
  FEW_SESSION_TRAINING,
  FEW_SESSION_MESSAGE,
  FEW_SESSION_IMPORTED,
  FEW_SESSION_EXPORTED,
  FEW_SESSION_SIGNALS
};
extern guint few_session_signals[FEW_SESSION_SIGNALS];

/* A sentence for the person. */
void few_session_say (FewSession *self, const char *text);

/* few-session-examples.c */
/* Counts, tells everyone and asks the worker for a new zero-shot snapshot. */
void few_session_changed (FewSession *self);
void few_session_scanned (FewSession *self, const FewEvent *event);
void few_session_drop_imports (FewSession *self);
void few_session_picture_done (FewSession *self, const FewEvent *event);

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
void few_run_free (gpointer run);

/* few-session-lens.c */
/* Takes over the snapshot. */
void few_session_show_snapshot (FewSession *self, FewSnapshot *snapshot, GPtrArray *classes);
