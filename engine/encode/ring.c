/* SPDX-License-Identifier: MIT */
/* Two queues of handfuls, those to fill and those to encode, and the threads between. */
#include "encode/ring.h"

struct FewRing
{
  FewBackend *backend;
  FewHandfulFunc func;
  gpointer user;
  GAsyncQueue *empty, *full; /* FewHandful */
  GThread **threads;
  guint n_threads, n_handfuls;
  FewHandful *handfuls;
};

typedef struct
{
  FewRing *ring;
  guint lane;
} Feeder;

/* One without pictures in the queue is the end. */
static gpointer
encode_handfuls (gpointer data)
{
  g_autofree Feeder *feeder = data;
  FewRing *ring = feeder->ring;
  for (;;)
    {
      FewHandful *handful = g_async_queue_pop (ring->full);
      if (handful->n == 0)
        return NULL;
      ring->func (ring->user, handful, feeder->lane, ring->backend->lane_streams[feeder->lane]);
      g_async_queue_push (ring->empty, handful);
    }
}

/* As many as there is memory for; of large pictures not one for every lane, as a GPU's handfuls are
 * memory that the system cannot move. */
static void
make_handfuls (FewRing *ring, guint wanted, guint most, gsize floats)
{
  static const gsize MOST_BYTES = 512 << 20;
  FewBackend *backend = ring->backend;
  gsize fit = MOST_BYTES / (most * floats * sizeof (float));
  wanted = (guint) MIN (wanted, MAX (fit, backend->in_flight + 1));
  ring->handfuls = g_new0 (FewHandful, wanted);
  for (guint i = 0; i < wanted; i++)
    {
      FewHandful *handful = &ring->handfuls[i];
      handful->pictures = g_try_new (FewPendingPicture, most);
      handful->pixels = backend->ops->host_alloc (backend, most * floats * sizeof (float));
      ring->n_handfuls++;
      if (!handful->pictures || !handful->pixels)
        return;
      g_async_queue_push (ring->empty, handful);
    }
}

static void
start_threads (FewRing *ring, guint wanted)
{
  ring->threads = g_new0 (GThread *, wanted);
  for (; ring->n_threads < wanted; ring->n_threads++)
    {
      Feeder *feeder = g_new (Feeder, 1);
      *feeder = (Feeder) { ring, ring->n_threads };
      ring->threads[ring->n_threads] = g_thread_try_new ("few-ring", encode_handfuls, feeder, NULL);
      if (ring->threads[ring->n_threads])
        continue;
      g_free (feeder);
      return;
    }
}

FewRing *
few_ring_new (FewBackend *backend, guint n, guint most, gsize floats, FewHandfulFunc func,
              gpointer user)
{
  if (backend->in_flight == 0 || n == 0)
    return NULL;
  FewRing *ring = g_new0 (FewRing, 1);
  *ring = (FewRing) { .backend = backend,
                      .func = func,
                      .user = user,
                      .empty = g_async_queue_new (),
                      .full = g_async_queue_new () };
  /* one a lane, that is filled, and one a batch in flight */
  make_handfuls (ring, MIN (n, backend->lanes + backend->in_flight), most, floats);
  if (g_async_queue_length (ring->empty) > 0)
    start_threads (ring, MIN (n, backend->in_flight));
  if (ring->n_threads > 0)
    return ring;
  few_ring_free (ring);
  return NULL;
}

FewHandful *
few_ring_take (FewRing *ring)
{
  FewHandful *handful = g_async_queue_pop (ring->empty);
  handful->n = 0;
  return handful;
}

void
few_ring_give (FewRing *ring, FewHandful *handful)
{
  g_async_queue_push (handful->n > 0 ? ring->full : ring->empty, handful);
}

void
few_ring_free (FewRing *ring)
{
  FewHandful end = { 0 };
  for (guint i = 0; i < ring->n_threads; i++)
    g_async_queue_push (ring->full, &end);
  for (guint i = 0; i < ring->n_threads; i++)
    g_thread_join (ring->threads[i]);
  for (guint i = 0; i < ring->n_handfuls; i++)
    {
      g_free (ring->handfuls[i].pictures);
      if (ring->handfuls[i].pixels)
        ring->backend->ops->host_free (ring->backend, ring->handfuls[i].pixels);
    }
  g_async_queue_unref (ring->empty);
  g_async_queue_unref (ring->full);
  g_free (ring->threads);
  g_free (ring->handfuls);
  g_free (ring);
}
