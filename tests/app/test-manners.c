/* SPDX-License-Identifier: MIT */
/* Manners, in process: nothing is lost, and what is done is done to what is seen. */
#include "pages/examples/few-class-list.h"
#include "pages/examples/few-class-row.h"
#include "pages/examples/few-examples-page.h"
#include "pages/inspect/few-inspect-page.h"
#include "shell/few-import-bar.h"
#include "widgets/few-ranking.h"
#include "widgets/few-tile.h"
#include "widgets/few-toasts.h"
#include "widgets/few-viewer.h"
#include "world.h"
#include <adwaita.h>

/* ---- toasts */

static GtkWidget *
find_toast_button (World *w)
{
  GtkWidget *toast = world_find_toast (w);
  return toast ? world_find_styled (toast, GTK_TYPE_BUTTON, "text-button") : NULL;
}

static gboolean
toast_undoes (World *w)
{
  GtkWidget *button = find_toast_button (w);
  return button && gtk_widget_get_visible (button);
}

static guint
count_excluded (World *w)
{
  GListModel *pictures = few_examples_get_pictures (w->examples);
  guint n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      n += few_picture_is_excluded (picture);
    }
  return n;
}

/* A toast's Undo takes back its own step alone, and goes when the history moves on; the newest
 * toast takes the place of the one before. */
static void
test_toast_undoes_its_step (void)
{
  World *w = world_new ();
  world_import (w);
  guint n = world_count_pictures (w);
  gtk_selection_model_select_item (world_find_tiles (w), 0, TRUE);
  world_act (w, "exclude", NULL);
  guint64 step = few_session_get_step (w->session);
  WAIT (world_says (world_find_toast (w), "1 picture excluded") && toast_undoes (w));
  world_act (w, "undo", NULL);
  WAIT (world_says (world_find_toast (w), "Undone: Exclude 1 Picture"));
  g_assert_false (toast_undoes (w));
  world_act (w, "undo-step", "t", step); /* of the toast that was there before */
  g_assert_cmpuint (world_count_pictures (w), ==, n);
  g_assert_cmpstr (few_session_get_redo (w->session), ==, "Exclude 1 Picture");
  world_act (w, "exclude", NULL);
  WAIT (world_says (world_find_toast (w), "1 picture excluded"));
  step = few_session_get_step (w->session);
  few_examples_add_class (w->examples, "another");
  WAIT (!toast_undoes (w)); /* another step was taken since */
  world_act (w, "undo", NULL);
  g_assert_cmpuint (count_excluded (w), ==, 1);
  g_assert_cmpuint (few_session_get_step (w->session), ==, step);
  world_act (w, "undo-step", "t", step);
  g_assert_cmpuint (count_excluded (w), ==, 0);
  world_act (w, "exclude", NULL);
  WAIT (world_says (world_find_toast (w), "1 picture excluded") && toast_undoes (w));
  g_signal_emit_by_name (find_toast_button (w), "clicked");
  g_assert_cmpuint (count_excluded (w), ==, 0);
  world_free (w);
}

static gboolean
is_out_of_view (World *w)
{
  return world_find_toast (w) == NULL;
}

static gboolean
pass_cb (gpointer passed)
{
  *(gboolean *) passed = TRUE;
  return G_SOURCE_REMOVE;
}

static void
let_pass (guint ms)
{
  gboolean passed = FALSE;
  g_timeout_add (ms, pass_cb, &passed);
  while (!passed)
    g_main_context_iteration (NULL, TRUE);
}

/* One that takes the place of another, and whose step is past before it has come. */
static void
test_toast_goes_on_its_way_in (void)
{
  World *w = world_new ();
  AdwToastOverlay *toasts =
      ADW_TOAST_OVERLAY (world_find_widget (GTK_WIDGET (w->window), ADW_TYPE_TOAST_OVERLAY));
  few_toasts_say_undoable (GTK_WINDOW (w->window), "One", 1);
  WAIT (world_says (world_find_toast (w), "One"));
  let_pass (800);
  few_toasts_settle (toasts, 2);
  few_toasts_say_undoable (GTK_WINDOW (w->window), "Two", 2);
  WAIT (world_says (world_find_toast (w), "Two"));
  few_toasts_settle (toasts, 3);
  g_assert_false (toast_undoes (w));
  WAIT (is_out_of_view (w));
  let_pass (300);
  world_free (w);
}

/* ---- what is seen */

