/* SPDX-License-Identifier: MIT */
/* The CUDA runtime's functions that the module calls: errors, devices, streams and events. Memory
 * is in runtime-memory.c, launches are in runtime-launch.c. */
#include "runtime.h"
#include <stdlib.h>
#include <string.h>

/* CUDA keeps the last error of each host thread; a launch that follows would report it. */
static _Thread_local cudaError_t last_error;

cudaError_t
result (cudaError_t error)
{
  if (error != cudaSuccess)
    last_error = error;
  return error;
}

cudaError_t
cudaGetLastError (void)
{
  cudaError_t error = last_error;
  last_error = cudaSuccess;
  return error;
}

cudaError_t
cudaPeekAtLastError (void)
{
  return last_error;
}

const char *
cudaGetErrorString (cudaError_t error)
{
  if (error == cudaErrorMemoryAllocation)
    return "out of memory";
  return error == cudaErrorNoDevice ? "no CUDA-capable device is detected"
                                    : "a failure that was asked for";
}

/* ---- devices */

_Thread_local int fake_device;

/* What meson has the kernels' PTX made for. */
int
fake_generation (void)
{
  const char *other = g_getenv ("FAKECUDA_GENERATION");
  return other ? atoi (other) : 80;
}

static int
n_devices (void)
{
  const char *n = g_getenv ("FAKECUDA_DEVICES");
  return n ? atoi (n) : 1;
}

cudaError_t
cudaGetDeviceCount (int *count)
{
  FAKE_LOCKED;
  if (call_fails () || n_devices () == 0)
    return result (cudaErrorNoDevice); /* *count stays as it was: so does the real one */
  *count = n_devices ();
  return cudaSuccess;
}

cudaError_t
cudaSetDevice (int device)
{
  FAKE_LOCKED;
  if (device < 0 || device >= n_devices ())
    return result (cudaErrorInvalidDevice);
  int before = fake_device;
  fake_device = device;
  if (!call_fails ())
    return cudaSuccess;
  fake_device = before;
  return result (cudaErrorUnknown);
}

cudaError_t
cudaGetDeviceProperties (struct cudaDeviceProp *properties, int device)
{
  FAKE_LOCKED;
  if (call_fails () || device < 0 || device >= n_devices ())
    return result (cudaErrorInvalidDevice);
  memset (properties, 0, sizeof *properties);
  g_strlcpy (properties->name, "Fake GPU", sizeof properties->name);
  properties->major = fake_generation () / 10;
  properties->minor = fake_generation () % 10;
  for (int i = 0; i < 16; i++)
    properties->uuid.bytes[i] = (char) (i + device);
  return cudaSuccess;
}

cudaError_t
cudaMemGetInfo (size_t *available, size_t *total)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  *total = (size_t) 4 << 30;
  *available = *total - device_in_use ();
  return cudaSuccess;
}

cudaError_t
cudaDeviceSynchronize (void)
{
  FAKE_LOCKED;
  if (!capture_allows_idle ())
    return result (cudaErrorStreamCaptureUnsupported);
  stream_drain_all ();
  return cudaSuccess;
}

/* ---- streams and events */

cudaError_t
cudaStreamCreateWithFlags (cudaStream_t *stream, unsigned flags)
{
  FAKE_LOCKED;
  *stream = NULL;
  if (call_fails ())
    return result (cudaErrorMemoryAllocation);
  *stream = (cudaStream_t) stream_new ((flags & cudaStreamNonBlocking) != 0);
  return cudaSuccess;
}

cudaError_t
cudaStreamDestroy (cudaStream_t stream)
{
  FAKE_LOCKED;
  stream_free (stream_find (stream));
  return cudaSuccess;
}

cudaError_t
cudaStreamSynchronize (cudaStream_t stream)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  if (!capture_allows_on (stream_find (stream), "waiting for it"))
    return result (cudaErrorStreamCaptureUnsupported);
  stream_drain (stream_find (stream));
  return cudaSuccess;
}

cudaError_t
cudaEventCreateWithFlags (cudaEvent_t *event, unsigned flags G_GNUC_UNUSED)
{
  FAKE_LOCKED;
  *event = NULL;
  if (call_fails ())
    return result (cudaErrorMemoryAllocation);
  *event = (cudaEvent_t) event_new ();
  return cudaSuccess;
}

cudaError_t
cudaEventDestroy (cudaEvent_t event)
{
  FAKE_LOCKED;
  event_free ((FakeEvent *) event);
  return cudaSuccess;
}

cudaError_t
cudaEventRecord (cudaEvent_t event, cudaStream_t stream)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  if (!capture_allows_on (stream_find (stream), "an event that is waited for"))
    return result (cudaErrorStreamCaptureUnsupported);
  event_record ((FakeEvent *) event, stream_find (stream));
  return cudaSuccess;
}

cudaError_t
cudaEventSynchronize (cudaEvent_t event)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  event_wait ((FakeEvent *) event);
  return cudaSuccess;
}
