/* SPDX-License-Identifier: MIT */
#include "base/few-memory.h"
#include <glib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void
few_memory_begin (void)
{
#ifdef __GLIBC__
  mallopt (M_ARENA_MAX, 2);
#endif
}

static gpointer
trim (gpointer data)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
  return NULL;
}

void
few_memory_give_back (void)
{
  g_thread_unref (g_thread_new ("few-memory", trim, NULL));
}
