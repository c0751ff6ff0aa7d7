/* SPDX-License-Identifier: MIT */
/* The camera, a test source in its place: frames come, the newest alone, closing lets go; Try
 * follows it, Examples takes pictures of a class; videos that are dropped become pictures. */
#include "camera/few-camera.h"
#include "camera/few-live.h"
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-take-window.h"
#include "pages/try/few-live-pane.h"
#include "pages/try/few-try-page.h"
#include "widgets/few-video-dialog.h"
#include "world.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static const char BALL[] = "videotestsrc is-live=true pattern=ball "
                           "! video/x-raw,width=320,height=240,framerate=30/1";

static void
turn (double seconds)
{
  gint64 until = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  while (g_get_monotonic_time () < until)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (300);
    }
}

/* Children of this process that read cameras or videos, and are not done. */
static guint
count_children (void)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  g_autofree char *own = g_strdup_printf ("\nPPid:\t%d\n", (int) getpid ());
  guint n = 0;
  for (const char *name = g_dir_read_name (proc); name; name = g_dir_read_name (proc))
    {
      g_autofree char *path = g_build_filename ("/proc", name, "status", NULL);
      g_autofree char *status = NULL;
      if (g_ascii_isdigit (*name) && g_file_get_contents (path, &status, NULL, NULL))
        n += g_str_has_prefix (status, "Name:\tfewshot-frames\n") && strstr (status, own)
             && !strstr (status, "\nState:\tZ");
    }
  return n;
}

static void
count_cb (guint *n)
{
  ++*n;
}

/* ---- the camera alone */

static void
test_frames (void)
{
  g_autoptr (FewCamera) camera = few_camera_new ();
  guint n = 0;
  guint width, height;
  g_setenv ("FEWSHOT_CAMERA", BALL, TRUE);
  g_signal_connect_swapped (camera, "frame", G_CALLBACK (count_cb), &n);
  few_camera_open (camera);
  WAIT (n >= 10);
  g_assert_cmpuint (g_bytes_get_size (few_camera_get_frame (camera, &width, &height)), ==,
                    3 * 320 * 240);
  g_assert_cmpuint (width, ==, 320);
  g_assert_cmpuint (height, ==, 240);
  g_assert_cmpuint (count_children (), ==, 1);
  few_camera_close (camera);
  g_assert_false (few_camera_is_open (camera));
  guint before = n;
  WAIT (count_children () == 0); /* who had the camera has gone */
  turn (.2);
  g_assert_cmpuint (n, ==, before);
  few_camera_open (camera);
  WAIT (n > before);
}

/* Of a camera that has nothing smaller, too, in its shape. */
static void
test_large (void)
{
  g_autoptr (FewCamera) camera = few_camera_new ();
  guint width, height;
  g_setenv ("FEWSHOT_CAMERA", "videotestsrc is-live=true ! video/x-raw,width=1920,height=1080",
            TRUE);
  few_camera_open (camera);
  WAIT (few_camera_get_frame (camera, &width, &height) || few_camera_get_problem (camera));
  g_assert_null (few_camera_get_problem (camera));
  g_assert_cmpuint (width, ==, 640);
  g_assert_cmpuint (height, ==, 360);
}

/* A window that was busy for a second sees what is now: of the thirty pictures that came meanwhile
 * it gets the one that it had asked for, and the newest. */
static void
test_newest_alone (void)
{
  g_autoptr (FewCamera) camera = few_camera_new ();
  guint n = 0;
  g_setenv ("FEWSHOT_CAMERA", BALL, TRUE);
  g_signal_connect_swapped (camera, "frame", G_CALLBACK (count_cb), &n);
  few_camera_open (camera);
  WAIT (n >= 3);
  guint before = n;
  g_usleep (G_USEC_PER_SEC);
  turn (.05);
  g_assert_cmpuint (n - before, >=, 1);
  g_assert_cmpuint (n - before, <=, 5);
}

static void
assert_problem (FewCamera *camera, const char *source, const char *words)
{
  g_setenv ("FEWSHOT_CAMERA", source, TRUE);
  few_camera_open (camera);
  WAIT (few_camera_get_problem (camera));
  g_test_message ("%s", few_camera_get_problem (camera));
  g_assert_nonnull (strstr (few_camera_get_problem (camera), words));
  g_assert_false (few_camera_is_open (camera));
}

