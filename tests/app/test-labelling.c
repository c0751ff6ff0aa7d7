/* SPDX-License-Identifier: MIT */
/* Label These Next: pictures of both kinds are asked about first, keys and typing give a class,
 * undo asks again, the accuracy follows each label, and what more labels bring is said. */
#include "pages/try/few-label-window.h"
#include "world.h"
#include <glib/gstdio.h>
#include <string.h>

static FewLabelWindow *
open_window (World *w)
{
  world_act (w, "label-next-path", "s", w->folder);
  GtkWidget *window = world_find_window (FEW_TYPE_LABEL_WINDOW);
  g_assert_nonnull (window);
  return FEW_LABEL_WINDOW (window);
}

static gboolean
is_light (FewPicture *picture)
{
  return strstr (few_picture_get_path (picture), "/light/") != NULL
         && !g_str_has_suffix (few_picture_get_path (picture), "99-copy.png");
}

/* As a person who knows answers, by typing. */
static void
answer (FewLabelWindow *window)
{
  FewPicture *picture = few_labelling_get_picture (few_label_window_get_labelling (window));
  few_label_window_type (window, is_light (picture) ? "striped" : "plain");
}

static gboolean
press (FewLabelWindow *window, guint key, GdkModifierType state)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  gboolean handled = FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      if (GTK_IS_EVENT_CONTROLLER_KEY (controller)
          && gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE)
        g_signal_emit_by_name (controller, "key-pressed", key, 0, state, &handled);
    }
  return handled;
}

/* A dropped folder whose name is no class can be asked about instead, and becomes none. */
static void
test_offered (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *mixed = g_build_filename (w->folder, "mixed", NULL);
  g_autofree char *from = g_build_filename (w->folder, "dark", "01.png", NULL);
  g_autofree char *to = g_build_filename (mixed, "one.png", NULL);
  g_autofree char *data = NULL;
  gsize size;
  g_mkdir (mixed, 0700);
  g_assert_true (g_file_get_contents (from, &data, &size, NULL)
                 && g_file_set_contents (to, data, (gssize) size, NULL));
  few_import_propose (w->import, (const char *const[]) { mixed, NULL }, NULL, TRUE);
  WAIT (world_find_preview ());
  world_answer_preview ("label");
  WAIT (world_find_window (FEW_TYPE_LABEL_WINDOW));
  FewLabelling *labelling =
      few_label_window_get_labelling (FEW_LABEL_WINDOW (world_find_window (FEW_TYPE_LABEL_WINDOW)));
  WAIT (few_labelling_count_left (labelling) == 1);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 2);
  gtk_window_destroy (GTK_WINDOW (world_find_window (FEW_TYPE_LABEL_WINDOW)));
  world_free (w);
}

/* From nothing: no class, a folder without labels. */
static void
test_from_nothing (void)
{
  World *w = world_new ();
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  world_write_pictures (w->folder);
  FewLabelWindow *window = open_window (w);
  FewLabelling *labelling = few_label_window_get_labelling (window);
  WAIT (few_labelling_get_picture (labelling));
  guint left = few_labelling_count_left (labelling);
  g_assert_cmpuint (left, ==, 32); /* a text is none; the empty file is not known to be none */
  guint kinds[2] = { 0 };
  for (guint i = 0; i < 6; i++)
    {
      FewPicture *picture = few_labelling_get_picture (labelling);
      kinds[is_light (picture)]++;
      answer (window);
      WAIT (few_labelling_get_picture (labelling)
            && few_labelling_get_picture (labelling) != picture);
      g_assert_cmpuint (few_labelling_count_left (labelling), ==, left - 1 - i);
    }
  g_assert_true (kinds[0] > 0 && kinds[1] > 0);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 2);
  WAIT (few_labelling_get_score (labelling) && few_labelling_get_score (labelling)->n == 6);
  g_assert_cmpuint (few_labelling_count_given (labelling), ==, 6);
  int least;
  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL,
                      NULL);
  g_assert_cmpint (least, <=, 360);

  /* undone: the same picture is asked about, then what was asked before it */
  FewPicture *asked = few_labelling_get_picture (labelling);
  g_assert_true (press (window, GDK_KEY_1, 0));
  WAIT (few_labelling_get_picture (labelling) && few_labelling_get_picture (labelling) != asked);
  FewPicture *after = few_labelling_get_picture (labelling);
  g_assert_true (press (window, GDK_KEY_BackSpace, 0));
  g_assert_true (few_labelling_get_picture (labelling) == asked);
  g_assert_cmpuint (few_labelling_count_given (labelling), ==, 6);
  WAIT (!few_labelling_is_choosing (labelling, NULL, NULL));
  g_assert_cmpuint (few_labelling_get_score (labelling)->n, ==, 6);
  g_assert_true (press (window, GDK_KEY_space, 0)); /* skipped: not asked about again */
  g_assert_true (few_labelling_get_picture (labelling) != asked && after != NULL);
  g_assert_cmpuint (few_labelling_count_left (labelling), ==, left - 7);
  gtk_window_destroy (GTK_WINDOW (window));
  world_free (w);
}

