/* SPDX-License-Identifier: MIT */
/* Pictures with any number of labels, from the drop to the project's file, the run, its answers and
 * what is made of these, in process. */
#include "pages/examples/few-class-list.h"
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-import-preview.h"
#include "pages/inspect/few-inspect-filter.h"
#include "pages/inspect/few-inspect-page.h"
#include "pages/train/few-run-words.h"
#include "session/few-methods.h"
#include "session/few-said.h"
#include "widgets/few-alpha-bar.h"
#include "widgets/few-label-menu.h"
#include "widgets/few-picture-actions.h"
#include "widgets/few-tile-words.h"
#include "world.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static FewClass *
get_class (World *w, const char *name)
{
  return few_gallery_find_class (few_examples_get_gallery (w->examples), name);
}

static GPtrArray *
list_one (FewPicture *picture)
{
  GPtrArray *one = g_ptr_array_new ();
  g_ptr_array_add (one, picture);
  return one;
}

/* Pictures with any number of labels: one each, so far. */
static World *
begin (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "several", "b", TRUE);
  return w;
}

/* ---- labels */

/* A label more is a label more: it is counted, listed, shown, taken away by the same key, and each
 * is a step. */
static void
test_labels (void)
{
  World *w = world_new ();
  world_import (w);
  FewPicture *picture = world_get_picture (w, 0);
  FewClass *dark = get_class (w, "dark");
  FewClass *light = get_class (w, "light");
  guint n_dark = few_class_get_count (dark);
  guint n_light = few_class_get_count (light);
  g_autoptr (GPtrArray) one = list_one (picture);
  world_act (w, "several", "b", TRUE);
  g_assert_true (few_examples_is_several (w->examples));
  g_assert_cmpuint (few_class_get_count (dark), ==, n_dark);
  g_autofree char *before = world_get_json (w);
  few_picture_actions_toggle (GTK_WINDOW (w->window), w->session, one, light);
  g_assert_true (few_picture_has_class (picture, dark) && few_picture_has_class (picture, light));
  g_assert_cmpuint (few_class_get_count (light), ==, n_light + 1);
  g_assert_cmpuint (few_class_get_count (dark), ==, n_dark);
  g_assert_cmpuint (few_examples_count_labelled (w->examples), ==, n_dark + n_light);
  g_autofree char *names = few_picture_name_classes (picture);
  g_assert_cmpstr (names, ==, "dark, light");
  g_autofree char *after = world_get_json (w);
  few_picture_actions_toggle (GTK_WINDOW (w->window), w->session, one, dark);
  few_picture_actions_toggle (GTK_WINDOW (w->window), w->session, one, light);
  g_assert_cmpint (few_picture_get_use (picture), ==, FEW_USE_NONE); /* it has no label left */
  g_assert_cmpuint (few_class_get_count (few_examples_get_none (w->examples)), ==, 1);
  world_act (w, "undo", NULL);
  world_act (w, "undo", NULL);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, after);
  world_act (w, "undo", NULL);
  g_autofree char *first = world_get_json (w);
  g_assert_cmpstr (first, ==, before);
  g_assert_false (few_picture_has_class (picture, light));
  world_act (w, "undo", NULL);
  g_assert_false (few_examples_is_several (w->examples));
  world_free (w);
}

/* Where each is of one class, the same moves it. */
static void
test_one (void)
{
  World *w = world_new ();
  world_import (w);
  FewPicture *picture = world_get_picture (w, 0);
  FewClass *light = get_class (w, "light");
  g_autoptr (GPtrArray) one = list_one (picture);
  few_picture_actions_toggle (GTK_WINDOW (w->window), w->session, one, light);
  g_assert_true (few_picture_get_class (picture) == light && !few_picture_get_further (picture));
  few_picture_actions_toggle (GTK_WINDOW (w->window), w->session, one, light);
  g_assert_true (few_picture_get_class (picture) == light);
  world_free (w);
}

static void
ignore_cb (FewClass *klass G_GNUC_UNUSED, gpointer user G_GNUC_UNUSED)
{
}

/* The grid lists a picture once, and once for each of its classes when that is chosen; the menu
 * marks what all have. */
