/* SPDX-License-Identifier: MIT */
/* The registry of image towers: a line each. */
#include "clip/towers.h"

static const FewTower *const towers[] = { &few_resnet_tower, &few_trunk_tower, &few_convnext_tower,
                                          &few_fastvit_tower, &few_vit_tower };

const FewTower *
few_tower_for_open_clip (JsonObject *vision)
{
  for (guint i = 0; i < G_N_ELEMENTS (towers); i++)
    if (towers[i]->claims_open_clip (vision))
      return towers[i];
  return NULL;
}

const FewTower *
few_tower_for_weights (const FewWeights *weights)
{
  for (guint i = 0; i < G_N_ELEMENTS (towers); i++)
    if (towers[i]->claims_weights && towers[i]->claims_weights (weights))
      return towers[i];
  return NULL;
}
