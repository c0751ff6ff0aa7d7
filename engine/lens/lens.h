/* SPDX-License-Identifier: MIT */
/* What closes a snapshot. */
#pragma once
#include "lens/snapshot.h"

/* scores [n, K]: logit_scale · cosines of the first n rows at α */
void few_snapshot_scores (const FewSnapshot *snapshot, double alpha, guint n, float *scores);
/* After at, ft, aa, ff, af are filled: computes the validation curve and what α 0 predicts. */
void few_snapshot_seal (FewSnapshot *snapshot);
