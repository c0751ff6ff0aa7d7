/* SPDX-License-Identifier: MIT */
/* Every page at every size of text: 360 pixels are enough, and GTK has nothing to warn of. */
#include "pages/try/few-try-working.h"
#include "pages/try/few-label-window.h"
#include "pages/inspect/few-nearest.h"
#include "shell/few-help.h"
#include "shell/few-preferences.h"
#include "widgets/few-alpha-bar.h"
#include "widgets/few-bar-legend.h"
#include "widgets/few-top-classes.h"
#include "widgets/few-video-dialog.h"
#include "whole.h"
#include "world.h"
#include <adwaita.h>
#include <fewshot/model.h>
#include <glib/gi18n.h>
#include <string.h>

enum { NARROW = 360, TALL = 700, FRAMES = 3 };

/* As many buttons as a desktop gives a window. */
#define THREE ":minimize,maximize,close"

/* ---- what GTK says of sizes */

static guint warnings;

static GLogWriterOutput
count_warnings (GLogLevelFlags level, const GLogField *fields, gsize n, gpointer user)
{
  if (level & G_LOG_LEVEL_WARNING)
    for (gsize i = 0; i < n; i++)
      warnings += g_str_equal (fields[i].key, "MESSAGE")
                  && g_strrstr (fields[i].value, "reported min") != NULL;
  return g_log_writer_default (level, fields, n, user);
}

/* ---- what is too wide */

static int
measure (GtkWidget *widget)
{
  int least;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  return least;
}

/* As the window manager is told: for the least height. */
static int
measure_least (GtkWidget *window)
{
  int height, least;
  gtk_widget_measure (window, GTK_ORIENTATION_VERTICAL, -1, &height, NULL, NULL, NULL);
  gtk_widget_measure (window, GTK_ORIENTATION_HORIZONTAL, height, &least, NULL, NULL, NULL);
  return least;
}

/* For the one who has to mend it: what is too wide, down to what is not. */
static void
print_wide (GtkWidget *widget, guint depth)
{
  g_test_message ("%*s%s “%s”: %d", (int) depth, "", G_OBJECT_TYPE_NAME (widget),
                  gtk_widget_get_name (widget), measure (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && measure (widget) > NARROW;
       child = gtk_widget_get_next_sibling (child))
    print_wide (child, depth + 1); /* pages of a stack that are not in view, too */
}

static int
measure_height (GtkWidget *widget)
{
  int least;
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, NARROW, &least, NULL, NULL, NULL);
  return least;
}