static void
test_shown (void)
{
  World *w = begin ();
  FewPicture *picture = world_get_picture (w, 0);
  FewClass *dark = get_class (w, "dark");
  FewClass *light = get_class (w, "light");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *grid = world_find_widget (page, GTK_TYPE_GRID_VIEW);
  GListModel *tiles = G_LIST_MODEL (world_find_tiles (w));
  guint all = few_class_get_count (dark) + few_class_get_count (light);
  WAIT (g_list_model_get_n_items (tiles) == all); /* some a frame */
  g_autoptr (GPtrArray) one = list_one (picture);
  few_examples_label (w->examples, one, light, TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (tiles), ==, all);
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;
  few_tile_words_of_example (w->examples, picture, &text, &spoken);
  g_assert_cmpstr (text, ==, "dark\nlight"); /* on its tile */
  world_act (w, "select-class", "i", 1);
  g_assert_true (
      few_examples_page_get_class (FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples")))
      == light);
  WAIT (g_list_model_get_n_items (tiles) == few_class_get_count (light));
  g_assert_true (few_label_menu_all_have (one, dark) && few_label_menu_all_have (one, light));
  g_ptr_array_add (one, world_get_picture (w, 1));
  g_assert_false (few_label_menu_all_have (one, light));
  GMenuModel *menu = few_label_menu_create (grid, few_examples_get_classes (w->examples), one,
                                            ignore_cb, G_OBJECT (grid));
  g_assert_cmpint (g_menu_model_get_n_items (menu), ==, 3); /* two labels, and by typing */
  g_object_unref (menu);
  world_free (w);
}

/* A class that goes takes those along that have no other; one that joins another leaves one
 * label. */
static void
test_classes (void)
{
  World *w = begin ();
  FewPicture *picture = world_get_picture (w, 0);
  FewClass *dark = get_class (w, "dark");
  FewClass *light = get_class (w, "light");
  guint n_light = few_class_get_count (light);
  g_autoptr (GPtrArray) one = list_one (picture);
  few_examples_label (w->examples, one, light, TRUE);
  g_autofree char *before = world_get_json (w);
  few_examples_remove_class (w->examples, dark);
  g_assert_cmpuint (few_examples_count_labelled (w->examples), ==, n_light + 1);
  g_assert_true (few_picture_get_class (picture) == light && !few_picture_get_further (picture));
  world_act (w, "undo", NULL);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, before);
  few_examples_merge_class (w->examples, dark, light);
  g_assert_true (few_picture_get_class (picture) == light && !few_picture_get_further (picture));
  world_free (w);
}

/* ---- one class each, or any number */

static GtkWidget *
find_question (void)
{
  return world_find_window (ADW_TYPE_MESSAGE_DIALOG);
}

/* Going back says what is lost, does nothing before it is answered, and can be undone. */
static void
test_back (void)
{
  World *w = begin ();
  FewPicture *picture = world_get_picture (w, 0);
  g_autoptr (GPtrArray) one = list_one (picture);
  few_examples_label (w->examples, one, get_class (w, "light"), TRUE);
  g_autofree char *before = world_get_json (w);
  world_act (w, "several", "b", FALSE);
  WAIT (find_question ());
  g_assert_nonnull (strstr (adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (find_question ())),
                            "1 label would be lost"));
  g_assert_true (few_examples_is_several (w->examples));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (find_question ()), "one");
  WAIT (!few_examples_is_several (w->examples));
  g_assert_null (few_picture_get_further (picture));
  world_act (w, "undo", NULL);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, before);
  world_free (w);
}

/* In the file and back: the same labels, also of a picture that has none, or is tested on. */
static void
test_file (void)
{
  World *w = begin ();
  g_autoptr (GPtrArray) one = list_one (world_get_picture (w, 0));
  g_autoptr (GPtrArray) other = list_one (world_get_picture (w, 1));
  few_examples_label (w->examples, one, get_class (w, "light"), TRUE);
  few_examples_set_use (w->examples, one, FEW_USE_TEST);
  few_examples_label (w->examples, other, get_class (w, "dark"), FALSE);
  g_autofree char *path = g_build_filename (w->folder, "labels.fewshot", NULL);
  world_act (w, "save-to", "s", path);
  g_autofree char *bytes = world_get_json (w);
  WAIT (g_file_test (path, G_FILE_TEST_EXISTS));
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = few_project_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (project->any);
  g_autoptr (FewSession) session = few_session_new ();
  few_session_open_project (session, project, NULL, "cpu");
  FewExamples *examples = few_session_get_examples (session);
  g_assert_true (few_examples_is_several (examples));
  g_autoptr (FewPicture) first = g_list_model_get_item (few_examples_get_pictures (examples), 0);
  g_autoptr (FewPicture) second = g_list_model_get_item (few_examples_get_pictures (examples), 1);
  g_autofree char *names = few_picture_name_classes (first);
  g_assert_cmpstr (names, ==, "dark, light");
  g_assert_true (few_picture_get_use (first) == FEW_USE_TEST);
  g_assert_true (few_picture_get_use (second) == FEW_USE_NONE);
  g_autoptr (FewProject) again = few_session_get_project (session);
  g_assert_cmpuint (again->pictures->len, ==, world_count_pictures (w));
  world_free (w);
}