/* Delete, X and 1–9 leave alone what is chosen on a page that is out of sight. */
static void
test_acts_on_page_in_view (void)
{
  World *w = world_new ();
  world_import (w);
  GListModel *pictures = few_examples_get_pictures (w->examples);
  guint n = g_list_model_get_n_items (pictures);
  g_autoptr (FewPicture) hidden = g_list_model_get_item (pictures, 0);
  gtk_selection_model_select_item (world_find_tiles (w), 0, TRUE);
  world_act (w, "page", "s", "train");
  world_act (w, "remove", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, n);
  world_act (w, "page", "s", "inspect");
  FewInspectPage *inspect = FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect"));
  GListModel *ranked = few_inspect_page_get_model (inspect);
  WAIT (g_list_model_get_n_items (ranked) == 30);
  GtkWidget *grid = world_find_widget (GTK_WIDGET (inspect), GTK_TYPE_GRID_VIEW);
  GtkSelectionModel *selection = gtk_grid_view_get_model (GTK_GRID_VIEW (grid));
  guint at = 0;
  g_autoptr (FewSlot) slot = g_list_model_get_item (ranked, at);
  if (few_slot_get_item (slot) == hidden)
    {
      g_object_unref (slot);
      slot = g_list_model_get_item (ranked, ++at);
    }
  g_autoptr (FewPicture) seen = g_object_ref (few_slot_get_item (slot));
  FewClass *own = few_picture_get_class (seen);
  gtk_selection_model_select_item (selection, at, TRUE);
  world_act (w, "exclude", NULL);
  g_assert_true (few_picture_is_excluded (seen));
  g_assert_false (few_picture_is_excluded (hidden));
  world_act (w, "undo", NULL);
  guint other = few_view_get_class (w->view, 0) == own ? 2 : 1;
  world_act (w, "reassign", "i", (int) other);
  g_assert_true (few_picture_get_class (seen) != own);
  world_free (w);
}

/* Enter and double click show a picture large; there, too, a digit gives it another class. */
static void
test_viewer (void)
{
  World *w = world_new ();
  world_import (w);
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *grid = world_find_widget (page, GTK_TYPE_GRID_VIEW);
  g_autoptr (FewPicture) first = g_list_model_get_item (few_examples_get_pictures (w->examples), 0);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  g_signal_emit_by_name (grid, "activate", 0);
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWidget *viewer = NULL;
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
      if (FEW_IS_VIEWER (window))
        viewer = window;
    }
  g_assert_nonnull (viewer);
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (viewer)), ==, few_picture_get_name (first));
  GtkWidget *image = world_find_widget (viewer, GTK_TYPE_PICTURE);
  WAIT (gtk_picture_get_paintable (GTK_PICTURE (image)));
  GObject *classes = gtk_widget_get_template_child (viewer, FEW_TYPE_VIEWER, "classes");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (classes), 1);
  g_assert_true (few_picture_get_class (first) == light);
  WAIT (world_says (world_find_toast (w), "moved to “light”"));
  gtk_window_destroy (GTK_WINDOW (viewer));
  world_free (w);
}

/* ---- nothing is lost */

/* Undo takes a training back; redo brings the run back whole, as it was in view. */
static void
test_redo_brings_run_back (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 20);
  world_train (w, 30);
  FewSnapshot *snapshot = few_view_get_snapshot (w->view);
  g_assert_cmpint (few_runs_get_shown (w->runs), ==, 1);
  world_act (w, "undo", NULL);
  g_assert_cmpint (few_runs_get_shown (w->runs), ==, 0); /* the one before, not CLIP alone */
  world_act (w, "redo", NULL);
  g_assert_cmpint (few_runs_get_shown (w->runs), ==, 1);
  g_assert_true (few_view_get_snapshot (w->view) == snapshot);
  g_assert_true (world_enabled (w, "export"));
  world_act (w, "undo", NULL);
  few_runs_delete (w->runs, 0);
  WAIT (!few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  world_act (w, "undo", NULL);
  g_assert_cmpint (few_runs_get_shown (w->runs), ==, 0);
  g_assert_true (few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  world_free (w);
}

static guint
count_answers (World *w)
{
  GListModel *trials = few_trials_get_list (w->trials);
  guint n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (trials); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (trials, i);
      n += few_trial_get_snapshot (trial, NULL) != NULL;
    }
  return n;
}

