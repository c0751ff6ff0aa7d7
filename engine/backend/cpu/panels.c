/* SPDX-License-Identifier: MIT */
/* Memory of packed weights, in blocks of huge pages. */
#include "backend/cpu/panels.h"
#include "backend/cpu/stream.h"
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, BLOCK_BYTES = 32 << 20 };

typedef struct
{
  char *memory;
  gsize size, used;
  guint held; /* matrices in it */
} Block;

struct FewPanels
{
  GMutex mutex;
  GPtrArray *blocks; /* of Block; the last one is being filled */
};

static void
free_block (gpointer data)
{
  Block *block = data;
  free (block->memory);
  g_free (block);
}

FewPanels *
few_panels_new (void)
{
  FewPanels *panels = g_new0 (FewPanels, 1);
  g_mutex_init (&panels->mutex);
  panels->blocks = g_ptr_array_new_with_free_func (free_block);
  return panels;
}

void
few_panels_free (FewPanels *panels)
{
  g_ptr_array_unref (panels->blocks);
  g_mutex_clear (&panels->mutex);
  g_free (panels);
}

/* Pages are taken when they are first written: what is never filled costs nothing. */
static Block *
add_block (FewPanels *panels, gsize bytes)
{
  gsize size = (MAX (bytes, BLOCK_BYTES) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  char *memory = size < bytes ? NULL : aligned_alloc (HUGE_PAGE, size);
  if (!memory)
    return NULL;
  madvise (memory, size, MADV_HUGEPAGE);
  Block *block = g_new0 (Block, 1);
  *block = (Block) { memory, size, 0, 0 };
  g_ptr_array_add (panels->blocks, block);
  return block;
}

static Block *
last_block_with (FewPanels *panels, gsize bytes)
{
  Block *last =
      panels->blocks->len > 0 ? g_ptr_array_index (panels->blocks, panels->blocks->len - 1) : NULL;
  return last && last->size - last->used >= bytes ? last : add_block (panels, bytes);
}

float *
few_panels_get (FewPanels *panels, gsize n, GError **error)
{
  gsize bytes = 0;
  float *memory = NULL;
  if (few_cpu_size (n, &bytes))
    {
      g_mutex_lock (&panels->mutex);
      Block *block = last_block_with (panels, bytes);
      if (block)
        {
          memory = (gpointer) (block->memory + block->used);
          block->used += bytes;
          block->held++;
        }
      g_mutex_unlock (&panels->mutex);
    }
  if (!memory)
    few_cpu_fail_alloc (n, error);
  return memory;
}

void
few_panels_give_back (FewPanels *panels, float *memory)
{
  const char *at = (const char *) memory;
  g_mutex_lock (&panels->mutex);
  for (guint i = 0; i < panels->blocks->len; i++)
    {
      Block *block = g_ptr_array_index (panels->blocks, i);
      if (at < block->memory || at >= block->memory + block->size)
        continue;
      if (--block->held == 0)
        g_ptr_array_remove_index (panels->blocks, i);
      break;
    }
  g_mutex_unlock (&panels->mutex);
}
