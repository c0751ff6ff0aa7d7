/* SPDX-License-Identifier: MIT */
/* What the owner of a hub is told: one idle in its main context, and of the progress of a pull only
 * the newest. */
#include "hub/catalogue.h"
#include "hub/hub-private.h"
#include <math.h>

static void
free_status (gpointer data)
{
  FewPullStatus *s = data;
  few_catalogue_entry_unref ((FewCatalogueEntry *) s->entry);
  g_free ((char *) s->file);
  g_free ((char *) s->folder);
  g_clear_error ((GError **) &s->error);
  g_free (s);
}

GPtrArray *
few_hub_events_new (void)
{
  return g_ptr_array_new_with_free_func (free_status);
}

static gboolean
deliver_events (gpointer data)
{
  FewHub *hub = data;
  g_mutex_lock (&hub->lock);
  g_autoptr (GPtrArray) events = g_steal_pointer (&hub->events);
  hub->events = few_hub_events_new ();
  g_clear_pointer (&hub->idle, g_source_unref);
  g_mutex_unlock (&hub->lock);
  for (guint i = 0; i < events->len; i++)
    hub->func (hub->user, events->pdata[i]);
  return G_SOURCE_REMOVE;
}

/* Bytes of all files, as far as they are known; the catalogue's estimate where they are not. */
static guint64
sum_bytes (const FewPull *p)
{
  const FewCatalogueEntry *entry = p->entry;
  guint64 own = p->transfer ? few_transfer_total (p->transfer) : 0;
  guint64 total = p->before;
  for (guint i = p->file; i < entry->n_files; i++)
    total += i == p->file && own > 0 ? own : entry->files[i].bytes;
  gboolean last = p->file + 1 >= entry->n_files;
  if (entry->n_files && entry->files[entry->n_files - 1].bytes == 0 && (!last || own == 0))
    total = MAX (total, entry->about);
  return total;
}

static FewPullStatus *
make_status (const FewPull *p, FewPullState state, GError *error)
{
  FewPullStatus *s = g_new0 (FewPullStatus, 1);
  guint64 current = p->transfer ? few_transfer_done (p->transfer) : 0;
  s->id = p->id;
  s->entry = few_catalogue_entry_ref (p->entry);
  s->state = state;
  s->done = p->before + current;
  s->total = MAX (sum_bytes (p), s->done);
  s->transferred = p->transferred + (p->transfer ? few_transfer_received (p->transfer) : 0);
  s->rate = state == FEW_PULL_RUNNING && p->rate > 0 ? p->rate : NAN;
  s->seconds_left = isnan (s->rate) ? NAN : (double) (s->total - s->done) / s->rate;
  s->file = g_strdup (p->file < p->entry->n_files ? p->entry->files[p->file].name : "");
  s->folder = state == FEW_PULL_DONE ? g_strdup (p->folder) : NULL;
  s->error = error;
  return s;
}

void
few_hub_report (FewHub *hub, FewPull *p, FewPullState state, GError *error)
{
  FewPullStatus *s = make_status (p, state, error);
  p->shown = state;
  p->reported = g_get_monotonic_time ();
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
      g_source_set_callback (hub->idle, deliver_events, hub, NULL);
      g_source_attach (hub->idle, hub->context);
    }
  g_mutex_unlock (&hub->lock);
}
