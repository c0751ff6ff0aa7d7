/* SPDX-License-Identifier: MIT */
/* A camera in Try, a test source in its place: answers and frames a second with the model of the
 * settings (the pocket model), and how long a turn of the main loop is, from the first frame on.
 *
 *   tests/tools/display.sh build/tests/bench/bench-camera [WIDTHxHEIGHT] */
#include "app.h"
#include "pages/examples/few-take-window.h"
#include "pages/try/few-live-pane.h"
#include <stdio.h>
#include <stdlib.h>

enum { SECONDS = 10, CLASSES = 10, PER_CLASS = 8 };

static void
count_cb (guint *n)
{
  ++*n;
}

static void
set_source (const char *size)
{
  guint width = 1280;
  guint height = 720;
  if (size && sscanf (size, "%ux%u", &width, &height) != 2)
    exit (2);
  g_autofree char *source =
      g_strdup_printf ("videotestsrc is-live=true pattern=smpte horizontal-speed=3 "
                       "! video/x-raw,width=%u,height=%u,framerate=60/1",
                       width, height);
  g_setenv ("FEWSHOT_CAMERA", source, TRUE);
  printf ("a camera of %u × %u at 60 frames a second\n", width, height);
}

/* Larger pictures, and four a second of them written. */
static void
measure_taking (FewWindow *window)
{
  BenchTurns turns = { 0 };
  guint width, height;
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", "examples");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.select-class", "i", 0);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.take-pictures", NULL);
  FewTakeWindow *taking = NULL;
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GObject) one = g_list_model_get_item (windows, i);
      taking = FEW_IS_TAKE_WINDOW (one) ? FEW_TAKE_WINDOW (one) : taking;
    }
  while (!few_camera_get_frame (few_take_window_get_camera (taking), &width, &height))
    g_main_context_iteration (NULL, TRUE);
  few_take_window_hold (taking, TRUE);
  for (gint64 start = g_get_monotonic_time ();
       g_get_monotonic_time () - start < SECONDS * G_USEC_PER_SEC;)
    bench_turn (&turns);
  printf ("taking pictures of %u × %u: %u\n", width, height, few_take_window_count (taking));
  bench_print_turns ("taking", &turns);
}

int
main (int argc, char **argv)
{
  set_source (argc > 1 ? argv[1] : NULL);
  FewWindow *window = bench_window (CLASSES, PER_CLASS);
  g_action_group_change_action_state (G_ACTION_GROUP (window), "try-camera",
                                      g_variant_new_boolean (TRUE));
  FewLivePane *pane = FEW_LIVE_PANE (bench_find (GTK_WIDGET (window), FEW_TYPE_LIVE_PANE));
  FewCamera *camera = few_live_pane_get_camera (pane);
  guint frames = 0;
  guint answers = 0;
  BenchTurns turns = { 0 };
  g_signal_connect_swapped (camera, "frame", G_CALLBACK (count_cb), &frames);
  g_signal_connect_swapped (few_live_pane_get_live (pane), "answer", G_CALLBACK (count_cb),
                            &answers);
  while (answers < 2)
    g_main_context_iteration (NULL, TRUE);
  frames = answers = 0;
  gint64 start = g_get_monotonic_time ();
  while (g_get_monotonic_time () - start < SECONDS * G_USEC_PER_SEC)
    bench_turn (&turns);
  double took = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  printf ("%.1f answers a second (bound: 10), %.1f frames a second shown\n", answers / took,
          frames / took);
  bench_print_turns ("live", &turns);
  measure_taking (window);
  return 0;
}
