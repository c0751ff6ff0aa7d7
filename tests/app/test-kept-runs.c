/* SPDX-License-Identifier: MIT */
/* The list of runs: none is deleted while one learns, none of another model is shown, and no number
 * is given twice. */
#include "world.h"
#include <string.h>

static const char *
get_title (World *w, guint i)
{
  return ((const FewRun *) few_runs_get_list (w->runs)->pdata[i])->record->title;
}

/* What is not done is not said to be done: its undo would take back something else. */
static void
test_while_training (void)
{
  World *w = world_new ();
  world_import (w);
  world_learn (w, "gda:a=1");
  g_assert_true (world_enabled (w, "delete-run"));
  world_act (w, "train", NULL);
  WAIT (few_runs_get_training (w->runs) != FEW_TRAINING_IDLE);
  g_assert_false (world_enabled (w, "delete-run"));
  WAIT (few_runs_get_training (w->runs) == FEW_TRAINING_IDLE);
  WAIT (world_enabled (w, "delete-run"));
  world_act (w, "delete-run", "i", 1);
  g_assert_cmpuint (few_runs_get_list (w->runs)->len, ==, 1);
  world_free (w);
}

static void
test_other_model (void)
{
  World *w = world_new ();
  world_import (w);
  world_learn (w, "gda:a=1");
  world_act (w, "open-model-at", "s", TEST_DATA "/families/dinov2");
  WAIT (few_desk_get_model (w->desk) && !few_desk_get_model (w->desk)->reads_texts);
  WAIT (few_runs_get_shown (w->runs) < 0 && !few_view_get_snapshot (w->view));
  guint said = w->messages->len;
  few_runs_show (w->runs, 0);
  WAIT (w->messages->len > said);
  g_test_message ("%s", (char *) w->messages->pdata[said]);
  g_assert_cmpint (few_runs_get_shown (w->runs), <, 0);
  g_assert_null (few_view_get_snapshot (w->view));
  world_free (w);
}

/* As a project is opened again of whose runs the first was deleted. */
static void
test_numbers (void)
{
  World *w = world_new ();
  world_import (w);
  world_learn (w, "gda");
  world_learn (w, "gda");
  WAIT (few_runs_get_training (w->runs) == FEW_TRAINING_IDLE);
  few_runs_delete (w->runs, 0);
  g_assert_cmpstr (get_title (w, 0), ==, "Run 2: GDA");
  g_autoptr (FewProject) project = few_project_new ();
  few_runs_record (w->runs, project);
  g_autofree char *json = few_project_to_json (project, NULL);
  world_free (w);
  w = world_new ();
  world_import (w);
  g_autoptr (FewProject) again = few_project_from_json (json, strlen (json), "p", NULL, NULL);
  few_runs_restore (w->runs, again);
  g_assert_cmpuint (few_runs_get_list (w->runs)->len, ==, 1);
  world_learn (w, "gda");
  g_assert_cmpstr (get_title (w, 1), ==, "Run 3: GDA");
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/kept-runs/while-training", test_while_training);
  g_test_add_func ("/kept-runs/other-model", test_other_model);
  g_test_add_func ("/kept-runs/numbers", test_numbers);
  return g_test_run ();
}
