/* SPDX-License-Identifier: MIT */
/* Pictures with any number of labels: tested on without a label, and given labels by what is
 * imported onto them, in process. */
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-import-preview.h"
#include "widgets/few-split-words.h"
#include "session/few-measuring.h"
#include "session/few-methods.h"
#include "widgets/few-picture-words.h"
#include "widgets/few-tile-words.h"
#include "world.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { N = 48 };

static FewPicture *
find_picture (World *w, const char *name)
{
  for (guint i = 0; i < world_count_pictures (w); i++)
    if (g_str_equal (few_picture_get_name (world_get_picture (w, i)), name))
      return world_get_picture (w, i);
  return NULL;
}

static void
assert_labels (World *w, const char *name, const char *labels)
{
  g_autofree char *names = few_picture_name_classes (find_picture (w, name));
  g_assert_cmpstr (names, ==, labels);
}

/* ---- test pictures without a label */

/* Chosen on the page, as by a click with Ctrl. */
static void
choose (World *w, const char *const *names)
{
  GtkSelectionModel *tiles = world_find_tiles (w);
  gtk_selection_model_unselect_all (tiles);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (tiles)); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (G_LIST_MODEL (tiles), i);
      if (g_strv_contains (names, few_picture_get_name (picture)))
        gtk_selection_model_select_item (tiles, i, FALSE);
    }
}

/* By the menu's entry, as any other; said on its tile; a step of its own; in the file and back. */
static void
test_bare_tests (void)
{
  static const char *const bare[] = { "00.png", "04.png", NULL };
  World *w = world_new ();
  world_import_labelled (w, 8);
  world_act (w, "page", "s", "examples");
  choose (w, bare);
  g_autofree char *before = world_get_json (w);
  world_act (w, "use-pictures", "s", "test");
  FewPicture *picture = find_picture (w, "00.png");
  g_assert_true (few_picture_is_test (picture) && few_picture_is_test (find_picture (w, "04.png")));
  g_assert_cmpint (few_picture_get_use (picture), ==, FEW_USE_NONE);
  g_assert_cmpuint (few_examples_count_tests (w->examples), ==, 2);
  g_assert_cmpstr (few_picture_words (picture), ==,
                   "Test picture without a label: never learned from");
  g_assert_cmpstr (few_picture_mark (picture), ==, "view-pin-symbolic");
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;
  few_tile_words_of_example (w->examples, picture, &text, &spoken);
  g_assert_nonnull (strstr (spoken, "never learned from"));
  g_autofree char *after = world_get_json (w);
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, before);
  g_assert_false (few_picture_is_test (picture));
  world_act (w, "redo", NULL);
  g_autofree char *redone = world_get_json (w);
  g_assert_cmpstr (redone, ==, after);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = few_project_from_json (after, strlen (after), "p", NULL, &error);
  g_assert_no_error (error);
  g_autoptr (FewSession) session = few_session_new ();
  few_session_open_project (session, project, NULL, "cpu");
  FewExamples *examples = few_session_get_examples (session);
  g_assert_cmpuint (few_examples_count_tests (examples), ==, 2);
  FewPicture *again = few_examples_get_picture (examples, few_picture_get_id (picture));
  g_assert_true (few_picture_is_test (again) && few_picture_get_use (again) == FEW_USE_NONE);
  /* a label more or less leaves it one; to learn from it is said as such */
  choose (w, bare);
  world_act (w, "reassign", "i", 1);
  world_act (w, "reassign", "i", 1);
  g_assert_true (few_picture_is_test (picture) && few_picture_get_use (picture) == FEW_USE_NONE);
  world_act (w, "use-pictures", "s", "none"); /* they are that already */
  world_act (w, "use-pictures", "s", "learn");
  g_assert_cmpuint (few_examples_count_tests (w->examples), ==, 0);
  /* where each is of one class, one of none is not tested on */
  world_act (w, "use-pictures", "s", "test");
  few_examples_set_several (w->examples, FALSE);
  g_assert_false (few_picture_is_test (picture));
  g_assert_cmpuint (few_examples_count_tests (w->examples), ==, 0);
  world_free (w);
}

/* A picture's probability of a label, and whether it has it. */
typedef struct
{
  float p;
  gboolean has;
} Told;

static int
by_falling_p (gconstpointer a, gconstpointer b)
{
  float x = ((const Told *) a)->p;
  float y = ((const Told *) b)->p;
  return (x < y) - (x > y);
}

