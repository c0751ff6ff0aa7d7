/* SPDX-License-Identifier: MIT */
/* Streams and events: what is queued runs when somebody waits for it, not before. */
#include "fake.h"

typedef struct
{
  const char *name;
  const void *uses[3];
  FakeWork work;
  gpointer data;
  GDestroyNotify free_data;
} Item;

struct FakeStream
{
  GQueue items; /* Item */
  int device;
  gboolean non_blocking;
  GPtrArray *kept;     /* Item: it captures; NULL: it does not */
  const void *capturer; /* the thread */
  gboolean is_void;    /* the capture */
};

struct FakeEvent
{
  FakeStream *stream;
  gboolean recorded, reached;
};

static FakeStream legacy;
static GPtrArray *streams;
static guint events;

FakeStream *
stream_new (gboolean non_blocking)
{
  FakeStream *stream = g_new0 (FakeStream, 1);
  stream->non_blocking = non_blocking;
  stream->device = fake_device;
  if (!streams)
    streams = g_ptr_array_new ();
  g_ptr_array_add (streams, stream);
  return stream;
}

void
stream_free (FakeStream *stream)
{
  stream_drain (stream);
  g_ptr_array_remove (streams, stream);
  g_free (stream);
}

FakeStream *
stream_find (gpointer handle)
{
  if (!handle || handle == GINT_TO_POINTER (1)) /* cudaStreamLegacy */
    return &legacy;
  if (streams && g_ptr_array_find (streams, handle, NULL))
    return handle;
  report ("bad-stream", "%p is no stream", handle);
  return &legacy;
}

/* For tests: how many kernels, products, copies and fillings were queued */
FAKE_EXPORT guint fakecuda_queued (void);
static guint queued;

guint
fakecuda_queued (void)
{
  return queued;
}

/* and how many bytes of device memory what has run has read and written */
FAKE_EXPORT guint64 fakecuda_moved (void);
static guint64 moved;

guint64
fakecuda_moved (void)
{
  return moved;
}

void
count_moved (gsize bytes)
{
  moved += bytes;
}

void
stream_push (FakeStream *stream, const char *name, const void *const uses[3], FakeWork work,
             gpointer data, GDestroyNotify free_data)
{
  Item *item = g_new (Item, 1);
  for (guint i = 0; i < 3 && stream != &legacy; i++)
    if (stream->device != fake_device || (uses[i] && device_of (uses[i]) != fake_device))
      report ("other-device", "%s is queued by a thread of cuda:%d for another one", name,
              fake_device);
  *item = (Item) { name, { uses[0], uses[1], uses[2] }, work, data, free_data };
  if (stream->kept)
    {
      g_ptr_array_add (stream->kept, item);
      return;
    }
  /* The legacy stream and streams that are not non-blocking wait for one another. */
  if (stream == &legacy)
    stream_drain_legacy ();
  else if (!stream->non_blocking)
    stream_drain (&legacy);
  g_queue_push_tail (&stream->items, item);
  queued++;
}

/* ---- captures */

gboolean
stream_captures (const FakeStream *stream)
{
  return stream->kept != NULL;
}

/* An address that is the thread's own */
static const void *
this_thread (void)
{
  static _Thread_local char place;
  return &place;
}

static gboolean
forbid_meanwhile (FakeStream *stream, const char *what)
{
  report ("capture", "%s while a stream captures", what);
  stream->is_void = TRUE;
  return FALSE;
}

gboolean
capture_allows_on (FakeStream *stream, const char *what)
{
  return !stream->kept || forbid_meanwhile (stream, what);
}

/* capturer: NULL for any */
static gboolean
captures_allow (const void *capturer, const char *what)
{
  gboolean ok = TRUE;
  for (guint i = 0; streams && i < streams->len; i++)
    {
      FakeStream *stream = streams->pdata[i];
      if (stream->kept && (!capturer || stream->capturer == capturer))
        ok = forbid_meanwhile (stream, what);
    }
  return ok;
}

gboolean
capture_allows (const char *what)
{
  return captures_allow (this_thread (), what);
}

gboolean
capture_allows_idle (void)
{
  return captures_allow (NULL, "waiting for the device");
}

