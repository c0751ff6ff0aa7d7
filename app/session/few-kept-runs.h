/* SPDX-License-Identifier: MIT */
/* The runs that FewRuns keeps: those of the project, and all that ever were, so that undo brings
 * the same ones back. It tells nobody; who changes it does. */
#pragma once
#include "session/few-release.h"
#include "session/few-desk.h"
#include "session/few-examples.h"
#include "session/few-roll.h"
#include <fewshot.h>

G_BEGIN_DECLS
/* What makes a run stale although classes and pictures are the same. */
typedef struct
{
  guint replaced; /* pictures that had been replaced: few_changes_count */
  guint uses;     /* of what was pinned and none of these, hashed; 0: not known */
} FewRunMarks;

/* A finished run, kept. */
typedef struct
{
  FewProjectRun *record;
  FewSnapshot *snapshot; /* NULL: to be restored from the record */
  GPtrArray *classes;    /* FewClass, as the snapshot numbers them; NULL with it */
  FewRunMarks marks;     /* when it was trained */
} FewRun;

typedef struct FewKeptRuns FewKeptRuns;

FewKeptRuns *few_kept_runs_new (void);
void few_kept_runs_free (FewKeptRuns *kept);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewKeptRuns, few_kept_runs_free)

/* FewRun *, borrowed: those of the project, oldest first. */
GPtrArray *few_kept_runs_get_list (FewKeptRuns *kept);
/* The oldest goes when there would be more. */
enum { FEW_KEPT_RUNS_MOST = 1000 };
/* A run that the worker ended with this snapshot; classes: FewClass, as it numbers them. Borrowed;
 * the newest of the list. */
FewRun *few_kept_runs_add (FewKeptRuns *kept, const FewTrainJob *job, FewSnapshot *snapshot,
                           GPtrArray *classes, gboolean stopped);
/* The snapshot of a run came back; classes: those there are, of FewClass. */
void few_kept_runs_complete (FewRun *run, FewSnapshot *snapshot, FewDesk *desk,
                             FewExamples *examples);
/* With thousands of pictures and classes a run in memory is large. The snapshots of older ones and
 * of those that are in no list go, that of `shown` stays; they come back from their weights when
 * they are shown. */
void few_kept_runs_trim (FewKeptRuns *kept, const FewRun *shown);
/* Whether its snapshot is there, and of the model that is open (NULL: none is). */
gboolean few_kept_runs_is_at_hand (const FewRun *run, const FewModelInfo *model);
/* FALSE: it was learned on what another model makes of pictures. */
gboolean few_kept_runs_fits_model (const FewRun *run, const FewModelInfo *model);
FewRunMarks few_kept_runs_mark (const FewRoll *roll, guint replaced);
/* Whether a run was trained with these classes, pictures, uses of them and prompts. */
gboolean few_kept_runs_matches (const FewRun *run, const FewRoll *roll, guint replaced);

void few_kept_runs_record (FewKeptRuns *kept, FewProject *project);
/* The list becomes the project's; the same records give the same runs. Returns the place of the one
 * to be shown, or −1: the newest that came back, so that it is in view as it was when it ended; or,
 * where `shown` (may be NULL) went, the newest of those left that suits the model. */
int few_kept_runs_restore (FewKeptRuns *kept, const FewProject *project, const FewRun *shown,
                           const FewModelInfo *model);
G_END_DECLS