/* Of test pictures, counted here: what lies above the threshold, and in which order they come. */
static void
check_label (World *w, guint label, const FewSeveralLabel *said)
{
  FewSnapshot *snapshot = few_view_get_snapshot (w->view);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autoptr (GArray) told = g_array_new (FALSE, FALSE, sizeof (Told));
  float p[2];
  guint pictures = 0;
  guint given = 0;
  guint right = 0;
  for (guint i = 0; i < info->n; i++)
    {
      FewPicture *picture = few_examples_get_picture (w->examples, info->ids[i]);
      if (!few_picture_is_test (picture))
        continue;
      few_lens_probabilities (snapshot, i, 1, p);
      Told one = { p[label], few_picture_has_class (picture, few_view_get_class (w->view, label)) };
      g_array_append_val (told, one);
      pictures += one.has;
      given += one.p >= info->thresholds[label];
      right += one.has && one.p >= info->thresholds[label];
    }
  g_array_sort (told, by_falling_p);
  double ap = 0;
  guint found = 0;
  for (guint i = 0; i < told->len; i++)
    if (g_array_index (told, Told, i).has)
      ap += (double) ++found / (i + 1) / pictures;
  g_assert_cmpuint (said->pictures, ==, pictures);
  g_assert_cmpuint (said->said, ==, given);
  g_assert_cmpfloat_with_epsilon (said->ap, ap, 1e-6);
  if (given > 0)
    g_assert_cmpfloat_with_epsilon (said->precision, (double) right / given, 1e-6);
}

/* It is never learned from, and one that has none of the labels is counted for each of them. */
static void
test_measured (void)
{
  World *w = world_new ();
  world_import_labelled (w, N);
  g_autoptr (GPtrArray) tests = g_ptr_array_new ();
  for (guint i = 0; i < 16; i++) /* 4 of them have no label */
    g_ptr_array_add (tests, world_get_picture (w, i));
  few_examples_set_use (w->examples, tests, FEW_USE_TEST);
  FewTrainJob job = few_method_choice_job (w->examples, few_runs_get_job (w->runs));
  FewSplitCounts counts;
  g_assert_true (few_split_count (w->examples, &job, &counts));
  g_assert_true (counts.test == 16 && counts.learn == N - 16);
  world_act (w, "train", NULL);
  WAIT (few_runs_get_training (w->runs) == FEW_TRAINING_IDLE
        && few_runs_get_list (w->runs)->len == 1);
  WAIT (few_measuring_get (few_view_get_measuring (w->view)));
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  const FewSeveralScores *scores = few_measuring_get (few_view_get_measuring (w->view));
  guint bare = 0;
  for (guint i = 0; i < info->n; i++)
    {
      FewPicture *picture = few_examples_get_picture (w->examples, info->ids[i]);
      g_assert_cmpint (info->roles[i] == FEW_ROLE_TEST, ==, few_picture_is_test (picture));
      bare += few_picture_is_test (picture) && few_picture_get_use (picture) == FEW_USE_NONE;
    }
  g_assert_cmpuint (bare, ==, 4);
  g_assert_cmpint (few_measuring_get_on (few_view_get_measuring (w->view)), ==, FEW_MEASURED_TEST);
  g_assert_cmpuint (scores->n, ==, 16);
  for (guint label = 0; label < 2; label++)
    check_label (w, label, &scores->labels[label]);
  world_free (w);
}

/* Dropped as test pictures of none of these. */
static void
test_bare_drop (void)
{
  World *w = world_new ();
  world_import_labelled (w, 8);
  g_autofree char *path = g_build_filename (w->folder, "other.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  gdk_pixbuf_fill (pixbuf, 0x3060b0ffu);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  few_import_propose (w->import, (const char *const[]) { path, NULL }, NULL, TRUE);
  WAIT (world_find_preview ());
  for (const char *const *name = (const char *const[]) { "none", "test", NULL }; *name; name++)
    {
      GtkWidget *button = GTK_WIDGET (gtk_widget_get_template_child (
          GTK_WIDGET (world_find_preview ()), FEW_TYPE_IMPORT_PREVIEW, *name));
      gtk_check_button_set_active (GTK_CHECK_BUTTON (button), TRUE);
      g_assert_true (gtk_widget_get_visible (button) && gtk_widget_get_sensitive (button));
    }
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 9 && !few_import_is_adding (w->import));
  FewPicture *picture = find_picture (w, "other.png");
  g_assert_true (few_picture_is_test (picture) && few_picture_get_use (picture) == FEW_USE_NONE);
  world_free (w);
}