static void
print_high (GtkWidget *widget, guint depth)
{
  g_test_message ("%*s%s: %d high", (int) depth, "", G_OBJECT_TYPE_NAME (widget),
                  measure_height (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_mapped (child) && depth < 16)
      print_high (child, depth + 1);
}

/* A phone is high enough; a page may have to be scrolled there. */
static gboolean
is_low (GtkWidget *window, const char *what, guint percent)
{
  int least = measure_height (window);
  if (least <= TALL)
    return TRUE;
  g_test_message ("%s at %u %%: %d pixels high", what, percent, least);
  print_high (window, 1);
  return FALSE;
}

static gboolean
fits (GtkWidget *window, const char *what, guint percent)
{
  world_wait_for_frames (window, FRAMES);
  GtkWidget *content = gtk_widget_get_first_child (window); /* without the window's frame */
  int least = measure (content);
  gboolean whole = whole_buttons (window, what, percent) & whole_rows (window, what, percent)
                   & whole_hangul (window, what, percent);
  if (least <= NARROW)
    return whole;
  g_test_message ("%s at %u %%: %d pixels", what, percent, least);
  print_wide (content, 1);
  return FALSE;
}

static gboolean
switcher_fits (World *w, guint percent)
{
  GtkWidget *bar = world_find_widget (GTK_WIDGET (w->window), ADW_TYPE_VIEW_SWITCHER_BAR);
  g_assert_true (adw_view_switcher_bar_get_reveal (ADW_VIEW_SWITCHER_BAR (bar)));
  world_wait_for_frames (GTK_WIDGET (w->window), FRAMES);
  return whole_labels (bar, "page switcher", percent);
}

/* Within what is to be seen of its page. */
static gboolean
is_in_sight (GtkWidget *widget)
{
  graphene_rect_t place;
  GtkWidget *whole = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  g_assert_true (gtk_widget_compute_bounds (widget, whole, &place));
  return place.origin.y >= 0
         && place.origin.y + place.size.height <= (float) gtk_widget_get_height (whole);
}

/* What is told of a picture that is chosen, which is in sight on a phone, too. */
static gboolean
detail_fits (World *w, guint percent)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "inspect"));
  GtkWidget *grid = world_find_widget (page, GTK_TYPE_GRID_VIEW);
  GtkWidget *top = world_find_widget (page, FEW_TYPE_TOP_CLASSES);
  GtkSelectionModel *pictures = gtk_grid_view_get_model (GTK_GRID_VIEW (grid));
  if (world_enabled (w, "dismiss-refused"))
    world_act (w, "dismiss-refused", NULL); /* they take a line each */
  WAIT (!world_find_toast (w));
  world_act (w, "page", "s", "inspect");
  world_act (w, "view", "i", 0);
  gtk_selection_model_select_item (pictures, 0, TRUE);
  WAIT (gtk_widget_get_mapped (top));
  WAIT (gtk_widget_get_mapped (world_find_widget (page, FEW_TYPE_NEAREST)));
  GtkWidget *detail = gtk_widget_get_ancestor (top, GTK_TYPE_REVEALER);
  gboolean fit = fits (GTK_WIDGET (w->window), "detail of inspect", percent)
                 && whole_labels (world_find_widget (top, FEW_TYPE_BAR_LEGEND), "legend", percent);
  fit &= is_low (GTK_WIDGET (w->window), "detail of inspect", percent);
  WAIT (gtk_revealer_get_child_revealed (GTK_REVEALER (detail)));
  WAIT (is_in_sight (detail));
  gtk_selection_model_unselect_item (pictures, 0);
  return fit;
}

/* All that is told of α, as long as the language makes it. */
static gboolean
alpha_fits (World *w, guint percent)
{
  GtkWidget *bar = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_ALPHA_BAR);
  world_act (w, "page", "s", "inspect");
  world_wait_for_frames (GTK_WIDGET (w->window), FRAMES);
  g_assert_true (gtk_widget_get_mapped (bar));
  return whole_labels (bar, "α", percent);
}

static void
set_text_size (guint percent)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", (int) (96 * 1024 * percent / 100),
                NULL);
}

/* It is as wide as GTK makes it; what counts is that there is nothing to warn of. */
static void
look_at_shortcuts (World *w)
{
  world_act (w, "show-help-overlay", NULL);
  GtkWindow *shortcuts =
      GTK_WINDOW (gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (w->window)));
  g_assert_nonnull (shortcuts);
  world_wait_for_frames (GTK_WIDGET (shortcuts), FRAMES);
  gtk_window_close (shortcuts);
}

/* The window over the window, or NULL. */
static GtkWindow *
find_dialog (World *w)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);
      if (gtk_widget_get_visible (GTK_WIDGET (window))
          && gtk_window_get_transient_for (window) == GTK_WINDOW (w->window))
        return window; /* GTK holds it */
    }
  return NULL;
}

/* It goes again. */
static gboolean
dialog_fits (World *w, const char *what, guint percent)
{
  WAIT (find_dialog (w));
  GtkWindow *window = find_dialog (w);
  gboolean fit = fits (GTK_WIDGET (window), what, percent)
                 && whole_choices (GTK_WIDGET (window), what, percent);
  int room = MAX (NARROW, gtk_widget_get_width (GTK_WIDGET (w->window)));
  int width = gtk_widget_get_width (GTK_WIDGET (window));
  if (width > room)
    g_test_message ("%s at %u %%: opened %d pixels wide", what, percent, width);
  gtk_window_destroy (window);
  return fit && width <= room;
}

