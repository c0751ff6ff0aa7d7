/* SPDX-License-Identifier: MIT */
/* The blocks of pinned memory that a device has, in a list. */
#include "backend/cuda/pinned.h"
#include <pthread.h>
#include <stdlib.h>

struct FewPinned
{
  FewPinned *next;
  char *memory;
  size_t size;
  gboolean pinned, taken;
};

/* Held for moments, by threads of one program. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static FewPinned *
find_spare (FewCudaDevice *device, size_t bytes)
{
  for (FewPinned *block = device->pinned; block; block = block->next)
    if (!block->taken && block->size >= bytes)
      return block;
  return NULL;
}

/* A new block, pinned or not; NULL where there is no memory. */
static FewPinned *
make_block (FewCudaDevice *device, size_t bytes)
{
  FewPinned *block = calloc (1, sizeof *block);
  void *memory = NULL;
  if (!block)
    return NULL;
  block->pinned = cudaSetDevice (device->ordinal) == cudaSuccess
                  && cudaHostAlloc (&memory, bytes, cudaHostAllocDefault) == cudaSuccess;
  if (!block->pinned)
    {
      cudaGetLastError (); /* it would be the next launch's, too */
      memory = malloc (bytes);
    }
  block->memory = memory;
  block->size = bytes;
  if (memory)
    return block;
  free (block);
  return NULL;
}

gpointer
few_cuda_host_alloc (FewBackend *backend, gsize bytes)
{
  FewCudaDevice *device = backend->device;
  pthread_mutex_lock (&lock);
  FewPinned *block = find_spare (device, MAX (bytes, 1));
  if (!block && (block = make_block (device, MAX (bytes, 1))))
    {
      block->next = device->pinned;
      device->pinned = block;
    }
  if (block)
    block->taken = TRUE;
  pthread_mutex_unlock (&lock);
  return block ? block->memory : NULL;
}

void
few_cuda_host_free (FewBackend *backend, gpointer memory)
{
  FewCudaDevice *device = backend->device;
  pthread_mutex_lock (&lock);
  for (FewPinned *block = device->pinned; block; block = block->next)
    if (block->memory == memory)
      block->taken = FALSE;
  pthread_mutex_unlock (&lock);
}

gboolean
few_cuda_is_pinned (FewCudaDevice *device, const void *memory, size_t bytes)
{
  const char *at = memory;
  gboolean found = FALSE;
  pthread_mutex_lock (&lock);
  for (FewPinned *block = device->pinned; block && !found; block = block->next)
    found = block->pinned && at >= block->memory && at + bytes <= block->memory + block->size;
  pthread_mutex_unlock (&lock);
  return found;
}

void
few_cuda_pinned_free (FewCudaDevice *device)
{
  while (device->pinned)
    {
      FewPinned *block = device->pinned;
      device->pinned = block->next;
      if (block->pinned)
        cudaFreeHost (block->memory);
      else
        free (block->memory);
      free (block);
    }
}
