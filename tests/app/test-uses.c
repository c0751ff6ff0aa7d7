/* SPDX-License-Identifier: MIT */
/* What pictures are for: test pictures and pictures of none of the classes, from the drop to the
 * project file and the run, in process. */
#include "pages/examples/few-class-list.h"
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-import-preview.h"
#include "widgets/few-split-words.h"
#include "session/few-methods.h"
#include "widgets/few-picture-actions.h"
#include "world.h"
#include <glib/gstdio.h>
#include <string.h>

/* Plain pictures, each of a colour that no other has. */
static char *
write_pictures (const char *folder, const char *name, guint n, guint32 colour)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/%02u.png", path, i);
      gdk_pixbuf_fill (pixbuf, colour + (i * 5 << 8));
      g_assert_true (gdk_pixbuf_save (pixbuf, file, "png", NULL, NULL));
    }
  return path;
}

/* Drops a folder and answers the preview by the choice at a place among its check buttons. */
static void
drop_as (World *w, const char *path, const char *choice)
{
  guint before = world_count_pictures (w);
  world_drop (GTK_WIDGET (w->window), path);
  WAIT (world_find_preview ());
  GObject *button = gtk_widget_get_template_child (GTK_WIDGET (world_find_preview ()),
                                                   FEW_TYPE_IMPORT_PREVIEW, choice);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (button)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (button), TRUE);
  world_answer_preview ("add");
  WAIT (world_count_pictures (w) > before && world_count_state (w, FEW_PICTURE_WAITING) == 0
        && !few_import_is_adding (w->import));
}

static guint
count_use (World *w, FewUse use)
{
  GListModel *pictures = few_examples_get_pictures (w->examples);
  guint n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      n += few_picture_get_use (picture) == use;
    }
  return n;
}

/* A project of such pictures alone is one: it is seen, said and kept. */
static void
test_none_alone (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *none = write_pictures (w->folder, "other", 4, 0xd0106000u);
  drop_as (w, none, "none");
  WAIT (world_find_toast (w) && world_says (world_find_toast (w), "4 pictures are none of these"));
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  few_examples_remove_class (w->examples, dark);
  few_examples_remove_class (w->examples, light);
  world_wait_for_frames (GTK_WIDGET (w->window), 10);
  g_assert_cmpuint (world_count_pictures (w), ==, 4);
  g_assert_cmpstr (few_window_get_page (w->window), ==, "examples");
  world_free (w);
}

/* Dropped as test pictures they join their class and are tested on; as none of these, no class. */
static void
test_drops (void)
{
  World *w = world_new ();
  world_import (w);
  guint classes = g_list_model_get_n_items (few_examples_get_classes (w->examples));
  g_autofree char *tests = write_pictures (w->folder, "more/dark", 3, 0x10104000u);
  g_autofree char *none = write_pictures (w->folder, "other", 4, 0xd0106000u);
  drop_as (w, tests, "test");
  g_assert_cmpuint (count_use (w, FEW_USE_TEST), ==, 3);
  g_assert_cmpuint (few_examples_count_tests (w->examples), ==, 3);
  g_autofree char *before = world_get_json (w);
  drop_as (w, none, "none");
  g_assert_cmpuint (count_use (w, FEW_USE_NONE), ==, 4);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, classes);
  g_autofree char *after = world_get_json (w);
  world_act (w, "undo", NULL);
  g_assert_cmpuint (count_use (w, FEW_USE_NONE), ==, 0);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, before);
  world_act (w, "redo", NULL);
  g_autofree char *redone = world_get_json (w);
  g_assert_cmpstr (redone, ==, after);
  world_free (w);
}

static GListModel *
get_rows (World *w)
{
  GtkWidget *list = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CLASS_LIST);
  GtkWidget *view = world_find_widget (list, GTK_TYPE_LIST_VIEW);
  return G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (view)));
}

/* Pictures of none of these have a row behind the classes, which shows them, takes more of them,
 * cannot be renamed and goes with the last. */
