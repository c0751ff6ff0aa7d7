/* SPDX-License-Identifier: MIT */
/* Training, in process: runs, α, pause and stop, another model. */
#include "pages/inspect/few-inspect-page.h"
#include "pages/train/few-run-words.h"
#include "pages/train/few-train-words.h"
#include "widgets/few-alpha-bar.h"
#include "widgets/few-chart.h"
#include "widgets/few-pair-bar.h"
#include "widgets/few-ranking.h"
#include "world.h"
#include <math.h>
#include <string.h>

/* The slider, the order of pictures and the bars of classes are what the lens says at α. */
static void
check_alpha (World *w, GListModel *ranked, double alpha)
{
  GtkWidget *scale = world_find_widget (
      world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_ALPHA_BAR), GTK_TYPE_SCALE);
  float previous = -INFINITY;
  float before[2], after[2];
  g_action_group_change_action_state (G_ACTION_GROUP (w->window), "alpha",
                                      g_variant_new_double (alpha));
  g_assert_cmpfloat (few_view_get_alpha (w->view), ==, alpha);
  g_assert_cmpfloat_with_epsilon (gtk_range_get_value (GTK_RANGE (scale)), alpha, 1e-9);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (FewSlot) slot = g_list_model_get_item (ranked, i);
      int row = few_view_get_row (w->view, few_slot_get_item (slot));
      float margin = few_view_get_margins (w->view)[row];
      g_assert_cmpfloat (margin, >=, previous);
      previous = margin;
    }
  few_lens_class_means (few_view_get_snapshot (w->view), alpha, before, after);
  for (guint k = 0; k < 2; k++)
    g_assert_cmpfloat (few_class_get_adapted (few_view_get_class (w->view, k)), ==, after[k]);
}

static void
test_train_and_alpha (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 40);
  FewSnapshot *snapshot = few_view_get_snapshot (w->view);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_assert_true (info->trained);
  g_assert_true (world_enabled (w, "export"));
  g_autofree char *words = few_run_words (w->view);
  g_assert_nonnull (strstr (words, "Test accuracy"));
  g_assert_nonnull (strstr (words, "balanced"));
  world_act (w, "page", "s", "inspect");
  GListModel *ranked =
      few_inspect_page_get_model (FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect")));
  WAIT (g_list_model_get_n_items (ranked) == 30);
  static const double alphas[] = { 0, .37, 1 };
  for (guint a = 0; a < G_N_ELEMENTS (alphas); a++)
    check_alpha (w, ranked, alphas[a]);
  world_act (w, "filter", "i", 2);
  guint mistaken = 0;
  for (guint i = 0; i < info->n; i++)
    mistaken += few_view_get_predicted (w->view)[i] != info->labels[i];
  g_assert_cmpuint (g_list_model_get_n_items (ranked), ==, mistaken);
  world_act (w, "alpha-trained", NULL);
  g_assert_cmpfloat (few_view_get_alpha (w->view), ==, info->trained_alpha);
  world_act (w, "alpha-by", "d", 0.01);
  g_assert_cmpfloat_with_epsilon (few_view_get_alpha (w->view), info->trained_alpha + .01, 1e-9);
  world_train (w, 10); /* another run: both are kept and can be shown */
  few_runs_show (w->runs, 0);
  g_assert_cmpuint (few_snapshot_info (few_view_get_snapshot (w->view))->epoch, ==, 40);
  gtk_test_accessible_assert_role (
      GTK_ACCESSIBLE (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_PAIR_BAR)),
      GTK_ACCESSIBLE_ROLE_METER);
  world_free (w);
}

static void
exported_cb (GPtrArray *paths, const char *path)
{
  g_ptr_array_add (paths, g_strdup (path));
}

