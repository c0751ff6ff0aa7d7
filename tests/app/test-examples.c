/* SPDX-License-Identifier: MIT */
/* Examples, in process: drops, import with bad files, paste, removal and undo, thumbnails. */
#include "pages/examples/few-check-window.h"
#include "pages/examples/few-examples-page.h"
#include "widgets/few-chosen.h"
#include "widgets/few-drag-icon.h"
#include "widgets/few-thumbnails.h"
#include "widgets/few-tile.h"
#include "world.h"
#include <glib/gstdio.h>
#include <string.h>

static void
test_import (void)
{
  World *w = world_new ();
  world_import (w);
  GListModel *classes = few_examples_get_classes (w->examples);
  g_assert_cmpuint (g_list_model_get_n_items (classes), ==, 2);
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_REFUSED), ==, 1);
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_DUPLICATE), ==, 1);
  GPtrArray *refused = few_examples_get_refused (w->examples);
  g_assert_cmpuint (refused->len, ==, 3);
  g_autofree char *all =
      g_strjoin ("\n", refused->pdata[0], refused->pdata[1], refused->pdata[2], NULL);
  g_assert_nonnull (strstr (all, "notes.txt is not a picture file"));
  g_assert_nonnull (strstr (all, "zero.png is empty"));
  g_assert_nonnull (strstr (all, "99-copy.png is the same picture as 00.png"));
  /* the same folder again adds nothing */
  guint before = world_count_pictures (w);
  guint said = w->messages->len;
  world_drop (GTK_WIDGET (w->window), w->folder);
  WAIT (w->messages->len > said);
  g_assert_cmpuint (world_count_pictures (w), ==, before);
  /* zero-shot shows without training */
  g_assert_false (few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  g_assert_cmpuint (few_snapshot_info (few_view_get_snapshot (w->view))->n, ==, 30);
  g_assert_true (world_enabled (w, "train"));
  g_assert_false (world_enabled (w, "export"));
  world_act (w, "dismiss-refused", NULL);
  g_assert_cmpuint (few_examples_get_refused (w->examples)->len, ==, 0);
  world_free (w);
}

static void
test_drop_on_class (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *more = g_dir_make_tmp ("fewshot-more-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (more, "x.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 20, 20);
  gdk_pixbuf_fill (pixbuf, 0x804020ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  GtkWidget *list =
      world_find_styled (GTK_WIDGET (w->window), GTK_TYPE_LIST_VIEW, "navigation-sidebar");
  GtkWidget *second = gtk_widget_get_next_sibling (gtk_widget_get_first_child (list));
  GtkWidget *row = gtk_widget_get_first_child (second);
  g_autoptr (FewClass) klass = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  guint before = few_class_get_count (klass);
  world_drop (row, more);
  WAIT (few_class_get_count (klass) == before + 1);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 2);
  world_free (w);
}

static void
test_remove_undo (void)
{
  World *w = world_new ();
  world_import (w);
  FewExamplesPage *examples = FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"));
  GtkSelectionModel *selection = world_find_tiles (w);
  GListModel *pictures = few_examples_get_pictures (w->examples);
  guint n = g_list_model_get_n_items (pictures);
  gtk_selection_model_select_range (selection, 0, 5, TRUE);
  world_act (w, "remove", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, n - 5);
  world_act (w, "undo", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, n);
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  guint before = few_class_get_count (light);
  few_examples_page_set_class (examples, dark);
  gtk_selection_model_select_range (selection, 0, 3, TRUE);
  world_act (w, "reassign", "i", 2);
  g_assert_cmpuint (few_class_get_count (light), ==, before + 3);
  world_act (w, "remove-class", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 1);
  g_assert_false (world_enabled (w, "train")); /* one class is not enough */
  world_act (w, "undo", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, n);
  g_assert_false (few_examples_rename_class (w->examples, dark, "light"));
  g_assert_true (few_examples_rename_class (w->examples, dark, "밤"));
  g_assert_cmpstr (few_class_get_name (dark), ==, "밤");
  world_free (w);
}

