/* SPDX-License-Identifier: MIT */
/* Frames a second and memory of the Examples grid with 10,000 pictures of 1,000 classes,
 * scrolled for four seconds at a brisk 2,000 pixels a second, then from end to end; before that,
 * how long the import kept the main loop from a frame; then the first visit of each other page, and
 * the memory with two runs trained.
 *
 *   tests/tools/display.sh build/tests/bench/bench-scroll */
#include "pages/examples/few-examples-page.h"
#include "app.h"
#include <stdio.h>

enum { CLASSES = 1000, PER_CLASS = 10, RUNS = 2 };
static const double SECONDS = 4;

int
main (void)
{
  FewWindow *window = bench_window (CLASSES, PER_CLASS);
  GtkWidget *grid =
      bench_find (GTK_WIDGET (FEW_EXAMPLES_PAGE (few_window_find_page (window, "examples"))),
                  GTK_TYPE_GRID_VIEW);
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid));
  for (guint i = 0; i < 2; i++)
    {
      BenchTurns turns = { 0 };
      /* the list of an import is told after its pictures: its length is known by the second time */
      double whole = gtk_adjustment_get_upper (scroll) - gtk_adjustment_get_page_size (scroll);
      double distance = i == 0 ? 2000 * SECONDS : whole;
      guint frames = bench_scroll (grid, distance, SECONDS, &turns);
      printf ("%.0f pixels a second: %.1f frames a second (the display's limit is 60), %u textures "
              "kept, %ld MB resident\n",
              distance / SECONDS, frames / SECONDS,
              few_thumbnails_get_kept (few_window_get_thumbnails (window)),
              bench_resident_megabytes ());
      bench_print_turns ("scrolling", &turns);
    }
  static const char *const pages[] = { "train", "compare", "try", "inspect" };
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    bench_visit (window, pages[i]);
  FewSession *session = few_window_get_session (window);
  bench_set_epochs (session, 3);
  for (guint run = 1; run <= RUNS; run++)
    {
      BenchTurns turns = { 0 };
      few_runs_train (few_session_get_runs (session));
      while (few_runs_get_list (few_session_get_runs (session))->len < run)
        bench_turn (&turns);
      bench_print_turns ("training with Inspect open", &turns);
    }
  for (gint64 until = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;
       g_get_monotonic_time () < until;)
    g_main_context_iteration (NULL, FALSE);
  printf ("with %u runs of %u classes trained and Inspect open: %ld MB resident (bound: 400 beyond "
          "the model's %" G_GUINT64_FORMAT ")\n",
          RUNS, CLASSES, bench_resident_megabytes (),
          few_desk_get_model (few_session_get_desk (session))->parameters * sizeof (float) >> 20);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
