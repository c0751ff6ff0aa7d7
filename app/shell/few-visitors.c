/* SPDX-License-Identifier: MIT */
/* Pictures that come from outside wait in their window until its project is read and its model is
 * open, for until then there is nothing to try them on. */
#include "shell/few-visitors.h"

#define DATA_NAME "fewshot-visitors"

typedef struct
{
  FewWindow *window; /* which holds this */
  FewSession *session;
  FewDesk *desk;
  GStrvBuilder *paths;
} Visitors;

static void
free_visitors (gpointer data)
{
  Visitors *visitors = data;
  g_signal_handlers_disconnect_by_data (visitors->session, visitors);
  g_signal_handlers_disconnect_by_data (visitors->desk, visitors);
  g_object_unref (visitors->session);
  g_object_unref (visitors->desk);
  g_strv_builder_unref (visitors->paths);
  g_free (visitors);
}

/* A window that has no project, and so no model on its way, says itself that there is none. */
static void
try_when_ready_cb (Visitors *visitors)
{
  FewWindow *window = visitors->window;
  if (few_session_is_waiting (visitors->session) || few_desk_is_opening (visitors->desk))
    return;
  g_auto (GStrv) paths = g_strv_builder_end (visitors->paths);
  FewTrials *trials = few_session_get_trials (visitors->session);
  g_object_set_data (G_OBJECT (window), DATA_NAME, NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", "try");
  few_trials_try (trials, (const char *const *) paths);
}

static Visitors *
new_visitors (FewWindow *window)
{
  Visitors *visitors = g_new0 (Visitors, 1);
  visitors->window = window;
  visitors->session = g_object_ref (few_window_get_session (window));
  visitors->desk = g_object_ref (few_session_get_desk (visitors->session));
  visitors->paths = g_strv_builder_new ();
  g_signal_connect_swapped (visitors->session, "notify::waiting", G_CALLBACK (try_when_ready_cb),
                            visitors);
  g_signal_connect_swapped (visitors->desk, "notify::model", G_CALLBACK (try_when_ready_cb),
                            visitors);
  g_object_set_data_full (G_OBJECT (window), DATA_NAME, visitors, free_visitors);
  return visitors;
}

void
few_visitors_try (FewWindow *window, const char *const *paths)
{
  g_return_if_fail (FEW_IS_WINDOW (window));
  g_return_if_fail (paths != NULL);
  Visitors *visitors = g_object_get_data (G_OBJECT (window), DATA_NAME);
  if (!visitors)
    visitors = new_visitors (window);
  g_strv_builder_addv (visitors->paths, (const char **) paths);
  try_when_ready_cb (visitors);
}