/* The list that is spoken of is there to be shown, also where nothing came but what is in it. */
static void
test_refused_alone (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *path = g_build_filename (w->folder, "notes.txt", NULL);
  g_assert_true (g_file_set_contents (path, "no picture", -1, NULL));
  guint before = few_examples_get_refused (w->examples)->len;
  g_autofree char *words = g_strdup_printf ("%u files were left out", before + 1);
  world_act (w, "add-path", "s", path);
  WAIT (few_examples_get_refused (w->examples)->len == before + 1);
  WAIT (world_says (GTK_WIDGET (w->window), words));
  world_free (w);
}

static void
count_cb (guint *n)
{
  ++*n;
}

/* A copy that takes part once the first of the two has gone is not left out any more. */
static void
test_copy_takes_part (void)
{
  World *w = world_new ();
  world_import (w);
  guint n = few_examples_get_refused (w->examples)->len;
  FewPicture *copy = NULL;
  for (guint i = 0; !copy; i++)
    if (few_picture_get_state (world_get_picture (w, i)) == FEW_PICTURE_DUPLICATE)
      copy = world_get_picture (w, i);
  g_autoptr (GPtrArray) first = g_ptr_array_new ();
  for (guint i = 0; first->len == 0; i++)
    if (world_get_picture (w, i) != copy
        && g_strcmp0 (few_picture_get_hash (world_get_picture (w, i)), few_picture_get_hash (copy))
               == 0)
      g_ptr_array_add (first, world_get_picture (w, i));
  few_examples_remove_pictures (w->examples, first);
  WAIT (few_picture_get_state (copy) == FEW_PICTURE_READY);
  WAIT (few_examples_get_refused (w->examples)->len == n - 1);
  few_session_undo (w->session);
  WAIT (few_examples_get_refused (w->examples)->len == n);
  world_free (w);
}

/* Files that are read again are not refused twice. */
static void
test_read_again (void)
{
  World *w = world_new ();
  world_import (w);
  guint n = few_examples_get_refused (w->examples)->len;
  guint read = 0;
  g_signal_connect_swapped (w->examples, "encoded", G_CALLBACK (count_cb), &read);
  few_examples_encode_all (w->examples);
  WAIT (read > 0);
  g_assert_cmpuint (few_examples_get_refused (w->examples)->len, ==, n);
  world_free (w);
}

/* Of several that are dragged one is to be seen, and how many there are. */
static void
test_drag_icon (void)
{
  g_autoptr (GtkWidget) one = g_object_ref_sink (few_drag_icon_new (NULL, 1));
  g_autoptr (GtkWidget) many = g_object_ref_sink (few_drag_icon_new (NULL, 21));
  g_assert_null (world_find_widget (one, GTK_TYPE_LABEL));
  g_assert_true (world_says (many, "21"));
}

/* What is chosen goes out of view with its class, and is not told of any more. */
static void
test_chosen_in_view (void)
{
  World *w = world_new ();
  world_import (w);
  FewExamplesPage *examples = FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"));
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  gtk_selection_model_select_range (world_find_tiles (w), 0, 2, TRUE);
  g_assert_true (world_says (GTK_WIDGET (examples), "2 pictures chosen"));
  few_examples_page_set_class (examples, light);
  g_assert_false (world_says (GTK_WIDGET (examples), "chosen"));
  world_free (w);
}

