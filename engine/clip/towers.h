/* SPDX-License-Identifier: MIT */
/* The families of image towers that there are. */
#pragma once
#include "clip/tower.h"

/* The first that claims it; NULL when none does. */
const FewTower *few_tower_for_open_clip (JsonObject *vision);
const FewTower *few_tower_for_weights (const FewWeights *weights);