/* ---- drops */

enum { N = 48 };

/* The preview offers it where labels would be lost; all is one step. */
static void
test_import (void)
{
  World *w = world_new ();
  world_import_labelled (w, 8);
  g_assert_true (few_examples_is_several (w->examples));
  g_assert_cmpuint (world_count_class (w, "red"), ==, 4);
  g_assert_cmpuint (world_count_class (w, "green"), ==, 4);
  g_assert_cmpuint (few_class_get_count (few_examples_get_none (w->examples)), ==, 2);
  world_act (w, "undo", NULL);
  g_assert_false (few_examples_is_several (w->examples));
  g_assert_cmpuint (world_count_pictures (w), ==, 0);
  world_act (w, "redo", NULL);
  g_assert_true (few_examples_is_several (w->examples));
  g_assert_cmpuint (world_count_class (w, "red"), ==, 4);
  world_free (w);
}

/* ---- from the drop to what is exported */

static void
learn (World *w)
{
  guint runs = few_runs_get_list (w->runs)->len;
  world_act (w, "train", NULL);
  WAIT (few_runs_get_training (w->runs) == FEW_TRAINING_IDLE
        && few_runs_get_list (w->runs)->len == runs + 1);
  WAIT (few_measuring_get (few_view_get_measuring (w->view)));
}

static GPtrArray *
rank (World *w, FewInspectShow show)
{
  const FewInspectFilter all = { 0 };
  return few_inspect_filter_rank (&all, w->view, show);
}

/* The method is the one that there is; what is said is measured by label, and mistakes are counted
 * both ways. */
static void
check_run (World *w)
{
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  const FewMeasuring *measuring = few_view_get_measuring (w->view);
  const FewSeveralScores *scores = few_measuring_get (measuring);
  g_assert_true (info->sets && info->thresholds && info->n == N);
  g_assert_false (few_view_has_alpha (w->view));
  g_assert_cmpfloat (few_view_get_alpha (w->view), ==, 1);
  g_assert_cmpint (few_measuring_get_on (measuring), ==, FEW_MEASURED_TEST);
  g_assert_cmpfloat (scores->map, >, .8);
  g_autofree char *words = few_run_words (w->view);
  g_assert_nonnull (strstr (words, "mean average precision"));
  g_assert_nonnull (strstr (words, "test pictures"));
  const FewClassScores *red = few_class_get_scores (get_class (w, "red"));
  g_assert_cmpfloat (red->ap, >, .8f);
  g_assert_true (red->threshold > 0 && red->threshold < 1 && isfinite (red->f1));
  guint wrong = 0;
  for (guint i = 0; i < info->n; i++)
    {
      gboolean mistaken = few_said_misses (w->view, i, -1) || few_said_adds (w->view, i, -1);
      FewPicture *picture = few_view_get_row_picture (w->view, i);
      g_assert_cmpint (few_said_fits (w->view, i, picture), ==, !mistaken);
      g_assert_cmpint (few_view_get_margins (w->view)[i] < 0, ==, mistaken);
      wrong += mistaken;
    }
  g_autoptr (GPtrArray) mistaken = rank (w, FEW_INSPECT_MISTAKEN);
  g_autoptr (GPtrArray) all = rank (w, FEW_INSPECT_ALL);
  g_assert_true (mistaken->len == wrong && all->len == N);
}

/* What a person sees of it. */
static void
check_pages (World *w)
{
  FewPage *inspect = few_window_find_page (w->window, "inspect");
  world_act (w, "page", "s", "inspect");
  WAIT (world_says (GTK_WIDGET (inspect), "Mean average precision"));
  world_act (w, "view", "i", 1); /* there is no matrix of classes that exclude each other */
  GtkWidget *stack = world_find_widget (GTK_WIDGET (inspect), GTK_TYPE_PANED);
  g_assert_nonnull (stack);
  world_act (w, "view", "i", 2);
  WAIT (world_says (GTK_WIDGET (inspect), "Label Missed")
        || world_says (GTK_WIDGET (inspect), "All Pictures"));
  g_assert_false (world_enabled (w, "alpha"));
  GtkWidget *bar = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_ALPHA_BAR);
  GtkWidget *revealer = gtk_widget_get_ancestor (bar, GTK_TYPE_REVEALER);
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (revealer)));
  world_act (w, "page", "s", "train");
  FewPage *train = few_window_find_page (w->window, "train");
  WAIT (world_says (GTK_WIDGET (train), "mean average precision"));
}

