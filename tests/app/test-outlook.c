/* SPDX-License-Identifier: MIT */
/* What Train says ahead of a run: shares that are settings, and seconds by what was measured. */
#include "base/few-settings.h"
#include "base/few-speeds.h"
#include "pages/train/few-share-settings.h"
#include "widgets/few-split-words.h"
#include "world.h"
#include <math.h>

static void
check_words (double seconds, const char *expected)
{
  g_autofree char *words = few_speeds_words (seconds);
  g_assert_cmpstr (words, ==, expected);
}

static void
test_words (void)
{
  check_words (NAN, NULL);
  check_words (.2, "under a second");
  check_words (1.4, "about 1 second");
  check_words (7.6, "about 8 seconds");
  check_words (23, "about 25 seconds");
  check_words (58, "about 1 minute");
  check_words (200, "about 3 minutes");
  check_words (2.6 * 3600, "about 3 hours");
}

/* In proportion, each work for itself, and nothing of what lies far beyond. */
static void
test_guess (void)
{
  g_assert_true (isnan (few_speeds_guess ("one", 5)));
  few_speeds_note ("one", 100, 2);
  few_speeds_note ("other", 100, 30);
  g_assert_cmpfloat_with_epsilon (few_speeds_guess ("one", 300), 6, 1e-9);
  g_assert_cmpfloat_with_epsilon (few_speeds_guess ("other", 10), 3, 1e-9);
  few_speeds_note ("one", 200, 2); /* the last counts */
  g_assert_cmpfloat_with_epsilon (few_speeds_guess ("one", 300), 3, 1e-9);
  g_assert_true (isnan (few_speeds_guess ("one", 1e9)));
  few_speeds_note ("none", 0, 0);
  g_assert_true (isnan (few_speeds_guess ("none", 1)));
}

static GtkWidget *
get_page (World *w)
{
  return GTK_WIDGET (few_window_find_page (w->window, "train"));
}

/* Nothing before the first run; then what that took. */
static void
test_seconds (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "page", "s", "train");
  WAIT (world_says (get_page (w), "to learn from"));
  g_assert_false (world_says (get_page (w), "second"));
  world_train (w, 20);
  WAIT (world_says (get_page (w), "to test on · under a second"));
  world_free (w);
}

/* What another computer took says nothing here. */
static void
test_others_seconds (void)
{
  World *w = world_new ();
  g_autofree char *path = g_build_filename (w->folder, "others.fewshot", NULL);
  g_autoptr (GError) error = NULL;
  world_import (w);
  world_train (w, 20);
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  g_assert_true (few_project_save (project, path, &error));
  g_assert_no_error (error);
  g_settings_reset (few_settings (), "speeds");
  World first = *w;
  world_open (w, path);
  WAIT (few_runs_get_shown (w->runs) == 0);
  world_act (w, "page", "s", "train");
  WAIT (world_says (get_page (w), "to learn from"));
  g_assert_false (world_says (get_page (w), "second"));
  gtk_window_destroy (GTK_WINDOW (w->window));
  *w = first;
  world_free (w);
}

static GtkSpinButton *
get_test_share (World *w)
{
  GtkWidget *shares = world_find_widget (get_page (w), FEW_TYPE_SHARE_SETTINGS);
  return GTK_SPIN_BUTTON (world_find_widget (shares, GTK_TYPE_SPIN_BUTTON));
}

/* It is a setting: a step that can be undone, a part of the project, and what the run does. */
static void
test_shares (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "page", "s", "train");
  FewSplitCounts usual, half;
  g_assert_true (few_split_count (w->examples, few_runs_get_job (w->runs), &usual));
  g_assert_cmpfloat (gtk_spin_button_get_value (get_test_share (w)), ==, FEW_SHARE_USUAL);
  gtk_spin_button_set_value (get_test_share (w), 50);
  g_assert_cmpuint (few_runs_get_job (w->runs)->shares.test, ==, 50);
  g_assert_true (few_split_count (w->examples, few_runs_get_job (w->runs), &half));
  g_assert_cmpuint (half.test, >, 2 * usual.test);
  g_autofree char *said = g_strdup_printf ("%u to test on", half.test);
  WAIT (world_says (get_page (w), said));
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  g_assert_cmpuint (project->job.shares.test, ==, 50);
  world_train (w, 5);
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  g_assert_cmpuint (info->n_split_off, ==, half.test); /* plain pictures are twins: those move */
  while (few_runs_get_job (w->runs)->shares.test)
    few_session_undo (w->session);
  g_assert_cmpfloat (gtk_spin_button_get_value (get_test_share (w)), ==, FEW_SHARE_USUAL);
  FewTrainJob job = *few_runs_get_job (w->runs);
  job.shots = 2; /* they say what is learned from */
  few_runs_set_job (w->runs, &job);
  g_assert_false (gtk_widget_is_sensitive (GTK_WIDGET (get_test_share (w))));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/outlook/words", test_words);
  g_test_add_func ("/outlook/guess", test_guess);
  g_test_add_func ("/outlook/seconds", test_seconds);
  g_test_add_func ("/outlook/others-seconds", test_others_seconds);
  g_test_add_func ("/outlook/shares", test_shares);
  return g_test_run ();
}
