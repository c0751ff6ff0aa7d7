/* SPDX-License-Identifier: MIT */
/* How long the main loop is held by an edit, its undo and its redo with 10,000 pictures of 100
 * classes, or so many; and how long writing the project takes, which a thread does.
 *
 *   tests/tools/display.sh build/tests/bench/bench-undo [CLASSES PER_CLASS] */
#include "edits.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLASSES = 100, PER_CLASS = 100, TIMES = 8 };

int
main (int argc, char **argv)
{
  guint n_classes = argc > 2 ? (guint) atoi (argv[1]) : CLASSES;
  FewWindow *window = bench_window (n_classes, argc > 2 ? (guint) atoi (argv[2]) : PER_CLASS);
  FewSession *session = few_window_get_session (window);
  bench_turn_for (.25, &(BenchTurns) { 0 });
  bench_edits (window, TIMES);
  g_autoptr (FewProject) project = few_session_get_project (session);
  g_autofree char *folder = g_dir_make_tmp ("fewshot-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "p.fewshot", NULL);
  GStatBuf status;
  gint64 start = bench_thread_time ();
  if (few_project_save (project, path, NULL) && g_stat (path, &status) == 0)
    printf ("writing the project (a thread): %.0f ms, %.1f MB\n",
            (double) (bench_thread_time () - start) / 1000, (double) status.st_size / 1e6);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
