/* SPDX-License-Identifier: MIT */
/* Projects: undo and redo give the same bytes, a file opens as it was saved, files that moved
 * are found, drafts come back. */
#include "base/few-list.h"
#include "world.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static gboolean
is_settled (World *w)
{
  GListModel *pictures = few_examples_get_pictures (w->examples);
  return world_count_state (w, FEW_PICTURE_READY) + world_count_state (w, FEW_PICTURE_DUPLICATE)
             + world_count_state (w, FEW_PICTURE_REFUSED)
         == g_list_model_get_n_items (pictures);
}

/* Some of the pictures, at least one. */
static GPtrArray *
some_pictures (World *w, GRand *rand)
{
  GListModel *pictures = few_examples_get_pictures (w->examples);
  GPtrArray *some = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (pictures);
  guint first = (guint) g_rand_int_range (rand, 0, (int) n);
  guint end = first + 1 + (guint) g_rand_int_range (rand, 0, 4);
  for (guint i = first; i < MIN (n, end); i++)
    g_ptr_array_add (some, g_list_model_get_item (pictures, i));
  return some;
}

static FewClass *
some_class (World *w, GRand *rand)
{
  GListModel *classes = few_examples_get_classes (w->examples);
  return g_list_model_get_item (
      classes, (guint) g_rand_int_range (rand, 0, (int) g_list_model_get_n_items (classes)));
}

/* A picture that no other is like, dropped on a class. */
static void
import_fresh (World *w, FewClass *klass, guint *fresh)
{
  g_autofree char *name = g_strdup_printf ("new-%u.png", ++*fresh);
  g_autofree char *path = g_build_filename (w->folder, "dark", name, NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 20, 20);
  gdk_pixbuf_fill (pixbuf, 0x20406000u + 256 * *fresh);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  const char *paths[] = { path, NULL };
  guint before = world_count_pictures (w);
  few_import_begin (w->import, paths, klass);
  WAIT (world_count_pictures (w) == before + 1 && is_settled (w));
}

/* One operation of any kind; some do nothing. */
static void
operate (World *w, GRand *rand, guint *fresh)
{
  FewSession *session = w->session;
  g_autoptr (FewClass) klass = some_class (w, rand);
  g_autoptr (GPtrArray) pictures = some_pictures (w, rand);
  g_autofree char *text =
      g_strdup_printf ("a sketch of a {}, no. %u.", g_rand_int_range (rand, 0, 1000));
  switch (g_rand_int_range (rand, 0, 11))
    {
    case 0:
      few_examples_move (few_session_get_examples (session), pictures, klass);
      break;
    case 1:
      few_examples_set_excluded (few_session_get_examples (session), pictures,
                                 g_rand_boolean (rand));
      break;
    case 2:
      if (g_list_model_get_n_items (few_examples_get_pictures (few_session_get_examples (session)))
          > 12)
        few_examples_remove_pictures (few_session_get_examples (session), pictures);
      break;
    case 3:
      few_examples_rename_class (few_session_get_examples (session), klass, text);
      break;
    case 4:
      few_examples_set_prompt (few_session_get_examples (session), klass, text);
      break;
    case 5:
      few_examples_set_template (few_session_get_examples (session), text);
      break;
    case 6:
      few_view_set_alpha (few_session_get_view (session), g_rand_double (rand));
      break;
    case 7:
      world_set_epochs (w, (guint) g_rand_int_range (rand, 1, 50));
      break;
    case 8:
      few_examples_add_class (few_session_get_examples (session), text);
      break;
    case 9:
      if (g_list_model_get_n_items (few_examples_get_classes (few_session_get_examples (session)))
              > 2
          && few_class_get_count (klass) < 10)
        few_examples_remove_class (few_session_get_examples (session), klass);
      else if (few_runs_get_list (few_session_get_runs (session))->len)
        few_runs_delete (few_session_get_runs (session), 0);
      break;
    default:
      import_fresh (w, klass, fresh);
    }
}

/* Random operations, all undone: the same bytes; all redone: the same bytes again. */
static void
test_undo_property (void)
{
  World *w = world_new ();
  guint fresh = 0;
  world_import (w);
  world_train (w, 5);
  for (guint seed = 1; seed <= 12; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autofree char *before = world_get_json (w);
      for (guint i = 0; i < 15; i++)
        operate (w, rand, &fresh);
      g_autofree char *after = world_get_json (w);
      guint steps = 0;
      while (few_session_get_undo (w->session) && steps < 200)
        {
          g_autofree char *now = world_get_json (w);
          if (strcmp (now, before) == 0)
            break;
          few_session_undo (w->session);
          steps++;
        }
      g_autofree char *undone = world_get_json (w);
      g_assert_cmpstr (undone, ==, before);
      for (; steps > 0; steps--)
        few_session_redo (w->session);
      g_autofree char *redone = world_get_json (w);
      g_assert_cmpstr (redone, ==, after);
    }
  /* everything since the window opened, import and training too */
  while (few_session_get_undo (w->session))
    few_session_undo (w->session);
  g_assert_cmpuint (world_count_pictures (w), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 0);
  g_assert_cmpuint (few_runs_get_list (w->runs)->len, ==, 0);
  world_free (w);
}