/* As the dynamic linker ends a program whose libraries are not there. */
static void
assert_no_libraries (FewCamera *camera)
{
  g_autofree char *folder = g_dir_make_tmp ("fewshot-camera-XXXXXX", NULL);
  g_autofree char *program = g_build_filename (folder, "fewshot-frames", NULL);
  g_assert_true (g_file_set_contents (program, "#!/bin/sh\nexit 127\n", -1, NULL));
  g_assert_cmpint (g_chmod (program, 0700), ==, 0);
  g_setenv ("FEWSHOT_FRAMES", program, TRUE);
  assert_problem (camera, BALL, "GStreamer, which is not on this computer: install it");
}

/* A sentence each: no such source, one that fails, one that ends, and no program at all. */
static void
test_problems (void)
{
  g_autoptr (FewCamera) camera = few_camera_new ();
  assert_problem (camera, "nosuchsrc", "GStreamer is not here");
  assert_problem (camera, "filesrc location=/nowhere/at/all", "could not be opened");
  assert_problem (camera, "videotestsrc num-buffers=3", "has gone");
  assert_problem (camera, "auto", "No camera was found");
  g_setenv ("FEWSHOT_FRAMES", "/bin/true", TRUE);
  assert_problem (camera, BALL, "broke down");
  g_setenv ("FEWSHOT_FRAMES", "/nowhere/fewshot-frames", TRUE);
  assert_problem (camera, BALL, "install the package fewshot-frames");
  assert_no_libraries (camera);
  g_unsetenv ("FEWSHOT_FRAMES");
}

/* ---- Try */

static FewLivePane *
find_pane (World *w)
{
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "try"));
  return FEW_LIVE_PANE (world_find_widget (page, FEW_TYPE_LIVE_PANE));
}

static gboolean
is_camera_on (World *w)
{
  g_autoptr (GVariant) state =
      g_action_group_get_action_state (G_ACTION_GROUP (w->window), "try-camera");
  return g_variant_get_boolean (state);
}

static void
set_camera (World *w, gboolean on)
{
  g_action_group_change_action_state (G_ACTION_GROUP (w->window), "try-camera",
                                      g_variant_new_boolean (on));
}

/* A dark picture is recognised as dark, a striped one as light, as files of them are; the page that
 * is left closes the camera. */
static void
test_live (void)
{
  World *w = world_new ();
  world_import (w);
  world_train (w, 30);
  FewLivePane *pane = find_pane (w);
  FewCamera *camera = few_live_pane_get_camera (pane);
  FewTrial *trial = few_live_get_trial (few_live_pane_get_live (pane));
  few_trials_set_keep (w->trials, 1);
  g_setenv ("FEWSHOT_CAMERA",
            "videotestsrc is-live=true pattern=solid-color foreground-color=0xff242424 "
            "! video/x-raw,width=320,height=256,framerate=30/1",
            TRUE);
  g_assert_false (world_enabled (w, "try-keep-frame"));
  set_camera (w, TRUE);
  g_assert_cmpstr (few_window_get_page (w->window), ==, "try");
  WAIT (few_trial_get_class (trial));
  g_assert_cmpstr (few_class_get_name (few_trial_get_class (trial)), ==, "dark");
  WAIT (few_live_get_rate (few_live_pane_get_live (pane)) > 0);
  g_test_message ("%.1f answers a second", few_live_get_rate (few_live_pane_get_live (pane)));
  double alpha = few_view_get_alpha (w->view);
  float before = few_trial_get_cosine (trial);
  few_view_set_alpha (w->view, alpha > .5 ? 0 : 1);
  WAIT (fabsf (few_trial_get_cosine (trial) - before) > 1e-4f); /* follows α */
  few_view_set_alpha (w->view, alpha);

  world_act (w, "try-keep-frame", NULL);
  WAIT (world_has_tried (w, 1));
  g_autoptr (FewTrial) kept = g_list_model_get_item (few_trials_get_list (w->trials), 0);
  g_assert_cmpstr (few_trial_get_answer (kept), ==, "dark");
  g_assert_cmpfloat_with_epsilon (few_trial_get_cosine (kept), few_trial_get_cosine (trial), .02);
  g_assert_nonnull (
      strstr (few_picture_get_path (few_trial_get_picture (kept)), "/Fewshot/camera/"));

  world_act (w, "page", "s", "examples");
  g_assert_false (few_camera_is_open (camera));
  g_assert_false (is_camera_on (w));
  WAIT (count_children () == 0);
  set_camera (w, TRUE);
  WAIT (count_children () == 1);
  gtk_widget_set_visible (GTK_WIDGET (w->window), FALSE); /* hidden */
  WAIT (!few_camera_is_open (camera) && count_children () == 0);
  gtk_widget_set_visible (GTK_WIDGET (w->window), TRUE);
  g_assert_false (is_camera_on (w));
  world_free (w);
}

