/* SPDX-License-Identifier: MIT */
/* Device memory, and the ops that copy to and from it. */
#include "backend/cuda/memory.h"
#include "backend/cuda/pinned.h"
#include "backend/cuda/repeat.h"
#include "backend/cuda/staging.h"
#include <stdio.h>
#include <string.h>

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
    few_cuda_drop_when_idle (memory); /* the memset may be on its way */
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
  few_cuda_drop_when_idle (memory);
  __atomic_add_fetch (&device->frees, 1, __ATOMIC_RELEASE);
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
  few_cuda_drop (stream->scratch[slot].memory);
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
download (FewStream *stream, void *to, const void *from, size_t bytes)
{
  few_cuda_refuse (stream, "it waits for what it computes");
  return FEW_OP (stream, FEW_AT (from), bytes) && few_cuda_ready (stream)
         && few_cuda_land (stream, to, from, bytes);
}

void
few_cuda_download (FewStream *stream, float *to_host, const float *from, gsize n)
{
  if (n > 0 && !download (stream, to_host, from, n * sizeof (float)))
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
