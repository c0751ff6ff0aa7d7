/* SPDX-License-Identifier: MIT */
/* The Try page: what is tried is seen as the lens sees it, follows α and the run, becomes CSV,
 * sorted copies or an example. */
#include "pages/try/few-try-page.h"
#include "common/sorter.h"
#include "pages/try/few-sorter.h"
#include "pages/try/few-try-look.h"
#include "widgets/few-promise-bar.h"
#include "session/few-answer.h"
#include "world.h"
#include "common/csv.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static GtkWidget *
find_page (World *w)
{
  return GTK_WIDGET (few_window_find_page (w->window, "try"));
}

/* A picture of the project, tried, has the cosines that the project's own snapshot gives it,
 * before and after training and at any α. */
static void
test_same_as_project (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", dark);
  WAIT (world_has_tried (w, 15)); /* notes.txt is no picture */
  g_assert_cmpstr (few_window_get_page (w->window), ==, "try");
  g_assert_false (
      few_snapshot_info (few_trial_get_snapshot (world_find_trial (w, "03.png"), NULL))->trained);
  world_train (w, 30);
  WAIT (few_snapshot_info (few_trial_get_snapshot (world_find_trial (w, "03.png"), NULL))->trained
        && world_has_tried (w, 15));
  static const double alphas[] = { 0, .42, 1 };
  for (guint a = 0; a < G_N_ELEMENTS (alphas); a++)
    {
      few_view_set_alpha (w->view, alphas[a]);
      GListModel *pictures = few_examples_get_pictures (w->examples);
      guint compared = 0;
      for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
        {
          g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
          int row = few_view_get_row (w->view, picture);
          if (row < 0 || !strstr (few_picture_get_path (picture), "/dark/"))
            continue;
          FewTrial *trial = world_find_trial (w, few_picture_get_name (picture));
          float cosines[2];
          few_lens_cosines (few_view_get_snapshot (w->view), (guint) row, alphas[a], cosines);
          g_assert_cmpfloat_with_epsilon (few_trial_get_cosine (trial),
                                          MAX (cosines[0], cosines[1]), 1e-5);
          g_assert_true (few_trial_get_class (trial)
                         == few_view_get_class (w->view, few_view_get_predicted (w->view)[row]));
          compared++;
        }
      g_assert_cmpuint (compared, ==, 15);
    }
  world_act (w, "try-clear", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (few_trials_get_list (w->trials)), ==, 0);
  world_free (w);
}

/* With the first of that name. */
static gboolean
agrees_with_project (World *w, const char *name)
{
  GListModel *pictures = few_examples_get_pictures (w->examples);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      int row = few_view_get_row (w->view, picture);
      float cosines[2];
      if (row < 0 || !g_str_equal (few_picture_get_name (picture), name))
        continue;
      few_lens_cosines (few_view_get_snapshot (w->view), (guint) row, 0, cosines);
      return fabsf (few_trial_get_cosine (world_find_trial (w, name))
                    - MAX (cosines[0], cosines[1]))
             < 1e-5f;
    }
  return FALSE;
}

/* Without an adapter, too, answers are those of the prompts as they are now. */
static void
test_prompts_change (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *dark = g_build_filename (w->folder, "dark", "03.png", NULL);
  world_act (w, "try-path", "s", dark);
  WAIT (world_has_tried (w, 1) && agrees_with_project (w, "03.png"));
  float before = few_trial_get_cosine (world_find_trial (w, "03.png"));
  few_examples_set_template (w->examples, "three drawings of {} in the rain.");
  WAIT (fabsf (few_trial_get_cosine (world_find_trial (w, "03.png")) - before) > 1e-4f
        && agrees_with_project (w, "03.png"));
  world_free (w);
}

