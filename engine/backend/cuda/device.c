/* SPDX-License-Identifier: MIT */
/* Devices and streams: the table that libfewshot.so opens. Only what CUDA 11.8 to 13 have in
 * common is called. */
#include "backend/cuda/blas.h"
#include "backend/cuda/memory.h"
#include "backend/cuda/module.h"
#include "backend/cuda/ops.h"
#include "backend/cuda/pinned.h"
#include "backend/cuda/repeat.h"
#include "backend/cuda/staging.h"
#include "backend/cuda/stream.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gboolean
count_devices (int *devices, char *message)
{
  *devices = 0;
  return few_cuda_succeeded (cudaGetDeviceCount (devices), "Counting the CUDA devices", message);
}

static gboolean
describe_device (int ordinal, FewCudaInfo *info, char *message)
{
  struct cudaDeviceProp properties;
  size_t available = 0;
  size_t total = 0;
  if (!few_cuda_succeeded (cudaGetDeviceProperties (&properties, ordinal),
                           "Reading the device's properties", message)
      || !few_cuda_succeeded (cudaSetDevice (ordinal), "Starting the device", message)
      || !few_cuda_succeeded (cudaMemGetInfo (&available, &total), "Reading the device's memory",
                              message))
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
open_stream (FewStream *stream, char *message)
{
  return few_cuda_succeeded (cudaStreamCreateWithFlags (&stream->stream, cudaStreamNonBlocking),
                             "Making a stream", message)
         && few_cuda_succeeded (
             cudaEventCreateWithFlags (&stream->stage[0].event, cudaEventDisableTiming),
             "Making an event", message)
         && few_cuda_succeeded (
             cudaEventCreateWithFlags (&stream->stage[1].event, cudaEventDisableTiming),
             "Making an event", message);
}

/* The first is for who waits for each result. */
static gboolean
make_patient (FewStream *stream, char *message)
{
  return few_cuda_succeeded (
      cudaEventCreateWithFlags (&stream->done, cudaEventDisableTiming | cudaEventBlockingSync),
      "Making an event", message);
}

/* Nothing is on its way on it. */
static void
close_stream (FewStream *stream)
{
  few_cuda_repeats_free (stream);
  few_cuda_stages_free (stream);
  if (stream->done)
    cudaEventDestroy (stream->done);
  for (guint slot = 0; slot < FEW_N_SCRATCH; slot++)
    few_cuda_drop (stream->scratch[slot].memory);
  few_cuda_blas_close (stream);
  if (stream->stream)
    cudaStreamDestroy (stream->stream);
}

static void
close_device (FewCudaDevice *device)
{
  cudaSetDevice (device->ordinal);
  few_cuda_hold ();
  cudaDeviceSynchronize ();
  few_cuda_release ();
  for (guint i = 0; device->streams && i < device->n_streams; i++)
    close_stream (&device->streams[i]);
  few_cuda_pinned_free (device);
  free (device->streams);
  free (device);
  cudaGetLastError ();
}

/* What FEWSHOT_CUDA_WITHOUT, a list, names is done by separate kernels: for measurements. */
static gboolean
is_wanted (const char *way)
{
  const char *without = getenv ("FEWSHOT_CUDA_WITHOUT");
  return !without || !strstr (without, way);
}

static FewCudaDevice *
open_device (int ordinal, FewCudaPrecision precision, guint n_streams, FewCudaFail fail,
             FewCudaSay say, char *message)
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
  device->precision = precision;
  device->epilogues = is_wanted ("epilogues");
  device->graphs = is_wanted ("graphs");
  device->fail = fail;
  device->say = say;
  device->n_streams = n_streams;
  ok = few_cuda_succeeded (cudaSetDevice (ordinal), "Starting the device", message);
  device->fused_attention = ok && few_cuda_attend_built (precision) && is_wanted ("attention");
  for (guint i = 0; i < n_streams && ok; i++)
    {
      device->streams[i].device = device;
      ok = open_stream (&device->streams[i], message)
           && (i == 0 || make_patient (&device->streams[i], message));
    }
  if (ok)
    return device;
  close_device (device);
  return NULL;
}

static FewStream *
get_stream (FewCudaDevice *device, guint index)
{
  return &device->streams[index];
}

const FewCudaModule *
few_cuda_module (void)
{
  static const FewCudaModule module = {
    .abi = FEW_CUDA_ABI,
    .toolkit = CUDART_VERSION,
    .count = count_devices,
    .describe = describe_device,
    .open = open_device,
    .stream = get_stream,
    .close = close_device,
    .ops = &few_cuda_ops,
  };
  return &module;
}
