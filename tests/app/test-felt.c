/* SPDX-License-Identifier: MIT */
/* What takes long is cut into turns of the main loop: counted, for what a turn takes says little on
 * a machine that others use. */
#include "world.h"

enum { ENOUGH = 8 }; /* steps of learning */

/* The turn of the main loop in which each came first; 0: not yet. */
typedef struct
{
  World *w;
  guint turn;
  guint content, did, reading, imported;
  guint shown, drawn; /* the last */
  guint n_shown, n_drawn, n_both;
  gboolean early, offered; /* undo, before and since the import is a step */
} Turns;

static void
take_turn (Turns *turns)
{
  turns->turn++;
  if (!g_main_context_iteration (NULL, FALSE))
    g_usleep (300);
}

/* Until it is no longer 0, or it has been long enough. */
static void
take_turns (Turns *turns, const guint *awaited)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  while (*awaited == 0 && g_get_monotonic_time () < end)
    take_turn (turns);
}

static void
mark (guint *first, guint turn)
{
  if (*first == 0)
    *first = turn;
}

/* ---- import */

static void
content_cb (Turns *turns)
{
  mark (&turns->content, turns->turn);
  turns->early |= !turns->did && few_session_get_undo (turns->w->session);
}

static void
did_cb (Turns *turns)
{
  mark (&turns->did, turns->turn);
}

static void
reading_cb (Turns *turns)
{
  mark (&turns->reading, turns->turn);
}

static void
imported_cb (Turns *turns)
{
  mark (&turns->imported, turns->turn);
  turns->offered = few_session_get_undo (turns->w->session) != NULL;
}

/* All are told of, then they are a step, then they are read; undo comes with the step. */
static void
test_import (void)
{
  World *w = world_new ();
  Turns turns = { .w = w };
  world_write_pictures (w->folder);
  g_signal_connect_swapped (w->examples, "content", G_CALLBACK (content_cb), &turns);
  g_signal_connect_swapped (w->examples, "did", G_CALLBACK (did_cb), &turns);
  g_signal_connect_swapped (w->examples, "reading", G_CALLBACK (reading_cb), &turns);
  g_signal_connect_swapped (w->import, "imported", G_CALLBACK (imported_cb), &turns);
  few_import_begin (w->import, (const char *[]) { w->folder, NULL }, NULL);
  take_turns (&turns, &turns.reading);
  g_assert_cmpuint (turns.content, >, 0);
  g_assert_cmpuint (turns.did, >, turns.content);
  g_assert_cmpuint (turns.imported, ==, turns.did);
  g_assert_cmpuint (turns.reading, >, turns.did);
  g_assert_true (!turns.early && turns.offered);
  g_signal_handlers_disconnect_by_data (w->examples, &turns);
  g_signal_handlers_disconnect_by_data (w->import, &turns);
  WAIT (world_count_state (w, FEW_PICTURE_WAITING) == 0);
  world_free (w);
}

static FewPicture *
find_picture (World *w, const char *name)
{
  GListModel *pictures = few_examples_get_pictures (w->examples);
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FewPicture) picture = g_list_model_get_item (pictures, i);
      if (g_str_equal (few_picture_get_name (picture), name))
        return picture; /* the list keeps it */
    }
  return NULL;
}

/* Which of equal pictures takes part is looked at again where one is gone, and only there. */
static void
test_equal_pictures (void)
{
  World *w = world_new ();
  world_import (w);
  FewPicture *copy = find_picture (w, "99-copy.png");
  g_assert_cmpint (few_picture_get_state (copy), ==, FEW_PICTURE_DUPLICATE);
  g_autofree char *first = g_build_filename (w->folder, "dark", "00.png", NULL);
  g_assert_true (g_file_set_contents (first, "no picture any more", -1, NULL));
  few_examples_encode_all (w->examples);
  WAIT (few_picture_get_state (copy) == FEW_PICTURE_READY);
  world_free (w);
}

/* ---- learning */

static void
shown_cb (Turns *turns)
{
  turns->shown = turns->turn;
  if (++turns->n_shown == ENOUGH)
    world_act (turns->w, "stop", NULL);
  turns->n_both += turns->shown == turns->drawn;
}

static void
drawn_cb (Turns *turns)
{
  turns->drawn = turns->turn;
  turns->n_drawn++;
  turns->n_both += turns->shown == turns->drawn;
}

/* What has been learned is not made ready in the turn that draws a frame. */
static void
test_learning (void)
{
  World *w = world_new ();
  world_import (w);
  Turns turns = { .w = w, .shown = G_MAXUINT };
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (w->window));
  world_act (w, "page", "s", "train");
  world_set_epochs (w, 100000); /* until it has been seen often enough */
  g_signal_connect_swapped (w->view, "snapshot", G_CALLBACK (shown_cb), &turns);
  g_signal_connect_swapped (clock, "paint", G_CALLBACK (drawn_cb), &turns);
  world_act (w, "train", NULL);
  take_turns (&turns, &few_runs_get_list (w->runs)->len);
  g_assert_cmpuint (turns.n_shown, >=, ENOUGH);
  g_assert_cmpuint (turns.n_drawn, >, 0);
  g_assert_cmpuint (turns.n_both, ==, 0);
  g_signal_handlers_disconnect_by_data (w->view, &turns);
  g_signal_handlers_disconnect_by_data (clock, &turns);
  world_free (w);
}

/* ---- start */

/* One page is there when the window comes, and each other comes in a turn of its own, or when it is
 * wanted. */
static void
test_pages (void)
{
  World *w = world_new ();
  FewWindow *window = few_application_new_window (
      FEW_APPLICATION (gtk_window_get_application (GTK_WINDOW (w->window))));
  g_assert_cmpuint (few_window_count_pages (window), ==, 1);
  few_view_set_alpha (few_session_get_view (few_window_get_session (window)), .25);
  g_assert_nonnull (few_window_find_page (window, "inspect"));
  g_autoptr (GVariant) alpha = g_action_group_get_action_state (G_ACTION_GROUP (window), "alpha");
  g_assert_cmpfloat (g_variant_get_double (alpha), ==, .25); /* as it is by now */
  g_assert_nonnull (few_window_find_page (window, "compare"));
  g_assert_null (few_window_find_page (window, "nowhere"));
  g_assert_cmpuint (few_window_count_pages (window), ==, 3);
  gtk_window_present (GTK_WINDOW (window));
  gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  for (guint before = 3; !few_window_has_all_pages (window) && g_get_monotonic_time () < until;)
    {
      g_main_context_iteration (NULL, FALSE);
      guint now = few_window_count_pages (window);
      g_assert_cmpuint (now, <=, before + 1);
      before = now;
    }
  g_assert_cmpuint (few_window_count_pages (window), ==, 5);
  gtk_window_destroy (GTK_WINDOW (window));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/felt/import", test_import);
  g_test_add_func ("/felt/equal-pictures", test_equal_pictures);
  g_test_add_func ("/felt/learning", test_learning);
  g_test_add_func ("/felt/pages", test_pages);
  return g_test_run ();
}