/* The threshold is the quantile that it says; below it there is no class. */
static void
test_none_of_these (void)
{
  World *w = world_new ();
  guint n;
  world_import (w);
  world_train (w, 20);
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32)); /* an empty file, and one picture twice */
  g_assert_nonnull (few_trial_get_reason (world_find_trial (w, "zero.png")));
  few_trials_set_keep (w->trials, .9);
  double threshold = few_trials_get_threshold (w->trials, &n);
  FewSnapshot *snapshot = few_view_get_snapshot (w->view);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  guint held_out = 0;
  guint below = 0;
  for (guint i = 0; i < info->n; i++)
    {
      float cosines[2];
      if (info->roles[i] != FEW_ROLE_VALIDATION && info->roles[i] != FEW_ROLE_TEST)
        continue;
      few_lens_cosines (snapshot, i, few_view_get_alpha (w->view), cosines);
      held_out++;
      below += MAX (cosines[0], cosines[1]) < threshold;
    }
  g_assert_cmpuint (n, ==, held_out);
  g_assert_cmpuint (below, ==, (guint) (.1 * held_out));
  guint none = 0;
  GListModel *trials = few_trials_get_list (w->trials);
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      if (!few_trial_get_snapshot (trial, NULL))
        continue;
      g_assert_cmpint (few_trial_get_class (trial) == NULL, ==,
                       few_trial_get_cosine (trial) < threshold);
      none += few_trial_get_class (trial) == NULL;
    }
  g_assert_cmpuint (none, >, 0);
  few_trials_set_keep (w->trials, 1);
  g_assert_true (isnan (few_trials_get_threshold (w->trials, NULL)));
  g_assert_nonnull (few_trial_get_class (world_find_trial (w, "05.png")));
  world_free (w);
}

/* What automatic learned says which classes a picture may be, and refuses what is strange by what
 * it knows of its own pictures; at another α it does not know. */
static void
test_answer_sets (void)
{
  World *w = world_new ();
  world_import (w);
  world_learn (w, "automatic");
  g_autofree char *odd = g_build_filename (w->folder, "odd.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 40);
  gdk_pixbuf_fill (pixbuf, 0xff00ffff);
  g_assert_true (gdk_pixbuf_save (pixbuf, odd, "png", NULL, NULL));
  few_trials_set_keep (w->trials, .9);
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 33));
  FewSnapshot *snapshot = few_view_get_snapshot (w->view);
  const FewTrust *trust = few_answer_trust (snapshot, few_view_get_alpha (w->view));
  g_assert_nonnull (trust);
  FewTrial *dark = world_find_trial (w, "03.png");
  g_assert_nonnull (few_trial_get_class (dark));
  g_autofree char *only =
      g_strdup_printf ("%s, and no other class", few_class_get_name (few_trial_get_class (dark)));
  g_assert_true (g_str_equal (few_trial_get_set (dark), only)
                 || g_str_equal (few_trial_get_set (dark), "could be any of the classes"));
  guint row;
  FewTrial *strange = world_find_trial (w, "odd.png");
  FewSnapshot *tried = few_trial_get_snapshot (strange, &row);
  double strangeness = few_answer_strangeness (tried, row, few_view_get_alpha (w->view));
  g_assert_cmpfloat (strangeness, >, few_trust_refusal (trust, .1));
  g_assert_null (few_trial_get_class (strange));
  g_assert_cmpstr (few_trial_get_answer (strange), ==, "none of these");
  g_assert_null (few_trial_get_set (strange));
  few_trials_set_keep (w->trials, 1);
  g_assert_nonnull (few_trial_get_class (strange));
  few_view_set_alpha (w->view, 0);
  g_assert_null (few_trial_get_set (dark));
  world_free (w);
}

/* The sets follow the slider at once, and grow with what they promise. */
static void
test_promise (void)
{
  World *w = world_new ();
  world_import (w);
  FewPromiseBar *bar = FEW_PROMISE_BAR (world_find_widget (find_page (w), FEW_TYPE_PROMISE_BAR));
  GtkWidget *scale = world_find_widget (GTK_WIDGET (bar), GTK_TYPE_SCALE);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (bar)));
  world_learn (w, "automatic");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (bar)));
  g_assert_cmpfloat (gtk_range_get_value (GTK_RANGE (scale)), ==, 90);
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  FewTrial *dark = world_find_trial (w, "03.png");
  g_assert_nonnull (few_trial_get_set (dark));
  gtk_range_set_value (GTK_RANGE (scale), 99); /* more than these pictures can promise */
  g_assert_cmpuint (few_view_get_promise (w->view), ==, 99);
  WAIT (few_trial_get_set (dark) == NULL);
  gtk_range_set_value (GTK_RANGE (scale), 80);
  WAIT (few_trial_get_set (dark) != NULL);
  few_view_set_alpha (w->view, 0); /* nothing is known there */
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (bar)));
  world_free (w);
}

/* Where the model looks in what is tried: only when it is asked, for the class that is chosen, and
 * for the next picture as soon as that is chosen. */