/* Each is told by its own path, the second asked for before the first is there. */
static void
test_exported_twice (void)
{
  World *w = world_new ();
  g_autofree char *first = g_build_filename (w->folder, "1.safetensors", NULL);
  g_autofree char *second = g_build_filename (w->folder, "2.safetensors", NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  world_import (w);
  world_learn (w, "gda:a=1");
  g_signal_connect_swapped (w->session, "exported", G_CALLBACK (exported_cb), paths);
  few_session_export (w->session, first);
  few_session_export (w->session, second);
  WAIT (paths->len == 2);
  g_assert_cmpstr (paths->pdata[0], ==, first);
  g_assert_cmpstr (paths->pdata[1], ==, second);
  world_free (w);
}

static const FewClassifierInfo *
classifier_in_view (World *w)
{
  return few_classifier_info (few_snapshot_info (few_view_get_snapshot (w->view))->classifier);
}

/* A new window trains with automatic and the adapter beside it. What Compare says is best becomes
 * the run in view by one button, moves with α, is exported, saved with the project and brought
 * back. */
static void
test_any_method (void)
{
  World *w = world_new ();
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "train"));
  g_autofree char *path = g_build_filename (w->folder, "c.safetensors", NULL);
  world_import (w);
  world_act (w, "train", NULL);
  WAIT (few_runs_get_list (w->runs)->len == 1);
  g_assert_cmpstr (classifier_in_view (w)->method, ==, "automatic");
  g_assert_cmpfloat (few_view_get_alpha (w->view), ==, classifier_in_view (w)->trained_alpha);
  FewRun *first = few_runs_get_list (w->runs)->pdata[0];
  g_assert_cmpstr (first->record->title, ==, "Run 1: Automatic");
  g_assert_nonnull (classifier_in_view (w)->trust);
  g_assert_true (few_trust_holds (classifier_in_view (w)->trust, few_view_get_alpha (w->view)));
  GtkWidget *lines = gtk_widget_get_parent (world_find_widget (page, FEW_TYPE_CHART));
  g_assert_true (gtk_widget_get_visible (lines));
  world_act (w, "use-method", "s", "gda");
  WAIT (few_runs_get_list (w->runs)->len == 2);
  g_assert_false (gtk_widget_get_visible (lines));
  g_assert_cmpstr (classifier_in_view (w)->method, ==, "gda");
  FewRun *run = few_runs_get_list (w->runs)->pdata[1];
  g_assert_cmpstr (run->record->title, ==, "Run 2: GDA");
  few_view_set_alpha (w->view, .25);
  guint32 predicted[30];
  memcpy (predicted, few_view_get_predicted (w->view), sizeof predicted);
  world_act (w, "export-to", "s", path);
  WAIT (w->exported == 1);
  g_assert_cmpuint (w->agree, ==, 30);
  /* as a project has it: without its snapshot */
  g_autoptr (FewProject) project = few_project_new ();
  few_runs_record (w->runs, project);
  g_autofree char *json = few_project_to_json (project, NULL);
  g_autoptr (FewProject) again = few_project_from_json (json, strlen (json), "p", NULL, NULL);
  few_runs_restore (w->runs, again);
  g_assert_cmpstr (few_runs_get_job (w->runs)->method, ==, "gda");
  few_runs_show (w->runs, 1);
  WAIT (few_runs_get_shown (w->runs) == 1);
  few_view_set_alpha (w->view, .25);
  g_assert_cmpstr (classifier_in_view (w)->method, ==, "gda");
  g_assert_cmpmem (few_view_get_predicted (w->view), sizeof predicted, predicted, sizeof predicted);
  world_free (w);
}

/* Automatic: the answer stands when the lines begin, the page says so, and it is what a stop
 * leaves. The closed form alone has a name of its own. */
static void
test_live_automatic (void)
{
  World *w = world_new ();
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "train"));
  world_import (w);
  world_act (w, "train", NULL);
  WAIT (world_says (page, "The answer stands; adapter"));
  WAIT (few_snapshot_info (few_view_get_snapshot (w->view))->trained
        && few_snapshot_info (few_view_get_snapshot (w->view))->epochs > 0);
  world_act (w, "stop", NULL);
  WAIT (few_runs_get_list (w->runs)->len == 1);
  g_assert_cmpstr (classifier_in_view (w)->method, ==, "automatic");
  g_assert_cmpuint (few_snapshot_info (few_view_get_snapshot (w->view))->cross_validated.n, >, 0);
  GtkWidget *lines = gtk_widget_get_parent (world_find_widget (page, FEW_TYPE_CHART));
  g_assert_true (gtk_widget_get_visible (lines));
  FewRun *run = few_runs_get_list (w->runs)->pdata[0];
  g_assert_cmpstr (run->record->title, ==, "Run 1: Automatic");
  g_assert_false (world_says (page, "The answer stands"));
  world_act (w, "use-method", "s", "automatic");
  WAIT (few_runs_get_list (w->runs)->len == 2);
  run = few_runs_get_list (w->runs)->pdata[1];
  g_assert_cmpstr (run->record->title, ==, "Run 2: Automatic, Closed Form Only");
  world_free (w);
}

static void
test_pause_stop (void)
{
  World *w = world_new ();
  world_import (w);
  world_set_epochs (w, 100000);
  world_act (w, "train", NULL);
  g_assert_false (world_enabled (w, "train"));
  WAIT (few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  world_act (w, "pause", NULL);
  g_assert_cmpint (few_runs_get_training (w->runs), ==, FEW_TRAINING_PAUSED);
  world_act (w, "pause", NULL);
  g_assert_cmpint (few_runs_get_training (w->runs), ==, FEW_TRAINING_RUNNING);
  world_act (w, "stop", NULL);
  WAIT (few_runs_get_list (w->runs)->len == 1);
  g_assert_true (((FewRun *) few_runs_get_list (w->runs)->pdata[0])->record->stopped);
  g_assert_true (world_enabled (w, "train"));
  world_free (w);
}

/* Another model: everything is encoded again, runs of the old one stay in the list, training
 * works with the new one. */
static void
test_other_model (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 10);
  guint dim = few_desk_get_model (w->desk)->dim;
  world_act (w, "open-model-at", "s", "/nonexistent/model");
  WAIT (w->messages->len > 0
        && strstr (w->messages->pdata[w->messages->len - 1], "/nonexistent/model"));
  g_assert_cmpuint (few_desk_get_model (w->desk)->dim, ==, dim);
  world_act (w, "open-model-at", "s", TEST_DATA "/golden/resnet");
  WAIT (g_str_equal (few_desk_get_model (w->desk)->name, "resnet"));
  WAIT (!few_snapshot_info (few_view_get_snapshot (w->view))->trained
        && few_snapshot_info (few_view_get_snapshot (w->view))->n == 30);
  world_train (w, 10);
  g_assert_cmpuint (few_runs_get_list (w->runs)->len, ==, 2);
  world_free (w);
}