/* α moved step by step is one change; another kind of change between ends it. */
static void
test_alpha_is_one_step (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 5);
  double trained = few_view_get_alpha (w->view);
  for (guint i = 0; i < 20; i++)
    few_view_set_alpha (w->view, .02 + .01 * i);
  few_view_peek_alpha (w->view, 0);
  g_assert_cmpfloat (few_view_get_alpha (w->view), ==, 0);
  few_view_peek_alpha (w->view, NAN);
  g_assert_cmpfloat_with_epsilon (few_view_get_alpha (w->view), .21, 1e-9);
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Change α");
  few_session_undo (w->session);
  g_assert_cmpfloat (few_view_get_alpha (w->view), ==, trained);
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Train");
  g_assert_false (few_runs_is_stale (w->runs)); /* α is not the pictures */
  few_session_undo (w->session);
  g_assert_cmpuint (few_runs_get_list (w->runs)->len, ==, 0);
  WAIT (!few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  few_session_redo (w->session);
  g_assert_cmpuint (few_runs_get_list (w->runs)->len, ==, 1);
  world_act (w, "show-run", "i", 1);
  g_assert_true (few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  world_free (w);
}

static gboolean
is_on_disk (World *w)
{
  return !few_document_is_dirty (few_window_get_document (w->window));
}

/* Removing the first of two equal pictures lets the other take part, and back. */
static void
test_duplicates_follow (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (GPtrArray) first = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (first, g_list_model_get_item (few_examples_get_pictures (w->examples), 0));
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_DUPLICATE), ==, 1);
  few_examples_remove_pictures (w->examples, first);
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_DUPLICATE), ==, 0);
  few_session_undo (w->session);
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_DUPLICATE), ==, 1);
  world_free (w);
}

/* Saved, opened in another window: the same bytes, the same predictions, with the run restored
 * from its weights. */
static void
test_save_open (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  g_autofree char *path = g_build_filename (w->folder, "잎.fewshot", NULL);
  world_act (w, "save-to", "s", path);
  WAIT (is_on_disk (w) && g_file_test (path, G_FILE_TEST_EXISTS));
  g_autofree char *title = few_document_get_title (few_window_get_document (w->window));
  g_assert_cmpstr (title, ==, "잎");
  few_view_set_alpha (w->view, .37); /* saved by itself */
  WAIT (is_on_disk (w));
  World *v = world_new ();
  world_act (v, "open-path", "s", path); /* it has a window already: nothing happens here */
  g_assert_true (few_document_is_fresh (few_window_get_document (v->window)));
  g_autofree char *other = g_build_filename (w->folder, "copy.fewshot", NULL);
  g_autofree char *data = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (path, &data, &size, NULL)
                 && g_file_set_contents (other, data, (gssize) size, NULL));
  world_act (v, "open-path", "s", other);
  WAIT (g_list_model_get_n_items (few_examples_get_pictures (few_session_get_examples (v->session)))
        && is_settled (v));
  WAIT (few_view_get_snapshot (few_session_get_view (v->session))
        && few_snapshot_info (few_view_get_snapshot (few_session_get_view (v->session)))->trained);
  g_autofree char *first = world_get_json (w);
  g_autofree char *second = world_get_json (v);
  g_assert_cmpstr (first, ==, second);
  const FewSnapshotInfo *a = few_snapshot_info (few_view_get_snapshot (w->view));
  const FewSnapshotInfo *b =
      few_snapshot_info (few_view_get_snapshot (few_session_get_view (v->session)));
  g_assert_cmpuint (a->n, ==, b->n);
  g_assert_cmpmem (few_view_get_predicted (w->view), a->n * 4,
                   few_view_get_predicted (few_session_get_view (v->session)), b->n * 4);
  for (guint i = 0; i < a->n; i++)
    g_assert_cmpfloat_with_epsilon (few_view_get_margins (w->view)[i],
                                    few_view_get_margins (few_session_get_view (v->session))[i],
                                    1e-6);
  g_assert_false (few_runs_is_stale (few_session_get_runs (v->session)));
  g_assert_true (world_enabled (v, "export"));
  world_free (v);
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

