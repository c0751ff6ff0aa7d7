/* SPDX-License-Identifier: MIT */
/* Device memory and the copies to and from it. */
#include "backend/cuda/memory.h"
#include "backend/cuda/pinned.h"
#include "backend/cuda/repeat.h"
#include <stdio.h>
#include <string.h>

enum { STAGE_LEAST = 1 << 16, STAGE_MOST = 8 << 20, STAGE_ALIGNMENT = 256 }; /* bytes */

float *
few_cuda_alloc (FewBackend *backend, gsize n, GError **error)
{
  FewCudaDevice *device = backend->device;
  void *memory = NULL;
  gsize bytes = MAX (n, 1) * sizeof (float);
  cudaError_t result =
      n > G_MAXSIZE / 8 ? cudaErrorMemoryAllocation : cudaSetDevice (device->ordinal);
  if (result == cudaSuccess)
    result = cudaMalloc (&memory, bytes);
  if (result == cudaSuccess)
    result = cudaMemset (memory, 0, bytes);
  if (result == cudaSuccess)
    result = cudaStreamSynchronize (cudaStreamLegacy); /* our own streams do not wait for it */
  if (result == cudaSuccess)
    return memory;
  char message[FEW_CUDA_MESSAGE];
  cudaGetLastError ();
  if (memory)
    {
      few_cuda_hold (device);
      cudaDeviceSynchronize (); /* the memset may be on its way */
      cudaFree (memory);
      few_cuda_release (device);
    }
  if (result == cudaErrorMemoryAllocation)
    snprintf (message, sizeof message, "The GPU has not enough memory for %zu MB more.",
              (size_t) (n / 262144));
  else
    snprintf (message, sizeof message, "Allocating GPU memory failed: %s.",
              cudaGetErrorString (result));
  device->fail (error, result == cudaErrorMemoryAllocation, message);
  return NULL;
}

void
few_cuda_free (FewBackend *backend, float *memory)
{
  FewCudaDevice *device = backend->device;
  cudaSetDevice (device->ordinal);
  few_cuda_hold (device);
  cudaDeviceSynchronize (); /* what is queued may use it */
  cudaFree (memory);
  few_cuda_release (device);
  __atomic_add_fetch (&device->frees, 1, __ATOMIC_RELEASE);
  cudaGetLastError ();
}

void *
few_cuda_scratch (FewStream *stream, FewScratchSlot slot, size_t bytes)
{
  if (stream->scratch[slot].size >= bytes)
    return stream->scratch[slot].memory;
  stream->moves++;
  if (few_cuda_captures (stream))
    {
      few_cuda_did (stream, cudaErrorStreamCaptureUnsupported, "Allocating GPU memory");
      return NULL;
    }
  if (!few_cuda_did (stream, cudaStreamSynchronize (stream->stream), "Waiting for the GPU"))
    return NULL;
  few_cuda_drop (stream->device, stream->scratch[slot].memory);
  stream->scratch[slot].memory = NULL;
  stream->scratch[slot].size = 0;
  if (!few_cuda_did (stream, cudaMalloc (&stream->scratch[slot].memory, bytes),
                     "Allocating GPU memory"))
    {
      stream->scratch[slot].memory = NULL;
      return NULL;
    }
  stream->scratch[slot].size = bytes;
  return stream->scratch[slot].memory;
}

/* ---- to the device */

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

void
few_cuda_upload (FewStream *stream, float *to, const float *from_host, gsize n)
{
  size_t bytes = n * sizeof (float);
  few_cuda_refuse (stream, "it copies from the host");
  if (!FEW_OP (stream, FEW_AT (to), n) || !few_cuda_ready (stream))
    return;
  if (few_cuda_is_pinned (stream->device, from_host, bytes))
    few_cuda_did (stream,
                  cudaMemcpyAsync (to, from_host, bytes, cudaMemcpyHostToDevice, stream->stream),
                  "Copying to the GPU");
  else
    few_cuda_stage (stream, to, from_host, bytes);
}

const void *
few_cuda_indices (FewStream *stream, const void *host, size_t n)
{
  const void *argument = few_cuda_argument (stream, host, n * sizeof (guint32));
  if (few_cuda_compares (stream) || !few_cuda_ready (stream))
    return NULL;
  if (argument)
    return argument;
  void *memory = few_cuda_scratch (stream, FEW_SCRATCH_INDICES, MAX (n, 1) * sizeof (guint32));
  if (memory)
    few_cuda_stage (stream, memory, host, n * sizeof (guint32));
  return stream->failed ? NULL : memory;
}

void
few_cuda_clear (FewStream *stream, float *memory, gsize n)
{
  if (FEW_OP (stream, FEW_AT (memory), n) && n > 0 && few_cuda_ready (stream))
    few_cuda_did (stream, cudaMemsetAsync (memory, 0, n * sizeof (float), stream->stream),
                  "Clearing GPU memory");
}

/* ---- and back */

static gboolean
download (FewStream *stream, char *to, const char *from, size_t bytes)
{
  few_cuda_refuse (stream, "it waits for what it computes");
  if (!FEW_OP (stream, FEW_AT (from), bytes) || !few_cuda_ready (stream))
    return FALSE;
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

void
few_cuda_download (FewStream *stream, float *to_host, const float *from, gsize n)
{
  if (n > 0 && !download (stream, (char *) to_host, (const char *) from, n * sizeof (float)))
    memset (to_host, 0, n * sizeof (float));
}

gboolean
few_cuda_check (FewStream *stream, GError **error)
{
  few_cuda_refuse (stream, "it waits");
  if (FEW_OP (stream, 0) && few_cuda_ready (stream))
    few_cuda_did (stream, cudaStreamSynchronize (stream->stream), "Waiting for the GPU");
  if (!stream->failed)
    return TRUE;
  cudaStreamSynchronize (stream->stream); /* copies that were queued before the failure */
  cudaGetLastError ();
  stream->device->fail (error, stream->memory_short, stream->message);
  stream->failed = stream->memory_short = FALSE;
  return FALSE;
}
