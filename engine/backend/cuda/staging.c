/* SPDX-License-Identifier: MIT */
/* Copies between a stream's device and the host, by way of pinned memory. */
#include "backend/cuda/staging.h"
#include <string.h>

enum { STAGE_LEAST = 1 << 16, STAGE_MOST = 8 << 20, STAGE_ALIGNMENT = 256 }; /* bytes */

/* Waits for the stream. */
static gboolean
wait_for (FewStream *stream)
{
  if (!stream->done)
    return few_cuda_did (stream, cudaStreamSynchronize (stream->stream), "Waiting for the GPU");
  return few_cuda_did (stream, cudaEventRecord (stream->done, stream->stream), "Recording an event")
         && few_cuda_did (stream, cudaEventSynchronize (stream->done), "Waiting for the GPU");
}

/* A copy of memory that is not pinned: the one way that is in order with a stream of ours. */
static gboolean
copy_pageable (FewStream *stream, void *to, const void *from, size_t bytes,
               enum cudaMemcpyKind kind)
{
  return wait_for (stream)
         && few_cuda_did (stream, cudaMemcpy (to, from, bytes, kind),
                          "Copying without pinned memory")
         && few_cuda_did (stream, cudaStreamSynchronize (cudaStreamLegacy), "Waiting for a copy");
}

/* FALSE when the system refuses, now and from now on. Nothing may be using what is there. */
static gboolean
grow_pinned (FewStream *stream, char **memory, size_t *size, size_t bytes)
{
  if (*size >= bytes)
    return TRUE;
  cudaFreeHost (*memory);
  *memory = NULL;
  *size = 0;
  if (cudaMallocHost ((void **) memory, MAX (bytes, STAGE_LEAST)) != cudaSuccess)
    {
      cudaGetLastError ();
      *memory = NULL;
      stream->pageable = TRUE;
      return FALSE;
    }
  *size = MAX (bytes, STAGE_LEAST);
  return TRUE;
}

/* So many bytes of pinned memory that no copy reads; NULL on failure, and where there is none. */
static char *
stage_bytes (FewStream *stream, size_t bytes)
{
  FewStage *full = &stream->stage[stream->staging];
  if (full->used + bytes > full->size)
    {
      if (full->used > 0)
        {
          if (!few_cuda_did (stream, cudaEventRecord (full->event, stream->stream),
                             "Recording an event"))
            return NULL;
          full->pending = TRUE;
        }
      stream->staging = !stream->staging;
      FewStage *next = &stream->stage[stream->staging];
      if (next->pending
          && !few_cuda_did (stream, cudaEventSynchronize (next->event), "Waiting for a copy"))
        return NULL;
      next->pending = FALSE;
      next->used = 0;
      if (!grow_pinned (stream, &next->memory, &next->size, bytes))
        return NULL;
    }
  FewStage *current = &stream->stage[stream->staging];
  char *place = current->memory + current->used;
  current->used += (bytes + STAGE_ALIGNMENT - 1) / STAGE_ALIGNMENT * STAGE_ALIGNMENT;
  return place;
}

void
few_cuda_stages_free (FewStream *stream)
{
  for (guint i = 0; i < 2; i++)
    {
      cudaFreeHost (stream->stage[i].memory);
      if (stream->stage[i].event)
        cudaEventDestroy (stream->stage[i].event);
    }
  cudaFreeHost (stream->landing);
}

void
few_cuda_stage (FewStream *stream, void *to_device, const void *from_host, size_t bytes)
{
  char *to = to_device;
  const char *from = from_host;
  for (size_t at = 0; at < bytes;)
    {
      size_t piece = MIN (bytes - at, STAGE_MOST);
      char *place = stream->pageable ? NULL : stage_bytes (stream, piece);
      if (!place && stream->pageable)
        copy_pageable (stream, to + at, from + at, bytes - at, cudaMemcpyHostToDevice);
      if (!place)
        return;
      memcpy (place, from + at, piece);
      if (!few_cuda_did (
              stream,
              cudaMemcpyAsync (to + at, place, piece, cudaMemcpyHostToDevice, stream->stream),
              "Copying to the GPU"))
        return;
      at += piece;
    }
}

gboolean
few_cuda_land (FewStream *stream, void *to_host, const void *from_device, size_t bytes)
{
  char *to = to_host;
  const char *from = from_device;
  if (stream->pageable
      || !grow_pinned (stream, &stream->landing, &stream->landing_size, MIN (bytes, STAGE_MOST)))
    return copy_pageable (stream, to, from, bytes, cudaMemcpyDeviceToHost);
  for (size_t at = 0; at < bytes;)
    {
      size_t piece = MIN (bytes - at, STAGE_MOST);
      if (!few_cuda_did (stream,
                         cudaMemcpyAsync (stream->landing, from + at, piece, cudaMemcpyDeviceToHost,
                                          stream->stream),
                         "Copying from the GPU")
          || !wait_for (stream))
        return FALSE;
      memcpy (to + at, stream->landing, piece);
      at += piece;
    }
  return TRUE;
}
