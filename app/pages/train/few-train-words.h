/* SPDX-License-Identifier: MIT */
/* How far a run is, in a sentence. */
#pragma once
#include "session/few-runs.h"

G_BEGIN_DECLS
typedef struct
{
  FewTrainingState training;
  gboolean stale;  /* the pictures are others than those of the run in view */
  gboolean answer; /* automatic's answer stands, and the adapter learns beside it */
  gboolean live;   /* it draws its lines from its beginning */
  double progress; /* 0…1, of one that does not */
  const FewSnapshotInfo *info; /* what is in view; NULL: nothing */
} FewTrainStatus;

/* Free with g_free. */
char *few_train_words (const FewTrainStatus *status);
/* 0…1 */
double few_train_words_progress (const FewTrainStatus *status);
G_END_DECLS