static void
test_look (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 30);
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  GtkWidget *page = find_page (w);
  FewTryLook *look = FEW_TRY_LOOK (world_find_widget (page, FEW_TYPE_TRY_LOOK));
  FewLargePicture *image = FEW_LARGE_PICTURE (world_find_widget (page, FEW_TYPE_LARGE_PICTURE));
  GtkWidget *shown = world_find_widget (GTK_WIDGET (image), GTK_TYPE_PICTURE);
  g_autoptr (GPtrArray) chosen = few_try_page_get_chosen (FEW_TRY_PAGE (page));
  FewTrial *first = chosen->pdata[0];
  g_assert_null (few_large_picture_get_heat (image));
  few_try_look_set_wanted (look, TRUE);
  WAIT (few_large_picture_get_heat (image));
  const char *words = gtk_picture_get_alternative_text (GTK_PICTURE (shown));
  g_assert_nonnull (strstr (words, few_class_get_name (few_trial_get_nearest (first))));
  g_autoptr (GdkTexture) before = g_object_ref (few_large_picture_get_heat (image));
  few_view_set_alpha (w->view, 1); /* another map: it follows */
  WAIT (few_large_picture_get_heat (image) && few_large_picture_get_heat (image) != before);
  GtkSelectionModel *model = GTK_SELECTION_MODEL (few_try_page_get_model (FEW_TRY_PAGE (page)));
  gtk_selection_model_select_item (model, 4, TRUE);
  WAIT (few_large_picture_get_heat (image)
        && !strstr (gtk_picture_get_alternative_text (GTK_PICTURE (shown)),
                    few_picture_get_name (few_trial_get_picture (first))));
  few_try_look_set_wanted (look, FALSE);
  g_assert_null (few_large_picture_get_heat (image));
  world_free (w);
}

static void
test_add_as_example (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *other = g_dir_make_tmp ("fewshot-try-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (other, "new.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 30, 30);
  gdk_pixbuf_fill (pixbuf, 0x773311ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  world_act (w, "page", "s", "try");
  world_drop (GTK_WIDGET (w->window), path); /* on this page a drop is tried */
  WAIT (world_has_tried (w, 1));
  FewTryPage *page = FEW_TRY_PAGE (few_window_find_page (w->window, "try"));
  g_autoptr (GPtrArray) chosen = few_try_page_get_chosen (page);
  g_assert_cmpuint (chosen->len, ==, 1);
  g_assert_true (chosen->pdata[0] == world_find_trial (w, "new.png"));
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  guint before = few_class_get_count (light);
  world_act (w, "try-add", "i", 2);
  WAIT (few_class_get_count (light) == before + 1);
  world_free (w);
}

static void
test_csv (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *odd = g_build_filename (w->folder, "dark", "=1,\"2\".png", NULL);
  g_autofree char *first = g_build_filename (w->folder, "dark", "01.png", NULL);
  g_autofree char *data = NULL;
  g_autofree char *csv = NULL;
  g_autofree char *path = g_build_filename (w->folder, "answers.csv", NULL);
  gsize size;
  g_assert_true (g_file_get_contents (first, &data, &size, NULL)
                 && g_file_set_contents (odd, data, (gssize) size, NULL));
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_assert_true (few_examples_rename_class (w->examples, dark, "=dark"));
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", odd);
  WAIT (world_has_tried (w, 1));
  guint said = w->messages->len;
  world_act (w, "try-csv-to", "s", path);
  WAIT (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (w->messages->len, ==, said);
  WAIT (g_file_get_contents (path, &csv, &size, NULL) && size > 60);
  g_auto (GStrv) lines = g_strsplit (csv, "\r\n", -1);
  g_assert_cmpstr (lines[0], ==, "file,class,nearest_class,cosine,probability,may_be,problem");
  g_assert_nonnull (strstr (lines[1], "=1,\"\"2\"\".png\","));
  g_assert_true (lines[1][0] == '"');
  FewTrial *trial = world_find_trial (w, "=1,\"2\".png");
  if (few_trial_get_class (trial) == dark) /* never a formula */
    g_assert_nonnull (strstr (lines[1], ",\"'=dark\","));
  world_free (w);
}

/* Copies into one folder a class: nothing overwritten, an equal copy passed over, a run that is
 * done again adds nothing. */
static void
test_sort (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  few_trials_set_keep (w->trials, 1);
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  g_autofree char *out = g_dir_make_tmp ("fewshot-sorted-XXXXXX", NULL);
  FewTrial *trial = world_find_trial (w, "07.png");
  const char *class_name = few_class_get_name (few_trial_get_class (trial));
  g_autofree char *folder = g_build_filename (out, class_name, NULL);
  g_autofree char *taken = g_build_filename (folder, "07.png", NULL);
  g_autofree char *kept = NULL;
  g_mkdir (folder, 0755);
  g_assert_true (g_file_set_contents (taken, "somebody's own", -1, NULL));
  guint copied[2], there[2];
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GPtrArray) items = few_sort_items_new ();
      GListModel *trials = few_trials_get_list (w->trials);
      for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
        {
          g_autoptr (FewTrial) one = g_list_model_get_item (trials, i);
          if (few_trial_get_class (one))
            few_sort_items_add (items, few_picture_get_path (few_trial_get_picture (one)),
                                few_class_get_name (few_trial_get_class (one)));
        }
      g_assert_cmpuint (items->len, ==, 31);
      FewSorted *done = few_sort (items, out, NULL, NULL, NULL, NULL);
      g_assert_cmpuint (done->failed->len, ==, 0);
      copied[round] = done->copied;
      there[round] = done->there;
      few_sorted_free (done);
    }
  g_assert_cmpuint (copied[0] + there[0], ==, 31);
  g_assert_cmpuint (copied[1], ==, 0);
  g_assert_cmpuint (there[1], ==, 31);
  g_assert_true (g_file_get_contents (taken, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "somebody's own");
  g_autofree char *second = g_build_filename (folder, "07 (2).png", NULL);
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  /* through the window, to a folder of its own; cancelled at once, then whole */
  g_autofree char *again = g_dir_make_tmp ("fewshot-sorted-XXXXXX", NULL);
  world_act (w, "try-sort-to", "s", again);
  world_act (w, "try-cancel", NULL);
  WAIT (world_enabled (w, "try-sort-to"));
  world_act (w, "try-sort-to", "s", again);
  WAIT (world_enabled (w, "try-sort-to"));
  g_autofree char *there_now = g_build_filename (again, class_name, "07.png", NULL);
  g_assert_true (g_file_test (there_now, G_FILE_TEST_EXISTS));
  world_free (w);
}

/* Each class its own folder, directly below the one that was chosen, and not hidden. */
static void
test_folder_names (void)
{
  g_autofree char *endless = g_strnfill (4000, 'a');
  g_autofree char *longer = g_strconcat (endless, "b", NULL);
  const char *const classes[] = { "낡은 톱니", "a/b", "a_b",  "a∕b", "a\\b",  "a⧵b", "../a/b",
                                  ".x",        "_.x", "__.x", " a",  "a",     "a ",  "",
                                  "_",         ".",   "..",   "/",   endless, longer };
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      char *name = few_folder_name (classes[i]);
      g_assert_true (*name && *name != '.' && strlen (name) < 200 && !strchr (name, '/'));
      g_assert_true (g_utf8_validate (name, -1, NULL));
      g_assert_true (g_hash_table_add (names, name));
    }
  g_autofree char *plain = few_folder_name (classes[0]);
  g_autofree char *slash = few_folder_name ("a/b");
  g_assert_cmpstr (plain, ==, classes[0]);
  g_assert_cmpstr (slash, ==, "a∕b");
}

