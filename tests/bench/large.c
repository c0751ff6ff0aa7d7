/* SPDX-License-Identifier: MIT */
/* A large project: tiny pictures, each another one, as a project file and in the window. Prints how
 * long reading and writing the file take (the worker's time), opening it in the window by the
 * clock, what holds the main loop at each step, frames while scrolling, and the peak of memory.
 *
 *   FEWSHOT_POCKET=tests/data/golden/vit \
 *     tests/tools/display.sh build/tests/bench/bench-large [PICTURES [CLASSES]] */
#include "edits.h"
#include "pages/examples/few-examples-page.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const double SECONDS = 4; /* of scrolling */

static void
fail (const GError *error)
{
  g_printerr ("%s\n", error->message);
  exit (1);
}

/* Plain, of the number's own colour. */
static void
write_picture (const char *path, guint number)
{
  enum { SIDE = 16 };
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, SIDE, SIDE);
  gdk_pixbuf_fill (pixbuf, number * 2654435769u | 0xff);
  gdk_pixbuf_save (pixbuf, path, "bmp", NULL, NULL);
}

static FewProject *
make_project (const char *folder, guint n, guint n_classes)
{
  FewProject *project = few_project_new ();
  GError *error = NULL;
  for (guint k = 0; k < n_classes; k++)
    {
      g_autofree char *name = g_strdup_printf ("class %04u", k);
      g_autofree char *class_folder = g_build_filename (folder, name, NULL);
      g_mkdir (class_folder, 0700);
      few_project_add_class (project->classes, k + 1, name, NULL, NULL);
    }
  for (guint i = 0; i < n; i++)
    {
      guint k = (guint) ((guint64) i * n_classes / n);
      g_autofree char *path = g_strdup_printf ("%s/class %04u/%06u.bmp", folder, k, i);
      write_picture (path, i);
      FewProjectPicture picture = { .id = i + 1, .label = k, .path = g_ref_string_new (path) };
      g_autofree char *data = NULL;
      gsize length;
      if (!g_file_get_contents (path, &data, &length, &error))
        fail (error);
      g_autofree char *sum =
          g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, length);
      g_strlcpy (picture.sha256, sum, sizeof picture.sha256);
      g_array_append_val (project->pictures, picture);
    }
  return project;
}

static void
measure_file (const char *path, guint n)
{
  GError *error = NULL;
  struct stat info;
  gint64 start = bench_thread_time ();
  g_autoptr (FewProject) project = few_project_load (path, &error);
  gint64 loaded = bench_thread_time ();
  if (!project || project->pictures->len != n || !few_project_save (project, path, &error))
    fail (error);
  gint64 saved = bench_thread_time ();
  g_stat (path, &info);
  printf (
      "the file, %.1f MB: read in %.2f s, written in %.2f s of its thread's time (bound: 1), %ld "
      "MB resident\n",
      (double) info.st_size * 1e-6, (double) (loaded - start) / G_USEC_PER_SEC,
      (double) (saved - loaded) / G_USEC_PER_SEC, bench_resident_megabytes ());
}

/* ---- the window */

static FewWindow *
open_window (void)
{
  FewWindow *window = bench_open_window ();
  while (!few_desk_get_model (few_session_get_desk (few_window_get_session (window))))
    g_main_context_iteration (NULL, TRUE);
  return window;
}

