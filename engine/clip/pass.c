/* SPDX-License-Identifier: MIT */
/* Passes of a tower that come again, which a backend may queue at once. */
#include "backend/backend.h"
#include "clip/tower.h"

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