static void
test_row (void)
{
  World *w = world_new ();
  world_import (w);
  FewExamplesPage *page = FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"));
  GListModel *tiles = G_LIST_MODEL (world_find_tiles (w));
  GListModel *rows = get_rows (w);
  FewClass *none = few_examples_get_none (w->examples);
  guint classes = g_list_model_get_n_items (few_examples_get_classes (w->examples));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, classes);
  g_autofree char *other = write_pictures (w->folder, "other", 4, 0xd0106000u);
  g_autofree char *more = write_pictures (w->folder, "more", 2, 0x60d01000u);
  drop_as (w, other, "none");
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, classes + 1);
  gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (rows), classes);
  g_assert_true (few_examples_page_get_class (page) == none);
  g_assert_cmpuint (g_list_model_get_n_items (tiles), ==, 4);
  g_assert_false (world_enabled (w, "rename-class"));
  g_assert_null (few_view_get_focus (w->view));
  few_import_propose (w->import, (const char *[]) { more, NULL }, none, FALSE);
  WAIT (count_use (w, FEW_USE_NONE) == 6 && !few_import_is_adding (w->import));
  g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (one, g_list_model_get_item (few_examples_get_pictures (w->examples), 0));
  few_picture_actions_move (GTK_WINDOW (w->window), w->session, one, none);
  g_assert_cmpuint (g_list_model_get_n_items (tiles), ==, 7);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, classes);
  for (guint step = 0; step < 3; step++)
    world_act (w, "undo", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, classes);
  g_assert_null (few_examples_page_get_class (page));
  world_free (w);
}

static char *
describe_split (World *w, const FewTrainJob *job)
{
  FewSplitCounts counts;
  g_assert_true (few_split_count (w->examples, job, &counts));
  return few_split_describe (&counts);
}

/* Train says ahead of a run what that does with the pictures. */
static void
test_split_words (void)
{
  World *w = world_new ();
  world_import (w);
  FewTrainJob job = *few_runs_get_job (w->runs);
  job.method = NULL;
  job.split_seed = 1;
  world_train (w, 1);
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  guint counts[FEW_ROLE_UNUSED + 1] = { 0 };
  for (guint i = 0; i < info->n; i++)
    counts[info->roles[i]]++;
  g_autofree char *apart = describe_split (w, &job);
  g_autofree char *said =
      g_strdup_printf ("%u pictures to learn from, %u for validation, %u to test on",
                       counts[FEW_ROLE_TRAIN], counts[FEW_ROLE_VALIDATION], counts[FEW_ROLE_TEST]);
  g_assert_cmpstr (apart, ==, said);
  job.method = "automatic"; /* it chooses nothing */
  g_autofree char *all = describe_split (w, &job);
  g_autofree char *joined =
      g_strdup_printf ("%u pictures to learn from, %u to test on",
                       counts[FEW_ROLE_TRAIN] + counts[FEW_ROLE_VALIDATION], counts[FEW_ROLE_TEST]);
  g_assert_cmpstr (all, ==, joined);
  world_free (w);
}

/* A run tests on what is pinned and on nothing else, and knows the pictures of none of these. */
static void
test_run (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *tests = write_pictures (w->folder, "more/dark", 3, 0x10104000u);
  g_autofree char *none = write_pictures (w->folder, "other", 4, 0xd0106000u);
  drop_as (w, tests, "test");
  drop_as (w, none, "none");
  world_learn (w, "automatic:priors=balanced");
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  const FewTrust *trust = few_classifier_info (info->classifier)->trust;
  guint n = 0;
  for (guint i = 0; i < info->n; i++)
    {
      FewPicture *picture = few_examples_get_picture (w->examples, info->ids[i]);
      gboolean tested = few_picture_get_use (picture) == FEW_USE_TEST;
      g_assert_cmpint (info->roles[i] == FEW_ROLE_TEST, ==, tested);
      g_assert_cmpint (few_picture_get_use (picture), !=, FEW_USE_NONE);
      n += tested;
    }
  g_assert_cmpuint (n, ==, 3);
  g_assert_nonnull (trust);
  g_assert_cmpuint (few_trust_info (trust)->n_negatives, ==, 4);
  g_assert_false (few_runs_is_stale (w->runs));
  /* another use makes the run stale; undo makes it right again */
  g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (one, g_list_model_get_item (few_examples_get_pictures (w->examples), 0));
  few_examples_set_use (w->examples, one, FEW_USE_TEST);
  g_assert_true (few_runs_is_stale (w->runs));
  world_act (w, "undo", NULL);
  g_assert_false (few_runs_is_stale (w->runs));
  world_free (w);
}

