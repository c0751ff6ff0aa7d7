/* SPDX-License-Identifier: MIT */
/* What takes long is cut into turns of the main loop: counted, for what a turn takes says little on
 * a machine that others use. */
#include "base/few-turns.h"
#include "widgets/few-gradual.h"
#include "widgets/few-still.h"
#include "world.h"
#include <glib/gstdio.h>
#include <stdlib.h>

enum { ENOUGH = 8 }; /* steps of learning */

/* The turn of the main loop in which each came first; 0: not yet. */
typedef struct
{
  World *w;
  guint turn;
  guint content, did, reading, imported;
  guint picture, idle; /* of the worker, the last */
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

static void
event_cb (Turns *turns, const FewEvent *event)
{
  if (event->kind == FEW_EVENT_PICTURE)
    turns->picture = turns->turn;
  else if (event->kind == FEW_EVENT_IDLE)
    turns->idle = turns->turn;
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
  g_signal_connect_swapped (w->desk, "event", G_CALLBACK (event_cb), &turns);
  take_turns (&turns, &turns.idle);
  g_assert_cmpuint (turns.picture, >, 0);
  g_assert_cmpuint (turns.idle, >, turns.picture); /* who hears of it looks at all pictures */
  g_signal_handlers_disconnect_by_data (w->desk, &turns);
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

/* ---- much */

enum { CLASSES = 330 }; /* of a picture each: as many cosines as make a snapshot large */

typedef struct
{
  guint turn, n_lens, lens, listed, shown, did;
  double alpha; /* of the last lens */
} Steps;

static void
lens_cb (Steps *steps, double alpha)
{
  steps->n_lens++;
  steps->lens = steps->turn;
  steps->alpha = alpha;
}

static void
snapshot_cb (Steps *steps)
{
  steps->shown = steps->turn;
}

static void
trained_cb (Steps *steps)
{
  steps->did = steps->turn;
}

static void
import_many (World *w)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 16, 16);
  for (guint k = 0; k < CLASSES; k++)
    {
      g_autofree char *folder = g_strdup_printf ("%s/kind %03u", w->folder, k);
      g_autofree char *path = g_build_filename (folder, "a.png", NULL);
      g_mkdir (folder, 0700);
      gdk_pixbuf_fill (pixbuf, (k * 2654435761u) | 0xff);
      g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
    }
  few_import_begin (w->import, (const char *[]) { w->folder, NULL }, NULL);
  WAIT (few_view_get_snapshot (w->view)
        && few_snapshot_info (few_view_get_snapshot (w->view))->n == CLASSES);
}

static void
step_until (Steps *steps, const guint *awaited)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  while (*awaited == 0 && g_get_monotonic_time () < end)
    {
      steps->turn++;
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (300);
    }
}

/* α: predictions, classes and what hears of them are a turn each; of several, the last is seen. */
static void
move_alpha (World *w, Steps *steps)
{
  WAIT (!g_main_context_pending (NULL));
  *steps = (Steps) { 0 };
  few_view_set_alpha (w->view, .25);
  g_assert_cmpuint (steps->n_lens, ==, 0);
  step_until (steps, &steps->lens);
  g_assert_cmpuint (steps->lens, >=, 3);
  *steps = (Steps) { 0 };
  few_view_set_alpha (w->view, .5);
  few_view_set_alpha (w->view, .75);
  WAIT (steps->alpha == .75);
}

/* The end of a run: it is listed, then it is seen, then it is a step that can be undone. */
static void
end_run (World *w, Steps *steps)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  world_set_epochs (w, 2);
  few_runs_train (w->runs);
  for (*steps = (Steps) { 0 }; !steps->did && g_get_monotonic_time () < end;)
    {
      steps->turn++;
      g_main_context_iteration (NULL, FALSE);
      if (!steps->listed && few_runs_get_list (w->runs)->len > 0)
        steps->listed = steps->turn;
    }
  g_assert_cmpuint (steps->listed, >, 0);
  g_assert_cmpuint (steps->shown, >, steps->listed);
  g_assert_cmpuint (steps->did, >, steps->shown);
  g_assert_cmpint (few_runs_get_shown (w->runs), ==, 0);
}

static void
test_much (void)
{
  World *w = world_new ();
  Steps steps = { 0 };
  import_many (w);
  g_assert_true (few_view_is_large (w->view));
  g_signal_connect_swapped (w->view, "lens", G_CALLBACK (lens_cb), &steps);
  g_signal_connect_swapped (w->view, "snapshot", G_CALLBACK (snapshot_cb), &steps);
  move_alpha (w, &steps);
  g_signal_connect_swapped (w->runs, "did", G_CALLBACK (trained_cb), &steps);
  end_run (w, &steps);
  WAIT (few_lens_is_prepared (few_view_get_snapshot (w->view))); /* so that α moves quickly */
  g_signal_handlers_disconnect_by_data (w->view, &steps);
  g_signal_handlers_disconnect_by_data (w->runs, &steps);
  world_free (w);
}

/* ---- a piece of work a turn */

static guint n_first, n_second;

static void
first_cb (gpointer object G_GNUC_UNUSED)
{
  n_first++;
}

static void
second_cb (gpointer object G_GNUC_UNUSED)
{
  g_assert_cmpuint (n_first, ==, 1);
  n_second++;
}