/* Whatever a cell begins with or holds, a table program takes it for text. */
static void
test_csv_cells (void)
{
  static const char *const cells[][2] = {
    { "leaf", "leaf," },       { "=1+1", "\"'=1+1\"," }, { "+1", "\"'+1\"," },
    { "-1", "\"'-1\"," },      { "@a", "\"'@a\"," },     { "\t=1", "\"'\t=1\"," },
    { "\r=1", "\"'\r=1\"," },  { "\n=1", "\"'\n=1\"," }, { "a;=1", "\"a;=1\"," },
    { "a\"b", "\"a\"\"b\"," }, { "a,b", "\"a,b\"," },    { "a\n=b", "\"a\n=b\"," },
    { "a\tb", "\"a\tb\"," },   { "＝1", "\"'＝1\"," },   { "", "," },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_autoptr (GString) csv = g_string_new (NULL);
      few_csv_text (csv, cells[i][0]);
      g_assert_cmpstr (csv->str, ==, cells[i][1]);
    }
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/try/same-as-project", test_same_as_project);
  g_test_add_func ("/try/prompts-change", test_prompts_change);
  g_test_add_func ("/try/none-of-these", test_none_of_these);
  g_test_add_func ("/try/answer-sets", test_answer_sets);
  g_test_add_func ("/try/promise", test_promise);
  g_test_add_func ("/try/look", test_look);
  g_test_add_func ("/try/add-as-example", test_add_as_example);
  g_test_add_func ("/try/csv", test_csv);
  g_test_add_func ("/try/sort", test_sort);
  g_test_add_func ("/try/folder-names", test_folder_names);
  g_test_add_func ("/try/csv-cells", test_csv_cells);
  return g_test_run ();
}