static void
measure_open (FewWindow *window, const char *path, guint n)
{
  FewSession *session = few_window_get_session (window);
  GListModel *pictures = few_examples_get_pictures (few_session_get_examples (session));
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  BenchTurns turns = { 0 };
  gint64 start = g_get_monotonic_time ();
  few_document_open (few_window_get_document (window), path);
  while (few_session_is_waiting (session) || g_list_model_get_n_items (pictures) < n)
    bench_turn (&turns);
  gint64 frame = gdk_frame_clock_get_frame_counter (clock) + 3;
  gtk_widget_queue_draw (GTK_WIDGET (window));
  while (gdk_frame_clock_get_frame_counter (clock) < frame
         && g_get_monotonic_time () - start < 60 * G_USEC_PER_SEC)
    {
      gtk_widget_queue_draw (GTK_WIDGET (window));
      bench_turn (&turns);
    }
  printf (
      "open in the window after %.2f s by the clock (bound: 2), %.2f s of the main loop's own\n",
      (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC,
      (double) turns.sum / G_USEC_PER_SEC);
  bench_print_turns ("opening", &turns);
  turns = (BenchTurns) { 0 };
  bench_turn_for (SECONDS, &turns);
  bench_print_turns ("reading pictures", &turns);
}

static void
measure_scrolling (FewWindow *window)
{
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", "examples");
  GtkWidget *page = GTK_WIDGET (few_window_find_page (window, "examples"));
  GtkWidget *grid = bench_find (page, GTK_TYPE_GRID_VIEW);
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (grid));
  double whole = gtk_adjustment_get_upper (scroll) - gtk_adjustment_get_page_size (scroll);
  const double distances[] = { 2000 * SECONDS, whole };
  for (guint i = 0; i < G_N_ELEMENTS (distances); i++)
    {
      BenchTurns turns = { 0 };
      guint frames = bench_scroll (grid, distances[i], SECONDS, &turns);
      printf (
          "%.0f pixels a second: %.1f frames a second (the display's limit is 60), each %.1f ms "
          "of the main loop's own time\n",
          distances[i] / SECONDS, frames / SECONDS, (double) turns.sum / 1000 / MAX (frames, 1));
      bench_print_turns ("scrolling", &turns);
    }
}

/* What all edits are measured with, whatever the machine: every picture read, and what CLIP says of
 * each and every class, which is the largest table that there is. */
static void
await_answers (FewWindow *window, guint n, guint n_classes)
{
  FewView *view = few_session_get_view (few_window_get_session (window));
  BenchTurns turns = { 0 };
  while (!few_view_get_snapshot (view) || few_snapshot_info (few_view_get_snapshot (view))->n < n)
    bench_turn (&turns);
  bench_turn_for (1, &turns);
  bench_print_turns ("CLIP's answers", &turns);
  printf ("%ld MB resident with them, of which %.0f are cosines\n", bench_resident_megabytes (),
          (double) n * n_classes * sizeof (float) * 1e-6);
}

/* An edit, from what the person does to the file: the state for undo, then the saving. */
static void
measure_edit (FewWindow *window)
{
  FewSession *session = few_window_get_session (window);
  FewDocument *document = few_window_get_document (window);
  FewExamples *examples = few_session_get_examples (session);
  g_autoptr (FewPicture) picture = g_list_model_get_item (few_examples_get_pictures (examples), 0);
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  BenchTurns turns = { 0 };
  g_ptr_array_add (one, picture);
  gint64 start = bench_thread_time ();
  few_examples_set_excluded (examples, one, TRUE);
  printf ("an edit took %.1f ms\n", (double) (bench_thread_time () - start) / 1000);
  gint64 from = g_get_monotonic_time ();
  while (few_document_is_dirty (document) && g_get_monotonic_time () - from < 60 * G_USEC_PER_SEC)
    bench_turn (&turns);
  printf ("it was in the file after %.1f s, of which 2 are waited\n",
          (double) (g_get_monotonic_time () - from) / G_USEC_PER_SEC);
  bench_print_turns ("saving", &turns);
}

int
main (int argc, char **argv)
{
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 100000;
  guint n_classes = argc > 2 ? (guint) atoi (argv[2]) : 2000;
  GError *error = NULL;
  struct rusage used;
  g_autofree char *folder = g_dir_make_tmp ("fewshot-large-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "Large.fewshot", NULL);
  g_setenv ("XDG_CACHE_HOME", folder, TRUE);
  FewProject *project = make_project (folder, n, n_classes);
  if (!few_project_save (project, path, &error))
    fail (error);
  few_project_free (project);
  printf ("%u pictures of %u classes\n", n, n_classes);
  measure_file (path, n);
  FewWindow *window = open_window ();
  printf ("the window before it: %ld MB resident\n", bench_resident_megabytes ());
  measure_open (window, path, n);
  measure_scrolling (window);
  await_answers (window, n, n_classes);
  measure_edit (window);
  bench_edits (window, 5);
  getrusage (RUSAGE_SELF, &used);
  printf ("%ld MB resident, %ld MB at most\n", bench_resident_megabytes (), used.ru_maxrss / 1000);
  gtk_window_destroy (GTK_WINDOW (window));
  g_autofree char *quoted = g_shell_quote (folder);
  g_autofree char *command = g_strdup_printf ("rm -rf %s", quoted);
  return system (command) == 0 ? 0 : 1;
}