static void
free_item (gpointer data)
{
  Item *item = data;
  if (item->free_data)
    item->free_data (item->data);
  g_free (item);
}

void
stream_begin_capture (FakeStream *stream)
{
  stream->kept = g_ptr_array_new_with_free_func (free_item);
  stream->capturer = this_thread ();
  stream->is_void = FALSE;
}

GPtrArray *
stream_end_capture (FakeStream *stream)
{
  GPtrArray *kept = g_steal_pointer (&stream->kept);
  if (stream->is_void)
    g_clear_pointer (&kept, g_ptr_array_unref);
  return kept;
}

static void
count_down (gpointer data)
{
  (*(guint *) data)--;
}

void
stream_push_kept (FakeStream *stream, const GPtrArray *kept, guint *pending)
{
  for (guint i = 0; i < kept->len; i++)
    {
      Item *item = g_memdup2 (kept->pdata[i], sizeof *item);
      item->free_data = NULL;
      for (guint j = 0; j < 3; j++)
        if (is_device (item->uses[j]))
          device_range (item->name, item->uses[j], 1); /* it may have been freed since */
      g_queue_push_tail (&stream->items, item);
    }
  Item *end = g_new (Item, 1);
  *end = (Item) { "a graph's end", { NULL }, count_down, pending, NULL };
  ++*pending;
  g_queue_push_tail (&stream->items, end);
  queued++;
}

static void
run_first (FakeStream *stream)
{
  Item *item = g_queue_pop_head (&stream->items);
  item->work (item->data);
  free_item (item);
}

void
stream_drain (FakeStream *stream)
{
  while (stream->items.length > 0)
    run_first (stream);
}

void
stream_drain_legacy (void)
{
  stream_drain (&legacy);
  for (guint i = 0; streams && i < streams->len; i++)
    if (!((FakeStream *) streams->pdata[i])->non_blocking)
      stream_drain (streams->pdata[i]);
}

/* In a random order: nothing orders streams but events. */
void
stream_drain_all (void)
{
  stream_drain (&legacy);
  for (;;)
    {
      guint busy = 0;
      for (guint i = 0; streams && i < streams->len; i++)
        busy += ((FakeStream *) streams->pdata[i])->items.length > 0;
      if (busy == 0)
        return;
      guint chosen = random_below (busy);
      for (guint i = 0; i < streams->len; i++)
        if (((FakeStream *) streams->pdata[i])->items.length > 0 && chosen-- == 0)
          {
            run_first (streams->pdata[i]);
            break;
          }
    }
}

static void
forbid (FakeStream *stream, const char *base, gsize bytes)
{
  for (GList *l = stream->items.head; l; l = l->next)
    {
      const Item *item = l->data;
      for (guint i = 0; i < 3; i++)
        if ((const char *) item->uses[i] >= base && (const char *) item->uses[i] < base + bytes)
          {
            report ("freed-in-use", "memory is freed while %s that uses it is queued", item->name);
            return;
          }
    }
}

void
stream_forbid_free (const void *base, gsize bytes)
{
  forbid (&legacy, base, bytes);
  for (guint i = 0; streams && i < streams->len; i++)
    forbid (streams->pdata[i], base, bytes);
}

/* ---- events */

FakeEvent *
event_new (void)
{
  events++;
  return g_new0 (FakeEvent, 1);
}

void
event_free (FakeEvent *event)
{
  if (event->recorded && !event->reached) /* the queue points to it */
    event_wait (event);
  events--;
  g_free (event);
}

static void
reach (gpointer data)
{
  ((FakeEvent *) data)->reached = TRUE;
}

void
event_record (FakeEvent *event, FakeStream *stream)
{
  if (event->recorded && !event->reached)
    event_wait (event);
  event->stream = stream;
  event->recorded = TRUE;
  event->reached = FALSE;
  stream_push (stream, "an event", (const void *const[3]) { NULL }, reach, event, NULL);
}

void
event_wait (FakeEvent *event)
{
  while (event->recorded && !event->reached)
    run_first (event->stream);
}

guint
streams_alive (void)
{
  return streams ? streams->len : 0;
}

guint
events_alive (void)
{
  return events;
}
