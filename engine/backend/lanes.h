/* SPDX-License-Identifier: MIT */
/* run_lanes by a pool: lane i is the pool's thread i. */
#pragma once
#include "backend/backend.h"
#include "backend/pool.h"

typedef struct
{
  FewBackend *backend;
  void (*func) (gpointer user, guint i, guint lane, FewStream *stream);
  gpointer user;
} FewLanes;

static inline void
few_run_lane (gpointer user, guint index, guint thread)
{
  const FewLanes *lanes = user;
  lanes->func (lanes->user, index, thread, lanes->backend->lane_streams[thread]);
}

static inline void
few_run_lanes (FewPool *pool, FewBackend *backend, guint n,
               void (*func) (gpointer user, guint i, guint lane, FewStream *stream), gpointer user)
{
  FewLanes lanes = { backend, func, user };
  few_pool_run (pool, n, few_run_lane, &lanes);
}