/* What Try says while it works, with its pace, which half a second tells: the real work may be over
 * too soon for it, or not. */
static gboolean
work_fits (World *w, guint percent)
{
  GtkWidget *working = world_find_widget (GTK_WIDGET (w->window), FEW_TYPE_TRY_WORKING);
  few_try_working_show (FEW_TRY_WORKING (working), 0, 0);
  few_try_working_show (FEW_TRY_WORKING (working), 1, 100000);
  g_usleep (G_USEC_PER_SEC / 2);
  few_try_working_show (FEW_TRY_WORKING (working), 2, 100000);
  gboolean fit = fits (working, "work of try", percent);
  few_try_working_show (FEW_TRY_WORKING (working), 0, 0);
  return fit;
}

static void
ignore_paths (gpointer user, const char *const *paths)
{
}

/* With a camera that there is not, whose sentence is the longest. */
static gboolean
camera_fits (World *w, guint percent)
{
  const char *const videos[] = { "/nowhere/a video with quite a long name.mp4", NULL };
  g_setenv ("FEWSHOT_FRAMES", "/nowhere/fewshot-frames", TRUE);
  g_setenv ("FEWSHOT_CAMERA", "none", TRUE);
  g_action_group_change_action_state (G_ACTION_GROUP (w->window), "try-camera",
                                      g_variant_new_boolean (TRUE));
  gboolean fit = fits (GTK_WIDGET (w->window), "camera", percent);
  world_act (w, "page", "s", "examples");
  world_act (w, "select-class", "i", 0);
  world_act (w, "take-pictures", NULL);
  fit &= dialog_fits (w, "take pictures", percent);
  gtk_window_present (
      GTK_WINDOW (few_video_dialog_new (GTK_WINDOW (w->window), videos, ignore_paths, NULL, NULL)));
  return dialog_fits (w, "video", percent) && fit;
}

/* With a folder that is watched, all of whose settings show. */
static FewWatcher *
watch_folder (World *w)
{
  FewWatcher *watcher =
      few_watcher_new (G_APPLICATION (gtk_window_get_application (GTK_WINDOW (w->window))));
  g_autofree char *folder = g_build_filename (w->folder, "pictures of the telescope", NULL);
  g_autoptr (FewWatched) watched = few_watched_new (&(FewWatched) {
      .folder = folder, .classifier = folder, .target = folder, .action = FEW_WATCH_SORT });
  few_watcher_put (watcher, watched);
  return watcher;
}

static gboolean
pages_fit (World *w, guint percent)
{
  static const char *const pages[] = { "examples", "train", "inspect", "try", "compare" };
  gboolean fit = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      world_act (w, "page", "s", pages[i]);
      fit &= fits (GTK_WIDGET (w->window), pages[i], percent);
      fit &= whole_choices (GTK_WIDGET (w->window), pages[i], percent);
      fit &= is_low (GTK_WIDGET (w->window), pages[i], percent);
    }
  fit &= switcher_fits (w, percent);
  fit &= work_fits (w, percent);
  for (int view = 0; view < 5; view++)
    {
      g_autofree char *what = g_strdup_printf ("view %d of inspect", view);
      world_act (w, "page", "s", "inspect");
      world_act (w, "view", "i", view);
      fit &= fits (GTK_WIDGET (w->window), what, percent);
      fit &= is_low (GTK_WIDGET (w->window), what, percent);
      if (view == 3) /* the map, which has a list of its own */
        fit &= whole_choices (GTK_WIDGET (w->window), what, percent);
    }
  fit &= detail_fits (w, percent);
  fit &= alpha_fits (w, percent);
  fit &= camera_fits (w, percent);
  look_at_shortcuts (w);
  g_autoptr (FewWatcher) watcher = watch_folder (w);
  gtk_window_present (few_preferences_new (GTK_WINDOW (w->window), w->session, watcher));
  fit &= dialog_fits (w, "preferences", percent);
  few_watcher_stop (watcher);
  world_act (w, "models", NULL);
  fit &= dialog_fits (w, "models", percent);
  world_act (w, "try-keep-camtrap", NULL);
  fit &= dialog_fits (w, "where the camera stood", percent);
  if (!few_tags_available (NULL))
    return fit;
  world_act (w, "try-tag", NULL);
  fit &= dialog_fits (w, "tags", percent);
  world_act (w, "import-keywords-from", "s", w->folder);
  fit &= dialog_fits (w, "keywords", percent);
  return fit;
}