static void
test_turns (void)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *gone = g_object_new (G_TYPE_OBJECT, NULL);
  few_turns_add (object, first_cb);
  few_turns_add (gone, second_cb);
  few_turns_add (object, second_cb);
  few_turns_add (object, first_cb); /* it waits already */
  g_object_unref (gone);
  while (!n_first) /* what other tests left may take turns of its own before */
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_second, ==, 0);
  while (!n_second)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 9; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (n_first == 1 && n_second == 1);
}

/* ---- views */

/* Of a long list a view gets some more each frame until it has all; of one that became short and
 * long again, too. */
static void
test_gradual (void)
{
  enum { MANY = 1000 };
  GtkWidget *window = gtk_window_new ();
  GtkWidget *view = gtk_label_new (NULL);
  gtk_window_set_child (GTK_WINDOW (window), view);
  g_autoptr (GtkStringList) all = gtk_string_list_new (NULL);
  g_autoptr (GListModel) some = few_gradual_new (G_LIST_MODEL (all), view);
  for (guint i = 0; i < MANY; i++)
    gtk_string_list_append (all, "x");
  g_assert_cmpuint (g_list_model_get_n_items (some), <, MANY / 10);
  gtk_window_present (GTK_WINDOW (window));
  WAIT (g_list_model_get_n_items (some) == MANY);
  gtk_string_list_splice (all, 1, MANY - 1, NULL);
  gtk_string_list_append (all, "y");
  g_assert_cmpuint (g_list_model_get_n_items (some), ==, 2);
  for (guint i = 0; i < MANY; i++)
    gtk_string_list_append (all, "x");
  g_assert_cmpuint (g_list_model_get_n_items (some), <, MANY / 10);
  WAIT (g_list_model_get_n_items (some) == MANY + 2);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A picture that arrives has nothing laid out anew. */
static void
test_still (void)
{
  g_autoptr (GtkWidget) still = g_object_ref_sink (few_still_new ());
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (4 * 300), 4 * 300);
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (20, 15, GDK_MEMORY_R8G8B8A8, bytes, 80);
  GtkRequisition before, after;
  gtk_widget_set_size_request (still, 64, 64);
  gtk_widget_get_preferred_size (still, NULL, &before);
  few_still_set_texture (FEW_STILL (still), texture);
  gtk_widget_get_preferred_size (still, NULL, &after);
  g_assert_true (before.width == 64 && before.height == 64);
  g_assert_true (after.width == 64 && after.height == 64);
}

/* ---- start */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* Name, whether it is enabled, types of parameter and state: as text, sorted. */
static char *
describe_actions (GActionGroup *group)
{
  g_auto (GStrv) names = g_action_group_list_actions (group);
  g_autoptr (GString) text = g_string_new (NULL);
  qsort (names, g_strv_length (names), sizeof *names, compare_names);
  for (guint i = 0; names[i]; i++)
    {
      const GVariantType *type = g_action_group_get_action_parameter_type (group, names[i]);
      const GVariantType *state = g_action_group_get_action_state_type (group, names[i]);
      g_string_append_printf (text, "%s%s %.*s %.*s\n",
                              g_action_group_get_action_enabled (group, names[i]) ? "" : "!",
                              names[i], type ? (int) g_variant_type_get_string_length (type) : 0,
                              type ? g_variant_type_peek_string (type) : "",
                              state ? (int) g_variant_type_get_string_length (state) : 0,
                              state ? g_variant_type_peek_string (state) : "");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static FewWindow *
open_another (World *w)
{
  return few_application_new_window (
      FEW_APPLICATION (gtk_window_get_application (GTK_WINDOW (w->window))));
}

/* What a person asks for before the first frame is done: each action is there from the beginning,
 * as it will be, and makes its page. */
static void
test_early_actions (void)
{
  World *w = world_new ();
  FewWindow *window = open_another (w);
  GActionGroup *group = G_ACTION_GROUP (window);
  g_autofree char *before = describe_actions (group);
  g_assert_cmpuint (few_window_count_pages (window), ==, 1);
  g_action_group_activate_action (group, "show-run", g_variant_new_int32 (1));
  g_action_group_activate_action (group, "filter", g_variant_new_int32 (1));
  g_action_group_activate_action (group, "try-restore", NULL);
  g_action_group_activate_action (group, "add-method", g_variant_new_string ("none"));
  g_assert_true (few_window_has_all_pages (window));
  g_autofree char *after = describe_actions (group);
  g_assert_cmpstr (before, ==, after);
  gtk_window_destroy (GTK_WINDOW (window));
  window = open_another (w);
  g_action_group_change_action_state (G_ACTION_GROUP (window), "alpha",
                                      g_variant_new_double (.125));
  g_assert_cmpuint (few_window_count_pages (window), ==, 2);
  g_assert_cmpfloat (few_view_get_alpha (few_session_get_view (few_window_get_session (window))),
                     ==, .125);
  gtk_window_destroy (GTK_WINDOW (window));
  world_free (w);
}

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
  g_test_add_func ("/felt/much", test_much);
  g_test_add_func ("/felt/turns", test_turns);
  g_test_add_func ("/felt/gradual", test_gradual);
  g_test_add_func ("/felt/still", test_still);
  g_test_add_func ("/felt/pages", test_pages);
  g_test_add_func ("/felt/early-actions", test_early_actions);
  return g_test_run ();
}
