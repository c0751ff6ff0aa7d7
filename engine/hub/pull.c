/* SPDX-License-Identifier: MIT */
/* One model on its way: which files there are, which is next, what comes of each attempt. */
#include "hub/hub-private.h"
#include "base/error.h"
#include "base/file.h"
#include "base/words.h"
#include "hub/catalogue.h"
#include "hub/repository.h"
#include "hub/shelf.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

static const gint64 LOCK_EVERY = G_USEC_PER_SEC / 2;
enum { RATE_SECONDS = 3 };

void
few_pull_unref (gpointer data)
{
  FewPull *p = data;
  if (!g_atomic_ref_count_dec (&p->refs))
    return;
  few_catalogue_entry_unref (p->entry);
  g_clear_pointer (&p->state, g_key_file_unref);
  g_object_unref (p->stop);
  g_free (p->folder);
  g_free (p);
}

void
few_pull_leave (FewHub *hub, FewPull *p)
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
end_pull (FewHub *hub, FewPull *p, FewPullState state, GError *error)
{
  few_pull_leave (hub, p);
  if (p->lock >= 0)
    close (p->lock);
  p->lock = -1;
  p->ended = TRUE;
  g_mutex_lock (&hub->lock);
  p->cancelled = TRUE; /* whoever wants the model from now on gets a pull of his own */
  g_mutex_unlock (&hub->lock);
  few_hub_report (hub, p, state, error);
}

