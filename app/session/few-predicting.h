/* SPDX-License-Identifier: MIT */
/* What a snapshot says of each of its rows, so many a turn of the main loop: where α's moves are
 * not prepared every cosine is read, which takes longer than a turn. */
#pragma once
#include "session/few-measuring.h"

/* Rows that a turn has time for. */
guint few_predicting_count (FewSnapshot *snapshot);
/* At most so many from *row on, which is then the next of them; TRUE once that was the last, and
 * *row 0. predicted, margins: [n]. */
gboolean few_predicting_go_on (const FewSnapshot *snapshot, double alpha,
                               const FewMeasuring *measuring, guint *row, guint most,
                               guint32 *predicted, float *margins);