/* A run that is refused leaves in view what was there, and what is known of it. */
static void
test_refused (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 5);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *pictures = few_examples_get_pictures (w->examples);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    g_ptr_array_add (all, g_list_model_get_item (pictures, i));
  few_examples_set_excluded (w->examples, all, TRUE);
  g_assert_true (few_runs_is_stale (w->runs));
  guint said = w->messages->len;
  few_runs_train (w->runs);
  WAIT (w->messages->len > said && few_runs_get_training (w->runs) == FEW_TRAINING_IDLE);
  g_assert_cmpint (few_runs_get_shown (w->runs), ==, 0);
  g_assert_true (few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  g_assert_true (few_runs_is_stale (w->runs));
  world_free (w);
}

/* So many runs are kept; of those that were let go no snapshot stays in memory. */
static void
test_most_runs (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 5);
  FewRun *first = few_runs_get_list (w->runs)->pdata[0];
  FewSnapshot *snapshot = first->snapshot;
  g_autoptr (FewKeptRuns) kept = few_kept_runs_new ();
  FewRun *gone =
      few_kept_runs_add (kept, few_runs_get_job (w->runs), snapshot, first->classes, FALSE);
  for (guint i = 0; i < FEW_KEPT_RUNS_MOST; i++)
    few_kept_runs_add (kept, few_runs_get_job (w->runs), snapshot, first->classes, FALSE);
  GPtrArray *list = few_kept_runs_get_list (kept);
  g_assert_cmpuint (list->len, ==, FEW_KEPT_RUNS_MOST);
  g_assert_false (g_ptr_array_find (list, gone, NULL));
  few_kept_runs_trim (kept, NULL);
  g_assert_null (gone->snapshot);
  g_assert_nonnull (((FewRun *) list->pdata[0])->snapshot);
  world_free (w);
}

static gboolean
has_said (World *w, const char *words)
{
  for (guint i = 0; i < w->messages->len; i++)
    if (strstr (w->messages->pdata[i], words))
      return TRUE;
  return FALSE;
}

/* The record of a run says in which precision its features were computed: with another one the
 * window says so, once, and with the same nothing. */
static void
test_other_precision (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 5);
  g_autofree char *path = g_build_filename (w->folder, "p.fewshot", NULL);
  g_autofree char *other = g_build_filename (w->folder, "bf16.fewshot", NULL);
  g_autofree char *data = NULL;
  world_act (w, "save-to", "s", path);
  WAIT (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (path, &data, NULL, NULL));
  g_autoptr (GRegex) precision = g_regex_new ("(\"model_precision\"\\s*:\\s*)\"f32\"", 0, 0, NULL);
  g_assert_true (g_regex_match (precision, data, 0, NULL));
  g_autofree char *changed = g_regex_replace (precision, data, -1, 0, "\\1\"bf16\"", 0, NULL);
  g_assert_true (g_file_set_contents (other, changed, -1, NULL));
  World *v = world_new ();
  world_act (v, "open-path", "s", other);
  WAIT (has_said (v, "learned from features in bf16"));
  WAIT (few_snapshot_info (few_view_get_snapshot (v->view))->trained);
  g_assert_false (has_said (w, "learned from features in"));
  world_free (v);
  world_free (w);
}

/* While a method that tells only how far it is learns, what is in view is of the run before. */
static void
test_words (void)
{
  FewSnapshotInfo info = { .trained = FALSE };
  FewTrainStatus status = { .training = FEW_TRAINING_RUNNING, .progress = .16, .info = &info };
  g_autofree char *first = few_train_words (&status);
  g_assert_cmpstr (first, ==, "Learning, 16\u00a0%");
  info.trained = TRUE;
  g_autofree char *second = few_train_words (&status);
  g_assert_cmpstr (second, ==,
                   "Learning, 16\u00a0%. Until it has learned, the run before is shown");
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/train/exported-twice", test_exported_twice);
  g_test_add_func ("/train/train-and-alpha", test_train_and_alpha);
  g_test_add_func ("/train/any-method", test_any_method);
  g_test_add_func ("/train/live-automatic", test_live_automatic);
  g_test_add_func ("/train/pause-stop", test_pause_stop);
  g_test_add_func ("/train/other-model", test_other_model);
  g_test_add_func ("/train/refused", test_refused);
  g_test_add_func ("/train/most-runs", test_most_runs);
  g_test_add_func ("/train/other-precision", test_other_precision);
  g_test_add_func ("/train/words", test_words);
  return g_test_run ();
}
