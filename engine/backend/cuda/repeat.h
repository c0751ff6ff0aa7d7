/* SPDX-License-Identifier: MIT */
/* Work that comes again, queued at once as a CUDA graph.
 *
 * The first time a piece runs op by op and each op notes what it was asked: a trace. When it comes
 * again it is asked first what it would do: ops compare, note the values that they read from the
 * host, and queue nothing. Where all is as it was the ops are captured, that once, as a graph, and
 * then and ever after one copy of the host's values and one launch are the whole piece. A pointer
 * or a size that is another shows in the trace, memory of the stream that moved in a counter. What
 * cannot be captured is done op by op, which is the reference. */
#pragma once
#include "backend/cuda/stream.h"

/* As a fact of a trace */
#define FEW_AT(pointer) ((guint64) (gsize) (pointer))
guint64 few_cuda_bits (float value);
/* Every op asks it: whether it is to be done now. What tells one call from another are the facts,
 * but for what is an argument. */
#define FEW_OP(stream, ...)                                                                        \
  (!(stream)->repeating                                                                            \
   || few_cuda_note (stream, __func__, (const guint64[]) { __VA_ARGS__ },                          \
                     sizeof ((const guint64[]) { __VA_ARGS__ }) / sizeof (guint64)))
gboolean few_cuda_note (FewStream *stream, const char *op, const guint64 *facts, gsize n);
/* A host value that the op reads, which may be another the next time. While a graph is captured:
 * where the graph has it in device memory; NULL otherwise. */
const void *few_cuda_argument (FewStream *stream, const void *host, size_t bytes);
/* Whether ops are asked what they would do; whether what they queue becomes a graph. */
gboolean few_cuda_compares (const FewStream *stream);
gboolean few_cuda_captures (const FewStream *stream);
/* This piece cannot be a graph, because of `why`. */
void few_cuda_refuse (FewStream *stream, const char *why);

void few_cuda_repeats_free (FewStream *stream);

/* ---- ops */
void few_cuda_repeat (FewStream *stream, gconstpointer of, guint n, FewRepeated func,
                      gpointer user);