/* What was learned with a model that reads no texts stays in view, and answers. */
static void
test_pictures_alone (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "open-model-at", "s", TEST_DATA "/families/dinov2");
  WAIT (few_desk_get_model (w->desk) && !few_desk_get_model (w->desk)->reads_texts);
  world_learn (w, "gda:a=1");
  FewTrial *trial = few_live_get_trial (few_live_pane_get_live (find_pane (w)));
  g_setenv ("FEWSHOT_CAMERA", BALL, TRUE);
  set_camera (w, TRUE);
  WAIT (few_trial_get_class (trial));
  g_assert_nonnull (few_view_get_snapshot (w->view));
  g_assert_true (world_enabled (w, "export"));
  world_act (w, "page", "s", "examples");
  world_free (w);
}

/* ---- Examples */

/* A hold is one step, and its pictures are a burst: one group. */
static void
test_hold (void)
{
  World *w = world_new ();
  world_import (w);
  guint before = world_count_class (w, "light");
  g_setenv ("FEWSHOT_CAMERA", BALL, TRUE);
  world_act (w, "select-class", "i", 1);
  world_act (w, "take-pictures", NULL);
  WAIT (world_find_window (FEW_TYPE_TAKE_WINDOW));
  FewTakeWindow *window = FEW_TAKE_WINDOW (world_find_window (FEW_TYPE_TAKE_WINDOW));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (window)), ==, "Pictures of “light”");
  guint width, height;
  WAIT (few_camera_get_frame (few_take_window_get_camera (window), &width, &height));
  few_take_window_hold (window, TRUE);
  turn (1.1);
  few_take_window_hold (window, FALSE);
  WAIT (few_take_window_count (window) >= 4);
  WAIT (world_count_class (w, "light") == before + few_take_window_count (window));
  few_take_window_hold (window, TRUE); /* a press alone is one picture */
  few_take_window_hold (window, FALSE);
  guint taken = few_take_window_count (window);
  WAIT (few_take_window_count (window) == taken + 1);
  WAIT (world_count_class (w, "light") == before + taken + 1);
  WAIT (!few_import_is_adding (w->import)); /* it is a step, a turn later */
  few_session_undo (w->session);
  g_assert_cmpuint (world_count_class (w, "light"), ==, before + taken);

  few_take_window_set_countdown (window, TRUE);
  gint64 start = g_get_monotonic_time ();
  few_take_window_hold (window, TRUE);
  few_take_window_hold (window, FALSE);
  WAIT (few_take_window_count (window) == taken + 2);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2.9 * G_USEC_PER_SEC);

  GListModel *pictures = few_examples_get_pictures (w->examples);
  guint n = g_list_model_get_n_items (pictures);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      if (strstr (few_picture_get_path (picture), "/Fewshot/light/"))
        g_ptr_array_add (paths, (gpointer) few_picture_get_path (picture));
    }
  g_autofree guint32 *labels = g_new0 (guint32, paths->len);
  g_autofree guint32 *groups = g_new0 (guint32, paths->len);
  g_assert_true (few_groups_of_files ((const char *const *) paths->pdata, labels, paths->len,
                                      FEW_TOGETHER_BURSTS, NULL, groups, NULL));
  for (guint i = 1; i < taken; i++)
    g_assert_cmpuint (groups[i], ==, groups[0]);
  gtk_window_close (GTK_WINDOW (window));
  WAIT (count_children () == 0);
  world_free (w);
}

/* ---- videos */

