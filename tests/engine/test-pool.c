/* SPDX-License-Identifier: MIT */
/* Loops on all processors: each piece once, whoever spins, sleeps or starts. */
#include "backend/pool.h"
#include "bench.h"

typedef struct
{
  int calls[7];
  int threads_seen; /* bits */
} Counts;

static void
count_call (gpointer user, guint index, guint thread)
{
  Counts *counts = user;
  g_atomic_int_inc (&counts->calls[index]);
  g_atomic_int_or ((guint *) &counts->threads_seen, 1u << thread);
}

/* Every piece runs once and before the loop returns, with more threads than processors, whether
 * they spin or have gone to sleep. */
static void
test_pool (void)
{
  FewPool *pool = few_pool_new (5);
  for (guint round = 0; round < 4000; round++)
    {
      Counts counts = { 0 };
      guint n = round % 8;
      few_pool_run (pool, n, count_call, &counts);
      for (guint i = 0; i < 7; i++)
        g_assert_cmpint (counts.calls[i], ==, i < n);
      g_assert_cmpint (counts.threads_seen, <, 1 << 5);
      if (round % 500 == 0)
        g_usleep (3000); /* they stop spinning */
    }
  few_pool_free (pool);
  for (guint i = 0; i < 200; i++) /* freed while they start, spin, sleep */
    {
      FewPool *brief = few_pool_new (4);
      Counts counts = { 0 };
      few_pool_run (brief, 7, count_call, &counts);
      if (i % 2)
        g_usleep (i * 10);
      few_pool_free (brief);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool", test_pool);
  return g_test_run ();
}