static void
test_pages (void)
{
  World *w = world_new ();
  g_autofree char *picture = g_build_filename (w->folder, "dark", "01.png", NULL);
  gboolean fit = TRUE;
  g_object_set (gtk_settings_get_default (), "gtk-decoration-layout", THREE, NULL);
  gtk_window_set_default_size (GTK_WINDOW (w->window), NARROW, TALL);
  for (guint percent = 100; percent <= 200; percent += 50)
    {
      set_text_size (percent);
      fit &= fits (GTK_WIDGET (w->window), "welcome", percent);
    }
  world_import (w);
  world_train (w, 20);
  world_act (w, "try-path", "s", w->folder);
  for (guint percent = 100; percent <= 200; percent += 50)
    {
      set_text_size (percent);
      fit &= pages_fit (w, percent);
    }
  set_text_size (100);
  g_assert_true (fit);
  g_assert_cmpuint (warnings, ==, 0);
  world_free (w);
}

/* Where pictures have any number of labels, other words stand on the pages. */
static gboolean
several_fits (World *w, guint percent)
{
  static const char *const pages[] = { "examples", "train", "inspect", "try", "compare" };
  FewPage *examples = few_window_find_page (w->window, "examples");
  GtkWidget *grid = world_find_widget (GTK_WIDGET (examples), GTK_TYPE_GRID_VIEW);
  gboolean fit = TRUE;
  gtk_selection_model_select_all (gtk_grid_view_get_model (GTK_GRID_VIEW (grid)));
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      world_act (w, "page", "s", pages[i]);
      fit &= fits (GTK_WIDGET (w->window), pages[i], percent);
      fit &= is_low (GTK_WIDGET (w->window), pages[i], percent);
    }
  world_act (w, "page", "s", "inspect");
  world_act (w, "view", "i", 2);
  fit &= fits (GTK_WIDGET (w->window), "table of labels", percent);
  world_act (w, "page", "s", "examples");
  world_act (w, "view-picture", NULL);
  fit &= dialog_fits (w, "viewer of labels", percent);
  world_act (w, "several", "b", FALSE);
  return dialog_fits (w, "one class each", percent) && fit;
}

static void
test_several (void)
{
  World *w = world_new ();
  gboolean fit = TRUE;
  g_autoptr (GPtrArray) some = g_ptr_array_new_with_free_func (g_object_unref);
  g_object_set (gtk_settings_get_default (), "gtk-decoration-layout", THREE, NULL);
  gtk_window_set_default_size (GTK_WINDOW (w->window), NARROW, TALL);
  world_import (w);
  world_act (w, "several", "b", TRUE);
  for (guint i = 0; i < 6; i++)
    g_ptr_array_add (some, g_list_model_get_item (few_examples_get_pictures (w->examples), i));
  g_autoptr (FewClass) last = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  few_examples_label (w->examples, some, last, TRUE);
  world_act (w, "train", NULL);
  WAIT (few_runs_get_list (w->runs)->len == 1
        && few_measuring_get (few_view_get_measuring (w->view)));
  world_act (w, "try-path", "s", w->folder);
  WAIT (world_has_tried (w, 32));
  world_act (w, "compare", NULL);
  WAIT (few_comparison_is_running (few_session_get_comparison (w->session)));
  WAIT (!few_comparison_is_running (few_session_get_comparison (w->session)));
  for (guint percent = 100; percent <= 200; percent += 50)
    {
      set_text_size (percent);
      fit &= several_fits (w, percent);
    }
  set_text_size (100);
  g_assert_true (few_examples_is_several (w->examples) && fit);
  world_free (w);
}

