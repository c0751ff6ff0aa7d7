/* SPDX-License-Identifier: MIT */
/* The registry of image towers: a line each. */
#include "clip/towers.h"
#include "backend/backend.h"

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

/* ---- passes */

typedef struct
{
  gconstpointer state;
  const FewPass *pass;
  guint b;
  FewPassFunc func;
  gpointer memory;
} Repeated;

static void
run_pass (gpointer user)
{
  const Repeated *r = user;
  r->func (r->state, r->pass, r->b, r->memory);
}

void
few_pass_repeat (gconstpointer state, const FewPass *pass, guint b, FewPassFunc func,
                 gpointer memory)
{
  Repeated repeated = { state, pass, b, func, memory };
  if (pass->tap || pass->inserted) /* these ask for more than a pass */
    run_pass (&repeated);
  else
    pass->backend->ops->repeat (pass->stream, state, b, run_pass, &repeated);
}
