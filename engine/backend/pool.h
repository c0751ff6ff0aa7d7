/* SPDX-License-Identifier: MIT */
/* A small thread pool for loops: run (n, f) calls f (user, i, thread) for i in [0, n) on all
 * threads and returns when the last call has. The caller's thread is one of them. Workers sleep
 * between loops after a short spin. */
#pragma once
#include <glib.h>

typedef struct FewPool FewPool;
typedef void (*FewPoolFunc) (gpointer user, guint index, guint thread);

/* threads = 0: one per processor that this process may use. */
FewPool *few_pool_new (guint threads);
void few_pool_free (FewPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewPool, few_pool_free)
guint few_pool_threads (const FewPool *pool);
/* Not reentrant: one loop at a time, from one thread at a time. */
void few_pool_run (FewPool *pool, guint n, FewPoolFunc func, gpointer user);