/* A picture is asked about, classes have names of a word, and how well it is learned is said. */
static void
test_labelling (void)
{
  static const char *const names[] = { "carpinus", "fraxinus", "liriodendron", "metasequoia" };
  World *w = world_new ();
  gboolean fit = TRUE;
  world_write_pictures (w->folder);
  world_act (w, "label-next-path", "s", w->folder);
  FewLabelWindow *window = FEW_LABEL_WINDOW (world_find_window (FEW_TYPE_LABEL_WINDOW));
  FewLabelling *labelling = few_label_window_get_labelling (window);
  for (guint i = 0; i < 12; i++)
    {
      WAIT (few_labelling_get_picture (labelling));
      few_label_window_type (window, names[i % G_N_ELEMENTS (names)]);
    }
  WAIT (few_labelling_get_picture (labelling) && few_labelling_get_score (labelling));
  for (guint percent = 100; percent <= 200; percent += 50)
    {
      set_text_size (percent);
      fit &= fits (GTK_WIDGET (window), "label these next", percent);
      fit &=
          whole_labels (world_find_widget (GTK_WIDGET (window), GTK_TYPE_ENTRY), "entry", percent);
      fit &= measure_least (GTK_WIDGET (window)) <= NARROW;
    }
  set_text_size (100);
  g_assert_true (fit);
  gtk_window_destroy (GTK_WINDOW (window));
  world_free (w);
}

/* Only where a language is asked for: both catalogues of sentences are in use. */
static void
test_language (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (few_model_open ("/nowhere/at/all", "cpu", NULL, &error));
  g_test_message ("%s · %s", _ ("Training has ended"), error->message);
  g_assert_cmpstr (_ ("Training has ended"), !=, "Training has ended");
  g_assert_nonnull (strstr (error->message, "/nowhere/at/all"));
  g_assert_null (strstr (error->message, "could not be"));
}

/* In English, it says so in the window's own language, on every page; where it is in that language,
 * it does not. */
static void
test_help (void)
{
  World *w = world_new ();
  gboolean own = g_str_equal (g_getenv ("LANGUAGE"), "ko");
  const char *words = _ ("The help is in English only.");
  gboolean fit = TRUE;
  g_assert_cmpstr (words, !=, "The help is in English only.");
  gtk_window_set_default_size (GTK_WINDOW (w->window), NARROW, TALL);
  WAIT (gtk_widget_get_width (GTK_WIDGET (w->window)) <= NARROW);
  for (guint percent = 100; percent <= 200; percent += 50)
    {
      GtkWindow *help = few_help_new (GTK_WINDOW (w->window));
      set_text_size (percent);
      gtk_window_present (help);
      GtkWidget *label = world_find_label (GTK_WIDGET (help), words);
      g_assert_true (own ? !label : gtk_widget_get_mapped (label));
      few_help_show_page (FEW_HELP (help), "train");
      g_assert_true (own || gtk_widget_get_mapped (label));
      fit &= dialog_fits (w, "help", percent);
    }
  set_text_size (100);
  g_assert_true (fit);
  world_free (w);
}

int
main (int argc, char **argv)
{
  g_log_set_writer_func (count_warnings, NULL, NULL);
  world_begin (&argc, &argv);
  g_test_add_func ("/sizes/pages", test_pages);
  g_test_add_func ("/sizes/labelling", test_labelling);
  g_test_add_func ("/sizes/several", test_several);
  if (g_getenv ("LANGUAGE") && !g_str_equal (g_getenv ("LANGUAGE"), "en"))
    {
      g_test_add_func ("/sizes/language", test_language);
      g_test_add_func ("/sizes/help", test_help);
    }
  return g_test_run ();
}