static char *
make_video (World *w, const char *name, const char *kind, const char *seconds)
{
  char *path = g_build_filename (w->folder, name, NULL);
  const char *const command[] = { g_getenv ("MAKE_VIDEO"), path, kind, seconds, NULL };
  int status;
  g_assert_true (
      g_spawn_sync (NULL, (char **) command, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL)
      && status == 0);
  return path;
}

static FewVideoDialog *
find_dialog (void)
{
  return FEW_VIDEO_DIALOG (world_find_window (FEW_TYPE_VIDEO_DIALOG));
}

/* Until the dialog knows what it is. */
static void
drop_video (World *w, const char *path)
{
  world_drop (GTK_WIDGET (w->window), path);
  WAIT (find_dialog () && few_video_dialog_is_ready (find_dialog ()));
}

static void
test_drop_on_class (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "select-class", "i", 0);
  guint before = world_count_class (w, "dark");
  g_autofree char *clip = make_video (w, "clip.webm", "ball", "6");
  drop_video (w, clip);
  g_assert_cmpstr (few_video_dialog_get_text (find_dialog ()), ==,
                   "clip.webm (0:06): about 6 pictures");
  few_video_dialog_choose (find_dialog (), 2);
  g_assert_cmpstr (few_video_dialog_get_text (find_dialog ()), ==,
                   "clip.webm (0:06): about 3 pictures");
  few_video_dialog_begin (find_dialog ());
  WAIT (world_count_class (w, "dark") == before + 3);
  g_assert_null (find_dialog ());
  g_autofree char *folder = g_build_filename (w->folder, "clip.webm frames", NULL);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  world_free (w);
}

/* What cannot be read is said, nothing is added; what came beside it is. */
static void
test_broken_video (void)
{
  World *w = world_new ();
  world_import (w);
  g_autofree char *broken = g_build_filename (w->folder, "broken.mp4", NULL);
  g_assert_true (g_file_set_contents (broken, "this is no video", -1, NULL));
  drop_video (w, broken);
  g_assert_nonnull (strstr (few_video_dialog_get_text (find_dialog ()), "no video that can be"));
  gtk_window_close (GTK_WINDOW (find_dialog ()));
  g_assert_null (world_find_preview ());
  world_free (w);
}

/* What is wrong with one that is read in part stays to be read, behind the import's own words. */
static void
test_cut_video (void)
{
  World *w = world_new ();
  world_import (w);
  world_act (w, "select-class", "i", 0);
  guint before = world_count_class (w, "dark");
  g_autofree char *clip = make_video (w, "cut.webm", "ball", "20");
  g_autofree char *data = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (clip, &data, &size, NULL)
                 && g_file_set_contents (clip, data, (gssize) size / 2, NULL));
  drop_video (w, clip);
  few_video_dialog_begin (find_dialog ());
  WAIT (world_count_class (w, "dark") > before);
  WAIT (world_count_state (w, FEW_PICTURE_WAITING) == 0);
  GtkWidget *said = world_find_window (ADW_TYPE_MESSAGE_DIALOG);
  g_assert_true (said && world_says (said, "cut off"));
  gtk_window_destroy (GTK_WINDOW (said));
  world_free (w);
}

int
main (int argc, char **argv)
{
  g_autofree char *pictures = g_dir_make_tmp ("fewshot-pictures-XXXXXX", NULL);
  g_autofree char *config = g_build_filename (pictures, "user-dirs.dirs", NULL);
  g_autofree char *text = g_strdup_printf ("XDG_PICTURES_DIR=\"%s\"\n", pictures);
  g_assert_true (g_file_set_contents (config, text, -1, NULL));
  g_setenv ("XDG_CONFIG_HOME", pictures, TRUE);
  world_begin (&argc, &argv);
  g_test_add_func ("/camera/frames", test_frames);
  g_test_add_func ("/camera/large", test_large);
  g_test_add_func ("/camera/newest-alone", test_newest_alone);
  g_test_add_func ("/camera/problems", test_problems);
  g_test_add_func ("/camera/live", test_live);
  g_test_add_func ("/camera/pictures-alone", test_pictures_alone);
  g_test_add_func ("/camera/hold", test_hold);
  g_test_add_func ("/camera/drop-on-class", test_drop_on_class);
  g_test_add_func ("/camera/broken-video", test_broken_video);
  g_test_add_func ("/camera/cut-video", test_cut_video);
  return g_test_run ();
}