/* A picture in the clipboard joins the class in view. */
static void
test_paste (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  guint before = few_class_get_count (light);
  guint said = w->messages->len;
  world_act (w, "select-class", "i", 1);
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (w->window));
  gdk_clipboard_set_text (clipboard, "no picture");
  world_act (w, "paste", NULL);
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (few_class_get_count (light), ==, before);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 30, 30);
  gdk_pixbuf_fill (pixbuf, g_random_int () << 8 | 0xff);
  g_autoptr (GdkTexture) texture = gdk_texture_new_for_pixbuf (pixbuf);
  gdk_clipboard_set_texture (clipboard, texture);
  world_act (w, "paste", NULL);
  WAIT (few_class_get_count (light) == before + 1);
  g_assert_cmpuint (w->messages->len, ==, said);
  world_free (w);
}

/* 3,000 pictures: the grid stays within its texture budget while it scrolls. */
static void
test_thumbnails (void)
{
  World *w = world_new ();
  g_autofree char *sub = g_build_filename (w->folder, "many", NULL);
  g_mkdir (sub, 0700);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 32, 32);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%04u.bmp", i);
      g_autofree char *path = g_build_filename (sub, name, NULL);
      gdk_pixbuf_fill (pixbuf, i << 12 | 0xff);
      g_assert_true (gdk_pixbuf_save (pixbuf, path, "bmp", NULL, NULL));
    }
  world_drop (GTK_WIDGET (w->window), sub);
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 3000);
  GtkWidget *grid = world_find_widget (
      GTK_WIDGET (FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"))),
      GTK_TYPE_GRID_VIEW);
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid));
  FewThumbnails *thumbnails = few_window_get_thumbnails (w->window);
  /* laid out */
  WAIT (few_thumbnails_get_kept (thumbnails) > 0 && gtk_adjustment_get_upper (scroll) > 10000);
  double range = gtk_adjustment_get_upper (scroll) - gtk_adjustment_get_page_size (scroll);
  for (guint i = 0; i <= 60; i++)
    {
      guint frames = 4;
      gtk_adjustment_set_value (scroll, range * i / 60);
      for (gint64 until = g_get_monotonic_time () + frames * 16000;
           g_get_monotonic_time () < until;)
        g_main_context_iteration (NULL, FALSE);
      g_assert_cmpuint (few_thumbnails_get_kept (thumbnails), <=, FEW_THUMBNAILS_KEPT);
    }
  WAIT (few_thumbnails_get_kept (thumbnails) > 300);
  g_autoptr (FewPicture) last =
      g_list_model_get_item (few_examples_get_pictures (w->examples), 2999);
  WAIT (few_picture_get_texture (last));
  world_free (w);
}

/* Two names that are the same tokens are said aloud, until one has a prompt of its own. */
static void
test_same_prompts (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *label = world_find_styled (page, GTK_TYPE_LABEL, "caption");
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_assert_false (gtk_widget_get_visible (label));
  g_assert_true (few_examples_rename_class (w->examples, dark, "LIGHT"));
  WAIT (gtk_widget_get_visible (label));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (label)), "“LIGHT” and “light”"));
  few_examples_set_prompt (w->examples, dark, "a dark {}.");
  WAIT (!gtk_widget_get_visible (label));
  few_examples_set_prompt (w->examples, dark, "A  Photo of a light .");
  WAIT (gtk_widget_get_visible (label));
  world_free (w);
}

/* A name in a script that an English model has hardly seen is pointed at, until the class has a
 * prompt that it can read; so is one with letters that English seldom writes. Names of species are
 * neither. */