/* ---- labels for pictures that are there */

static void
propose_file (World *w, const char *text)
{
  g_autofree char *file = g_build_filename (w->folder, "more.csv", NULL);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  world_act (w, "import-labels-from", "s", file);
}

static gboolean
says_toast (World *w, const char *words)
{
  GtkWidget *toast = world_find_toast (w);
  return toast && world_says (toast, words);
}

static void
write_new (World *w)
{
  g_autofree char *path = g_build_filename (w->folder, "new.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  gdk_pixbuf_fill (pixbuf, 0x1818f0ffu);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
}

/* Said before; then new labels join those that there are, in one step; nothing is taken away.
 * Which classes the new picture is for, is another matter. */
static void
test_file (void)
{
  World *w = world_new ();
  world_import_labelled (w, 8);
  write_new (w);
  g_autofree char *before = world_get_json (w);
  const char *more = "path,labels\n00.png,blue\n01.png,red\n02.png,blue;green\n"
                     "03.png,violet\nnew.png,blue\n";
  propose_file (w, more);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("1 picture for 1 new class.")
                 && world_preview_says ("3 pictures of the project get labels")
                 && world_preview_says ("4 are in the project already"));
  g_autofree char *shown = world_get_json (w);
  g_assert_cmpstr (shown, ==, before);
  world_answer_preview ("cancel");
  g_autofree char *left = world_get_json (w);
  g_assert_cmpstr (left, ==, before);
  propose_file (w, more);
  WAIT (world_find_preview ());
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 9 && !few_import_is_adding (w->import));
  assert_labels (w, "00.png", "blue");
  assert_labels (w, "01.png", "red");
  assert_labels (w, "02.png", "green, blue");
  assert_labels (w, "03.png", "red, green, violet");
  assert_labels (w, "new.png", "blue");
  g_assert_cmpuint (world_count_class (w, "blue"), ==, 3);
  WAIT (says_toast (w, "1 picture added to 1 class. 3 pictures that were there got labels."));
  g_autofree char *after = world_get_json (w);
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, before);
  world_act (w, "redo", NULL);
  g_autofree char *redone = world_get_json (w);
  g_assert_cmpstr (redone, ==, after);
  world_free (w);
}

/* Where no picture is new the question is about labels; once all have them there is none. */
static void
test_labels_alone (void)
{
  World *w = world_new ();
  world_import_labelled (w, 8);
  g_autofree char *before = world_get_json (w);
  propose_file (w, "path,labels\n00.png,red\n01.png,red;green\n");
  WAIT (world_find_preview ());
  g_assert_cmpstr (adw_message_dialog_get_heading (ADW_MESSAGE_DIALOG (world_find_preview ())), ==,
                   "Label 2 Pictures?");
  g_assert_false (world_preview_says ("0 pictures"));
  world_answer_preview ("add");
  WAIT (few_picture_get_further (find_picture (w, "01.png")) && !few_import_is_adding (w->import));
  assert_labels (w, "00.png", "red");
  assert_labels (w, "01.png", "red, green");
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Label 2 Pictures");
  guint said = w->messages->len;
  propose_file (w, "path,labels\n00.png,red\n01.png,green\n");
  WAIT (w->messages->len > said);
  g_assert_null (world_find_preview ());
  g_assert_nonnull (strstr (w->messages->pdata[said], "No new pictures"));
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, before);
  world_free (w);
}

/* Dropped on a label they get it; on none of these they keep what they have, unless a file says
 * which they have. */
static void
test_onto_class (void)
{
  World *w = world_new ();
  world_import_labelled (w, 8);
  FewClass *green = few_gallery_find_class (few_examples_get_gallery (w->examples), "green");
  g_autofree char *path = g_build_filename (w->folder, "01.png", NULL);
  const char *const paths[] = { path, NULL };
  few_import_propose (w->import, paths, green, FALSE);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("1 picture of the project gets labels"));
  world_answer_preview ("add");
  WAIT (few_picture_get_further (find_picture (w, "01.png")) && !few_import_is_adding (w->import));
  assert_labels (w, "01.png", "red, green");
  guint said = w->messages->len;
  few_import_propose (w->import, paths, few_examples_get_none (w->examples), FALSE);
  WAIT (w->messages->len > said);
  g_assert_null (world_find_preview ());
  assert_labels (w, "01.png", "red, green");
  g_autofree char *file = g_build_filename (w->folder, "more.csv", NULL);
  g_assert_true (g_file_set_contents (file, "path,labels\n00.png,red\n", -1, NULL));
  few_import_propose (w->import, (const char *const[]) { file, NULL },
                      few_examples_get_none (w->examples), FALSE);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("1 picture of the project gets labels"));
  world_answer_preview ("add");
  WAIT (!few_import_is_adding (w->import) && few_session_get_undo (w->session));
  assert_labels (w, "00.png", "red");
  world_free (w);
}

