/* SPDX-License-Identifier: MIT */
/* The ring of decoded pictures: while batches are encoded others are filled, so many are in flight
 * and no more, and each is encoded once. */
#include "encode/ring.h"

enum { LANES = 3, IN_FLIGHT = 2, MOST = 4, FLOATS = 5, HANDFULS = 40 };

typedef struct
{
  GMutex lock;
  GCond changed;
  gboolean open;        /* batches may end */
  guint running, most;  /* batches in flight, now and at the most */
  guint seen[HANDFULS]; /* how often each handful was encoded */
} Device;

static void
encode (gpointer user, const FewHandful *handful, guint lane, FewStream *stream)
{
  Device *device = user;
  g_assert_cmpuint (lane, <, IN_FLIGHT);
  g_assert_nonnull (stream);
  g_mutex_lock (&device->lock);
  device->running++;
  device->most = MAX (device->most, device->running);
  g_cond_broadcast (&device->changed);
  while (!device->open)
    g_cond_wait (&device->changed, &device->lock);
  device->running--;
  device->seen[handful->pictures[0].index]++;
  g_mutex_unlock (&device->lock);
  for (guint i = 0; i < handful->n * FLOATS; i++)
    g_assert_cmpfloat (handful->pixels[i], ==, (float) handful->pictures[0].index);
}

static void
fill (FewRing *ring, guint index)
{
  FewHandful *handful = few_ring_take (ring);
  g_assert_cmpuint (handful->n, ==, 0);
  handful->pictures[0].index = index;
  handful->n = 1 + index % MOST;
  for (guint i = 0; i < handful->n * FLOATS; i++)
    handful->pixels[i] = (float) index;
  few_ring_give (ring, handful);
}

static FewBackend *
make_backend (void)
{
  g_autoptr (GError) error = NULL;
  FewBackend *backend = few_backend_cpu_new (LANES, NULL, &error);
  g_assert_no_error (error);
  return backend;
}

static void
test_overlap (void)
{
  g_autoptr (FewBackend) backend = make_backend ();
  Device device = { .open = FALSE };
  g_mutex_init (&device.lock);
  g_cond_init (&device.changed);
  backend->in_flight = IN_FLIGHT;
  FewRing *ring = few_ring_new (backend, HANDFULS, MOST, FLOATS, encode, &device);
  g_assert_nonnull (ring);
  /* none of these ends: filling goes on, a handful a lane */
  for (guint i = 0; i < LANES + IN_FLIGHT; i++)
    fill (ring, i);
  g_mutex_lock (&device.lock);
  while (device.running < IN_FLIGHT)
    g_cond_wait (&device.changed, &device.lock);
  device.open = TRUE;
  g_cond_broadcast (&device.changed);
  g_mutex_unlock (&device.lock);
  for (guint i = LANES + IN_FLIGHT; i < HANDFULS; i++)
    fill (ring, i);
  few_ring_give (ring, few_ring_take (ring)); /* nothing in it: nothing to encode */
  few_ring_free (ring);
  g_assert_cmpuint (device.most, ==, IN_FLIGHT);
  for (guint i = 0; i < HANDFULS; i++)
    g_assert_cmpuint (device.seen[i], ==, 1);
  g_mutex_clear (&device.lock);
  g_cond_clear (&device.changed);
}

static gpointer
refuse (FewBackend *backend, gsize bytes)
{
  return NULL;
}

/* A processor encodes what it decodes, and so does a GPU where memory is short. */
static void
test_none (void)
{
  g_autoptr (FewBackend) backend = make_backend ();
  FewBackendOps ops = *backend->ops;
  ops.host_alloc = refuse;
  g_assert_null (few_ring_new (backend, HANDFULS, MOST, FLOATS, encode, NULL));
  backend->in_flight = IN_FLIGHT;
  g_assert_null (few_ring_new (backend, 0, 0, FLOATS, encode, NULL)); /* nothing is asked for */
  backend->ops = &ops;
  g_assert_null (few_ring_new (backend, HANDFULS, MOST, FLOATS, encode, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/overlap", test_overlap);
  g_test_add_func ("/ring/none", test_none);
  return g_test_run ();
}
