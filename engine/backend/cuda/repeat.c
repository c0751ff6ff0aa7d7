/* SPDX-License-Identifier: MIT */
/* Pieces of work that a stream has seen, and the graphs of those that came again. */
#include "backend/cuda/repeat.h"
#include "backend/cuda/staging.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PIECES = 16, MOST_CHANGES = 8, ARGUMENT_ALIGNMENT = 16, LEAST_WORDS = 256 };

typedef enum { PHASE_RECORD, PHASE_COMPARE, PHASE_CAPTURE } Phase;

struct FewRepeat
{
  gconstpointer of;
  guint n;
  guint64 used; /* by the stream's count: the oldest gives way */
  Phase phase;
  gboolean differs; /* from the trace */
  const char *refused; /* why it can be no graph; NULL: it may be one */
  guint changes;       /* since it was launched last */
  /* the trace: for each op its name, the number of its facts, and these */
  guint64 *words;
  gsize n_words, room, at;
  /* values of the host, one behind another: as they are, and where the graph reads them */
  char *host;
  void *device;
  size_t bytes, argument_at;
  guint moves; /* of the stream's scratch memory, when it was captured */
  cudaGraphExec_t graph; /* NULL: none yet */
};

struct FewRepeats
{
  guint64 uses;
  FewRepeat pieces[MOST_PIECES];
};

guint64
few_cuda_bits (float value)
{
  guint32 bits;
  memcpy (&bits, &value, sizeof bits);
  return bits;
}

/* ---- what ops say */

static gboolean
add_words (FewRepeat *r, const guint64 *words, gsize n)
{
  if (r->n_words + n > r->room)
    {
      gsize room = MAX (2 * (r->n_words + n), LEAST_WORDS);
      guint64 *grown = realloc (r->words, room * sizeof *grown);
      if (!grown)
        return FALSE;
      r->words = grown;
      r->room = room;
    }
  memcpy (r->words + r->n_words, words, n * sizeof *words);
  r->n_words += n;
  return TRUE;
}

static gboolean
is_next (FewRepeat *r, const guint64 *words, gsize n)
{
  if (r->at + n > r->n_words || memcmp (r->words + r->at, words, n * sizeof *words) != 0)
    return FALSE;
  r->at += n;
  return TRUE;
}

gboolean
few_cuda_note (FewStream *stream, const char *op, const guint64 *facts, gsize n)
{
  FewRepeat *r = stream->repeating;
  const guint64 head[] = { FEW_AT (op), n };
  if (r->phase == PHASE_RECORD)
    {
      if (!add_words (r, head, G_N_ELEMENTS (head)) || !add_words (r, facts, n))
        r->refused = "memory is short";
      return TRUE;
    }
  if (!r->differs)
    r->differs = !is_next (r, head, G_N_ELEMENTS (head)) || !is_next (r, facts, n);
  return r->phase == PHASE_CAPTURE;
}

const void *
few_cuda_argument (FewStream *stream, const void *host, size_t bytes)
{
  FewRepeat *r = stream->repeating;
  size_t whole = (bytes + ARGUMENT_ALIGNMENT - 1) / ARGUMENT_ALIGNMENT * ARGUMENT_ALIGNMENT;
  if (!r)
    return NULL;
  size_t at = r->argument_at;
  r->argument_at += whole;
  if (r->phase == PHASE_RECORD)
    return NULL;
  if (r->argument_at > r->bytes)
    r->differs = TRUE;
  else if (r->phase == PHASE_COMPARE)
    memcpy (r->host + at, host, bytes);
  else
    return (const char *) r->device + at;
  return NULL;
}

gboolean
few_cuda_captures (const FewStream *stream)
{
  return stream->repeating && stream->repeating->phase == PHASE_CAPTURE;
}

gboolean
few_cuda_compares (const FewStream *stream)
{
  return stream->repeating && stream->repeating->phase == PHASE_COMPARE;
}

void
few_cuda_refuse (FewStream *stream, const char *why)
{
  if (stream->repeating)
    stream->repeating->refused = why;
}

/* ---- pieces */

static void
drop_graph (FewStream *stream, FewRepeat *r)
{
  if (!r->graph)
    return;
  cudaStreamSynchronize (stream->stream); /* it may be on its way */
  cudaGraphExecDestroy (r->graph);
  cudaGetLastError ();
  r->graph = NULL;
}

static void
forget_trace (FewStream *stream, FewRepeat *r)
{
  drop_graph (stream, r);
  if (r->device)
    cudaStreamSynchronize (stream->stream); /* a copy to it may be on its way */
  few_cuda_drop (r->device);
  free (r->host);
  r->host = NULL;
  r->device = NULL;
  r->bytes = 0;
  r->n_words = 0;
}

static void
forget_piece (FewStream *stream, FewRepeat *r)
{
  forget_trace (stream, r);
  free (r->words);
  memset (r, 0, sizeof *r);
}

void
few_cuda_repeats_free (FewStream *stream)
{
  for (guint i = 0; stream->repeats && i < MOST_PIECES; i++)
    forget_piece (stream, &stream->repeats->pieces[i]);
  free (stream->repeats);
  stream->repeats = NULL;
}