/* What was cleared from Try comes back with its answers. */
static void
test_cleared_answers_come_back (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *folder = g_build_filename (w->folder, "dark", NULL);
  world_act (w, "try-path", "s", folder);
  WAIT (count_answers (w) > 0 && !few_trials_is_trying (w->trials));
  guint answers = count_answers (w);
  world_act (w, "try-clear", NULL);
  g_assert_cmpuint (g_list_model_get_n_items (few_trials_get_list (w->trials)), ==, 0);
  WAIT (world_says (world_find_toast (w), "cleared") && toast_undoes (w));
  g_autofree char *step = g_strdup (few_session_get_undo (w->session));
  world_act (w, "undo", NULL); /* Ctrl+Z: of what happened last, which the history does not know */
  g_assert_cmpstr (few_session_get_undo (w->session), ==, step);
  WAIT (count_answers (w) == answers);
  world_act (w, "try-restore", NULL); /* once */
  g_assert_cmpuint (count_answers (w), ==, answers);
  world_free (w);
}

/* What is said of an import is what came of it once all of it is read: of 32 files with a picture's
 * name one is empty and one is another again; the text beside them is no picture at all. */
static void
test_left_out (void)
{
  World *w = world_new ();
  world_import (w);
  WAIT (
      world_says (world_find_toast (w), "30 pictures added to 2 classes. 2 files were left out."));
  world_act (w, "undo", NULL);
  world_free (w);
}

/* So they do where the history is empty; an edit since is what happened last. */
static void
test_what_happened_last (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *path = g_build_filename (w->folder, "last.fewshot", NULL);
  g_autofree char *folder = g_build_filename (w->folder, "dark", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  g_assert_true (few_project_save (project, path, &error));
  g_assert_no_error (error);
  World first = *w;
  world_open (w, path);
  for (guint edited = 0; edited < 2; edited++)
    {
      world_act (w, "try-path", "s", folder);
      WAIT (count_answers (w) > 0 && !few_trials_is_trying (w->trials));
      guint answers = count_answers (w);
      world_act (w, "try-clear", NULL);
      WAIT (world_says (world_find_toast (w), "cleared") && toast_undoes (w));
      WAIT (world_enabled (w, "undo"));
      guint n = g_list_model_get_n_items (few_examples_get_classes (w->examples));
      if (edited)
        {
          guint64 step = few_session_get_step (w->session);
          world_act (w, "add-class", NULL);
          WAIT (few_session_get_step (w->session) != step);
          world_wait_for_frames (GTK_WIDGET (w->window), 3);
        }
      world_act (w, "undo", NULL);
      WAIT (count_answers (w) == (edited ? 0 : answers));
      WAIT (g_list_model_get_n_items (few_examples_get_classes (w->examples)) == n);
    }
  gtk_window_destroy (GTK_WINDOW (w->window));
  *w = first;
  world_free (w);
}

/* A picture that is dropped on the page of a class joins it; a folder is a class of its own. */
static void
test_drop_on_open_class (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *folder = g_dir_make_tmp ("fewshot-dropped-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "new.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  gdk_pixbuf_fill (pixbuf, 0x2050a0ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  world_act (w, "add-class", NULL);
  g_autoptr (FewClass) fresh = g_list_model_get_item (few_examples_get_classes (w->examples), 2);
  world_drop (GTK_WIDGET (w->window), path);
  WAIT (few_class_get_count (fresh) == 1);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 3);
  world_free (w);
}

/* ---- names without Enter */

static GtkWidget *
find_entry (World *w, const char *tooltip)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "examples"));
  GtkWidget *first = world_find_widget (page, GTK_TYPE_ENTRY);
  for (GtkWidget *entry = first; entry; entry = gtk_widget_get_next_sibling (entry))
    if (GTK_IS_ENTRY (entry) && g_str_has_prefix (gtk_widget_get_tooltip_text (entry), tooltip))
      return entry;
  return NULL;
}

static void
type_and_leave (World *w, GtkWidget *entry, const char *text)
{
  gtk_widget_grab_focus (entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_widget_grab_focus (world_find_widget (GTK_WIDGET (w->window), GTK_TYPE_TOGGLE_BUTTON));
}

/* A name and a prompt count when the focus leaves them, and when another class is chosen. A name
 * that another class has is said, and goes back. */
static void
test_names_without_enter (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (FewClass) dark = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  world_act (w, "select-class", "i", 0);
  GtkWidget *name = find_entry (w, "Name");
  GtkWidget *prompt = find_entry (w, "Prompt");
  type_and_leave (w, name, "cog wheel");
  g_assert_cmpstr (few_class_get_name (dark), ==, "cog wheel");
  type_and_leave (w, prompt, "a drawing of a {}.");
  g_assert_cmpstr (few_class_get_prompt (dark), ==, "a drawing of a {}.");
  gtk_widget_grab_focus (name);
  gtk_editable_set_text (GTK_EDITABLE (name), "gear");
  world_act (w, "select-class", "i", 1);
  g_assert_cmpstr (few_class_get_name (dark), ==, "gear");
  guint said = w->messages->len;
  type_and_leave (w, name, "gear");
  g_assert_cmpuint (w->messages->len, ==, said + 1);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (name)), ==, "light");
  world_free (w);
}

