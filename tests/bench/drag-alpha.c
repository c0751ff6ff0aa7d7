/* SPDX-License-Identifier: MIT */
/* Dragging α with the Inspect page open, 5,000 pictures × 100 classes: the work of one move in the
 * thread's own time (lens, class bars, ranking, visible tiles: several turns of the main loop), the
 * longest of its turns, and the frame that follows it, 120 moves.
 *
 *   tests/tools/display.sh build/tests/bench/bench-drag-alpha [CLASSES PICTURES_A_CLASS] */
#include "app.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOVES = 120 };

static guint painted;
static gint64 before_paint; /* the thread's time then; 0: not yet */

static void
before_paint_cb (GdkFrameClock *clock, gpointer user)
{
  if (!before_paint)
    before_paint = bench_thread_time ();
}

static void
after_paint_cb (GdkFrameClock *clock, gpointer user)
{
  painted++;
}

static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;
  return (x > y) - (x < y);
}

int
main (int argc, char **argv)
{
  guint n_classes = argc > 2 ? (guint) atoi (argv[1]) : 100;
  guint per_class = argc > 2 ? (guint) atoi (argv[2]) : 50;
  FewWindow *window = bench_window (n_classes, per_class);
  FewSession *session = few_window_get_session (window);
  bench_set_epochs (session, 20);
  few_runs_train (few_session_get_runs (session));
  while (few_runs_get_list (few_session_get_runs (session))->len == 0)
    g_main_context_iteration (NULL, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", "inspect");
  for (gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < until;)
    g_main_context_iteration (NULL, FALSE);
  printf ("the classes that can win are %s\n",
          few_lens_is_prepared (few_view_get_snapshot (few_session_get_view (session)))
              ? "known"
              : "not known");
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (window)), "after-paint",
                    G_CALLBACK (after_paint_cb), NULL);
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (window)), "before-paint",
                    G_CALLBACK (before_paint_cb), NULL);
  BenchTurns turns = { 0 };
  double work[MOVES], whole[MOVES];
  for (guint i = 0; i < MOVES; i++)
    {
      gint64 start = g_get_monotonic_time ();
      gint64 own = bench_thread_time ();
      few_view_set_alpha (few_session_get_view (session), (double) i / MOVES + .001);
      turns.longest = MAX (turns.longest, bench_thread_time () - own);
      painted = 0;
      before_paint = 0;
      while (!painted)
        bench_turn (&turns);
      work[i] = (double) (before_paint - own) / 1000;
      whole[i] = (double) (g_get_monotonic_time () - start) / 1000;
    }
  qsort (work, MOVES, sizeof *work, by_value);
  qsort (whole, MOVES, sizeof *whole, by_value);
  printf ("one move, %u pictures × %u classes: work median %.1f ms, worst %.1f ms; to the frame's "
          "end median %.1f ms, worst %.1f ms "
          "(a frame is 16.7 ms)\n",
          n_classes * per_class, n_classes, work[MOVES / 2], work[MOVES - 1], whole[MOVES / 2],
          whole[MOVES - 1]);
  bench_print_turns ("dragging α", &turns);
  return 0;
}
