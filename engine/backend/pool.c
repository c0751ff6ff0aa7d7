/* SPDX-License-Identifier: MIT */
/* Loops on all processors: who runs out of work spins for a moment, then sleeps. */
#define _GNU_SOURCE
#include "backend/pool.h"
#include <sched.h>
#if defined __x86_64__
#include <immintrin.h>
#endif

enum { SPINS = 4000 };

struct FewPool
{
  guint n_threads;
  GThread **threads; /* n_threads − 1 */
  int round;  /* atomic; a new loop is a new round */
  int active; /* atomic; workers still in the loop */
  int quit;   /* atomic */
  /* Who has stopped spinning waits here. Each side first says that it sleeps and then looks
   * again, the other first changes what it waits for and then looks for sleepers: with
   * sequentially consistent atomics one of them sees the other. */
  GMutex lock;
  GCond work, idle;
  int sleepers;      /* atomic; workers */
  int owner_sleeps;  /* atomic */
  FewPoolFunc func;
  gpointer user;
  guint n;
  guint next; /* atomic */
};

typedef struct
{
  FewPool *pool;
  guint index;
} Worker;

static inline void
relax_processor (void)
{
#if defined __x86_64__
  _mm_pause ();
#elif defined __aarch64__
  __asm__ volatile ("yield");
#endif
}

static void
take_part (FewPool *pool, guint thread)
{
  for (;;)
    {
      guint i = (guint) g_atomic_int_add ((gint *) &pool->next, 1);
      if (i >= pool->n)
        break;
      pool->func (pool->user, i, thread);
    }
}

/* Subnormal numbers cost a hundred cycles each and carry nothing here. */
static void
flush_subnormals (void)
{
#if defined __x86_64__
  _mm_setcsr (_mm_getcsr () | 0x8040);
#endif
}

static void
wait_for_round (FewPool *pool, guint seen)
{
  for (int i = 0; i < SPINS; i++)
    {
      if ((guint) g_atomic_int_get (&pool->round) != seen)
        return;
      relax_processor ();
    }
  g_mutex_lock (&pool->lock);
  g_atomic_int_inc (&pool->sleepers);
  while ((guint) g_atomic_int_get (&pool->round) == seen)
    g_cond_wait (&pool->work, &pool->lock);
  g_atomic_int_add (&pool->sleepers, -1);
  g_mutex_unlock (&pool->lock);
}

static void
start_round (FewPool *pool)
{
  g_atomic_int_inc (&pool->round);
  if (g_atomic_int_get (&pool->sleepers) == 0)
    return;
  g_mutex_lock (&pool->lock);
  g_cond_broadcast (&pool->work);
  g_mutex_unlock (&pool->lock);
}

static gpointer
worker_main (gpointer data)
{
  g_autofree Worker *worker = data;
  FewPool *pool = worker->pool;
  flush_subnormals ();
  for (guint seen = 0;; seen++)
    {
      wait_for_round (pool, seen);
      if (g_atomic_int_get (&pool->quit))
        return NULL;
      take_part (pool, worker->index);
      if (g_atomic_int_dec_and_test (&pool->active) && g_atomic_int_get (&pool->owner_sleeps))
        {
          g_mutex_lock (&pool->lock);
          g_cond_signal (&pool->idle);
          g_mutex_unlock (&pool->lock);
        }
    }
}

static guint
count_processors (void)
{
  cpu_set_t set;
  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return MAX ((guint) CPU_COUNT (&set), 1);
  return MAX (g_get_num_processors (), 1);
}

FewPool *
few_pool_new (guint threads)
{
  FewPool *pool = g_new0 (FewPool, 1);
  pool->n_threads = threads ? threads : count_processors ();
  g_mutex_init (&pool->lock);
  g_cond_init (&pool->work);
  g_cond_init (&pool->idle);
  pool->threads = g_new0 (GThread *, pool->n_threads);
  for (guint i = 1; i < pool->n_threads; i++)
    {
      Worker *worker = g_new (Worker, 1);
      *worker = (Worker) { pool, i };
      pool->threads[i] = g_thread_new ("few-pool", worker_main, worker);
    }
  return pool;
}

void
few_pool_free (FewPool *pool)
{
  g_atomic_int_set (&pool->quit, TRUE);
  start_round (pool);
  for (guint i = 1; i < pool->n_threads; i++)
    g_thread_join (pool->threads[i]);
  g_free (pool->threads);
  g_mutex_clear (&pool->lock);
  g_cond_clear (&pool->work);
  g_cond_clear (&pool->idle);
  g_free (pool);
}

guint
few_pool_threads (const FewPool *pool)
{
  return pool->n_threads;
}

void
few_pool_run (FewPool *pool, guint n, FewPoolFunc func, gpointer user)
{
  if (n <= 1 || pool->n_threads == 1)
    {
      for (guint i = 0; i < n; i++)
        func (user, i, 0);
      return;
    }
  pool->func = func;
  pool->user = user;
  pool->n = n;
  g_atomic_int_set (&pool->next, 0);
  g_atomic_int_set (&pool->active, (int) pool->n_threads - 1);
  start_round (pool);
  take_part (pool, 0);
  for (int i = 0; i < SPINS; i++)
    {
      if (g_atomic_int_get (&pool->active) == 0)
        return;
      relax_processor ();
    }
  g_mutex_lock (&pool->lock);
  g_atomic_int_set (&pool->owner_sleeps, TRUE);
  while (g_atomic_int_get (&pool->active) > 0)
    g_cond_wait (&pool->idle, &pool->lock);
  g_atomic_int_set (&pool->owner_sleeps, FALSE);
  g_mutex_unlock (&pool->lock);
}