/* The folder of pictures gets another name beside the project: they take part by their features,
 * and are found again. */
static void
test_moved (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *home = g_dir_make_tmp ("fewshot-moved-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (home, "p.fewshot", NULL);
  g_autofree char *moved = g_strconcat (w->folder, "-elsewhere", NULL);
  world_act (w, "save-to", "s", path);
  WAIT (is_on_disk (w));
  g_assert_cmpint (g_rename (w->folder, moved), ==, 0);
  World *v = world_new ();
  g_autofree char *copy = g_build_filename (home, "q.fewshot", NULL);
  g_autofree char *data = NULL;
  g_assert_true (g_file_get_contents (path, &data, NULL, NULL)
                 && g_file_set_contents (copy, data, -1, NULL));
  world_act (v, "open-path", "s", copy);
  WAIT (g_list_model_get_n_items (few_examples_get_pictures (few_session_get_examples (v->session)))
        && is_settled (v));
  /* features are remembered by content; the refused file has none */
  g_assert_cmpuint (world_count_state (v, FEW_PICTURE_READY), ==, 30);
  g_assert_cmpuint (few_missing_count (few_session_get_missing (v->session)), ==, 31);
  world_act (v, "locate-in", "s", moved);
  WAIT (few_missing_count (few_session_get_missing (v->session)) == 0 && is_settled (v));
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (few_session_get_examples (v->session)), 0);
  g_assert_true (g_str_has_prefix (few_picture_get_path (picture), moved));
  WAIT (few_picture_get_texture (picture)); /* and is drawn */
  g_assert_cmpuint (world_count_state (v, FEW_PICTURE_READY), ==, 30);
  g_assert_cmpint (g_rename (moved, w->folder), ==, 0);
  world_free (v);
  world_free (w);
}

/* A picture becomes another one of the same name while its project is closed: it is read anew, and
 * said. */
static void
test_replaced (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *path = g_build_filename (w->folder, "p.fewshot", NULL);
  world_act (w, "save-to", "s", path);
  WAIT (is_on_disk (w));
  world_free (w);
  g_autoptr (FewProject) project = few_project_load (path, NULL);
  const FewProjectPicture *first = (gconstpointer) project->pictures->data;
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 40);
  gdk_pixbuf_fill (pixbuf, 0xc06010ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, first->path, "png", NULL, NULL));
  World *v = world_new ();
  world_act (v, "open-path", "s", path);
  WAIT (has_said (v, "1 picture was replaced"));
  FewExamples *examples = few_session_get_examples (v->session);
  FewPicture *picture = few_examples_get_picture (examples, first->id);
  g_assert_cmpint (few_picture_get_state (picture), ==, FEW_PICTURE_READY);
  g_assert_cmpstr (few_picture_get_hash (picture), !=, first->sha256);
  g_assert_true (few_picture_is_replaced (picture));
  world_free (v);
}

static void
looked (gpointer window)
{
  gtk_widget_add_css_class (window, "looked");
}

/* The same while it is open: the run is stale, what is touched only is not told, and the next run
 * learns from what is there now. */
static void
test_replaced_open (void)
{
  World *w = world_new ();
  FewChanges *changes = few_session_get_changes (w->session);
  world_import (w);
  world_train (w, 5);
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (w->examples), 3);
  const char *path = few_picture_get_path (picture);
  g_autofree char *data = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (path, &data, &size, NULL)
                 && g_file_set_contents (path, data, (gssize) size, NULL));
  few_changes_look (changes, looked, w->window);
  WAIT (gtk_widget_has_css_class (GTK_WIDGET (w->window), "looked"));
  g_assert_cmpuint (few_changes_count (changes), ==, 0);
  g_assert_false (few_picture_is_replaced (picture) || few_runs_is_stale (w->runs));
  float before = few_view_get_margins (w->view)[few_view_get_row (w->view, picture)];
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 40);
  gdk_pixbuf_fill (pixbuf, 0xf0e010ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  few_changes_look (changes, NULL, NULL);
  WAIT (has_said (w, "1 picture was replaced"));
  g_assert_true (few_picture_is_replaced (picture) && few_runs_is_stale (w->runs));
  gdk_pixbuf_fill (pixbuf, 0x10f0e0ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  world_train (w, 5);
  g_assert_cmpuint (few_changes_count (changes), ==, 2);
  g_assert_false (few_runs_is_stale (w->runs));
  float after = few_view_get_margins (w->view)[few_view_get_row (w->view, picture)];
  g_assert_cmpfloat (fabsf (after - before), >, 1e-5f);
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, picture);
  few_examples_move (w->examples, one, few_picture_get_class (picture)); /* it is right there */
  g_assert_false (few_picture_is_replaced (picture));
  world_free (w);
}

