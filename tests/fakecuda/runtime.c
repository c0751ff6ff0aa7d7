/* SPDX-License-Identifier: MIT */
/* The CUDA runtime's functions that the module calls, and the interface by which nvcc's host
 * code registers and launches kernels. */
#include "fake.h"
#include <cuda_runtime_api.h>
#include <stdlib.h>
#include <string.h>

/* CUDA keeps the last error of each host thread; a launch that follows would report it. */
static _Thread_local cudaError_t last_error;
static GHashTable *pinned; /* address → bytes */

/* For tests: how often memory was allocated, on either side, and copied to the host */
FAKE_EXPORT guint fakecuda_allocations (void);
FAKE_EXPORT guint fakecuda_downloads (void);
static guint allocations, downloads;

guint
fakecuda_allocations (void)
{
  return allocations;
}

guint
fakecuda_downloads (void)
{
  return downloads;
}

static cudaError_t
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
  if (call_fails ())
    return result (cudaErrorUnknown);
  return result (device >= 0 && device < n_devices () ? cudaSuccess : cudaErrorInvalidDevice);
}

cudaError_t
cudaGetDeviceProperties (struct cudaDeviceProp *properties, int device)
{
  FAKE_LOCKED;
  if (call_fails () || device < 0 || device >= n_devices ())
    return result (cudaErrorInvalidDevice);
  memset (properties, 0, sizeof *properties);
  g_strlcpy (properties->name, "Fake GPU", sizeof properties->name);
  properties->major = 7;
  properties->minor = 5;
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
  stream_drain_all ();
  return cudaSuccess;
}

/* ---- memory. Frees cannot fail on demand: nobody could do anything about it. */

cudaError_t
cudaMalloc (void **memory, size_t bytes)
{
  FAKE_LOCKED;
  *memory = NULL;
  if (call_fails ())
    return result (cudaErrorMemoryAllocation);
  if (bytes == 0)
    return cudaSuccess;
  *memory = device_alloc (bytes);
  allocations++;
  return result (*memory ? cudaSuccess : cudaErrorMemoryAllocation);
}

cudaError_t
cudaFree (void *memory)
{
  FAKE_LOCKED;
  if (memory)
    device_free (memory);
  return cudaSuccess;
}

cudaError_t
cudaMallocHost (void **memory, size_t bytes)
{
  FAKE_LOCKED;
  *memory = NULL;
  if (call_fails ())
    return result (cudaErrorMemoryAllocation);
  *memory = g_malloc0 (bytes);
  allocations++;
  if (!pinned)
    pinned = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (pinned, *memory, GSIZE_TO_POINTER (bytes));
  return cudaSuccess;
}

cudaError_t
cudaFreeHost (void *memory)
{
  FAKE_LOCKED;
  if (!memory)
    return cudaSuccess;
  if (!pinned || !g_hash_table_remove (pinned, memory))
    {
      report ("bad-free", "%p is no pinned memory", memory);
      return result (cudaErrorInvalidValue);
    }
  stream_forbid_free (memory, 1);
  g_free (memory);
  return cudaSuccess;
}

void pinned_check (void);

void
pinned_check (void)
{
  if (pinned && g_hash_table_size (pinned) > 0)
    report ("leak", "%u blocks of pinned memory", g_hash_table_size (pinned));
}

static gboolean
is_pinned (const char *address, gsize bytes)
{
  GHashTableIter iter;
  gpointer start, size;
  g_hash_table_iter_init (&iter, pinned);
  while (pinned && g_hash_table_iter_next (&iter, &start, &size))
    if (address >= (char *) start && address + bytes <= (char *) start + GPOINTER_TO_SIZE (size))
      return TRUE;
  return FALSE;
}

/* ---- copies */

typedef struct
{
  char *to;
  const char *from;
  gsize bytes;
  guint hash; /* of a host source, when the copy was queued */
} Copy;

static guint
hash_of (const char *bytes, gsize n)
{
  guint hash = 5381;
  for (gsize i = 0; i < n; i++)
    hash = hash * 33 + (guchar) bytes[i];
  return hash;
}

static void
copy (gpointer data)
{
  const Copy *c = data;
  if (!is_device (c->from) && hash_of (c->from, c->bytes) != c->hash)
    report ("source-reused", "the host memory that a copy reads was changed before the copy ran");
  if (is_device (c->from) && !is_device (c->to) && !is_initialised (c->from, c->bytes))
    report ("uninitialised", "a copy to the host reads memory that nothing has written");
  memcpy (contents (c->to), contents (c->from), c->bytes);
  if (is_device (c->to) && is_device (c->from))
    copy_initialised (c->to, c->from, c->bytes);
  else if (is_device (c->to))
    set_initialised (c->to, c->bytes);
}

static gboolean
check_copy (const void *to, const void *from, gsize bytes, enum cudaMemcpyKind kind)
{
  gboolean to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  gboolean from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if ((!to_device && is_device (to)) || (!from_device && is_device (from)))
    {
      report ("direction", "a copy names device memory as the host's");
      return FALSE;
    }
  return (!to_device || device_range ("a copy's destination", to, bytes))
         && (!from_device || device_range ("a copy's source", from, bytes));
}

cudaError_t
cudaMemcpyAsync (void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                 cudaStream_t stream)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  if (bytes == 0)
    return cudaSuccess;
  if (!check_copy (to, from, bytes, kind))
    return result (cudaErrorInvalidValue);
  const void *host = is_device (to) ? from : to;
  if (!is_device (host) && !is_pinned (host, bytes))
    report ("pageable", "an asynchronous copy of memory that is not pinned");
  Copy c = { to, from, bytes, is_device (from) ? 0 : hash_of (from, bytes) };
  downloads += !is_device (to);
  if (!is_device (to))
    memset (to, 0xff, bytes); /* so that what reads it too early shows */
  stream_push (stream_find (stream), "a copy", (const void *const[3]) { to, from }, copy,
               g_memdup2 (&c, sizeof c), g_free);
  return cudaSuccess;
}

/* Waits for the legacy stream and those that it waits for, not for non-blocking ones. */
cudaError_t
cudaMemcpy (void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  if (!check_copy (to, from, bytes, kind))
    return result (cudaErrorInvalidValue);
  stream_drain_legacy ();
  copy (&(Copy) { to, from, bytes, is_device (from) ? 0 : hash_of (from, bytes) });
  return cudaSuccess;
}

typedef struct
{
  void *memory;
  int value;
  gsize bytes;
} Fill;

static void
fill (gpointer data)
{
  const Fill *f = data;
  memset (contents (f->memory), f->value, f->bytes);
  set_initialised (f->memory, f->bytes);
}

cudaError_t
cudaMemsetAsync (void *memory, int value, size_t bytes, cudaStream_t stream)
{
  FAKE_LOCKED;
  if (call_fails ())
    return result (cudaErrorUnknown);
  if (!device_range ("a memset", memory, bytes))
    return result (cudaErrorInvalidValue);
  Fill f = { memory, value, bytes };
  stream_push (stream_find (stream), "a memset", (const void *const[3]) { memory }, fill,
               g_memdup2 (&f, sizeof f), g_free);
  return cudaSuccess;
}

cudaError_t
cudaMemset (void *memory, int value, size_t bytes)
{
  return cudaMemsetAsync (memory, value, bytes, NULL);
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

/* ---- kernels. nvcc's code names each kernel by the address of its host stub. */

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
