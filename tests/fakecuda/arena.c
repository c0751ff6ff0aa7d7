/* SPDX-License-Identifier: MIT */
/* Addresses are never used twice, so that a use after free stays one; two bytes each remember
 * whether anything has written them. */
#include "fake.h"
#include <string.h>
#include <sys/mman.h>

static const gsize ARENA = (gsize) 256 << 30; /* of addresses; memory is what is touched */
enum { UNIT = 256, GRANULE = 2, RED_ZONE = 256 };

typedef struct
{
  guint32 launch, block;
  guint16 thread, barrier, warp_sync;
} Touch;

/* Of two bytes: the last write, and the last reads of two different threads. */
typedef struct
{
  Touch write, read, other;
  gboolean read_by_blocks; /* by more than one in the launch of `read` */
} Shadow;

typedef struct
{
  char *start;
  gsize bytes;
  gboolean freed;
  int device;
} Allocation;

static char *arena, *backing;
static Shadow *shadow;
static guint8 *initialised;   /* [granules] */
static guint32 *owner;        /* [units]: index into allocations, plus one */
static GArray *allocations;
static gsize used, in_use, limit;
static gsize shared_in_use;
static guint64 touches;

gboolean
is_device (const void *address)
{
  return arena && (const char *) address >= arena && (const char *) address < arena + ARENA;
}