/* The piece as it is known, or a new one in the place of the oldest; NULL where memory is short. */
static FewRepeat *
find_piece (FewStream *stream, gconstpointer of, guint n)
{
  if (!stream->repeats)
    stream->repeats = calloc (1, sizeof *stream->repeats);
  if (!stream->repeats)
    return NULL;
  FewRepeat *pieces = stream->repeats->pieces;
  FewRepeat *found = &pieces[0];
  for (guint i = 0; i < MOST_PIECES; i++)
    {
      if (pieces[i].of == of && pieces[i].n == n)
        {
          found = &pieces[i];
          break;
        }
      if (pieces[i].used < found->used)
        found = &pieces[i];
    }
  if (found->of != of || found->n != n)
    {
      forget_piece (stream, found);
      found->of = of;
      found->n = n;
    }
  found->used = ++stream->repeats->uses;
  return found;
}

/* It stays op by op from now on, and says so. */
static void
give_up (FewStream *stream, FewRepeat *r, const char *why)
{
  char message[FEW_CUDA_MESSAGE];
  forget_trace (stream, r);
  r->refused = why;
  snprintf (message, sizeof message,
            "A piece of work of %u is queued op by op, not as a graph: %s.", r->n, why);
  stream->device->say (message);
}

static void
run_phase (FewStream *stream, FewRepeat *r, Phase phase, FewRepeated func, gpointer user)
{
  r->phase = phase;
  r->at = 0;
  r->argument_at = 0;
  r->differs = FALSE;
  stream->twin.of = NULL; /* what is in device memory is no part of the trace */
  stream->repeating = r;
  func (user);
  stream->repeating = NULL;
  stream->twin.of = NULL;
}

/* Op by op, and what it was. */
static void
record (FewStream *stream, FewRepeat *r, FewRepeated func, gpointer user)
{
  forget_trace (stream, r);
  run_phase (stream, r, PHASE_RECORD, func, user);
  r->bytes = r->argument_at;
  if (!r->refused && r->bytes > 0 && !(r->host = calloc (1, r->bytes)))
    r->refused = "memory is short";
  if (r->refused)
    give_up (stream, r, r->refused);
  else if (stream->failed)
    forget_trace (stream, r);
}

/* Whether it would do the same; its values of the host are in r->host then. */
static gboolean
is_same (FewStream *stream, FewRepeat *r, FewRepeated func, gpointer user)
{
  if (r->n_words == 0)
    return FALSE;
  run_phase (stream, r, PHASE_COMPARE, func, user);
  return !r->differs && !r->refused && r->at == r->n_words && r->argument_at == r->bytes;
}

static cudaError_t
end_capture (FewStream *stream, FewRepeat *r)
{
  cudaGraph_t graph = NULL;
  cudaError_t result = cudaStreamEndCapture (stream->stream, &graph);
  if (result == cudaSuccess && (stream->failed || r->refused || r->differs))
    result = cudaErrorStreamCaptureInvalidated;
  if (result == cudaSuccess)
    result = cudaGraphInstantiateWithFlags (&r->graph, graph, 0);
  if (result != cudaSuccess)
    r->graph = NULL;
  if (graph)
    cudaGraphDestroy (graph);
  return result;
}

/* Nobody waits for the whole device meanwhile, which would end it. */
static gboolean
capture (FewStream *stream, FewRepeat *r, FewRepeated func, gpointer user)
{
  cudaError_t result = cudaSuccess;
  if (r->bytes > 0 && !r->device && (result = cudaMalloc (&r->device, r->bytes)) != cudaSuccess)
    r->device = NULL;
  few_cuda_hold ();
  if (result == cudaSuccess)
    result = cudaStreamBeginCapture (stream->stream, cudaStreamCaptureModeThreadLocal);
  if (result == cudaSuccess)
    {
      r->moves = stream->moves;
      run_phase (stream, r, PHASE_CAPTURE, func, user);
      result = end_capture (stream, r);
    }
  few_cuda_release ();
  cudaGetLastError ();
  /* nothing ran: whatever it was, op by op may do */
  stream->failed = stream->memory_short = FALSE;
  if (result == cudaSuccess)
    return TRUE;
  give_up (stream, r, r->refused ? r->refused : cudaGetErrorString (result));
  return FALSE;
}

static void
launch (FewStream *stream, FewRepeat *r)
{
  if (r->bytes > 0)
    few_cuda_stage (stream, r->device, r->host, r->bytes);
  if (!stream->failed)
    few_cuda_did (stream, cudaGraphLaunch (r->graph, stream->stream), "Launching a graph");
  r->changes = 0;
}

void
few_cuda_repeat (FewStream *stream, gconstpointer of, guint n, FewRepeated func, gpointer user)
{
  FewRepeat *r = stream->device->graphs && !stream->repeating && few_cuda_ready (stream)
                     ? find_piece (stream, of, n)
                     : NULL;
  if (!r || r->refused)
    {
      func (user);
      return;
    }
  if (r->graph && r->moves != stream->moves)
    drop_graph (stream, r);
  if (is_same (stream, r, func, user))
    {
      if (r->graph || capture (stream, r, func, user))
        launch (stream, r);
      else
        func (user);
      return;
    }
  r->refused = NULL; /* what it would do ended in the middle, perhaps */
  if (++r->changes > MOST_CHANGES)
    {
      give_up (stream, r, "it is another each time");
      func (user);
      return;
    }
  record (stream, r, func, user);
}