/* A folder is a label, also of pictures that came from elsewhere. */
static void
test_folder (void)
{
  World *w = world_new ();
  g_autofree char *sky = g_build_filename (w->folder, "sky", NULL);
  g_assert_cmpint (g_mkdir (sky, 0700), ==, 0);
  g_autofree char *file = world_write_labelled (sky, 4);
  g_assert_cmpint (g_unlink (file), ==, 0);
  world_act (w, "several", "b", TRUE);
  propose_file (w, "path,labels\nsky/00.png,dark\nsky/01.png,sky\n");
  WAIT (world_find_preview ());
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 2 && !few_import_is_adding (w->import));
  g_autofree char *before = world_get_json (w);
  world_drop (GTK_WIDGET (w->window), sky);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("2 pictures for 1 existing class.")
                 && world_preview_says ("1 picture of the project gets labels"));
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 4 && !few_import_is_adding (w->import));
  assert_labels (w, "00.png", "dark, sky");
  assert_labels (w, "01.png", "sky");
  assert_labels (w, "02.png", "sky");
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Add Pictures and Labels");
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  g_autofree char *undone = world_get_json (w);
  g_assert_cmpstr (undone, ==, before);
  world_free (w);
}

/* Of four pictures two, with one class each. */
static World *
import_two (void)
{
  World *w = world_new ();
  g_autofree char *file = world_write_labelled (w->folder, 4);
  propose_file (w, "path,labels\n01.png,red\n02.png,green\n");
  WAIT (world_find_preview ());
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 2 && !few_import_is_adding (w->import));
  return w;
}

/* Where a picture has one class, that is not touched. */
static void
test_one_class (void)
{
  World *w = import_two ();
  g_autofree char *before = world_get_json (w);
  guint said = w->messages->len;
  propose_file (w, "path,labels\n01.png,blue\n");
  WAIT (w->messages->len > said);
  g_assert_null (world_find_preview ());
  g_autofree char *after = world_get_json (w);
  g_assert_cmpstr (after, ==, before);
  world_free (w);
}

/* Each had one class; a file of new pictures says two of one. What was there keeps its classes, now
 * and through history. */
static void
test_becomes_several (void)
{
  static const char *const old[] = { "01.png", NULL };
  World *w = import_two ();
  world_act (w, "page", "s", "examples");
  choose (w, old);
  world_act (w, "use-pictures", "s", "test");
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  propose_file (w, "path,labels\n00.png,red;green\n03.png,green\n");
  WAIT (world_find_preview ());
  GObject *several = gtk_widget_get_template_child (GTK_WIDGET (world_find_preview ()),
                                                    FEW_TYPE_IMPORT_PREVIEW, "several");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (several), TRUE);
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 4 && !few_import_is_adding (w->import));
  g_assert_true (few_examples_is_several (w->examples));
  assert_labels (w, "01.png", "red");
  g_autofree char *after = world_get_json (w);
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  world_act (w, "redo", NULL);
  assert_labels (w, "01.png", "red");
  assert_labels (w, "02.png", "green");
  choose (w, old);
  world_act (w, "use-pictures", "s", "test");
  world_act (w, "undo", NULL);
  world_assert_counted (w);
  g_autofree char *again = world_get_json (w);
  g_assert_cmpstr (again, ==, after);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/several-import/bare-tests", test_bare_tests);
  g_test_add_func ("/several-import/measured", test_measured);
  g_test_add_func ("/several-import/bare-drop", test_bare_drop);
  g_test_add_func ("/several-import/file", test_file);
  g_test_add_func ("/several-import/labels-alone", test_labels_alone);
  g_test_add_func ("/several-import/onto-class", test_onto_class);
  g_test_add_func ("/several-import/folder", test_folder);
  g_test_add_func ("/several-import/one-class", test_one_class);
  g_test_add_func ("/several-import/becomes-several", test_becomes_several);
  return g_test_run ();
}