static FewTrial *
try_one (World *w, const char *name, guint32 colour)
{
  g_autofree char *path = g_build_filename (w->folder, name, NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  guint n = g_list_model_get_n_items (few_trials_get_list (w->trials));
  gdk_pixbuf_fill (pixbuf, colour);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  world_act (w, "try-path", "s", path);
  WAIT (world_has_tried (w, n + 1));
  return world_find_trial (w, name);
}

/* Every label from its threshold on; the table, tags and examples have all of them. */
static void
check_trials (World *w)
{
  FewTrial *both = try_one (w, "both.png", 0xd0d055ff);
  const GPtrArray *labels = few_trial_get_labels (both);
  g_assert_nonnull (labels);
  FewSnapshot *snapshot = few_trial_get_snapshot (both, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree float *p = g_new (float, info->n_classes);
  guint said = 0;
  few_lens_probabilities (snapshot, 0, 1, p);
  for (guint k = 0; k < info->n_classes; k++)
    said += p[k] >= info->thresholds[k];
  g_assert_cmpuint (labels->len, ==, said);
  g_assert_cmpuint (labels->len, ==, 2);
  g_assert_nonnull (strstr (few_trial_get_answer (both), "%"));
  FewTrial *none = try_one (w, "none.png", 0x181855ff);
  g_assert_cmpuint (few_trial_get_labels (none)->len, ==, 0);
  g_assert_cmpstr (few_trial_get_answer (none), ==, "no label");
  g_autofree char *csv = g_build_filename (w->folder, "answers.csv", NULL);
  g_autofree char *text = NULL;
  world_act (w, "try-csv-to", "s", csv);
  WAIT (g_file_test (csv, G_FILE_TEST_EXISTS) && g_file_get_contents (csv, &text, NULL, NULL)
        && strstr (text, "none.png"));
  g_assert_true (g_str_has_prefix (text, "file,labels,probabilities,problem\r\n"));
  g_assert_true (strstr (text, "red;green") || strstr (text, "green;red"));
  guint before = world_count_pictures (w);
  world_act (w, "try-add", "i", 0);
  WAIT (world_count_pictures (w) == before + 1 && !few_import_is_adding (w->import));
  g_autofree char *names = few_picture_name_classes (world_get_picture (w, before));
  g_assert_true (g_str_equal (names, "red, green") || g_str_equal (names, "green, red"));
  WAIT (few_runs_is_stale (w->runs)); /* once it is read */
  world_act (w, "undo", NULL);
}

static void
check_exports (World *w)
{
  g_autofree char *file = g_build_filename (w->folder, "labels.safetensors", NULL);
  g_autofree char *table = g_build_filename (w->folder, "predictions.csv", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  world_act (w, "export-to", "s", file);
  WAIT (w->exported == 1);
  g_assert_cmpuint (w->agree, ==, w->total);
  g_assert_cmpuint (w->total, ==, N);
  g_autoptr (FewClassifier) classifier = few_classifier_load (file, &error);
  g_assert_no_error (error);
  g_assert_cmpint (few_classifier_info (classifier)->kind, ==, FEW_CLASSIFIER_INDEPENDENT);
  world_act (w, "export-to", "s", table);
  WAIT (g_file_test (table, G_FILE_TEST_EXISTS) && g_file_get_contents (table, &text, NULL, NULL)
        && *text);
  g_assert_true (g_str_has_prefix (text, "file,role,labels,given,"));
  g_assert_false (world_enabled (w, "export-report"));
  g_assert_true (world_enabled (w, "export-onnx") && world_enabled (w, "export-folder"));
  g_assert_true (world_enabled (w, "export-card") && world_enabled (w, "export-why"));
}

static void
test_flow (void)
{
  World *w = world_new ();
  world_import_labelled (w, N);
  g_assert_cmpstr (few_method_choice_now (w->examples, few_runs_get_job (w->runs)), ==,
                   FEW_METHOD_SEVERAL);
  learn (w);
  check_run (w);
  check_pages (w);
  check_trials (w);
  check_exports (w);
  /* a label more makes the run stale, and undo makes it right again */
  g_autoptr (GPtrArray) one = list_one (world_get_picture (w, 0));
  g_assert_false (few_runs_is_stale (w->runs));
  few_examples_label (w->examples, one, get_class (w, "red"), TRUE);
  g_assert_true (few_runs_is_stale (w->runs));
  world_act (w, "undo", NULL);
  g_assert_false (few_runs_is_stale (w->runs));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/several/labels", test_labels);
  g_test_add_func ("/several/one", test_one);
  g_test_add_func ("/several/shown", test_shown);
  g_test_add_func ("/several/classes", test_classes);
  g_test_add_func ("/several/back", test_back);
  g_test_add_func ("/several/file", test_file);
  g_test_add_func ("/several/import", test_import);
  g_test_add_func ("/several/flow", test_flow);
  return g_test_run ();
}
