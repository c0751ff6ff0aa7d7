/* SPDX-License-Identifier: MIT */
/* What the benchmarks of the window share: the program, its memory, many pictures. */
#include "app.h"
#include "shell/few-application.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

long
bench_resident_megabytes (void)
{
  g_autofree char *text = NULL;
  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  const char *line = text ? strstr (text, "VmRSS:") : NULL;
  return line ? (long) g_ascii_strtoll (line + 6, NULL, 10) / 1000 : 0;
}

GtkWidget *
bench_find (GtkWidget *root, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    return root;
  GtkWidget *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = bench_find (child, type);
  return found;
}

void
bench_set_epochs (FewSession *session, guint epochs)
{
  FewTrainJob job = *few_runs_get_job (few_session_get_runs (session));
  job.method = NULL; /* the visual adapter, live */
  job.options.epochs = epochs;
  few_runs_set_job (few_session_get_runs (session), &job);
}

gint64
bench_thread_time (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* ---- turns */

static gint64 drawing_since, drawn; /* in this turn */

static void
begin_drawing_cb (void)
{
  drawing_since = bench_thread_time ();
}

static void
end_drawing_cb (void)
{
  drawn += bench_thread_time () - drawing_since;
}

static void
watch_drawing (GtkWidget *window)
{
  static const char *const before[] = { "before-paint", "update", "layout" };
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    g_signal_connect_after (clock, before[i], G_CALLBACK (begin_drawing_cb), NULL);
  g_signal_connect_after (clock, "paint", G_CALLBACK (end_drawing_cb), NULL);
}

void
bench_turn (BenchTurns *turns)
{
  drawn = 0;
  gint64 wall = g_get_monotonic_time ();
  gint64 own = bench_thread_time ();
  if (!g_main_context_iteration (NULL, FALSE))
    {
      g_usleep (200);
      return;
    }
  gint64 took = bench_thread_time () - own - drawn;
  turns->drawing = MAX (turns->drawing, drawn);
  turns->wall = MAX (turns->wall, g_get_monotonic_time () - wall);
  turns->longest = MAX (turns->longest, took);
  turns->sum += took;
  turns->held += took > BENCH_HOLD;
}

void
bench_turn_for (double seconds, BenchTurns *turns)
{
  gint64 until = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  while (g_get_monotonic_time () < until)
    bench_turn (turns);
}

/* ---- scrolling */

typedef struct
{
  GtkAdjustment *adjustment;
  double distance, seconds;
  gint64 start; /* 0: before the first frame */
  guint frames;
} Scrolling;

static gboolean
scroll_cb (GtkWidget *grid G_GNUC_UNUSED, GdkFrameClock *clock, gpointer data)
{
  Scrolling *scrolling = data;
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  scrolling->start = scrolling->start ? scrolling->start : now;
  double part = (double) (now - scrolling->start) / G_USEC_PER_SEC / scrolling->seconds;
  gtk_adjustment_set_value (scrolling->adjustment, part * scrolling->distance);
  scrolling->frames++;
  return G_SOURCE_CONTINUE;
}

guint
bench_scroll (GtkWidget *grid, double distance, double seconds, BenchTurns *turns)
{
  Scrolling scrolling = { gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid)), distance, seconds,
                          0, 0 };
  guint tick = gtk_widget_add_tick_callback (grid, scroll_cb, &scrolling, NULL);
  bench_turn_for (seconds, turns);
  gtk_widget_remove_tick_callback (grid, tick);
  return scrolling.frames;
}

void
bench_visit (FewWindow *window, const char *page)
{
  BenchTurns turns = { 0 };
  gint64 own = bench_thread_time ();
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", page);
  turns.longest = bench_thread_time () - own;
  turns.held = turns.longest > BENCH_HOLD;
  bench_turn_for (1, &turns);
  g_autofree char *what = g_strdup_printf ("the first visit of %s", page);
  bench_print_turns (what, &turns);
}

void
bench_print_turns (const char *what, const BenchTurns *turns)
{
  printf (
      "%s: the longest turn of the main loop took %.1f ms of its own time without drawing (%.1f "
      "ms by the clock, with it); %u turns were over %d ms; the longest drawing took %.1f ms\n",
      what, (double) turns->longest / 1000, (double) turns->wall / 1000, turns->held,
      BENCH_HOLD / 1000, (double) turns->drawing / 1000);
}

static void
print_first_window (gint64 toolkit)
{
  printf ("first window after %.3f s of the thread's own time, %.3f of them before there is "
          "anything of ours (bound: 0.4)\n",
          (double) bench_thread_time () / G_USEC_PER_SEC, (double) toolkit / G_USEC_PER_SEC);
}

static char *
write_pictures (guint n_classes, guint per_class)
{
  char *folder = g_dir_make_tmp ("fewshot-bench-XXXXXX", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 320, 240);
  for (guint i = 0; i < n_classes * per_class; i++)
    {
      g_autofree char *class_name = g_strdup_printf ("class %03u", i / per_class);
      g_autofree char *name = g_strdup_printf ("%05u.jpg", i);
      g_autofree char *class_folder = g_build_filename (folder, class_name, NULL);
      g_autofree char *path = g_build_filename (class_folder, name, NULL);
      g_mkdir (class_folder, 0700);
      gdk_pixbuf_fill (pixbuf, (i * 2654435761u) | 0xff);
      gdk_pixbuf_save (pixbuf, path, "jpeg", NULL, NULL);
    }
  return folder;
}

FewWindow *
bench_open_window (void)
{
  adw_init ();
  FewApplication *application = few_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (application), NULL, NULL))
    exit (1);
  FewWindow *window = few_application_new_window (application);
  gtk_window_present (GTK_WINDOW (window));
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  while (gdk_frame_clock_get_frame_counter (clock) < 2)
    g_main_context_iteration (NULL, TRUE);
  watch_drawing (GTK_WIDGET (window));
  return window;
}

FewWindow *
bench_window (guint n_classes, guint per_class)
{
  adw_init ();
  gint64 toolkit = bench_thread_time ();
  FewWindow *window = bench_open_window ();
  print_first_window (toolkit);
  FewSession *session = few_window_get_session (window);
  BenchTurns pages = { 0 };
  while (!few_window_has_all_pages (window))
    bench_turn (&pages);
  bench_print_turns ("making the other pages", &pages);
  g_autofree char *folder = write_pictures (n_classes, per_class);
  while (!few_desk_get_model (few_session_get_desk (session)))
    g_main_context_iteration (NULL, TRUE);
  gint64 start = g_get_monotonic_time ();
  BenchTurns turns = { 0 };
  few_import_begin (few_session_get_import (session), (const char *[]) { folder, NULL }, NULL);
  while (!few_view_get_snapshot (few_session_get_view (session))
         || few_snapshot_info (few_view_get_snapshot (few_session_get_view (session)))->n
                < n_classes * per_class)
    bench_turn (&turns);
  printf ("imported %u pictures of %u classes in %.1f s\n", n_classes * per_class, n_classes,
          (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  bench_print_turns ("import", &turns);
  return window;
}
