/* SPDX-License-Identifier: MIT */
/* Device memory that is freed together. */
#pragma once
#include "backend/backend.h"

typedef struct
{
  FewBackend *backend;
  GPtrArray *blocks;
  GError *error; /* the first that failed */
} FewMemory;

static inline void
few_memory_init (FewMemory *memory, FewBackend *backend)
{
  *memory = (FewMemory) { .backend = backend, .blocks = g_ptr_array_new () };
}

/* n zeroes. When memory is short: NULL, and `error` says so; check it once after the last call. */
static inline float *
few_memory_get (FewMemory *memory, gsize n)
{
  float *block =
      memory->error ? NULL : memory->backend->ops->alloc (memory->backend, n, &memory->error);
  if (block)
    g_ptr_array_add (memory->blocks, block);
  return block;
}

static inline void
few_memory_clear (FewMemory *memory)
{
  for (guint i = 0; memory->blocks && i < memory->blocks->len; i++)
    memory->backend->ops->free (memory->backend, memory->blocks->pdata[i]);
  g_clear_pointer (&memory->blocks, g_ptr_array_unref);
  g_clear_error (&memory->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewMemory, few_memory_clear)