/* A class is named while it is made. */
static void
test_new_class_is_named (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "add-class", NULL);
  GtkWidget *name = find_entry (w, "Name");
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (w->window));
  g_assert_true (focus && gtk_widget_is_ancestor (focus, name));
  gtk_editable_set_text (GTK_EDITABLE (name), "spring");
  gtk_widget_grab_focus (world_find_widget (GTK_WIDGET (w->window), GTK_TYPE_TOGGLE_BUTTON));
  g_autoptr (FewClass) fresh = g_list_model_get_item (few_examples_get_classes (w->examples), 2);
  g_assert_cmpstr (few_class_get_name (fresh), ==, "spring");
  world_free (w);
}

/* ---- what counts */

/* Whether the first row of the list says how much of its class is recognised. */
static gboolean
says_recall (World *w)
{
  FewClassRow *row = FEW_CLASS_ROW (world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_CLASS_ROW));
  g_autofree char *text = few_class_row_describe_recall (row);
  return g_str_has_suffix (text, "%");
}

/* CLIP's own guesses are not said to be what is recognised. */
static void
test_recall_of_what_was_learned (void)
{
  World *w = world_new ();
  world_import (w);
  g_assert_false (says_recall (w));
  world_train (w, 20);
  WAIT (says_recall (w));
  world_act (w, "undo", NULL);
  WAIT (!says_recall (w));
  world_free (w);
}

/* A file that cannot be read is no tile and is not counted; a class chosen at the side is what
 * Inspect shows. */
static void
test_what_is_shown (void)
{
  World *w = world_new ();
  world_import (w);
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  WAIT (few_class_get_count (light) == 16); /* and the copy, but not zero.png */
  GListModel *tiles = G_LIST_MODEL (world_find_tiles (w));
  for (guint i = 0; i < g_list_model_get_n_items (tiles); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (tiles, i);
      g_assert_cmpint (few_picture_get_state (picture), !=, FEW_PICTURE_REFUSED);
    }
  world_act (w, "page", "s", "inspect");
  GListModel *ranked =
      few_inspect_page_get_model (FEW_INSPECT_PAGE (few_window_find_page (w->window, "inspect")));
  WAIT (g_list_model_get_n_items (ranked) == 30);
  world_act (w, "select-class", "i", 1);
  g_assert_cmpstr (few_window_get_page (w->window), ==, "inspect");
  g_assert_cmpuint (g_list_model_get_n_items (ranked), ==, 15);
  world_act (w, "select-class", "i", -1);
  g_assert_cmpuint (g_list_model_get_n_items (ranked), ==, 30);
  world_free (w);
}

/* A screen reader says what a bar is of: GTK gives it the name of its type. */
static void
test_bars_have_names (void)
{
  static const char *const pages[] = { "train", "try", "compare" };
  World *w = world_new ();
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, pages[i]));
      GtkWidget *bar = world_find_widget (page, GTK_TYPE_PROGRESS_BAR);
      gtk_test_accessible_assert_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                           "Progress");
    }
  GtkWidget *bar = world_find_widget (
      world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_IMPORT_BAR), GTK_TYPE_PROGRESS_BAR);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Progress");
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/manners/toast-undoes-its-step", test_toast_undoes_its_step);
  g_test_add_func ("/manners/toast-goes-on-its-way-in", test_toast_goes_on_its_way_in);
  g_test_add_func ("/manners/acts-on-page-in-view", test_acts_on_page_in_view);
  g_test_add_func ("/manners/viewer", test_viewer);
  g_test_add_func ("/manners/redo-brings-run-back", test_redo_brings_run_back);
  g_test_add_func ("/manners/cleared-answers-come-back", test_cleared_answers_come_back);
  g_test_add_func ("/manners/left-out", test_left_out);
  g_test_add_func ("/manners/what-happened-last", test_what_happened_last);
  g_test_add_func ("/manners/drop-on-open-class", test_drop_on_open_class);
  g_test_add_func ("/manners/names-without-enter", test_names_without_enter);
  g_test_add_func ("/manners/new-class-is-named", test_new_class_is_named);
  g_test_add_func ("/manners/recall-of-what-was-learned", test_recall_of_what_was_learned);
  g_test_add_func ("/manners/what-is-shown", test_what_is_shown);
  g_test_add_func ("/manners/bars-have-names", test_bars_have_names);
  return g_test_run ();
}
