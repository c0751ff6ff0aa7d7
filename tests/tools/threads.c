/* SPDX-License-Identifier: MIT */
/* ThreadSanitizer's view of GLib: Debian's libglib is not built with it, so that what GLib's locks,
 * queues and sources order would look like a race. The engine's calls are led through here
 * (ld --wrap, see tests/engine/meson.build) and say what each of them orders. */
#include <glib.h>
#include <sanitizer/tsan_interface.h>

#define WRAP(type, name, arguments)                                                                \
  type __real_##name arguments;                                                                    \
  type __wrap_##name arguments;                                                                    \
  type __wrap_##name arguments

WRAP (void, g_mutex_lock, (GMutex * mutex))
{
  __real_g_mutex_lock (mutex);
  __tsan_acquire (mutex);
}

WRAP (void, g_mutex_unlock, (GMutex * mutex))
{
  __tsan_release (mutex);
  __real_g_mutex_unlock (mutex);
}

WRAP (void, g_cond_wait, (GCond * cond, GMutex *mutex))
{
  __tsan_release (mutex);
  __real_g_cond_wait (cond, mutex);
  __tsan_acquire (mutex);
}

WRAP (void, g_async_queue_push, (GAsyncQueue * queue, gpointer data))
{
  __tsan_release (queue);
  __real_g_async_queue_push (queue, data);
}

WRAP (void, g_async_queue_push_front, (GAsyncQueue * queue, gpointer data))
{
  __tsan_release (queue);
  __real_g_async_queue_push_front (queue, data);
}

WRAP (gpointer, g_async_queue_pop, (GAsyncQueue * queue))
{
  gpointer data = __real_g_async_queue_pop (queue);
  __tsan_acquire (queue);
  return data;
}

WRAP (gboolean, g_atomic_ref_count_dec, (gatomicrefcount * count))
{
  __tsan_release (count);
  gboolean last = __real_g_atomic_ref_count_dec (count);
  if (last)
    __tsan_acquire (count);
  return last;
}

WRAP (void, g_atomic_rc_box_release_full, (gpointer box, GDestroyNotify clear))
{
  __tsan_release (box);
  __tsan_acquire (box);
  __real_g_atomic_rc_box_release_full (box, clear);
}

/* A source's callback runs in another thread, after whatever came before it was attached. */
typedef struct
{
  GSource *source;
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Callback;

static gboolean
run_callback (gpointer data)
{
  Callback *callback = data;
  __tsan_acquire (callback);
  __tsan_acquire (callback->source);
  return callback->func (callback->data);
}

static void
free_callback (gpointer data)
{
  Callback *callback = data;
  if (callback->notify)
    callback->notify (callback->data);
  g_free (callback);
}

WRAP (void, g_source_set_callback,
      (GSource * source, GSourceFunc func, gpointer data, GDestroyNotify notify))
{
  Callback *callback = g_new (Callback, 1);
  *callback = (Callback) { source, func, data, notify };
  __tsan_release (callback);
  __real_g_source_set_callback (source, run_callback, callback, free_callback);
}

WRAP (guint, g_source_attach, (GSource * source, GMainContext *context))
{
  __tsan_release (source);
  return __real_g_source_attach (source, context);
}
