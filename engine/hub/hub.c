/* SPDX-License-Identifier: MIT */
/* The thread that fetches: curl's multi interface, all models side by side, commands by flags
 * under a lock, events by one idle. */
#include "base/error.h"
#include "base/file.h"
#include "hub/catalogue.h"
#include "hub/repository.h"
#include "hub/shelf.h"
#include "hub/transfer.h"
#include <fewshot/hub.h>
#include <fewshot/places.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const gint64 REPORT_EVERY = G_USEC_PER_SEC / 10, LOCK_EVERY = G_USEC_PER_SEC / 2;
enum { RATE_SECONDS = 3 };

typedef struct
{
  gatomicrefcount refs;
  guint id;
  /* under the hub's lock */
  gboolean paused, cancelled;
  /* the thread's own */
  FewCatalogueEntry *entry; /* with files, once they are known */
  char *folder;
  int lock;                 /* of the folder; −1 */
  GKeyFile *state;
  guint file;               /* under way, or next */
  FewTransfer *transfer;
  CURL *curl;               /* in the multi handle */
  GString *listing;         /* the answer about a repository's files */
  FewPullState shown;
  gint64 wait_until;        /* monotonic; 0: go on */
  guint failures;           /* in a row without a byte */
  guint64 before;           /* bytes of the files that are done */
  guint64 transferred;      /* of transfers that are over */
  guint64 progress_mark;    /* done when the last attempt began */
  gint64 began;             /* when that was */
  gint64 reported, rate_since;
  guint64 rate_bytes;
  double rate;
  gboolean ended;
} Pull;

struct FewHub
{
  GThread *thread;
  GMainContext *context;
  FewPullFunc func;
  gpointer user;
  char *endpoint, *token, *models_folder, *ca_file;
  guint attempts;
  double back_off;
  FewHubAccess access;
  CURLM *multi;
  FewHasher *hasher;
  GMutex lock;
  GPtrArray *pulls;   /* Pull *, under the lock */
  GPtrArray *events;  /* FewPullStatus *, under the lock */
  GSource *idle;
  guint next_id;
  gboolean quitting;
  GCancellable *cancellable;
};

/* ---- events */

static void
status_free (gpointer data)
{
  FewPullStatus *s = data;
  few_catalogue_entry_unref ((FewCatalogueEntry *) s->entry);
  g_free ((char *) s->file);
  g_free ((char *) s->folder);
  g_clear_error ((GError **) &s->error);
  g_free (s);
}

static gboolean
deliver (gpointer data)
{
  FewHub *hub = data;
  g_mutex_lock (&hub->lock);
  g_autoptr (GPtrArray) events = g_steal_pointer (&hub->events);
  hub->events = g_ptr_array_new_with_free_func (status_free);
  g_clear_pointer (&hub->idle, g_source_unref);
  g_mutex_unlock (&hub->lock);
  for (guint i = 0; i < events->len; i++)
    hub->func (hub->user, events->pdata[i]);
  return G_SOURCE_REMOVE;
}

