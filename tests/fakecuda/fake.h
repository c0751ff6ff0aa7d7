/* SPDX-License-Identifier: MIT */
/* Inside the fake CUDA runtime: see README.md. One lock (few calls are made at once, and none
 * has to be fast) guards all of it. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* for tests, by dlsym on the module */
#define FAKE_EXPORT __attribute__ ((visibility ("default")))

/* ---- reports.c: what a program did that a real GPU would punish, or forgive today and punish
 * tomorrow */
void report (const char *kind, const char *format, ...) G_GNUC_PRINTF (2, 3);
guint report_count (void);
/* TRUE when this call is the one that FAKECUDA_FAIL_AT says shall fail */
gboolean call_fails (void);
void places_reset (void);
void places_add (void);
guint random_below (guint n); /* by FAKECUDA_SEED */
extern _Thread_local int fake_device; /* the thread's: cudaSetDevice */
extern GRecMutex fake_lock;
#define FAKE_LOCKED                                                                                \
  G_GNUC_UNUSED g_autoptr (GRecMutexLocker) locker = g_rec_mutex_locker_new (&fake_lock)

/* ---- arena.c: device memory. Its addresses are pages that nobody may touch; what device work
 * reads and writes lies elsewhere. */
void *device_alloc (gsize bytes); /* NULL when FAKECUDA_MEMORY bytes are in use */
void device_free (void *memory);
gboolean is_device (const void *address);
gsize device_in_use (void);
/* The allocation that holds [address, address + bytes) starts at *base; FALSE, and reported in
 * `what`'s name, when there is none. */
gboolean device_range (const char *what, const void *address, gsize bytes);
/* Which GPU's it is; the thread's for what is none. */
int device_of (const void *address);
void *device_base (const void *address); /* of the allocation that holds it, or NULL */
/* Where the contents of a device address are; other addresses as they are. */
void *contents (const void *address);
gboolean is_initialised (const void *address, gsize bytes);
void set_initialised (const void *address, gsize bytes);
void copy_initialised (void *to, const void *from, gsize bytes);

/* A block's shared memory; offsets are what PTX calls shared addresses. */
enum { SHARED_BYTES = 48 << 10 };
char *shared_memory (void);
void shared_begin_block (gsize bytes_in_use);

/* Who accesses memory, for races: two accesses of one launch to one place, one of them a write,
 * by different threads, need a barrier between them (in a block) or must not be (in two). */
typedef struct
{
  const char *kernel, *instruction;
  guint32 launch, block;
  /* how many barriers of the block and of the warp came before */
  guint16 thread, barrier, warp_sync;
} Access;
/* FALSE, and reported, when the memory is not the kernel's to touch. */
gboolean check_access (const Access *access, const void *address, guint bytes, gboolean writes);
void end_launch (void);

/* ---- streams.c: what is queued runs when somebody waits for it, not before */
typedef struct FakeStream FakeStream;
typedef struct FakeEvent FakeEvent;
typedef void (*FakeWork) (gpointer data);
FakeStream *stream_new (gboolean non_blocking);
void stream_free (FakeStream *stream);
/* The stream behind a handle; NULL is the legacy stream. Reported, and the legacy stream, when
 * it is none. */
FakeStream *stream_find (gpointer handle);
/* uses: up to three device addresses that the work touches, for frees that come too early */
void stream_push (FakeStream *stream, const char *name, const void *const uses[3], FakeWork work,
                  gpointer data, GDestroyNotify free_data);
/* bytes that work read and wrote in device memory */
void count_moved (gsize bytes);
void stream_drain (FakeStream *stream);
void stream_drain_all (void);
void stream_drain_legacy (void); /* the legacy stream and those that it waits for */
void stream_forbid_free (const void *base, gsize bytes);
FakeEvent *event_new (void);
void event_free (FakeEvent *event);
void event_record (FakeEvent *event, FakeStream *stream);
void event_wait (FakeEvent *event);
guint streams_alive (void);
guint events_alive (void);
/* What is queued on a stream that captures is kept, not run. Reported is what the thread that
 * captures may not do meanwhile: FALSE then, and the capture is void. */
gboolean capture_allows (const char *what);
/* Likewise of any thread that waits for the whole device; of a stream that captures */
gboolean capture_allows_idle (void);
gboolean capture_allows_on (FakeStream *stream, const char *what);
gboolean stream_captures (const FakeStream *stream);
void stream_begin_capture (FakeStream *stream);
/* What it kept, which is the caller's; NULL when the capture became void. */
GPtrArray *stream_end_capture (FakeStream *stream);
/* Queues what was kept, which stays the caller's, once more; *pending falls to 0 when it ran. */
void stream_push_kept (FakeStream *stream, const GPtrArray *kept, guint *pending);

/* ---- graphs.c: what was kept, launched again and again */
guint graphs_alive (void);

/* ---- ptx.c, ptx-files.c: kernels from the text that nvcc emitted */
typedef enum { TYPE_PRED, TYPE_B, TYPE_U, TYPE_S, TYPE_F } TypeClass;

