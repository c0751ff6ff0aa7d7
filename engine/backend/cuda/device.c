/* SPDX-License-Identifier: MIT */
/* Devices and streams: the table that libfewshot.so opens. Only what CUDA 11.8 to 13 have in
 * common is called. */
#include "backend/cuda/device.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORKSPACE = 8 << 20 }; /* bytes; cuBLAS's advice is 4 MB, 32 on Hopper */

static gboolean
succeeded (cudaError_t result, const char *what, char *message)
{
  if (result == cudaSuccess)
    return TRUE;
  snprintf (message, FEW_CUDA_MESSAGE, "%s failed: %s.", what, cudaGetErrorString (result));
  cudaGetLastError (); /* it would be the next launch's, too */
  return FALSE;
}

static gboolean
remember (FewStream *stream, gboolean memory_short, const char *what, const char *why)
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
  return remember (stream, result == cudaErrorMemoryAllocation, what, cudaGetErrorString (result));
}

gboolean
few_cuda_blas_did (FewStream *stream, cublasStatus_t result, const char *what)
{
  if (result == CUBLAS_STATUS_SUCCESS)
    return TRUE;
  cudaGetLastError ();
  return remember (stream, result == CUBLAS_STATUS_ALLOC_FAILED, what,
                   cublasGetStatusString (result));
}

gboolean
few_cuda_ready (FewStream *stream)
{
  return !stream->failed
         && few_cuda_did (stream, cudaSetDevice (stream->device->ordinal), "Choosing the device");
}

static gboolean
count (int *devices, char *message)
{
  *devices = 0;
  return succeeded (cudaGetDeviceCount (devices), "Counting the CUDA devices", message);
}

static gboolean
describe (int ordinal, FewCudaInfo *info, char *message)
{
  struct cudaDeviceProp properties;
  size_t available = 0;
  size_t total = 0;
  if (!succeeded (cudaGetDeviceProperties (&properties, ordinal), "Reading the device's properties",
                  message)
      || !succeeded (cudaSetDevice (ordinal), "Starting the device", message)
      || !succeeded (cudaMemGetInfo (&available, &total), "Reading the device's memory", message))
    return FALSE;
  memset (info, 0, sizeof *info);
  snprintf (info->name, sizeof info->name, "%s", properties.name);
  for (guint i = 0, at = 0; i < 16; i++)
    at += (guint) snprintf (info->uuid + at, sizeof info->uuid - at, "%02x%s",
                            (unsigned char) properties.uuid.bytes[i],
                            i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
  info->major = (guint) properties.major;
  info->minor = (guint) properties.minor;
  info->memory = total;
  info->memory_free = available;
  return TRUE;
}

static gboolean
stream_open (FewStream *stream, char *message)
{
  if (!succeeded (cudaStreamCreateWithFlags (&stream->stream, cudaStreamNonBlocking),
                  "Making a stream", message)
      || !succeeded (cudaEventCreateWithFlags (&stream->stage[0].event, cudaEventDisableTiming),
                     "Making an event", message)
      || !succeeded (cudaEventCreateWithFlags (&stream->stage[1].event, cudaEventDisableTiming),
                     "Making an event", message)
      || !succeeded (cudaMalloc (&stream->workspace, WORKSPACE), "Allocating memory for cuBLAS",
                     message))
    return FALSE;
  cublasStatus_t status = cublasCreate (&stream->blas);
  if (status == CUBLAS_STATUS_SUCCESS)
    status = cublasSetStream (stream->blas, stream->stream);
  if (status == CUBLAS_STATUS_SUCCESS)
    /* after the stream: setting that resets it */
    status = cublasSetWorkspace (stream->blas, stream->workspace, WORKSPACE);
  if (status != CUBLAS_STATUS_SUCCESS)
    snprintf (message, FEW_CUDA_MESSAGE, "Starting cuBLAS failed: %s.",
              cublasGetStatusString (status));
  return status == CUBLAS_STATUS_SUCCESS;
}

static void
close_device (FewCudaDevice *device)
{
  cudaSetDevice (device->ordinal);
  cudaDeviceSynchronize ();
  for (guint i = 0; device->streams && i < device->n_streams; i++)
    {
      FewStream *stream = &device->streams[i];
      few_cuda_stages_free (stream);
      for (guint slot = 0; slot < FEW_N_SCRATCH; slot++)
        cudaFree (stream->scratch[slot].memory);
      if (stream->blas)
        cublasDestroy (stream->blas);
      cudaFree (stream->workspace);
      if (stream->stream)
        cudaStreamDestroy (stream->stream);
    }
  free (device->streams);
  free (device);
  cudaGetLastError ();
}

static FewCudaDevice *
open_device (int ordinal, gboolean exact, guint n_streams, FewCudaFail fail, char *message)
{
  FewCudaDevice *device = calloc (1, sizeof *device);
  gboolean ok = device && (device->streams = calloc (n_streams, sizeof *device->streams));
  if (!ok)
    {
      snprintf (message, FEW_CUDA_MESSAGE, "There is not enough memory.");
      free (device);
      return NULL;
    }
  device->ordinal = ordinal;
  device->exact = exact;
  device->fail = fail;
  device->n_streams = n_streams;
  ok = succeeded (cudaSetDevice (ordinal), "Starting the device", message);
  for (guint i = 0; i < n_streams && ok; i++)
    {
      device->streams[i].device = device;
      ok = stream_open (&device->streams[i], message);
    }
  if (ok)
    return device;
  close_device (device);
  return NULL;
}

static FewStream *
stream_of (FewCudaDevice *device, guint index)
{
  return &device->streams[index];
}

const FewCudaModule *
few_cuda_module (void)
{
  static const FewCudaModule module = {
    .abi = FEW_CUDA_ABI,
    .toolkit = CUDART_VERSION,
    .count = count,
    .describe = describe,
    .open = open_device,
    .stream = stream_of,
    .close = close_device,
    .ops = &few_cuda_ops,
  };
  return &module;
}
