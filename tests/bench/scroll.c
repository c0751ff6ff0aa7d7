/* Frames a second and memory of the Examples grid with 10,000 pictures, scrolled for four seconds at a brisk 2,000 pixels a
 * second, then from end to end; before that, how long
 * the import kept the main loop from a frame.
 *
 *   tests/tools/display.sh build/tests/bench/bench-scroll */
#include "app.h"
#include <stdio.h>

enum { PICTURES = 10000 };
static const double SECONDS = 4;

static guint frames;
static double distance; /* pixels to scroll */
static gint64 scroll_start;

static gboolean
count_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer user)
{
  GtkAdjustment *scroll = user;
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  scroll_start = scroll_start ? scroll_start : now;
  double part = (double) (now - scroll_start) / G_USEC_PER_SEC / SECONDS;
  gtk_adjustment_set_value (scroll, part * distance);
  frames++;
  return part < 1;
}

int
main (void)
{
  FewWindow *window = bench_window (1, PICTURES);
  GtkWidget *grid = bench_find (GTK_WIDGET (few_window_get_examples (window)), GTK_TYPE_GRID_VIEW);
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid));
  double whole = gtk_adjustment_get_upper (scroll) - gtk_adjustment_get_page_size (scroll);
  const double distances[] = { 2000 * SECONDS, whole };
  for (guint i = 0; i < G_N_ELEMENTS (distances); i++)
    {
      distance = distances[i], frames = 0, scroll_start = 0;
      gtk_widget_add_tick_callback (grid, count_frame, scroll, NULL);
      gint64 start = g_get_monotonic_time ();
      while (g_get_monotonic_time () - start < SECONDS * G_USEC_PER_SEC)
        g_main_context_iteration (NULL, TRUE);
      printf ("%.0f pixels a second: %.1f frames a second (the display's limit is 60), %u textures kept, %ld MB resident\n", distance / SECONDS,
              frames / SECONDS, few_thumbnails_get_kept (few_window_get_thumbnails (window)), bench_resident_megabytes ());
    }
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
