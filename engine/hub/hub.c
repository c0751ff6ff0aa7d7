/* SPDX-License-Identifier: MIT */
/* The owner's side of a hub: commands by flags under a lock. */
#include "hub/hub-private.h"
#include "hub/catalogue.h"
#include <fewshot/places.h>
#include <gio/gio.h>
#include <string.h>

static char *
read_setting (const char *given, const char *variable)
{
  const char *value = given ? given : g_getenv (variable);
  return value && *value ? g_strdup (value) : NULL;
}

FewHub *
few_hub_new (const FewHubOptions *options, FewPullFunc func, gpointer user)
{
  g_return_val_if_fail (func != NULL, NULL);
  static const FewHubOptions defaults;
  const FewHubOptions *o = options ? options : &defaults;
  FewHub *hub = g_new0 (FewHub, 1);
  curl_global_init (CURL_GLOBAL_DEFAULT); /* counted; safe from any thread since curl 7.84 */
  hub->context = g_main_context_ref_thread_default ();
  hub->func = func;
  hub->user = user;
  hub->endpoint = read_setting (o->endpoint, "HF_ENDPOINT");
  if (!hub->endpoint)
    hub->endpoint = g_strdup ("https://huggingface.co");
  while (g_str_has_suffix (hub->endpoint, "/"))
    hub->endpoint[strlen (hub->endpoint) - 1] = '\0';
  hub->token = read_setting (o->token, "HF_TOKEN");
  hub->models_folder =
      o->models_folder ? g_strdup (o->models_folder) : few_default_models_folder ();
  hub->ca_file = g_strdup (o->ca_file);
  hub->attempts = o->attempts ? o->attempts : 5;
  hub->back_off = o->back_off > 0 ? o->back_off : 1;
  hub->access = (FewHubAccess) { hub->endpoint, hub->token, hub->ca_file,
                                 o->stall_seconds ? o->stall_seconds : 30 };
  hub->multi = curl_multi_init ();
  hub->hasher = few_hasher_new ();
  hub->pulls = g_ptr_array_new_with_free_func (few_pull_unref);
  hub->events = few_hub_events_new ();
  g_mutex_init (&hub->lock);
  hub->thread = g_thread_new ("few-hub", few_hub_main, hub);
  return hub;
}

static void
wake_thread (FewHub *hub)
{
  curl_multi_wakeup (hub->multi);
}

void
few_hub_free (FewHub *hub)
{
  g_return_if_fail (hub != NULL);
  g_mutex_lock (&hub->lock);
  hub->quitting = TRUE;
  for (guint i = 0; i < hub->pulls->len; i++)
    g_cancellable_cancel (((FewPull *) hub->pulls->pdata[i])->stop);
  g_mutex_unlock (&hub->lock);
  wake_thread (hub);
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
  g_return_val_if_fail (hub != NULL && entry != NULL, 0);
  g_mutex_lock (&hub->lock);
  for (guint i = 0; i < hub->pulls->len; i++)
    {
      const FewPull *p = hub->pulls->pdata[i];
      g_autofree char *name = g_path_get_basename (p->folder);
      if (g_str_equal (name, entry->name) && !p->cancelled)
        {
          guint id = p->id;
          g_mutex_unlock (&hub->lock);
          return id;
        }
    }
  FewPull *p = g_new0 (FewPull, 1);
  g_atomic_ref_count_init (&p->refs);
  p->id = ++hub->next_id;
  p->entry = few_catalogue_entry_ref (entry);
  p->folder = g_build_filename (hub->models_folder, entry->name, NULL);
  p->lock = -1;
  p->stop = g_cancellable_new ();
  p->shown = FEW_PULL_FAILED;
  g_ptr_array_add (hub->pulls, p);
  guint id = p->id;
  g_mutex_unlock (&hub->lock);
  wake_thread (hub);
  return id;
}

static void
set_flag (FewHub *hub, guint id, gboolean cancel, gboolean value)
{
  g_mutex_lock (&hub->lock);
  for (guint i = 0; i < hub->pulls->len; i++)
    {
      FewPull *p = hub->pulls->pdata[i];
      if (p->id != id)
        continue;
      *(cancel ? &p->cancelled : &p->paused) = value;
      if (cancel)
        g_cancellable_cancel (p->stop);
    }
  g_mutex_unlock (&hub->lock);
  wake_thread (hub);
}

void
few_hub_set_paused (FewHub *hub, guint id, gboolean paused)
{
  g_return_if_fail (hub != NULL);
  set_flag (hub, id, FALSE, paused);
}

void
few_hub_cancel (FewHub *hub, guint id)
{
  g_return_if_fail (hub != NULL);
  set_flag (hub, id, TRUE, TRUE);
}