static void
count_change_cb (GListModel *list, guint position, guint removed, guint added, guint *sums)
{
  sums[0]++;
  sums[1] += removed;
  sums[2] += added;
}

/* Any list becomes any other, in one change that touches no more than the stretch that differs. */
static void
test_list (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (all, few_class_new (i + 1, "x"));
  for (guint round = 0; round < 400; round++)
    {
      g_autoptr (GListStore) store = g_list_store_new (FEW_TYPE_CLASS);
      g_autoptr (GPtrArray) expected = g_ptr_array_new ();
      GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
      guint sums[3] = { 0 };
      guint first = (guint) g_rand_int_range (rand, 0, 100);
      guint end = (guint) g_rand_int_range (rand, (int) first, 101);
      for (guint i = 0; i < 100; i++)
        {
          g_list_store_append (store, all->pdata[i]);
          if (i < first || i >= end || g_rand_boolean (rand))
            g_ptr_array_add (items, g_object_ref (all->pdata[i]));
        }
      for (guint i = 0; i < items->len; i++)
        g_ptr_array_add (expected, items->pdata[i]);
      g_signal_connect (store, "items-changed", G_CALLBACK (count_change_cb), sums);
      few_list_become (store, items);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, expected->len);
      for (guint i = 0; i < expected->len; i++)
        {
          g_autoptr (FewClass) item = g_list_model_get_item (G_LIST_MODEL (store), i);
          g_assert_true (item == expected->pdata[i]);
        }
      g_assert_cmpuint (sums[0], ==, expected->len < 100);
      g_assert_cmpuint (sums[1], <=, end - first);
    }
}

static void
gone (gpointer user, const char *problem, gboolean kept)
{
  g_assert_null (problem);
  *(gboolean *) user = TRUE;
}

/* What has no file is a draft, on disk by itself; it can be opened again after its window is
 * closed. */
static void
test_draft (void)
{
  World *w = world_new ();
  world_import (w);
  gboolean closed = FALSE;
  few_examples_set_template (w->examples, "a drawing of a {}.");
  few_document_close (few_window_get_document (w->window), gone, &closed);
  WAIT (closed);
  g_autofree char *before = world_get_json (w);
  world_free (w);
  g_auto (GStrv) drafts = few_drafts_closed ();
  g_auto (GStrv) abandoned = few_drafts_abandoned ();
  g_assert_nonnull (drafts[0]);
  g_assert_null (abandoned[0]);
  World *v = world_new ();
  world_act (v, "open-path", "s", drafts[0]);
  WAIT (g_list_model_get_n_items (few_examples_get_pictures (few_session_get_examples (v->session)))
        && is_settled (v));
  g_autofree char *after = world_get_json (v);
  g_assert_cmpstr (before, ==, after);
  g_assert_null (few_document_get_path (few_window_get_document (v->window)));
  world_free (v);
}

/* A file that is no project, or a newer one, is a sentence and changes nothing. */
static void
test_bad_files (void)
{
  static const char *const texts[] = {
    "{}", "[", "{\"fewshot\": 1, \"pictures\": [", "{\"fewshot\": 99}",
    "{\"fewshot\": 1, \"pictures\": [{\"class\": 5, \"path\": \"x\"}]}"
  };
  static const char *const parts[] = { "not a Fewshot project", "JSON object", "not usable JSON",
                                       "newer Fewshot", "path, class or id of a picture" };
  World *w = world_new ();
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *path = g_build_filename (w->folder, "bad.fewshot", NULL);
      guint said = w->messages->len;
      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      world_act (w, "open-path", "s", path);
      WAIT (w->messages->len > said);
      g_assert_nonnull (strstr (w->messages->pdata[said], parts[i]));
    }
  g_assert_true (few_document_is_fresh (few_window_get_document (w->window)));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/project/list", test_list);
  g_test_add_func ("/project/undo-property", test_undo_property);
  g_test_add_func ("/project/alpha-is-one-step", test_alpha_is_one_step);
  g_test_add_func ("/project/duplicates-follow", test_duplicates_follow);
  g_test_add_func ("/project/save-open", test_save_open);
  g_test_add_func ("/project/moved", test_moved);
  g_test_add_func ("/project/replaced", test_replaced);
  g_test_add_func ("/project/replaced-open", test_replaced_open);
  g_test_add_func ("/project/draft", test_draft);
  g_test_add_func ("/project/bad-files", test_bad_files);
  return g_test_run ();
}
