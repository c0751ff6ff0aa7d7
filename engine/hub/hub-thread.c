/* SPDX-License-Identifier: MIT */
/* The thread that fetches: curl's multi interface, all models side by side. */
#include "hub/hub-private.h"
#include <unistd.h>

static int
measure_wait (FewHub *hub, GPtrArray *pulls)
{
  gint64 now = g_get_monotonic_time ();
  gint64 least = 1000;
  for (guint i = 0; i < pulls->len; i++)
    {
      const FewPull *p = pulls->pdata[i];
      if (p->curl)
        least = MIN (least, FEW_HUB_REPORT_EVERY / 1000);
      else if (!p->ended && p->wait_until > now)
        least = MIN (least, (p->wait_until - now) / 1000 + 1);
    }
  return (int) least;
}

/* Takes over what the owner has asked for since. FALSE: the thread is to end. */
static gboolean
take_new_pulls (FewHub *hub, GPtrArray *pulls)
{
  g_mutex_lock (&hub->lock);
  gboolean quitting = hub->quitting;
  for (guint i = 0; i < hub->pulls->len; i++)
    {
      FewPull *p = hub->pulls->pdata[i];
      if (g_ptr_array_find (pulls, p, NULL))
        continue;
      g_atomic_ref_count_inc (&p->refs);
      g_ptr_array_add (pulls, p);
    }
  g_mutex_unlock (&hub->lock);
  return !quitting;
}

/* Requests that are over; FALSE: none. */
static gboolean
take_messages (FewHub *hub)
{
  gboolean any = FALSE;
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read (hub->multi, &left)))
    {
      FewPull *p;
      CURLcode code = message->data.result;
      if (message->msg != CURLMSG_DONE)
        continue;
      curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, (char **) &p);
      any = TRUE;
      if (p->listing)
        few_pull_listed (hub, p, code);
      else
        few_pull_transferred (hub, p, code);
    }
  return any;
}

static void
drop_ended_pulls (FewHub *hub, GPtrArray *pulls)
{
  g_mutex_lock (&hub->lock);
  for (guint i = pulls->len; i-- > 0;)
    if (((FewPull *) pulls->pdata[i])->ended)
      {
        g_ptr_array_remove (hub->pulls, pulls->pdata[i]);
        g_ptr_array_remove_index (pulls, i);
      }
  g_mutex_unlock (&hub->lock);
}

gpointer
few_hub_main (gpointer data)
{
  FewHub *hub = data;
  int running;
  g_autoptr (GPtrArray) pulls = g_ptr_array_new_with_free_func (few_pull_unref);
  while (take_new_pulls (hub, pulls))
    {
      for (guint i = 0; i < pulls->len; i++)
        if (!((FewPull *) pulls->pdata[i])->ended)
          few_pull_advance (hub, pulls->pdata[i]);
      curl_multi_perform (hub->multi, &running);
      gboolean any = take_messages (hub);
      for (guint i = 0; i < pulls->len; i++)
        few_pull_watch (hub, pulls->pdata[i]);
      drop_ended_pulls (hub, pulls);
      if (!any) /* otherwise a next file may begin at once */
        curl_multi_poll (hub->multi, NULL, 0, measure_wait (hub, pulls), NULL);
    }
  for (guint i = 0; i < pulls->len; i++)
    {
      FewPull *p = pulls->pdata[i];
      few_pull_leave (hub, p);
      if (p->lock >= 0)
        close (p->lock);
    }
  return NULL;
}
