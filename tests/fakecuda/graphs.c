/* SPDX-License-Identifier: MIT */
/* CUDA graphs: what a stream was asked while it captured, done again at each launch with the
 * arguments of then: pointers, values, and what cuBLAS was told. */
#include "runtime.h"

struct CUgraph_st
{
  GPtrArray *kept;
};

struct CUgraphExec_st
{
  GPtrArray *kept;
  int device;
  guint pending; /* launches that have not run */
};

static guint alive;

/* For tests: how often a graph was launched */
FAKE_EXPORT guint fakecuda_graphs (void);
static guint launches;

guint
fakecuda_graphs (void)
{
  return launches;
}

guint
graphs_alive (void)
{
  return alive;
}

cudaError_t
cudaStreamBeginCapture (cudaStream_t handle, enum cudaStreamCaptureMode mode)
{
  FAKE_LOCKED;
  FakeStream *stream = stream_find (handle);
  if (call_fails ())
    return result (cudaErrorUnknown);
  if (mode != cudaStreamCaptureModeThreadLocal)
    report ("capture", "of mode %d: what other threads allocate would end it", mode);
  if (!capture_allows_on (stream, "a capture begins"))
    return result (cudaErrorIllegalState);
  stream_begin_capture (stream);
  return cudaSuccess;
}

cudaError_t
cudaStreamEndCapture (cudaStream_t handle, cudaGraph_t *graph)
{
  FAKE_LOCKED;
  FakeStream *stream = stream_find (handle);
  *graph = NULL;
  if (!stream_captures (stream))
    return result (cudaErrorIllegalState);
  GPtrArray *kept = stream_end_capture (stream);
  gboolean fails = call_fails ();
  if (!kept || fails)
    {
      g_clear_pointer (&kept, g_ptr_array_unref);
      return result (cudaErrorStreamCaptureInvalidated);
    }
  *graph = g_new (struct CUgraph_st, 1);
  (*graph)->kept = kept;
  alive++;
  return cudaSuccess;
}

cudaError_t
cudaGraphDestroy (cudaGraph_t graph)
{
  FAKE_LOCKED;
  g_ptr_array_unref (graph->kept);
  g_free (graph);
  alive--;
  return cudaSuccess;
}

cudaError_t
cudaGraphInstantiateWithFlags (cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
  FAKE_LOCKED;
  *exec = NULL;
  if (call_fails () || flags != 0)
    return result (cudaErrorMemoryAllocation);
  *exec = g_new0 (struct CUgraphExec_st, 1);
  (*exec)->kept = g_ptr_array_ref (graph->kept);
  (*exec)->device = fake_device;
  alive++;
  return cudaSuccess;
}

cudaError_t
cudaGraphLaunch (cudaGraphExec_t exec, cudaStream_t stream)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  if (exec->device != fake_device)
    report ("other-device", "a graph of cuda:%d is launched for another one", exec->device);
  launches++;
  stream_push_kept (stream_find (stream), exec->kept, &exec->pending);
  return cudaSuccess;
}

cudaError_t
cudaGraphExecDestroy (cudaGraphExec_t exec)
{
  FAKE_LOCKED;
  if (exec->pending > 0)
    report ("freed-in-use", "a graph is destroyed before it has run");
  g_ptr_array_unref (exec->kept);
  g_free (exec);
  alive--;
  return cudaSuccess;
}