static void
test_unread_names (void)
{
  World *w = world_new ();
  world_import (w);
  FewExamplesPage *page = FEW_EXAMPLES_PAGE (few_window_find_page (w->window, "examples"));
  GtkWidget *label = world_find_styled (GTK_WIDGET (page), GTK_TYPE_LABEL, "warning");
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  few_examples_page_set_class (page, dark);
  g_assert_false (gtk_widget_get_visible (label));
  g_assert_true (few_examples_rename_class (w->examples, dark, "고양이"));
  WAIT (gtk_widget_get_visible (label));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (label)), "“고양이”"));
  few_examples_set_prompt (w->examples, dark, "a photo of a cat.");
  WAIT (!gtk_widget_get_visible (label));
  few_examples_set_prompt (w->examples, dark, "");
  WAIT (gtk_widget_get_visible (label));
  g_assert_true (few_examples_rename_class (w->examples, dark, "Quercus robur"));
  WAIT (!gtk_widget_get_visible (label));
  g_assert_true (few_examples_rename_class (w->examples, dark, "Wäscheklammer"));
  WAIT (gtk_widget_get_visible (label));
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (label)), "“Wäscheklammer” has letters"));
  few_examples_set_prompt (w->examples, dark, "a photo of a clothes peg.");
  WAIT (!gtk_widget_get_visible (label));
  world_free (w);
}

/* A class that is removed while pictures are still added to it. */
static void
test_removed_while_adding (void)
{
  World *w = world_new ();
  g_autofree char *sub = g_build_filename (w->folder, "many", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 8, 8);
  g_mkdir (sub, 0700);
  for (guint i = 0; i < 400; i++)
    {
      g_autofree char *name = g_strdup_printf ("%04u.bmp", i);
      g_autofree char *path = g_build_filename (sub, name, NULL);
      gdk_pixbuf_fill (pixbuf, i << 12 | 0xff);
      g_assert_true (gdk_pixbuf_save (pixbuf, path, "bmp", NULL, NULL));
    }
  GListModel *pictures = few_examples_get_pictures (w->examples);
  FewClass *klass = few_examples_add_class (w->examples, "one");
  few_import_begin (w->import, (const char *const[]) { sub, NULL }, klass);
  WAIT (g_list_model_get_n_items (pictures) > 0);
  g_assert_true (few_import_is_adding (w->import));
  few_examples_remove_class (w->examples, klass);
  WAIT (!few_import_is_adding (w->import));
  g_assert_cmpuint (g_list_model_get_n_items (pictures), >, 0);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      GListStore *classes = G_LIST_STORE (few_examples_get_classes (w->examples));
      g_assert_true (g_list_store_find (classes, few_picture_get_class (picture), NULL));
    }
  few_examples_cancel_encoding (w->examples);
  world_free (w);
}

/* A class that is there is no step; a class of its name is. */
static void
test_add_class (void)
{
  World *w = world_new ();
  FewClass *one = few_examples_add_class (w->examples, "one");
  few_examples_set_prompt (w->examples, one, "a one");
  g_assert_true (few_examples_add_class (w->examples, "one") == one);
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Change Prompt");
  few_examples_add_class (w->examples, "two");
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Add Class");
  world_free (w);
}

/* What a project brought back stays when its reading is cancelled; what is new goes. */
static void
test_cancel (void)
{
  World *w = world_new ();
  FewProject *project = few_project_new ();
  guint before = 0;
  few_project_add_class (project->classes, 1, "one", NULL, NULL);
  for (guint i = 1; i <= 200; i++)
    {
      FewProjectPicture picture = { .id = i, .path = g_ref_string_new ("/nowhere.png") };
      memset (picture.sha256, '0' + i % 10, 64);
      if (i % 2 == 0)
        picture.sha256[0] = 0;
      g_array_append_val (project->pictures, picture);
    }
  few_session_open_project (w->session, project, NULL, "cpu");
  GListModel *pictures = few_examples_get_pictures (w->examples);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      before += few_picture_get_hash (picture) != NULL;
    }
  g_assert_cmpuint (before, ==, 100);
  few_examples_cancel_encoding (w->examples);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, 100);
  few_project_free (project);
  world_free (w);
}

/* Pictures that were given the other class are listed with their own as suggestion; a key accepts
 * it, another keeps the label for good, and undo brings a picture back. */
