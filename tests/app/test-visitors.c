/* SPDX-License-Identifier: MIT */
/* Pictures that a file manager hands over are tried once there is something to try them on. */
#include "shell/few-visitors.h"
#include "world.h"
#include <adwaita.h>

static guint
count_trials (World *w)
{
  return g_list_model_get_n_items (few_trials_get_list (w->trials));
}

static void
visit (World *w, const char *folder)
{
  g_autofree char *path = g_build_filename (w->folder, folder, NULL);
  const char *const paths[] = { path, NULL };
  few_visitors_try (w->window, paths);
}

static void
settle (void)
{
  gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC / 2;
  while (g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, FALSE);
}

/* Two visits while the project is read come in together once it is there; a third at once. */
static void
test_wait_for_project (void)
{
  World *w = world_new ();
  world_import (w);
  few_session_set_waiting (w->session, TRUE);
  visit (w, "dark/03.png");
  visit (w, "dark/04.png");
  settle ();
  g_assert_cmpuint (count_trials (w), ==, 0);
  g_assert_cmpstr (few_window_get_page (w->window), !=, "try");
  few_session_set_waiting (w->session, FALSE);
  WAIT (count_trials (w) == 2);
  g_assert_cmpstr (few_window_get_page (w->window), ==, "try");
  visit (w, "dark");
  WAIT (count_trials (w) == 17);
  world_free (w);
}

/* Where there are no classes the person is told what to do first. */
static void
test_nothing_to_try_on (void)
{
  World *w = world_new ();
  visit (w, "dark");
  WAIT (w->messages->len > 0);
  g_assert_true (g_str_has_prefix (w->messages->pdata[w->messages->len - 1], "Add classes first"));
  g_assert_cmpuint (count_trials (w), ==, 0);
  world_free (w);
}

/* A window that goes takes along those who still wait in it. */
static void
test_window_goes (void)
{
  World *w = world_new ();
  world_import (w);
  few_session_set_waiting (w->session, TRUE);
  visit (w, "dark");
  g_autoptr (FewSession) session = g_object_ref (w->session);
  world_free (w);
  few_session_set_waiting (session, FALSE);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/visitors/wait-for-project", test_wait_for_project);
  g_test_add_func ("/visitors/nothing-to-try-on", test_nothing_to_try_on);
  g_test_add_func ("/visitors/window-goes", test_window_goes);
  return g_test_run ();
}
