/* SPDX-License-Identifier: MIT */
/* What closes a snapshot. */
#pragma once
#include "lens/snapshot.h"

/* After at, ft, aa, ff, af are filled: computes the validation curve. */
void few_snapshot_seal (FewSnapshot *snapshot);
