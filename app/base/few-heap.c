/* SPDX-License-Identifier: MIT */
/* Memory that was freed goes back to the system: a thread trims the C library's heap. */
#include "base/few-heap.h"
#include <glib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void
few_heap_begin (void)
{
#ifdef __GLIBC__
  mallopt (M_ARENA_MAX, 2);
#endif
}

static gpointer
trim_heap (gpointer data)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
  return NULL;
}

void
few_heap_give_back (void)
{
  g_thread_unref (g_thread_new ("few-heap", trim_heap, NULL));
}