typedef enum {
  OP_ABS,
  OP_ADD,
  OP_AND,
  OP_BAR,
  OP_BFI,
  OP_BRA,
  OP_COPYSIGN,
  OP_CVT,
  OP_CVTA,
  OP_DIV,
  OP_EX2,
  OP_FMA,
  OP_LD,
  OP_LG2,
  OP_MAD,
  OP_MAX,
  OP_MIN,
  OP_MMA,
  OP_MOV,
  OP_MUL,
  OP_NEG,
  OP_NOT,
  OP_OR,
  OP_RCP,
  OP_REM,
  OP_RET,
  OP_RSQRT,
  OP_SELP,
  OP_SETP,
  OP_SHFL,
  OP_SHL,
  OP_SHR,
  OP_SQRT,
  OP_ST,
  OP_SUB,
  OP_XOR,
} Op;

typedef enum { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE } Compare;
typedef enum { SPACE_GENERIC, SPACE_GLOBAL, SPACE_SHARED, SPACE_PARAM } Space;
typedef enum { SHUFFLE_BFLY, SHUFFLE_DOWN, SHUFFLE_UP, SHUFFLE_IDX } Shuffle;
typedef enum { ROUND_NEAREST, ROUND_DOWN, ROUND_UP, ROUND_ZERO } Rounding;
typedef enum {
  SPECIAL_TID_X,
  SPECIAL_TID_Y,
  SPECIAL_TID_Z,
  SPECIAL_NTID_X,
  SPECIAL_NTID_Y,
  SPECIAL_NTID_Z,
  SPECIAL_CTAID_X,
  SPECIAL_CTAID_Y,
  SPECIAL_CTAID_Z,
  SPECIAL_NCTAID_X,
  SPECIAL_NCTAID_Y,
  SPECIAL_NCTAID_Z,
  SPECIAL_LANEID,
  N_SPECIAL
} Special;

/* Where a value is: a register from 0 on, or a constant of the kernel, the first being −1. */
typedef gint32 Operand;

/* What nearly all steps are has a case of its own in thread.c; _4 is of four bytes. */
typedef enum {
  WAY_ASIDE, /* what waits for other threads */
  WAY_BRA,
  WAY_MEMORY,
  WAY_PARAMETER,
  WAY_RET,
  WAY_LAST_APART = WAY_RET, /* the others compute */
  WAY_ANY,
  WAY_ADD,
  WAY_ADD_4,
  WAY_AND_4,
  WAY_FLOAT_ADD,
  WAY_FLOAT_FMA,
  WAY_FLOAT_MUL,
  WAY_MOV,
  WAY_MOV_4,
  WAY_MUL,
  WAY_MUL_4,
  WAY_OR_4,
  WAY_SELP,
  WAY_SETP,
  WAY_SHL,
  WAY_SHL_4,
  WAY_SPECIAL,
  WAY_SUB_4,
  WAY_WIDE, /* a product of 8 bytes */
} Way;

/* Small: a launch goes through thousands of them, again for each of its threads. */
typedef struct
{
  guint8 way; /* Way */
  guint8 op; /* Op */
  guint8 type, from; /* TypeClass; from: what cvt converts */
  guint8 bytes, from_bytes; /* 2, 4, 8 */
  guint8 vector; /* 1, 2, 4 values of a load or store */
  guint8 n_operands;
  guint8 compare, space, shuffle, rounding; /* Compare, Space, Shuffle, Rounding */
  guint8 special; /* Special, of mov; N_SPECIAL for none */
  bool wide : 1, high : 1, saturates : 1, unordered : 1, to_integer : 1, negated_guard : 1;
  bool brain : 1, from_brain : 1; /* bf16 where two bytes are f16 otherwise */
  gint32 guard; /* predicate register, or −1 */
  gint32 second; /* shfl's predicate register, or −1 */
  guint32 target; /* bra */
  gint32 offset; /* from the register of an address */
  Operand operands[12]; /* the destination first, if there is one */
  const char *text;
} Instruction;

typedef struct
{
  gsize offset, bytes;
} Parameter;

typedef struct
{
  char *name;
  GArray *code; /* Instruction; the last is a ret */
  GArray *constants; /* guint64, each for all the lanes of a warp */
  guint n_registers, most_threads;
  guint target; /* compute capability that it was compiled for: 75 */
  gsize shared_bytes, parameter_bytes;
  GArray *parameters; /* Parameter */
  char *body; /* its text, until it is looked for */
} Kernel;

void kernel_read (Kernel *kernel); /* what its body says */
const Kernel *kernel_find (const char *name);

/* ---- arithmetic.c: values are bits in the low end of 64; rounding as PTX names it. */
gboolean compare (const Instruction *in, guint64 a, guint64 b);
guint64 convert (const Instruction *in, guint64 bits);
/* v: up to four operands */
guint64 computed (const Instruction *in, const guint64 v[4]);

/* The low bytes alone; and as a signed number. */
static inline guint64
cut (guint64 value, guint bytes)
{
  return bytes >= 8 ? value : value & ((1ull << (8 * bytes)) - 1);
}

static inline gint64
extend (guint64 value, guint bytes)
{
  if (bytes == 8)
    return (gint64) value;
  return bytes == 4 ? (gint32) value : (gint16) value;
}

/* ---- ways.c */
Way way_of (const Instruction *in);

/* ---- block.c: runs one launch */
typedef struct
{
  guint x, y, z;
} Size3;
void launch_run (const Kernel *kernel, Size3 grid, Size3 block, const guint8 *parameters);

/* ---- half.c */
float half_to_float (guint16 half);
guint16 float_to_half (float value); /* to nearest, ties to even */
float brain_to_float (guint16 brain);
guint16 float_to_brain (float value); /* likewise */
float float_to_tf32 (float value); /* the bits that tensor cores do not read are cut off */