static void *
reserve (gsize bytes, int protection)
{
  void *memory = mmap (NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  g_assert (memory != MAP_FAILED);
  return memory;
}

static void
prepare (void)
{
  if (arena)
    return;
  const char *most = g_getenv ("FAKECUDA_MEMORY");
  limit = most ? g_ascii_strtoull (most, NULL, 10) : (gsize) 4 << 30;
  arena = reserve (ARENA, PROT_NONE);
  backing = reserve (ARENA, PROT_READ | PROT_WRITE);
  shadow = reserve (ARENA / GRANULE * sizeof (Shadow), PROT_READ | PROT_WRITE);
  initialised = reserve (ARENA / GRANULE, PROT_READ | PROT_WRITE);
  owner = reserve (ARENA / UNIT * sizeof *owner, PROT_READ | PROT_WRITE);
  allocations = g_array_new (FALSE, FALSE, sizeof (Allocation));
  used = (SHARED_BYTES + 2 * UNIT) / UNIT * UNIT; /* shared memory comes first */
}

void *
contents (const void *address)
{
  return is_device (address) ? backing + ((const char *) address - arena) : (void *) address;
}

static gsize
granule_of (const void *address)
{
  return (gsize) ((const char *) address - arena) / GRANULE;
}

static Allocation *
find (const void *address)
{
  guint32 index = is_device (address) ? owner[((const char *) address - arena) / UNIT] : 0;
  return index ? &g_array_index (allocations, Allocation, index - 1) : NULL;
}

FAKE_EXPORT void fakecuda_set_memory (guint64 bytes);

/* For tests: so many bytes more than are in use can be had. */
void
fakecuda_set_memory (guint64 bytes)
{
  FAKE_LOCKED;
  prepare ();
  limit = in_use + bytes;
}

void *
device_alloc (gsize bytes)
{
  prepare ();
  gsize whole = (bytes + UNIT - 1) / UNIT * UNIT;
  if (in_use + bytes > limit || used + whole + RED_ZONE > ARENA)
    return NULL;
  Allocation allocation = { arena + used, bytes, FALSE, fake_device };
  g_array_append_val (allocations, allocation);
  for (gsize unit = used / UNIT; unit < (used + whole) / UNIT; unit++)
    owner[unit] = allocations->len;
  used += whole + RED_ZONE;
  in_use += bytes;
  return allocation.start;
}

/* The whole pages of what is kept for the units from `first` to `end`, so many bytes each. */
static void
release_pages (gpointer kept, gsize first, gsize end, gsize bytes)
{
  enum { PAGE = 4096 };
  guintptr from = ((guintptr) kept + first * bytes + PAGE - 1) / PAGE * PAGE;
  guintptr to = ((guintptr) kept + end * bytes) / PAGE * PAGE;
  if (to > from)
    madvise ((gpointer) from, to - from, MADV_DONTNEED);
}

/* The memory of an allocation, not its addresses; with the freed ones beside it, whose last pages
 * are shared with it. Thousands of jobs in one process would fill the machine with it. */
static void
release_memory (const Allocation *allocation)
{
  const Allocation *all = (const Allocation *) (gpointer) allocations->data;
  gsize index = (gsize) (allocation - all);
  const Allocation *before = index > 0 && allocation[-1].freed ? allocation - 1 : allocation;
  const Allocation *behind =
      index + 1 < allocations->len && allocation[1].freed ? allocation + 1 : allocation;
  gsize first = (gsize) (before->start - arena) / UNIT;
  gsize end = (gsize) (behind->start - arena + (gssize) behind->bytes + UNIT - 1) / UNIT;
  release_pages (backing, first, end, UNIT);
  release_pages (shadow, first, end, UNIT / GRANULE * sizeof *shadow);
  release_pages (initialised, first, end, UNIT / GRANULE);
}

void
device_free (void *memory)
{
  Allocation *allocation = find (memory);
  if (!allocation || allocation->start != memory || allocation->freed)
    {
      report ("bad-free", "%p is not the start of device memory in use", memory);
      return;
    }
  stream_forbid_free (memory, allocation->bytes);
  allocation->freed = TRUE;
  in_use -= allocation->bytes;
  release_memory (allocation);
}

gsize
device_in_use (void)
{
  return in_use;
}

void *
device_base (const void *address)
{
  Allocation *allocation = find (address);
  return allocation ? allocation->start : NULL;
}

int
device_of (const void *address)
{
  const Allocation *allocation = is_device (address) ? find (address) : NULL;
  return allocation ? allocation->device : fake_device;
}

static const char *
fault_of (const void *address, gsize bytes)
{
  const Allocation *allocation = find (address);
  if (!is_device (address))
    return "host memory where device memory is wanted";
  if (!allocation)
    return "outside every allocation";
  if (allocation->freed)
    return "freed";
  return (const char *) address + bytes > allocation->start + allocation->bytes
             ? "beyond the end of its allocation"
             : NULL;
}

gboolean
device_range (const char *what, const void *address, gsize bytes)
{
  const char *fault = bytes > 0 ? fault_of (address, bytes) : NULL;
  if (fault)
    report (is_device (address) ? "out-of-bounds" : "host-pointer",
            "%s: %" G_GSIZE_FORMAT " bytes at %p are %s", what, bytes, address, fault);
  return !fault;
}

gboolean
is_initialised (const void *address, gsize bytes)
{
  const guint8 *flags = initialised + granule_of (address);
  return memchr (flags, 0, (bytes + GRANULE - 1) / GRANULE) == NULL;
}

void
set_initialised (const void *address, gsize bytes)
{
  memset (initialised + granule_of (address), 1, (bytes + GRANULE - 1) / GRANULE);
}

void
copy_initialised (void *to, const void *from, gsize bytes)
{
  memcpy (initialised + granule_of (to), initialised + granule_of (from),
          (bytes + GRANULE - 1) / GRANULE);
}

/* ---- shared memory */

char *
shared_memory (void)
{
  prepare ();
  return arena;
}

void
shared_begin_block (gsize bytes_in_use)
{
  shared_in_use = bytes_in_use;
  memset (backing, 0xff, bytes_in_use);
  memset (initialised, 0, bytes_in_use / GRANULE + 1);
}

/* ---- accesses of kernels */

static gboolean
conflicts (const Access *now, const Touch *before, gboolean shared)
{
  if (before->launch != now->launch
      || (before->block == now->block && before->thread == now->thread))
    return FALSE;
  if (before->block != now->block)
    return !shared;
  if (before->barrier != now->barrier)
    return FALSE;
  return before->thread / 32 != now->thread / 32 || before->warp_sync == now->warp_sync;
}

static void
check_race (const Access *now, const Shadow *s, gboolean writes, gboolean shared)
{
  const char *place = shared ? "shared" : "global";
  if (conflicts (now, &s->write, shared))
    report ("race",
            "%s: %s: thread %u of block %u %s what thread %u of block %u writes in %s memory",
            now->kernel, now->instruction, now->thread, now->block, writes ? "writes" : "reads",
            s->write.thread, s->write.block, place);
  else if (writes
           && (conflicts (now, &s->read, shared) || conflicts (now, &s->other, shared)
               || (s->read.launch == now->launch && s->read_by_blocks && !shared)))
    report ("race",
            "%s: %s: thread %u of block %u writes what thread %u of block %u reads in %s memory",
            now->kernel, now->instruction, now->thread, now->block, s->read.thread, s->read.block,
            place);
}

static void
record (const Access *now, Shadow *s, gboolean writes)
{
  Touch touch = { now->launch, now->block, now->thread, now->barrier, now->warp_sync };
  if (writes)
    {
      s->write = touch;
      return;
    }
  if (s->read.launch != now->launch)
    {
      s->read_by_blocks = FALSE;
      s->other.launch = 0;
    }
  else if (s->read.block != now->block)
    s->read_by_blocks = TRUE;
  else if (s->read.thread != now->thread)
    s->other = s->read;
  s->read = touch;
}

gboolean
check_access (const Access *now, const void *address, guint bytes, gboolean writes)
{
  gboolean shared =
      (const char *) address >= arena && (const char *) address < arena + SHARED_BYTES;
  const char *fault = NULL;
  if (!shared)
    fault = fault_of (address, bytes);
  else if ((const char *) address + bytes > arena + shared_in_use)
    fault = "beyond the block's shared memory";
  if (!fault && (gsize) address % bytes != 0)
    fault = "not aligned to its size";
  if (fault)
    {
      report (is_device (address) ? "out-of-bounds" : "host-pointer",
              "%s: %s: thread %u of block %u %s %u bytes that are %s", now->kernel,
              now->instruction, now->thread, now->block, writes ? "writes" : "reads", bytes, fault);
      return FALSE;
    }
  gsize first = granule_of (address);
  for (gsize g = first; g < first + bytes / GRANULE; g++)
    {
      check_race (now, &shadow[g], writes, shared);
      record (now, &shadow[g], writes);
      if (writes)
        initialised[g] = 1;
      else if (!initialised[g])
        {
          report ("uninitialised",
                  "%s: %s: thread %u of block %u reads memory that nothing has written",
                  now->kernel, now->instruction, now->thread, now->block);
          initialised[g] = 1; /* once is enough */
        }
    }
  touches++;
  return TRUE;
}

/* Races are between accesses of one launch: what a large one left behind is only in the way. */
void
end_launch (void)
{
  if (touches > 4000000)
    madvise (shadow, ARENA / GRANULE * sizeof (Shadow), MADV_DONTNEED);
  touches = 0;
}