static void
stop_pull (FewHub *hub, FewPull *p)
{
  end_pull (hub, p, FEW_PULL_FAILED,
            g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The fetch was stopped.")));
}

static void
submit_request (FewHub *hub, FewPull *p, CURL *curl)
{
  p->curl = curl;
  curl_easy_setopt (curl, CURLOPT_PRIVATE, p);
  curl_multi_add_handle (hub->multi, curl);
}

/* After a failed attempt that may be tried again. */
static void
retry_later (FewHub *hub, FewPull *p, FewOutcome outcome, guint retry_after, GError *error)
{
  guint64 done = p->transfer ? few_transfer_done (p->transfer) : 0;
  double seconds_tried = (double) (g_get_monotonic_time () - p->began) / G_USEC_PER_SEC;
  /* a trickle is no progress, however long it lasts */
  gboolean progress = done > p->progress_mark
                      && (double) (done - p->progress_mark) >= FEW_LEAST_RATE * seconds_tried;
  p->failures = progress ? 1 : p->failures + 1;
  if (outcome == FEW_OUTCOME_FAILED || p->failures >= hub->attempts)
    {
      end_pull (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  double seconds =
      outcome == FEW_OUTCOME_WAIT ? retry_after : hub->back_off * pow (2, p->failures - 1);
  p->wait_until = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  few_hub_report (hub, p, FEW_PULL_RETRYING, error);
}

/* ---- steps */

static gboolean
take_lock (FewHub *hub, FewPull *p)
{
  GError *error = NULL;
  p->lock = few_shelf_lock (p->folder, &error);
  if (p->lock >= 0)
    return TRUE;
  if (error)
    end_pull (hub, p, FEW_PULL_FAILED, error);
  else
    {
      p->wait_until = g_get_monotonic_time () + LOCK_EVERY;
      if (p->shown != FEW_PULL_WAITING)
        few_hub_report (hub, p, FEW_PULL_WAITING, NULL);
    }
  return FALSE;
}

static void
ask_for_files (FewHub *hub, FewPull *p)
{
  g_autofree char *url = g_strdup_printf ("%s/api/models/%s/revision/%s", hub->endpoint,
                                          p->entry->repository, p->entry->revision);
  p->listing = g_string_new (NULL);
  submit_request (hub, p, few_request_new (&hub->access, url, p->listing));
}

/* A file that an earlier run finished: its length and the sum that was recorded then. */
static gboolean
is_file_here (FewPull *p, const FewCatalogueFile *file)
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
finish_pull (FewHub *hub, FewPull *p)
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
      end_pull (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  g_unlink (part);
  end_pull (hub, p, FEW_PULL_DONE, NULL);
}

/* Somebody else's file of that name is not replaced. */
static gboolean
may_write_file (const FewPull *p, const FewCatalogueFile *file, GError **error)
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
begin_next_file (FewHub *hub, FewPull *p)
{
  GError *error = NULL;
  while (!p->transfer && p->file < p->entry->n_files && is_file_here (p, &p->entry->files[p->file]))
    p->file++;
  if (p->file == p->entry->n_files)
    {
      finish_pull (hub, p);
      return;
    }
  if (!p->transfer && !may_write_file (p, &p->entry->files[p->file], &error))
    {
      end_pull (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  if (!p->transfer)
    {
      p->transfer =
          few_transfer_new (&hub->access, hub->hasher, p->entry, &p->entry->files[p->file],
                            p->folder, p->state, p->stop, &error);
      p->failures = 0;
    }
  CURL *curl = p->transfer ? few_transfer_start (p->transfer, &error) : NULL;
  if (!curl && g_cancellable_is_cancelled (p->stop))
    {
      g_clear_error (&error);
      stop_pull (hub, p);
      return;
    }
  if (!curl)
    {
      end_pull (hub, p, FEW_PULL_FAILED, error);
      return;
    }
  p->progress_mark = few_transfer_done (p->transfer);
  p->began = p->rate_since = g_get_monotonic_time ();
  p->rate_bytes = p->progress_mark;
  submit_request (hub, p, curl);
  few_hub_report (hub, p, FEW_PULL_RUNNING, NULL);
}

/* What an earlier run left, once, or again after a pause. */
static void
read_pull_state (FewPull *p)
{
  g_autofree char *path = g_build_filename (p->folder, FEW_SHELF_PART, NULL);
  g_clear_pointer (&p->state, g_key_file_unref);
  p->state = g_key_file_new ();
  few_file_load_keys (p->state, path, NULL);
  p->before = 0;
  p->file = 0;
}

/* The folder is this pull's. */
static void
continue_pull (FewHub *hub, FewPull *p)
{
  g_autofree char *there = NULL;
  p->wait_until = 0;
  if (p->shown == FEW_PULL_PAUSED || !p->state)
    read_pull_state (p);
  /* another window may have fetched it while this one waited */
  if (!p->transfer && few_shelf_find (hub->models_folder, p->entry, &there, NULL) == FEW_SHELF_HERE)
    {
      p->file = p->entry->n_files;
      end_pull (hub, p, FEW_PULL_DONE, NULL);
    }
  else if (p->entry->n_files == 0)
    ask_for_files (hub, p);
  else
    begin_next_file (hub, p);
}

void
few_pull_advance (FewHub *hub, FewPull *p)
{
  g_mutex_lock (&hub->lock);
  gboolean paused = p->paused;
  gboolean cancelled = p->cancelled;
  g_mutex_unlock (&hub->lock);
  if (cancelled)
    stop_pull (hub, p);
  else if (paused)
    {
      few_pull_leave (hub, p);
      if (p->shown != FEW_PULL_PAUSED)
        few_hub_report (hub, p, FEW_PULL_PAUSED, NULL);
    }
  else if (p->curl || g_get_monotonic_time () < p->wait_until)
    return;
  else if (p->lock >= 0 || take_lock (hub, p))
    continue_pull (hub, p);
}

void
few_pull_listed (FewHub *hub, FewPull *p, CURLcode code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = g_strdup_printf ("%s/api/models/%s", hub->endpoint, p->entry->repository);
  FewOutcome outcome = few_request_outcome (p->curl, code, url, p->entry->repository, 0, &error);
  FewCatalogueEntry *entry =
      outcome == FEW_OUTCOME_DONE
          ? few_repository_choose (p->entry, p->listing->str, p->listing->len, &error)
          : NULL;
  few_pull_leave (hub, p);
  if (outcome != FEW_OUTCOME_DONE)
    retry_later (hub, p, outcome, 0, g_steal_pointer (&error));
  else if (!entry)
    end_pull (hub, p, FEW_PULL_FAILED, g_steal_pointer (&error));
  else
    {
      few_catalogue_entry_unref (p->entry);
      p->entry = entry;
    }
}

void
few_pull_transferred (FewHub *hub, FewPull *p, CURLcode code)
{
  GError *error = NULL;
  guint retry_after = 0;
  curl_multi_remove_handle (hub->multi, p->curl);
  p->curl = NULL;
  if (code == CURLE_OK && few_transfer_total (p->transfer) > (64 << 20))
    few_hub_report (hub, p, FEW_PULL_VERIFYING, NULL);
  FewOutcome outcome = few_transfer_end (p->transfer, code, &retry_after, &error);
  if (outcome != FEW_OUTCOME_DONE)
    {
      retry_later (hub, p, outcome, retry_after, error);
      return;
    }
  p->before += few_transfer_done (p->transfer);
  p->transferred += few_transfer_received (p->transfer);
  g_clear_pointer (&p->transfer, few_transfer_free);
  p->file++;
}

void
few_pull_watch (FewHub *hub, FewPull *p)
{
  gint64 now = g_get_monotonic_time ();
  if (!p->transfer || !p->curl || now - p->reported < FEW_HUB_REPORT_EVERY)
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
  few_hub_report (hub, p, FEW_PULL_RUNNING, NULL);
}
