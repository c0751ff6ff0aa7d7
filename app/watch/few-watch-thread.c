/* SPDX-License-Identifier: MIT */
/* Takes turns among the folders, and sleeps while there is nothing to do. */
#include "watch/few-watch-thread.h"
#include <gio/gio.h>
#include <sys/resource.h>

enum { NICE = 10, NAP = 250 * 1000 };

typedef struct
{
  gatomicrefcount refs;
  FewWatchReportFunc func; /* NULL: nobody listens any more. The UI thread's. */
  gpointer user;
} Listener;

struct FewWatchThread
{
  GThread *thread;
  Listener *listener;
  GCancellable *cancellable;
  GMutex lock; /* of all that follows */
  GCond changed;
  GPtrArray *folders; /* immutable */
  char *tag_root;
  gboolean paused, over;
  guint version;
  /* the thread's own */
  FewWatchShared shared;
  GPtrArray *jobs;
  guint seen; /* version */
};

/* ---- reports on their way to the UI thread */

static void
release_listener (Listener *listener)
{
  if (g_atomic_ref_count_dec (&listener->refs))
    g_free (listener);
}

typedef struct
{
  Listener *listener;
  FewWatchReport *report;
} Letter;

static gboolean
deliver_cb (gpointer user)
{
  Letter *letter = user;
  if (letter->listener->func)
    letter->listener->func (letter->listener->user, g_steal_pointer (&letter->report));
  return G_SOURCE_REMOVE;
}

static void
free_letter (gpointer user)
{
  Letter *letter = user;
  g_clear_pointer (&letter->report, few_watch_report_free);
  release_listener (letter->listener);
  g_free (letter);
}

static void
send_report (FewWatchThread *self, FewWatchReport *report)
{
  Letter *letter = g_new (Letter, 1);
  *letter = (Letter) { self->listener, report };
  g_atomic_ref_count_inc (&self->listener->refs);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, deliver_cb, letter, free_letter);
}

/* ---- the thread */

static void
free_job (gpointer job)
{
  few_watch_job_free (job);
}

static FewWatchJob *
find_job (GPtrArray *jobs, const FewWatched *watched)
{
  for (guint i = 0; i < jobs->len; i++)
    if (few_watched_is_equal (few_watch_job_get_watched (jobs->pdata[i]), watched))
      return g_ptr_array_steal_index_fast (jobs, i);
  return NULL;
}

static gboolean
is_unused (gpointer folder, gpointer model G_GNUC_UNUSED, gpointer jobs)
{
  for (guint i = 0; i < ((GPtrArray *) jobs)->len; i++)
    if (g_strcmp0 (few_watch_job_get_model (((GPtrArray *) jobs)->pdata[i]), folder) == 0)
      return FALSE;
  return TRUE;
}

/* Those that did not change go on. The others go first: a folder has one lock. */
static void
make_jobs (FewWatchThread *self, GPtrArray *folders)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  for (guint i = 0; i < folders->len; i++)
    g_ptr_array_add (kept, find_job (self->jobs, folders->pdata[i]));
  g_ptr_array_set_size (self->jobs, 0);
  for (guint i = 0; i < folders->len; i++)
    g_ptr_array_add (self->jobs, kept->pdata[i]
                                     ? kept->pdata[i]
                                     : few_watch_job_new (folders->pdata[i], &self->shared));
  g_hash_table_foreach_remove (self->shared.models, is_unused, self->jobs);
}

/* FALSE: it is over. */
static gboolean
take_plan (FewWatchThread *self, gboolean *paused)
{
  g_autoptr (GPtrArray) folders = NULL;
  g_mutex_lock (&self->lock);
  gboolean goes_on = !self->over;
  *paused = self->paused;
  if (self->seen != self->version)
    {
      folders = g_ptr_array_ref (self->folders);
      g_free (self->shared.tag_root);
      self->shared.tag_root = g_strdup (self->tag_root);
    }
  self->seen = self->version;
  g_mutex_unlock (&self->lock);
  if (folders && goes_on)
    make_jobs (self, folders);
  return goes_on;
}

static gboolean
do_turn (FewWatchThread *self, gboolean paused)
{
  gboolean busy = FALSE;
  for (guint i = 0; i < self->jobs->len; i++)
    {
      busy |= !paused && few_watch_job_step (self->jobs->pdata[i]);
      FewWatchReport *report = few_watch_job_report (self->jobs->pdata[i]);
      if (report)
        send_report (self, report);
    }
  return busy;
}

static void
nap (FewWatchThread *self)
{
  gint64 until = g_get_monotonic_time () + NAP;
  g_mutex_lock (&self->lock);
  while (!self->over && self->seen == self->version
         && g_cond_wait_until (&self->changed, &self->lock, until))
    continue;
  g_mutex_unlock (&self->lock);
}

static gpointer
run (gpointer user)
{
  FewWatchThread *self = user;
  g_autoptr (GMainContext) context = g_main_context_new ();
  gboolean paused;
  g_main_context_push_thread_default (context);
  setpriority (PRIO_PROCESS, 0, NICE); /* on Linux: of this thread, and of those that it makes */
  self->shared.models =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) few_model_unref);
  self->jobs = g_ptr_array_new_with_free_func (free_job);
  while (take_plan (self, &paused))
    {
      gboolean busy = do_turn (self, paused);
      while (g_main_context_iteration (context, FALSE))
        continue;
      if (!busy)
        nap (self);
    }
  g_ptr_array_unref (self->jobs);
  g_hash_table_unref (self->shared.models);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* ---- the UI thread */

FewWatchThread *
few_watch_thread_new (FewWatchReportFunc func, gpointer user)
{
  g_return_val_if_fail (func, NULL);
  FewWatchThread *self = g_new0 (FewWatchThread, 1);
  self->listener = g_new (Listener, 1);
  *self->listener = (Listener) { .func = func, .user = user };
  g_atomic_ref_count_init (&self->listener->refs);
  self->cancellable = g_cancellable_new ();
  self->folders = g_ptr_array_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->shared.cancellable = self->cancellable;
  self->shared.device = g_strdup_printf ("cpu,threads=%u", MAX (g_get_num_processors () / 2, 1));
  self->thread = g_thread_new ("watch", run, self);
  return self;
}

void
few_watch_thread_free (FewWatchThread *self)
{
  self->listener->func = NULL;
  g_mutex_lock (&self->lock);
  self->over = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_ptr_array_unref (self->folders);
  g_free (self->tag_root);
  g_free (self->shared.tag_root);
  g_free (self->shared.device);
  g_object_unref (self->cancellable);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  release_listener (self->listener);
  g_free (self);
}

void
few_watch_thread_set (FewWatchThread *self, GPtrArray *folders, const char *tag_root,
                      gboolean paused)
{
  g_return_if_fail (self && folders && tag_root);
  g_mutex_lock (&self->lock);
  g_ptr_array_unref (self->folders);
  self->folders = g_ptr_array_ref (folders);
  g_free (self->tag_root);
  self->tag_root = g_strdup (tag_root);
  self->paused = paused;
  self->version++;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
}
