/* SPDX-License-Identifier: MIT */
/* cuBLAS's handle of a stream, its workspace, and what cuBLASLt said. */
#include "backend/cuda/blas.h"
#include "backend/cuda/epilogues.h"
#include "backend/cuda/repeat.h"

enum { ENOUGH = 256 << 20 }; /* bytes, for cuBLAS to begin */

static gboolean
create (FewStream *stream)
{
  size_t available, total;
  few_cuda_hold (); /* it may wait for the whole GPU */
  cublasStatus_t status = cublasCreate (&stream->blas);
  few_cuda_release ();
  if (status == CUBLAS_STATUS_SUCCESS)
    status = cublasSetStream (stream->blas, stream->stream);
  if (status == CUBLAS_STATUS_SUCCESS)
    /* after the stream: setting that resets it */
    status = cublasSetWorkspace (stream->blas, stream->workspace, FEW_CUDA_WORKSPACE);
  /* so it says, too, where memory is short */
  if (status == CUBLAS_STATUS_NOT_INITIALIZED && cudaMemGetInfo (&available, &total) == cudaSuccess
      && available < ENOUGH)
    status = CUBLAS_STATUS_ALLOC_FAILED;
  return few_cuda_blas_did (stream, status, "Starting cuBLAS");
}

gboolean
few_cuda_blas_ready (FewStream *stream)
{
  if (stream->failed)
    return FALSE;
  if (stream->blas)
    return TRUE;
  if (few_cuda_captures (stream))
    return few_cuda_did (stream, cudaErrorStreamCaptureUnsupported, "Starting cuBLAS");
  if (few_cuda_did (stream, cudaMalloc (&stream->workspace, FEW_CUDA_WORKSPACE),
                    "Allocating memory for cuBLAS")
      && create (stream))
    {
      stream->plans = few_cuda_plans_new ();
      return TRUE;
    }
  few_cuda_blas_close (stream);
  return FALSE;
}

void
few_cuda_blas_close (FewStream *stream)
{
  few_cuda_hold ();
  if (stream->blas)
    cublasDestroy (stream->blas); /* it waits for the whole GPU */
  few_cuda_release ();
  few_cuda_plans_free (stream->plans);
  few_cuda_drop (stream->workspace);
  stream->blas = NULL;
  stream->plans = NULL;
  stream->workspace = NULL;
}
