/* SPDX-License-Identifier: MIT */
/* How long the main loop is held by an edit, its undo and its redo with 10,000 pictures of 100
 * classes: a removal, a move, α, by the thread's own time, of the longest turn that it leads to
 * without drawing; and how long writing the project takes, which a thread does.
 *
 *   tests/tools/display.sh build/tests/bench/bench-undo */
#include "app.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

enum { CLASSES = 100, PER_CLASS = 100, TIMES = 20 };

static gint64 started;

static void
begin (void)
{
  started = bench_thread_time ();
}

static double
milliseconds (void)
{
  return (double) (bench_thread_time () - started) / 1000;
}

/* Since the beginning, or in a turn of what follows, in which the window draws what changed. */
static double
settle (void)
{
  BenchTurns turns = { .longest = bench_thread_time () - started };
  bench_turn_for (.25, &turns);
  return (double) turns.longest / 1000;
}

static void
remove_some (FewSession *session)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < 5; i++)
    g_ptr_array_add (pictures,
                     g_list_model_get_item (
                         few_examples_get_pictures (few_session_get_examples (session)), 10 * i));
  few_examples_remove_pictures (few_session_get_examples (session), pictures);
}

static void
move_some (FewSession *session)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (FewClass) klass = g_list_model_get_item (
      few_examples_get_classes (few_session_get_examples (session)), CLASSES - 1);
  for (guint i = 0; i < 5; i++)
    g_ptr_array_add (pictures,
                     g_list_model_get_item (
                         few_examples_get_pictures (few_session_get_examples (session)), 10 * i));
  few_examples_move (few_session_get_examples (session), pictures, klass);
}

static void
move_alpha (FewSession *session)
{
  few_view_set_alpha (few_session_get_view (session),
                      few_view_get_alpha (few_session_get_view (session)) > .5 ? .25 : .75);
}

int
main (void)
{
  static const struct
  {
    const char *name;
    void (*edit) (FewSession *session);
  } edits[] = { { "remove 5 pictures", remove_some },
                { "move 5 pictures", move_some },
                { "α", move_alpha } };
  FewWindow *window = bench_window (CLASSES, PER_CLASS);
  FewSession *session = few_window_get_session (window);
  bench_turn_for (.25, &(BenchTurns) { 0 });
  for (guint e = 0; e < G_N_ELEMENTS (edits); e++)
    {
      double sums[3] = { 0 };
      for (guint i = 0; i < TIMES; i++)
        {
          begin ();
          edits[e].edit (session);
          sums[0] += settle ();
          begin ();
          few_session_undo (session);
          sums[1] += settle ();
          begin ();
          few_session_redo (session);
          sums[2] += settle ();
        }
      printf ("%s: edit %.1f ms, undo %.1f ms, redo %.1f ms\n", edits[e].name, sums[0] / TIMES,
              sums[1] / TIMES, sums[2] / TIMES);
    }
  g_autoptr (FewProject) project = few_session_get_project (session);
  g_autofree char *folder = g_dir_make_tmp ("fewshot-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "p.fewshot", NULL);
  GStatBuf status;
  begin ();
  if (few_project_save (project, path, NULL) && g_stat (path, &status) == 0)
    printf ("writing the project (a thread): %.0f ms, %.1f MB\n", milliseconds (),
            (double) status.st_size / 1e6);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