/* In the file: pictures of none of these apart, where a version that does not know them leaves
 * them alone; one without a use is an example. */
static void
test_file (void)
{
  static const char json[] = "{\"fewshot\":1,\"classes\":[{\"id\":1,\"name\":\"a\"}],"
                             "\"pictures\":[{\"id\":1,\"class\":0,\"path\":\"/p/1.png\"},"
                             "{\"id\":2,\"class\":0,\"path\":\"/p/2.png\",\"use\":\"test\"}],"
                             "\"none_of_these\":[{\"id\":2,\"path\":\"/p/3.png\"}]}";
  static const char bad[] =
      "{\"fewshot\":1,\"classes\":[{\"id\":1,\"name\":\"a\"}],"
      "\"pictures\":[{\"id\":1,\"class\":0,\"path\":\"/p/1.png\",\"use\":\"other\"}]}";
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = few_project_from_json (json, strlen (json), "p", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (project->pictures->len, ==, 3);
  FewProjectPicture pictures[3];
  for (guint i = 0; i < 3; i++)
    pictures[i] = g_array_index (project->pictures, FewProjectPicture, i);
  g_assert_cmpint (pictures[0].use, ==, FEW_USE_LEARN);
  g_assert_cmpint (pictures[1].use, ==, FEW_USE_TEST);
  g_assert_cmpint (pictures[2].use, ==, FEW_USE_NONE);
  g_assert_cmpuint (pictures[2].id, !=, 1); /* 2 had been given away meanwhile */
  g_assert_cmpuint (pictures[2].id, !=, 2);
  g_autofree char *written = few_project_to_json (project, NULL);
  g_autoptr (FewProject) again =
      few_project_from_json (written, strlen (written), "p", NULL, &error);
  g_assert_no_error (error);
  g_autofree char *twice = few_project_to_json (again, NULL);
  g_assert_cmpstr (written, ==, twice);
  g_assert_nonnull (strstr (written, "\"none_of_these\""));
  g_assert_null (few_project_from_json (bad, strlen (bad), "p", NULL, &error));
  g_assert_error (error, FEW_ERROR, FEW_ERROR_FORMAT);
}

static void
test_priors (void)
{
  g_autofree char *balanced = few_method_choice_balance (FEW_METHOD_LIVE_AUTOMATIC, TRUE);
  g_autofree char *plain = few_method_choice_balance (balanced, FALSE);
  g_autofree char *other = few_method_choice_instead ("lp++", balanced);
  g_autofree char *without = few_method_choice_instead ("gda", balanced);
  FewMethodOptions options;
  g_assert_true (few_method_parse (balanced, &options, NULL));
  g_assert_cmpstr (plain, ==, FEW_METHOD_LIVE_AUTOMATIC);
  g_assert_cmpuint (few_method_choice_find (balanced), ==, 0);
  g_assert_cmpstr (other, ==, "lp++:priors=balanced");
  g_assert_cmpstr (without, ==, "gda");
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/uses/drops", test_drops);
  g_test_add_func ("/uses/none-alone", test_none_alone);
  g_test_add_func ("/uses/row", test_row);
  g_test_add_func ("/uses/split", test_split_words);
  g_test_add_func ("/uses/run", test_run);
  g_test_add_func ("/uses/file", test_file);
  g_test_add_func ("/uses/priors", test_priors);
  return g_test_run ();
}
