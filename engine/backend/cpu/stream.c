/* SPDX-License-Identifier: MIT */
/* Threads and memory of the CPU's streams. */
#include "backend/cpu/stream.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 }; /* bytes */

FewStream *
few_stream_new (const FewLevel *level, FewPool *pool)
{
  FewStream *stream = g_new0 (FewStream, 1);
  stream->kernels = level->kernels;
  stream->quads = level->quads;
  stream->pool = pool;
  stream->threads = pool ? few_pool_threads (pool) : 1;
  stream->scratch = g_new0 (FewScratch, stream->threads);
  return stream;
}

void
few_stream_free (FewStream *stream)
{
  for (guint i = 0; i < stream->threads; i++)
    free (stream->scratch[i].memory);
  free (stream->packed.memory);
  free (stream->gathered.memory);
  free (stream->passed[0].memory.memory);
  free (stream->passed[1].memory.memory);
  g_free (stream->scratch);
  g_free (stream);
}

float *
few_scratch_get (FewStream *stream, FewScratch *scratch, gsize n)
{
  if (scratch->n < n)
    {
      free (scratch->memory);
      scratch->n = (n + 1023) / 1024 * 1024;
      scratch->memory = aligned_alloc (64, scratch->n * sizeof (float));
      if (!scratch->memory)
        {
          scratch->n = 0;
          g_atomic_int_set (&stream->short_of_memory, 1);
        }
    }
  return scratch->memory;
}

void
few_stream_run (FewStream *stream, guint n, FewPoolFunc func, gpointer user)
{
  if (stream->pool)
    few_pool_run (stream->pool, n, func, user);
  else
    for (guint i = 0; i < n; i++)
      func (user, i, 0);
}

guint
few_stream_rows (const FewStream *stream, guint m, gsize row_floats)
{
  enum { WORTH_WAKING = 16384 }; /* floats: less is done sooner than another thread has noticed */
  gsize pieces = MIN (m * row_floats / WORTH_WAKING + 1, 4 * stream->threads);
  if (pieces > 1)
    pieces = (pieces + stream->threads - 1) / stream->threads * stream->threads;
  return MAX ((guint) ((m + pieces - 1) / pieces), 1);
}

gboolean
few_cpu_size (gsize n, gsize *bytes)
{
  enum { LINE = 64, SLACK = 192 };
  if (!g_size_checked_mul (bytes, n, sizeof (float))
      || !g_size_checked_add (bytes, *bytes, SLACK + LINE - 1))
    return FALSE;
  *bytes = *bytes / LINE * LINE;
  return TRUE;
}

void
few_cpu_fail_alloc (gsize n, GError **error)
{
  few_fail (error, MEMORY, "There is not enough memory for %zu MB more.", (n + 262143) / 262144);
}

float *
few_cpu_alloc (FewBackend *backend G_GNUC_UNUSED, gsize n, GError **error)
{
  gsize bytes = 0;
  float *memory = NULL;
  if (few_cpu_size (n, &bytes))
    {
      gsize alignment = bytes >= 2 * HUGE_PAGE ? HUGE_PAGE : 64;
      void *block = NULL;
      if (posix_memalign (&block, alignment, bytes) == 0 && alignment == HUGE_PAGE)
        madvise (block, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
      memory = block;
    }
  if (memory)
    memset (memory, 0, bytes);
  else
    few_cpu_fail_alloc (n, error);
  return memory;
}

void
few_cpu_free (FewBackend *backend G_GNUC_UNUSED, float *memory)
{
  free (memory);
}

/* The host's memory is the device's. */
gpointer
few_cpu_host_alloc (FewBackend *backend G_GNUC_UNUSED, gsize bytes)
{
  return g_try_malloc (MAX (bytes, 1));
}

void
few_cpu_host_free (FewBackend *backend G_GNUC_UNUSED, gpointer memory)
{
  g_free (memory);
}
