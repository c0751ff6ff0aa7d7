/* SPDX-License-Identifier: MIT */
/* Inside the CPU backend: a stream is a thread or all of them, and the memory that their ops
 * need meanwhile. */
#pragma once
#include "backend/backend.h"
#include "backend/cpu/form.h"
#include "backend/cpu/levels.h"
#include "backend/cpu/panels.h"
#include "backend/pool.h"

typedef struct
{
  float *memory; /* 64-byte aligned, grows, never shrinks */
  gsize n;
} FewScratch;

/* What an op gave to the product behind it alone, in the form of its weights (passed.h). */
typedef struct
{
  const float *of; /* where the floats would be; NULL while there is nothing */
  FewForm form;
  guint k;
  FewScratch memory; /* rows of ld, then for quads a step and a low of each */
  gsize ld;
  float *steps, *lows;
} FewPassed;

struct FewStream
{
  const FewKernels *kernels;
  const FewQuadKernels *quads; /* NULL where no product is of bytes */
  FewPanels *panels; /* of the backend, where weights are packed; NULL in a lane */
  FewPool *pool; /* NULL: this stream is one thread */
  guint threads; /* 1 when pool is NULL */
  FewScratch *scratch; /* one a thread */
  FewScratch packed; /* operands of the product that runs, in its own layout */
  FewScratch gathered; /* what a convolution multiplies */
  /* what the next op is to be passed on to, if it is; and by turns what was passed on */
  const FewMatrix *reader;
  FewPassed passed[2];
  guint passing;
  int short_of_memory; /* atomic: an op had no scratch since the last check */
};

/* pool NULL: the calling thread alone */
FewStream *few_stream_new (const FewLevel *level, FewPool *pool);
void few_stream_free (FewStream *stream);
/* n floats of one of the stream's scratches, with any contents, until the next call. NULL where
 * there is no room: the op leaves its output, or what this thread had of it, and check tells. */
float *few_scratch_get (FewStream *stream, FewScratch *scratch, gsize n);
/* n loops on the stream's threads */
void few_stream_run (FewStream *stream, guint n, FewPoolFunc func, gpointer user);
/* Rows a piece when an elementwise op runs over m rows of so many floats: as many pieces as are
 * worth it, of equal size */
guint few_stream_rows (const FewStream *stream, guint m, gsize row_floats);
/* Of n floats that kernels read: they read whole vectors, and there are three of slack behind the
 * end. FALSE where that is no size. */
gboolean few_cpu_size (gsize n, gsize *bytes);
/* That there is no memory for n floats. */
void few_cpu_fail_alloc (gsize n, GError **error);
float *few_cpu_alloc (FewBackend *backend, gsize n, GError **error);
void few_cpu_free (FewBackend *backend, float *memory);
gpointer few_cpu_host_alloc (FewBackend *backend, gsize bytes);
void few_cpu_host_free (FewBackend *backend, gpointer memory);