/* Takes the error. */
static void
report (FewHub *hub, Pull *p, FewPullState state, GError *error)
{
  FewPullStatus *s = g_new0 (FewPullStatus, 1);
  guint64 current = p->transfer ? few_transfer_done (p->transfer) : 0;
  guint64 total = p->before;
  gint64 now = g_get_monotonic_time ();
  for (guint i = p->file; i < p->entry->n_files; i++)
    total += i == p->file && p->transfer && few_transfer_total (p->transfer)
                 ? few_transfer_total (p->transfer)
                 : p->entry->files[i].bytes;
  if (p->entry->n_files && p->entry->files[p->entry->n_files - 1].bytes == 0
      && (p->file + 1 < p->entry->n_files || !p->transfer || !few_transfer_total (p->transfer)))
    total = MAX (total, p->entry->about);
  s->id = p->id;
  s->entry = few_catalogue_entry_ref (p->entry);
  s->state = state;
  s->done = p->before + current;
  s->total = MAX (total, s->done);
  s->transferred = p->transferred + (p->transfer ? few_transfer_received (p->transfer) : 0);
  s->rate = state == FEW_PULL_RUNNING && p->rate > 0 ? p->rate : NAN;
  s->seconds_left = isnan (s->rate) ? NAN : (double) (s->total - s->done) / s->rate;
  s->file = g_strdup (p->file < p->entry->n_files ? p->entry->files[p->file].name : "");
  s->folder = state == FEW_PULL_DONE ? g_strdup (p->folder) : NULL;
  s->error = error;
  p->shown = state;
  p->reported = now;
  g_mutex_lock (&hub->lock);
  FewPullStatus *last = hub->events->len ? hub->events->pdata[hub->events->len - 1] : NULL;
  if (last && last->id == s->id && last->state == FEW_PULL_RUNNING && state == FEW_PULL_RUNNING)
    /* only the newest progress matters */
    g_ptr_array_set_size (hub->events, (gint) hub->events->len - 1);
  g_ptr_array_add (hub->events, s);
  if (!hub->idle)
    {
      hub->idle = g_idle_source_new ();
      g_source_set_priority (hub->idle, G_PRIORITY_DEFAULT_IDLE);
      g_source_set_callback (hub->idle, deliver, hub, NULL);
      g_source_attach (hub->idle, hub->context);
    }
  g_mutex_unlock (&hub->lock);
}

/* ---- one pull */

static void
pull_unref (gpointer data)
{
  Pull *p = data;
  if (!g_atomic_ref_count_dec (&p->refs))
    return;
  few_catalogue_entry_unref (p->entry);
  g_clear_pointer (&p->state, g_key_file_unref);
  g_free (p->folder);
  g_free (p);
}

static void
leave (FewHub *hub, Pull *p)
{
  if (p->curl)
    curl_multi_remove_handle (hub->multi, p->curl);
  if (p->listing)
    {
      curl_easy_cleanup (p->curl);
      g_string_free (p->listing, TRUE);
    }
  p->curl = NULL;
  p->listing = NULL;
  if (p->transfer)
    {
      p->transferred += few_transfer_received (p->transfer);
      g_clear_pointer (&p->transfer, few_transfer_free);
    }
}

static void
end (FewHub *hub, Pull *p, FewPullState state, GError *error)
{
  leave (hub, p);
  if (p->lock >= 0)
    close (p->lock);
  p->lock = -1;
  p->ended = TRUE;
  g_mutex_lock (&hub->lock);
  p->cancelled = TRUE; /* whoever wants the model from now on gets a pull of his own */
  g_mutex_unlock (&hub->lock);
  report (hub, p, state, error);
}

static void
submit (FewHub *hub, Pull *p, CURL *curl)
{
  p->curl = curl;
  curl_easy_setopt (curl, CURLOPT_PRIVATE, p);
  curl_multi_add_handle (hub->multi, curl);
}

