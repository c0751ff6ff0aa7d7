/* SPDX-License-Identifier: MIT */
/* Edits, their undo and their redo in a window, and how long each holds the main loop. */
#include "edits.h"
#include <stdio.h>

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

/* ms, summed: what it took itself, and the longest turn of what followed */
typedef struct
{
  double own, later;
} Held;

static void
settle (Held *held)
{
  BenchTurns turns = { 0 };
  held->own += milliseconds ();
  bench_turn_for (.4, &turns);
  held->later += (double) turns.longest / 1000;
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
  guint n_classes =
      g_list_model_get_n_items (few_examples_get_classes (few_session_get_examples (session)));
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (FewClass) klass = g_list_model_get_item (
      few_examples_get_classes (few_session_get_examples (session)), n_classes - 1);
  for (guint i = 0; i < 5; i++)
    g_ptr_array_add (pictures,
                     g_list_model_get_item (
                         few_examples_get_pictures (few_session_get_examples (session)), 10 * i));
  few_examples_move (few_session_get_examples (session), pictures, klass);
}

/* Now one, now the other; the next time it is another picture. */
static void
exclude_one (FewSession *session)
{
  static guint at;
  FewExamples *examples = few_session_get_examples (session);
  g_autoptr (FewPicture) picture =
      g_list_model_get_item (few_examples_get_pictures (examples), at++);
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, picture);
  few_examples_set_excluded (examples, one, !few_picture_is_excluded (picture));
}

static void
move_alpha (FewSession *session)
{
  few_view_set_alpha (few_session_get_view (session),
                      few_view_get_alpha (few_session_get_view (session)) > .5 ? .25 : .75);
}

void
bench_edits (FewWindow *window, guint times)
{
  static const struct
  {
    const char *name;
    void (*edit) (FewSession *session);
  } edits[] = { { "exclude a picture", exclude_one },
                { "remove 5 pictures", remove_some },
                { "move 5 pictures", move_some },
                { "α", move_alpha } };
  FewSession *session = few_window_get_session (window);
  for (guint e = 0; e < G_N_ELEMENTS (edits); e++)
    {
      Held held[3] = { 0 };
      for (guint i = 0; i < times; i++)
        {
          begin ();
          edits[e].edit (session);
          settle (&held[0]);
          begin ();
          few_session_undo (session);
          settle (&held[1]);
          begin ();
          few_session_redo (session);
          settle (&held[2]);
        }
      printf ("%s: edit %.1f ms, undo %.1f ms, redo %.1f ms; what follows %.1f, %.1f, %.1f ms\n",
              edits[e].name, held[0].own / times, held[1].own / times, held[2].own / times,
              held[0].later / times, held[1].later / times, held[2].later / times);
    }
}
