/* SPDX-License-Identifier: MIT */
/* What went wrong on a stream, and whether it may go on. */
#include "backend/cuda/stream.h"
#include <pthread.h>
#include <stdio.h>

gboolean
few_cuda_succeeded (cudaError_t result, const char *what, char *message)
{
  if (result == cudaSuccess)
    return TRUE;
  snprintf (message, FEW_CUDA_MESSAGE, "%s failed: %s.", what, cudaGetErrorString (result));
  cudaGetLastError (); /* it would be the next launch's, too */
  return FALSE;
}

static gboolean
remember_failure (FewStream *stream, gboolean memory_short, const char *what, const char *why)
{
  if (!stream->failed)
    {
      stream->failed = TRUE;
      stream->memory_short = memory_short;
      snprintf (stream->message, sizeof stream->message, "%s failed: %s.", what, why);
    }
  return FALSE;
}

gboolean
few_cuda_did (FewStream *stream, cudaError_t result, const char *what)
{
  if (result == cudaSuccess)
    return TRUE;
  cudaGetLastError ();
  return remember_failure (stream, result == cudaErrorMemoryAllocation, what,
                           cudaGetErrorString (result));
}

gboolean
few_cuda_blas_did (FewStream *stream, cublasStatus_t result, const char *what)
{
  if (result == CUBLAS_STATUS_SUCCESS)
    return TRUE;
  cudaGetLastError ();
  gboolean memory_short = result == CUBLAS_STATUS_ALLOC_FAILED;
  return remember_failure (stream, memory_short, what,
                           memory_short ? "the GPU has not enough memory"
                                        : cublasGetStatusString (result));
}

/* One for all devices of the program, as a GPU that is opened twice has one context: it guards what
 * CUDA has once, and nothing of ours. */
static pthread_mutex_t still = PTHREAD_MUTEX_INITIALIZER;

void
few_cuda_hold (void)
{
  pthread_mutex_lock (&still);
}

void
few_cuda_release (void)
{
  pthread_mutex_unlock (&still);
}

void
few_cuda_drop (void *memory)
{
  few_cuda_hold ();
  cudaFree (memory);
  few_cuda_release ();
  cudaGetLastError ();
}

void
few_cuda_drop_when_idle (void *memory)
{
  few_cuda_hold ();
  cudaDeviceSynchronize ();
  cudaFree (memory);
  few_cuda_release ();
  cudaGetLastError ();
}

gboolean
few_cuda_ready (FewStream *stream)
{
  if (stream->twin.of && stream->twin.alone)
    remember_failure (stream, FALSE, "An op", "it does not read what was passed on to it");
  stream->twin.of = NULL;
  stream->passes_on = FALSE;
  return !stream->failed
         && few_cuda_did (stream, cudaSetDevice (stream->device->ordinal), "Choosing the device");
}
