/* SPDX-License-Identifier: MIT */
/* Pictures that come from outside wait until the window's project is read and its model is open,
 * for until then there is nothing to try them on. */
#include "shell/few-visitors.h"
#include "widgets/few-videos.h"

typedef struct
{
  FewWindow *window; /* weak */
  FewSession *session; /* which owns this by its handler */
  FewDesk *desk;
  GStrv paths;
} Visitors;

static void
free_visitors (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Visitors *visitors = data;
  g_signal_handlers_disconnect_by_data (visitors->desk, visitors);
  g_clear_weak_pointer (&visitors->window);
  g_object_unref (visitors->desk);
  g_strfreev (visitors->paths);
  g_free (visitors);
}

static void
resolved_cb (gpointer trials, const char *const *paths)
{
  few_trials_try (trials, paths);
}

static void
try_now (FewWindow *window, const char *const *paths)
{
  FewSession *session = few_window_get_session (window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", "try");
  few_videos_resolve (GTK_WIDGET (window), paths, resolved_cb,
                      g_object_ref (few_session_get_trials (session)), g_object_unref);
}

/* A window whose model is neither open nor on its way says so itself. */
static gboolean
is_ready (FewSession *session)
{
  return !few_session_is_waiting (session) && !few_desk_is_opening (few_session_get_desk (session));
}

static void
changed_cb (Visitors *visitors)
{
  if (!is_ready (visitors->session))
    return;
  if (visitors->window)
    try_now (visitors->window, (const char *const *) visitors->paths);
  g_signal_handlers_disconnect_by_data (visitors->session, visitors);
}

void
few_visitors_try (FewWindow *window, const char *const *paths)
{
  g_return_if_fail (FEW_IS_WINDOW (window));
  g_return_if_fail (paths != NULL);
  FewSession *session = few_window_get_session (window);
  if (is_ready (session))
    {
      try_now (window, paths);
      return;
    }
  Visitors *visitors = g_new0 (Visitors, 1);
  g_set_weak_pointer (&visitors->window, window);
  visitors->session = session;
  visitors->desk = g_object_ref (few_session_get_desk (session));
  visitors->paths = g_strdupv ((char **) paths);
  g_signal_connect_data (session, "notify::waiting", G_CALLBACK (changed_cb), visitors,
                         free_visitors, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (visitors->desk, "notify::model", G_CALLBACK (changed_cb), visitors);
}