/* Something else that was done since is not what is undone there. */
static void
test_undo_of_labels (void)
{
  World *w = world_new ();
  world_write_pictures (w->folder);
  FewLabelWindow *window = open_window (w);
  FewLabelling *labelling = few_label_window_get_labelling (window);
  WAIT (few_labelling_get_picture (labelling));
  answer (window);
  WAIT (few_labelling_count_given (labelling) == 1);
  few_examples_add_class (w->examples, "another");
  g_assert_true (press (window, GDK_KEY_BackSpace, 0));
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 2);
  g_assert_cmpuint (few_labelling_count_given (labelling), ==, 1);
  few_session_undo (w->session);
  g_assert_true (press (window, GDK_KEY_BackSpace, 0));
  WAIT (few_labelling_count_given (labelling) == 0);
  gtk_window_destroy (GTK_WINDOW (window));
  world_free (w);
}

/* Labels every picture, by what it shows or by no rule; whether it was told that more labels bring
 * nothing. */
static gboolean
label_all (World *w, gboolean truly, guint *n, FewLabelScore *score)
{
  world_write_pictures (w->folder);
  FewLabelWindow *window = open_window (w);
  FewLabelling *labelling = few_label_window_get_labelling (window);
  gint64 slowest = 0;
  gboolean told = FALSE;
  *n = 0;
  WAIT (few_labelling_get_picture (labelling));
  while (few_labelling_get_picture (labelling))
    {
      gint64 begin = g_get_monotonic_time ();
      if (truly)
        answer (window);
      else
        few_label_window_type (window, *n * 7 % 5 < 3 ? "striped" : "plain");
      *n += 1;
      WAIT (!few_labelling_is_choosing (labelling, NULL, NULL)
            && world_count_state (w, FEW_PICTURE_WAITING) == 0);
      slowest = MAX (slowest, g_get_monotonic_time () - begin);
      told = told || few_labelling_get_end (labelling);
      if (*n < FEW_LABEL_PICTURES + FEW_LABELLING_STEP)
        g_assert_null (few_labelling_get_end (labelling));
    }
  g_test_message ("%u labels, the slowest %.0f ms", *n, slowest / 1e3);
  *score = *few_labelling_get_score (labelling);
  gtk_window_destroy (GTK_WINDOW (window));
  return told;
}

/* Each label retrains at once, and the last answer is that of all labels. What can be learned gets
 * better with each; what cannot does not, and that is said. */
static void
test_to_the_end (void)
{
  guint n;
  FewLabelScore score;
  World *w = world_new ();
  g_assert_false (label_all (w, TRUE, &n, &score));
  g_assert_cmpuint (n, ==, 31); /* the empty file cannot be read */
  g_assert_cmpuint (score.n, ==, 30); /* one is a copy of another */
  g_assert_cmpfloat (score.accuracy, >, .9);
  world_free (w);
  w = world_new ();
  g_assert_true (label_all (w, FALSE, &n, &score));
  g_assert_cmpfloat (score.accuracy, <, .8);
  world_free (w);
}

/* What is tried is what is asked about, less what is an example already; letters find a class. */
static void
test_of_trials (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *path = g_build_filename (w->folder, "new.png", NULL);
  g_autofree char *dark = g_build_filename (w->folder, "dark", "03.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 30, 30);
  gdk_pixbuf_fill (pixbuf, 0x773311ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  world_act (w, "try-path", "s", path);
  world_act (w, "try-path", "s", dark);
  WAIT (g_list_model_get_n_items (few_trials_get_list (w->trials)) == 2);
  world_act (w, "label-next", NULL);
  FewLabelWindow *window = FEW_LABEL_WINDOW (world_find_window (FEW_TYPE_LABEL_WINDOW));
  FewLabelling *labelling = few_label_window_get_labelling (window);
  WAIT (few_labelling_get_picture (labelling));
  g_assert_cmpstr (few_picture_get_path (few_labelling_get_picture (labelling)), ==, path);
  g_assert_cmpuint (few_labelling_count_left (labelling), ==, 1);
  WAIT (few_labelling_get_score (labelling));
  g_autoptr (FewClass) light = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  guint before = few_class_get_count (light);
  few_label_window_type (window, "LI"); /* the only class that begins so */
  g_assert_cmpuint (few_class_get_count (light), ==, before + 1);
  g_assert_null (few_labelling_get_picture (labelling));
  g_assert_cmpstr (few_session_get_undo (w->session), ==, "Label as “light”");
  world_act (w, "undo", NULL);
  g_assert_nonnull (few_labelling_get_picture (labelling));
  g_assert_cmpuint (few_class_get_count (light), ==, before);
  gtk_window_destroy (GTK_WINDOW (window));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/labelling/undo-of-labels", test_undo_of_labels);
  g_test_add_func ("/labelling/offered", test_offered);
  g_test_add_func ("/labelling/from-nothing", test_from_nothing);
  g_test_add_func ("/labelling/to-the-end", test_to_the_end);
  g_test_add_func ("/labelling/of-trials", test_of_trials);
  return g_test_run ();
}