/* After a failed attempt that may be tried again. */
static void
try_later (FewHub *hub, Pull *p, FewOutcome outcome, guint retry_after, GError *error)
{
  guint64 done = p->transfer ? few_transfer_done (p->transfer) : 0;
  double seconds_tried = (double) (g_get_monotonic_time () - p->began) / G_USEC_PER_SEC;
  /* a trickle is no progress, however long it lasts */
  gboolean progress = done > p->progress_mark
                      && (double) (done - p->progress_mark) >= FEW_LEAST_RATE * seconds_tried;
  p->failures = progress ? 1 : p->failures + 1;
  if (outcome == FEW_OUTCOME_FAILED || p->failures >= hub->attempts)
    {
      end (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  double seconds =
      outcome == FEW_OUTCOME_WAIT ? retry_after : hub->back_off * pow (2, p->failures - 1);
  p->wait_until = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  report (hub, p, FEW_PULL_RETRYING, error);
}

/* ---- steps */

static gboolean
take_lock (FewHub *hub, Pull *p)
{
  GError *error = NULL;
  p->lock = few_shelf_lock (p->folder, &error);
  if (p->lock >= 0)
    return TRUE;
  if (error)
    end (hub, p, FEW_PULL_FAILED, error);
  else
    {
      p->wait_until = g_get_monotonic_time () + LOCK_EVERY;
      if (p->shown != FEW_PULL_WAITING)
        report (hub, p, FEW_PULL_WAITING, NULL);
    }
  return FALSE;
}

static void
ask_for_files (FewHub *hub, Pull *p)
{
  g_autofree char *url = g_strdup_printf ("%s/api/models/%s/revision/%s", hub->endpoint,
                                          p->entry->repository, p->entry->revision);
  p->listing = g_string_new (NULL);
  submit (hub, p, few_request_new (&hub->access, url, p->listing));
}

/* A file that an earlier run finished: its length and the sum that was recorded then. */
static gboolean
is_here (Pull *p, const FewCatalogueFile *file)
{
  struct stat info;
  g_autofree char *path = g_build_filename (p->folder, file->name, NULL);
  g_autofree char *group = g_strconcat ("file ", file->name, NULL);
  g_autofree char *sum = g_key_file_get_string (p->state, group, "sha256", NULL);
  guint64 bytes = g_key_file_get_uint64 (p->state, group, "bytes", NULL);
  if (stat (path, &info) != 0 || !sum || bytes == 0 || (guint64) info.st_size != bytes
      || (file->sha256 && !g_str_equal (file->sha256, sum)))
    return FALSE;
  p->before += bytes;
  return TRUE;
}

static void
finish (FewHub *hub, Pull *p)
{
  GError *error = NULL;
  g_autoptr (GKeyFile) record = g_key_file_new ();
  g_autofree char *path = g_build_filename (p->folder, FEW_SHELF_RECORD, NULL);
  g_autofree char *part = g_build_filename (p->folder, FEW_SHELF_PART, NULL);
  g_key_file_set_string (record, "model", "repository", p->entry->repository);
  g_key_file_set_string (record, "model", "revision", p->entry->revision);
  for (guint i = 0; i < p->entry->n_files; i++)
    {
      g_autofree char *group = g_strconcat ("file ", p->entry->files[i].name, NULL);
      g_autofree char *sum = g_key_file_get_string (p->state, group, "sha256", NULL);
      g_key_file_set_uint64 (record, group, "bytes",
                             g_key_file_get_uint64 (p->state, group, "bytes", NULL));
      g_key_file_set_string (record, group, "sha256", sum ? sum : "");
    }
  if (!few_file_save_keys (record, path, &error))
    {
      end (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  g_unlink (part);
  end (hub, p, FEW_PULL_DONE, NULL);
}

/* Somebody else's file of that name is not replaced. */
static gboolean
may_write (const Pull *p, const FewCatalogueFile *file, GError **error)
{
  struct stat info;
  g_autofree char *path = g_build_filename (p->folder, file->name, NULL);
  if (g_lstat (path, &info) != 0 || few_shelf_owns (p->folder, file->name))
    return TRUE;
  few_fail (error, INPUT,
            "%s is there and was not fetched by this program. Move it elsewhere first.", path);
  return FALSE;
}

static void
next_file (FewHub *hub, Pull *p)
{
  GError *error = NULL;
  while (!p->transfer && p->file < p->entry->n_files && is_here (p, &p->entry->files[p->file]))
    p->file++;
  if (p->file == p->entry->n_files)
    {
      finish (hub, p);
      return;
    }
  if (!p->transfer && !may_write (p, &p->entry->files[p->file], &error))
    {
      end (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  if (!p->transfer)
    {
      p->transfer =
          few_transfer_new (&hub->access, hub->hasher, p->entry, &p->entry->files[p->file],
                            p->folder, p->state, hub->cancellable, &error);
      p->failures = 0;
    }
  CURL *curl = p->transfer ? few_transfer_start (p->transfer, &error) : NULL;
  if (!curl)
    {
      end (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  p->progress_mark = few_transfer_done (p->transfer);
  p->began = p->rate_since = g_get_monotonic_time ();
  p->rate_bytes = p->progress_mark;
  submit (hub, p, curl);
  report (hub, p, FEW_PULL_RUNNING, NULL);
}

/* Whatever a pull can do now. */
static void
advance (FewHub *hub, Pull *p)
{
  gboolean paused, cancelled;
  g_mutex_lock (&hub->lock);
  paused = p->paused;
  cancelled = p->cancelled;
  g_mutex_unlock (&hub->lock);
  if (cancelled)
    end (hub, p, FEW_PULL_FAILED,
         g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The fetch was stopped."));
  else if (paused)
    {
      leave (hub, p);
      if (p->shown != FEW_PULL_PAUSED)
        report (hub, p, FEW_PULL_PAUSED, NULL);
    }
  else if (p->curl || g_get_monotonic_time () < p->wait_until)
    return;
  else if (p->lock >= 0 || take_lock (hub, p))
    {
      char *there = NULL;
      p->wait_until = 0;
      if (p->shown == FEW_PULL_PAUSED || !p->state)
        {
          g_autofree char *path = g_build_filename (p->folder, FEW_SHELF_PART, NULL);
          g_clear_pointer (&p->state, g_key_file_unref);
          p->state = g_key_file_new ();
          few_file_load_keys (p->state, path, NULL);
          p->before = 0;
          p->file = 0;
        }
      /* another window may have fetched it while this one waited */
      if (!p->transfer
          && few_shelf_find (hub->models_folder, p->entry, &there, NULL) == FEW_SHELF_HERE)
        {
          p->file = p->entry->n_files;
          end (hub, p, FEW_PULL_DONE, NULL);
        }
      else if (p->entry->n_files == 0)
        ask_for_files (hub, p);
      else
        next_file (hub, p);
      g_free (there);
    }
}

static void
listed (FewHub *hub, Pull *p, CURLcode code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = g_strdup_printf ("%s/api/models/%s", hub->endpoint, p->entry->repository);
  FewOutcome outcome = few_request_outcome (p->curl, code, url, p->entry->repository, 0, &error);
  FewCatalogueEntry *entry =
      outcome == FEW_OUTCOME_DONE
          ? few_repository_choose (p->entry, p->listing->str, p->listing->len, &error)
          : NULL;
  leave (hub, p);
  if (outcome != FEW_OUTCOME_DONE)
    try_later (hub, p, outcome, 0, g_steal_pointer (&error));
  else if (!entry)
    end (hub, p, FEW_PULL_FAILED, g_steal_pointer (&error));
  else
    {
      few_catalogue_entry_unref (p->entry);
      p->entry = entry;
    }
}

static void
transferred (FewHub *hub, Pull *p, CURLcode code)
{
  GError *error = NULL;
  guint retry_after = 0;
  curl_multi_remove_handle (hub->multi, p->curl);
  p->curl = NULL;
  if (code == CURLE_OK && few_transfer_total (p->transfer) > (64 << 20))
    report (hub, p, FEW_PULL_VERIFYING, NULL);
  FewOutcome outcome = few_transfer_end (p->transfer, code, &retry_after, &error);
  if (outcome != FEW_OUTCOME_DONE)
    {
      try_later (hub, p, outcome, retry_after, error);
      return;
    }
  p->before += few_transfer_done (p->transfer);
  p->transferred += few_transfer_received (p->transfer);
  g_clear_pointer (&p->transfer, few_transfer_free);
  p->file++;
}

static void
watch (FewHub *hub, Pull *p)
{
  gint64 now = g_get_monotonic_time ();
  if (!p->transfer || !p->curl || now - p->reported < REPORT_EVERY)
    return;
  guint64 done = few_transfer_done (p->transfer);
  double seconds = (double) (now - p->rate_since) / G_USEC_PER_SEC;
  if (seconds > 0.3)
    p->rate = (double) (done - MIN (p->rate_bytes, done)) / seconds;
  if (seconds > RATE_SECONDS)
    {
      p->rate_since = now;
      p->rate_bytes = done;
    }
  report (hub, p, FEW_PULL_RUNNING, NULL);
}

/* ---- the thread */

static int
milliseconds_to_wait (FewHub *hub, GPtrArray *pulls)
{
  gint64 now = g_get_monotonic_time ();
  gint64 least = 1000;
  for (guint i = 0; i < pulls->len; i++)
    {
      const Pull *p = pulls->pdata[i];
      if (p->curl)
        least = MIN (least, REPORT_EVERY / 1000);
      else if (!p->ended && p->wait_until > now)
        least = MIN (least, (p->wait_until - now) / 1000 + 1);
    }
  return (int) least;
}

static gpointer
hub_main (gpointer data)
{
  FewHub *hub = data;
  g_autoptr (GPtrArray) pulls = g_ptr_array_new_with_free_func (pull_unref);
  for (;;)
    {
      int running, left;
      CURLMsg *message;
      g_mutex_lock (&hub->lock);
      gboolean quitting = hub->quitting;
      for (guint i = 0; i < hub->pulls->len; i++)
        {
          Pull *p = hub->pulls->pdata[i];
          if (!g_ptr_array_find (pulls, p, NULL))
            {
              g_atomic_ref_count_inc (&p->refs);
              g_ptr_array_add (pulls, p);
            }
        }
      g_mutex_unlock (&hub->lock);
      if (quitting)
        break;
      for (guint i = 0; i < pulls->len; i++)
        if (!((Pull *) pulls->pdata[i])->ended)
          advance (hub, pulls->pdata[i]);
      curl_multi_perform (hub->multi, &running);
      gboolean any = FALSE;
      while ((message = curl_multi_info_read (hub->multi, &left)))
        {
          Pull *p;
          CURLcode code = message->data.result;
          if (message->msg != CURLMSG_DONE)
            continue;
          curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, (char **) &p);
          any = TRUE;
          if (p->listing)
            listed (hub, p, code);
          else
            transferred (hub, p, code);
        }
      for (guint i = 0; i < pulls->len; i++)
        watch (hub, pulls->pdata[i]);
      g_mutex_lock (&hub->lock);
      for (guint i = pulls->len; i-- > 0;)
        if (((Pull *) pulls->pdata[i])->ended)
          {
            g_ptr_array_remove (hub->pulls, pulls->pdata[i]);
            g_ptr_array_remove_index (pulls, i);
          }
      g_mutex_unlock (&hub->lock);
      if (!any) /* otherwise a next file may begin at once */
        curl_multi_poll (hub->multi, NULL, 0, milliseconds_to_wait (hub, pulls), NULL);
    }
  for (guint i = 0; i < pulls->len; i++)
    {
      Pull *p = pulls->pdata[i];
      leave (hub, p);
      if (p->lock >= 0)
        close (p->lock);
    }
  return NULL;
}

/* ---- the owner's side */

static char *
setting (const char *given, const char *variable)
{
  const char *value = given ? given : g_getenv (variable);
  return value && *value ? g_strdup (value) : NULL;
}

FewHub *
few_hub_new (const FewHubOptions *options, FewPullFunc func, gpointer user)
{
  static const FewHubOptions defaults;
  const FewHubOptions *o = options ? options : &defaults;
  FewHub *hub = g_new0 (FewHub, 1);
  curl_global_init (CURL_GLOBAL_DEFAULT); /* counted; safe from any thread since curl 7.84 */
  hub->context = g_main_context_ref_thread_default ();
  hub->func = func;
  hub->user = user;
  hub->endpoint = setting (o->endpoint, "HF_ENDPOINT");
  if (!hub->endpoint)
    hub->endpoint = g_strdup ("https://huggingface.co");
  while (g_str_has_suffix (hub->endpoint, "/"))
    hub->endpoint[strlen (hub->endpoint) - 1] = '\0';
  hub->token = setting (o->token, "HF_TOKEN");
  hub->models_folder = o->models_folder ? g_strdup (o->models_folder) : few_models_folder ();
  hub->ca_file = g_strdup (o->ca_file);
  hub->attempts = o->attempts ? o->attempts : 5;
  hub->back_off = o->back_off > 0 ? o->back_off : 1;
  hub->access = (FewHubAccess) { hub->endpoint, hub->token, hub->ca_file,
                                 o->stall_seconds ? o->stall_seconds : 30 };
  hub->multi = curl_multi_init ();
  hub->hasher = few_hasher_new ();
  hub->pulls = g_ptr_array_new_with_free_func (pull_unref);
  hub->events = g_ptr_array_new_with_free_func (status_free);
  hub->cancellable = g_cancellable_new ();
  g_mutex_init (&hub->lock);
  hub->thread = g_thread_new ("few-hub", hub_main, hub);
  return hub;
}

static void
wake (FewHub *hub)
{
  curl_multi_wakeup (hub->multi);
}

void
few_hub_free (FewHub *hub)
{
  g_mutex_lock (&hub->lock);
  hub->quitting = TRUE;
  g_mutex_unlock (&hub->lock);
  g_cancellable_cancel (hub->cancellable);
  wake (hub);
  g_thread_join (hub->thread);
  if (hub->idle)
    {
      g_source_destroy (hub->idle);
      g_clear_pointer (&hub->idle, g_source_unref);
    }
  g_ptr_array_unref (hub->pulls);
  g_ptr_array_unref (hub->events);
  few_hasher_free (hub->hasher);
  curl_multi_cleanup (hub->multi);
  curl_global_cleanup ();
  g_object_unref (hub->cancellable);
  g_main_context_unref (hub->context);
  g_mutex_clear (&hub->lock);
  g_free (hub->endpoint);
  g_free (hub->token);
  g_free (hub->models_folder);
  g_free (hub->ca_file);
  g_free (hub);
}

guint
few_hub_pull (FewHub *hub, FewCatalogueEntry *entry)
{
  g_mutex_lock (&hub->lock);
  for (guint i = 0; i < hub->pulls->len; i++)
    {
      const Pull *p = hub->pulls->pdata[i];
      g_autofree char *name = g_path_get_basename (p->folder);
      if (g_str_equal (name, entry->name) && !p->cancelled)
        {
          guint id = p->id;
          g_mutex_unlock (&hub->lock);
          return id;
        }
    }
  Pull *p = g_new0 (Pull, 1);
  g_atomic_ref_count_init (&p->refs);
  p->id = ++hub->next_id;
  p->entry = few_catalogue_entry_ref (entry);
  p->folder = g_build_filename (hub->models_folder, entry->name, NULL);
  p->lock = -1;
  p->shown = FEW_PULL_FAILED;
  g_ptr_array_add (hub->pulls, p);
  guint id = p->id;
  g_mutex_unlock (&hub->lock);
  wake (hub);
  return id;
}

static void
set_flag (FewHub *hub, guint id, gboolean cancel, gboolean value)
{
  g_mutex_lock (&hub->lock);
  for (guint i = 0; i < hub->pulls->len; i++)
    {
      Pull *p = hub->pulls->pdata[i];
      if (p->id == id)
        *(cancel ? &p->cancelled : &p->paused) = value;
    }
  g_mutex_unlock (&hub->lock);
  wake (hub);
}

void
few_hub_set_paused (FewHub *hub, guint id, gboolean paused)
{
  set_flag (hub, id, FALSE, paused);
}

void
few_hub_cancel (FewHub *hub, guint id)
{
  set_flag (hub, id, TRUE, TRUE);
}
