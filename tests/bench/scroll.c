/* Frames a second and memory of the Examples grid with 10,000 pictures, scrolled for four seconds at a brisk 2,000 pixels a
 * second, then from end to end.
 *
 *   tests/tools/display.sh build/tests/bench/bench-scroll */
#include "few-application.h"
#include "few-thumbnails.h"
#include "few-window.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

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

static long
resident_kilobytes (void)
{
  g_autofree char *text = NULL;
  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  const char *line = text ? strstr (text, "VmRSS:") : NULL;
  return line ? (long) g_ascii_strtoll (line + 6, NULL, 10) : 0;
}

static GtkWidget *
grid_below (GtkWidget *root)
{
  if (GTK_IS_GRID_VIEW (root))
    return root;
  GtkWidget *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child && !found; child = gtk_widget_get_next_sibling (child))
    found = grid_below (child);
  return found;
}

int
main (void)
{
  adw_init ();
  g_autoptr (FewApplication) application = few_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (application), NULL, NULL))
    return 1;
  g_autofree char *folder = g_dir_make_tmp ("fewshot-scroll-XXXXXX", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 320, 240);
  for (guint i = 0; i < PICTURES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%05u.jpg", i), *path = g_build_filename (folder, name, NULL);
      gdk_pixbuf_fill (pixbuf, (i * 2654435761u) | 0xff);
      gdk_pixbuf_save (pixbuf, path, "jpeg", NULL, NULL);
    }
  FewWindow *window = few_window_new (ADW_APPLICATION (application));
  FewSession *session = few_window_get_session (window);
  gtk_window_present (GTK_WINDOW (window));
  while (!few_session_get_model (session))
    g_main_context_iteration (NULL, TRUE);
  gint64 start = g_get_monotonic_time ();
  few_session_import (session, (const char *[]){ folder, NULL }, NULL);
  while (!few_session_get_snapshot (session))
    g_main_context_iteration (NULL, TRUE);
  printf ("imported %u pictures in %.1f s\n", PICTURES, (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  GtkWidget *grid = grid_below (GTK_WIDGET (few_window_get_examples (window)));
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid));
  double whole = gtk_adjustment_get_upper (scroll) - gtk_adjustment_get_page_size (scroll);
  const double distances[] = { 2000 * SECONDS, whole };
  for (guint i = 0; i < G_N_ELEMENTS (distances); i++)
    {
      distance = distances[i], frames = 0, scroll_start = 0;
      gtk_widget_add_tick_callback (grid, count_frame, scroll, NULL);
      start = g_get_monotonic_time ();
      while (g_get_monotonic_time () - start < SECONDS * G_USEC_PER_SEC)
        g_main_context_iteration (NULL, TRUE);
      printf ("%.0f pixels a second: %.1f frames a second (the display's limit is 60), %u textures kept, %ld MB resident\n", distance / SECONDS,
              frames / SECONDS, few_thumbnails_get_kept (few_window_get_thumbnails (window)), resident_kilobytes () / 1000);
    }
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
