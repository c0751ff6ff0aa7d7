/* SPDX-License-Identifier: MIT */
/* The interface by which nvcc's host code registers and launches kernels: it names each by the
 * address of its host stub. */
#include "runtime.h"
#include <stdlib.h>
#include <string.h>

static GHashTable *stubs; /* host stub → name */

typedef struct
{
  const Kernel *kernel;
  Size3 grid, block;
  guint8 *parameters;
} Launch;

static void
run_launch (gpointer data)
{
  const Launch *l = data;
  launch_run (l->kernel, l->grid, l->block, l->parameters);
}

static void
launch_free (gpointer data)
{
  Launch *l = data;
  g_free (l->parameters);
  g_free (l);
}

static gboolean
launch_possible (const char *name, Size3 grid, Size3 block, const Kernel *kernel, gsize shared)
{
  guint64 threads = (guint64) block.x * block.y * block.z;
  if (threads == 0 || threads > 1024 || block.z > 64 || grid.x == 0 || grid.y == 0 || grid.z == 0
      || grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535
      || shared + kernel->shared_bytes > SHARED_BYTES)
    {
      report ("bad-launch", "%s: a grid of %u × %u × %u blocks of %u × %u × %u threads", name,
              grid.x, grid.y, grid.z, block.x, block.y, block.z);
      return FALSE;
    }
  if (kernel->most_threads && threads > kernel->most_threads)
    {
      report ("bad-launch", "%s: %" G_GUINT64_FORMAT " threads a block; its launch bounds say %u",
              name, threads, kernel->most_threads);
      return FALSE;
    }
  if (shared > 0)
    report ("bad-launch", "%s: dynamic shared memory is not emulated", name);
  return TRUE;
}

cudaError_t
cudaLaunchKernel (const void *stub, dim3 grid, dim3 block, void **arguments, size_t shared,
                  cudaStream_t stream)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorLaunchOutOfResources);
  const char *name = stubs ? g_hash_table_lookup (stubs, stub) : NULL;
  const Kernel *kernel = name ? kernel_find (name) : NULL;
  if (!kernel)
    {
      report ("bad-launch", "%s has no PTX", name ? name : "an unregistered kernel");
      return result (cudaErrorInvalidDeviceFunction);
    }
  Launch l = { kernel,
               { grid.x, grid.y, grid.z },
               { block.x, block.y, block.z },
               g_malloc0 (kernel->parameter_bytes + 8) };
  if (!launch_possible (name, l.grid, l.block, kernel, shared))
    {
      g_free (l.parameters);
      return result (cudaErrorInvalidConfiguration);
    }
  const void *uses[3] = { NULL };
  guint n_uses = 0;
  for (guint i = 0; i < kernel->parameters->len; i++)
    {
      const Parameter *p = &g_array_index (kernel->parameters, Parameter, i);
      memcpy (l.parameters + p->offset, arguments[i], p->bytes);
      const void *pointer = NULL;
      if (p->bytes == sizeof pointer)
        memcpy (&pointer, arguments[i], sizeof pointer);
      if (n_uses < 3 && is_device (pointer))
        uses[n_uses++] = pointer;
    }
  stream_push (stream_find (stream), kernel->name, uses, run_launch, g_memdup2 (&l, sizeof l),
               launch_free);
  return cudaSuccess;
}

cudaError_t
cudaFuncGetAttributes (struct cudaFuncAttributes *attributes, const void *stub)
{
  FAKE_LOCKED;
  const char *name = stubs ? g_hash_table_lookup (stubs, stub) : NULL;
  const Kernel *kernel = name ? kernel_find (name) : NULL;
  if (call_fails () || !kernel)
    return result (cudaErrorInvalidDeviceFunction);
  memset (attributes, 0, sizeof *attributes);
  attributes->ptxVersion = MIN (fake_generation (), (int) kernel->target);
  attributes->binaryVersion = attributes->ptxVersion;
  return cudaSuccess;
}

/* CUDA 13's names for the same; a cudaKernel_t, which older headers do not know, is a pointer,
 * here to the stub. */
cudaError_t __cudaLaunchKernel (const void *kernel, dim3 grid, dim3 block, void **arguments,
                                size_t shared, cudaStream_t stream);
cudaError_t __cudaGetKernel (const void **kernel, const void *stub);
char __cudaInitModule (void **handle);
void **__cudaRegisterFatBinary (void *binary);
void __cudaRegisterFatBinaryEnd (void **handle);
void __cudaUnregisterFatBinary (void **handle);
void __cudaRegisterFunction (void **handle, const char *stub, char *device_function,
                             const char *name, int thread_limit, uint3 *thread, uint3 *block,
                             dim3 *block_size, dim3 *grid_size, int *warp_size);
unsigned __cudaPushCallConfiguration (dim3 grid, dim3 block, size_t shared,
                                      struct CUstream_st *stream);
cudaError_t __cudaPopCallConfiguration (dim3 *grid, dim3 *block, size_t *shared, void *stream);

cudaError_t
__cudaLaunchKernel (const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared,
                    cudaStream_t stream)
{
  return cudaLaunchKernel (kernel, grid, block, arguments, shared, stream);
}

cudaError_t
__cudaGetKernel (const void **kernel, const void *stub)
{
  *kernel = stub;
  return cudaSuccess;
}

char
__cudaInitModule (void **handle G_GNUC_UNUSED)
{
  return 1;
}

void **
__cudaRegisterFatBinary (void *binary G_GNUC_UNUSED)
{
  static void *handle;
  return &handle;
}

void
__cudaRegisterFatBinaryEnd (void **handle G_GNUC_UNUSED)
{
}

void
__cudaUnregisterFatBinary (void **handle G_GNUC_UNUSED)
{
}

void
__cudaRegisterFunction (void **handle G_GNUC_UNUSED, const char *stub,
                        char *device_function G_GNUC_UNUSED, const char *name,
                        int thread_limit G_GNUC_UNUSED, uint3 *thread G_GNUC_UNUSED,
                        uint3 *block G_GNUC_UNUSED, dim3 *block_size G_GNUC_UNUSED,
                        dim3 *grid_size G_GNUC_UNUSED, int *warp_size G_GNUC_UNUSED)
{
  if (!stubs)
    stubs = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (stubs, (gpointer) stub, (gpointer) name);
}

static _Thread_local struct
{
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
} configuration; /* between <<<…>>> and the stub that it calls */

unsigned
__cudaPushCallConfiguration (dim3 grid, dim3 block, size_t shared, struct CUstream_st *stream)
{
  configuration.grid = grid;
  configuration.block = block;
  configuration.shared = shared;
  configuration.stream = stream;
  return 0;
}

cudaError_t
__cudaPopCallConfiguration (dim3 *grid, dim3 *block, size_t *shared, void *stream)
{
  *grid = configuration.grid;
  *block = configuration.block;
  *shared = configuration.shared;
  *(cudaStream_t *) stream = configuration.stream;
  return cudaSuccess;
}
