/* SPDX-License-Identifier: MIT */
/* The CUDA runtime's memory, on either side, and copies. Frees cannot fail on demand: nobody could
 * do anything about it. */
#include "runtime.h"
#include <string.h>

static GHashTable *pinned; /* address → bytes */
static gsize pinned_bytes;

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

cudaError_t
cudaMalloc (void **memory, size_t bytes)
{
  FAKE_LOCKED;
  *memory = NULL;
  if (call_fails ())
    return result (cudaErrorMemoryAllocation);
  if (!capture_allows ("allocating"))
    return result (cudaErrorStreamCaptureUnsupported);
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
  if (memory && !capture_allows ("freeing"))
    return result (cudaErrorStreamCaptureUnsupported);
  if (memory)
    device_free (memory);
  return cudaSuccess;
}

cudaError_t
cudaMallocHost (void **memory, size_t bytes)
{
  FAKE_LOCKED;
  const char *most = g_getenv ("FAKECUDA_PINNED");
  *memory = NULL;
  if (call_fails () || (most && pinned_bytes + bytes > g_ascii_strtoull (most, NULL, 10)))
    return result (cudaErrorMemoryAllocation);
  if (!capture_allows ("pinning memory"))
    return result (cudaErrorStreamCaptureUnsupported);
  *memory = g_malloc0 (bytes);
  pinned_bytes += bytes;
  allocations++;
  if (!pinned)
    pinned = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (pinned, *memory, GSIZE_TO_POINTER (bytes));
  return cudaSuccess;
}

cudaError_t
cudaHostAlloc (void **memory, size_t bytes, unsigned flags)
{
  if (flags != cudaHostAllocDefault)
    report ("bad-flags", "pinned memory with flags %u", flags);
  return cudaMallocHost (memory, bytes);
}

cudaError_t
cudaFreeHost (void *memory)
{
  FAKE_LOCKED;
  if (!memory)
    return cudaSuccess;
  pinned_bytes -= pinned ? GPOINTER_TO_SIZE (g_hash_table_lookup (pinned, memory)) : 0;
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
  if (!is_device (to) && !stream_captures (stream_find (stream)))
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
  if (!check_copy (to, from, bytes, kind) || !capture_allows ("a copy that waits"))
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