static void
test_check_labels (void)
{
  World *w = world_new ();
  world_import (w);
  GListModel *classes = few_examples_get_classes (w->examples);
  g_autoptr (FewClass) dark = g_list_model_get_item (classes, 0);
  g_autoptr (FewClass) light = g_list_model_get_item (classes, 1);
  g_autoptr (FewPicture) first = g_list_model_get_item (few_examples_get_pictures (w->examples), 2);
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();
  g_ptr_array_add (moved, first);
  FewClass *own = few_picture_get_class (first);
  few_examples_move (w->examples, moved, own == dark ? light : dark);
  FewPage *page = few_window_find_page (w->window, "examples");
  FewCheckWindow *window = FEW_CHECK_WINDOW (few_examples_page_check (FEW_EXAMPLES_PAGE (page)));
  GListModel *doubts = G_LIST_MODEL (few_check_window_get_model (window));
  WAIT (!few_check_window_is_waiting (window));
  g_autoptr (FewPicture) suspect = g_list_model_get_item (doubts, 0);
  g_assert_true (suspect == first);
  guint listed = g_list_model_get_n_items (doubts);
  few_check_window_accept (window);
  g_assert_true (few_picture_get_class (first) == own);
  g_assert_cmpuint (g_list_model_get_n_items (doubts), ==, listed - 1);
  world_act (w, "undo", NULL);
  WAIT (!few_check_window_is_waiting (window));
  g_assert_true (few_picture_get_class (first) != own);
  g_assert_cmpuint (g_list_model_get_n_items (doubts), ==, listed);
  few_check_window_keep (window);
  g_assert_true (few_picture_is_confirmed (first) && few_picture_get_class (first) != own);
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  guint confirmed = 0;
  for (guint i = 0; i < project->pictures->len; i++)
    confirmed += g_array_index (project->pictures, FewProjectPicture, i).confirmed;
  g_assert_cmpuint (confirmed, ==, 1);
  FewCheckWindow *again = FEW_CHECK_WINDOW (few_examples_page_check (FEW_EXAMPLES_PAGE (page)));
  WAIT (!few_check_window_is_waiting (again));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (few_check_window_get_model (again))),
                    ==, listed - 1);
  world_act (w, "undo", NULL);
  g_assert_false (few_picture_is_confirmed (first));
  WAIT (!few_check_window_is_waiting (again));
  GtkSingleSelection *selection = few_check_window_get_model (again);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (selection)), ==, listed);
  few_check_window_go_on (again); /* from the last to the first, whatever their number */
  g_assert_cmpuint (gtk_single_selection_get_selected (selection), ==, listed > 1);
  gtk_single_selection_set_selected (selection, 0);
  few_check_window_exclude (again);
  g_assert_true (few_picture_is_excluded (first));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (selection)), ==, listed - 1);
  gtk_window_destroy (GTK_WINDOW (again));
  gtk_window_destroy (GTK_WINDOW (window));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/examples/import", test_import);
  g_test_add_func ("/examples/drop-on-class", test_drop_on_class);
  g_test_add_func ("/examples/remove-undo", test_remove_undo);
  g_test_add_func ("/examples/refused-alone", test_refused_alone);
  g_test_add_func ("/examples/copy-takes-part", test_copy_takes_part);
  g_test_add_func ("/examples/read-again", test_read_again);
  g_test_add_func ("/examples/drag-icon", test_drag_icon);
  g_test_add_func ("/examples/chosen-in-view", test_chosen_in_view);
  g_test_add_func ("/examples/paste", test_paste);
  g_test_add_func ("/examples/same-prompts", test_same_prompts);
  g_test_add_func ("/examples/unread-names", test_unread_names);
  g_test_add_func ("/examples/removed-while-adding", test_removed_while_adding);
  g_test_add_func ("/examples/add-class", test_add_class);
  g_test_add_func ("/examples/cancel", test_cancel);
  g_test_add_func ("/examples/thumbnails", test_thumbnails);
  g_test_add_func ("/examples/check-labels", test_check_labels);
  return g_test_run ();
}
