/* SPDX-License-Identifier: MIT */
/* Steps of a large project share what they did not touch: undo and redo bring back the same project
 * and the same pictures taking part, by way of what changed alone; and the page's list tells no
 * more than that. */
#include "pages/examples/few-examples-model.h"
#include "session/few-pieces.h"
#include "world.h"
#include <string.h>

enum { KINDS = 4, STATES = 3 * FEW_PIECE + 10, EQUAL = 600, MANY = 20100 };

static void
told_cb (gboolean *told)
{
  *told = TRUE;
}

static FewProject *
make_project (guint n)
{
  FewProject *project = few_project_new ();
  for (guint k = 0; k < KINDS; k++)
    {
      g_autofree char *name = g_strdup_printf ("kind %u", k);
      few_project_add_class (project->classes, k + 1, name, NULL, NULL);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("/nowhere/%05u.png", i);
      g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
      FewProjectPicture picture = { .id = i + 1,
                                    .label = i * KINDS / n,
                                    .path = g_ref_string_new (path) };
      g_strlcpy (picture.sha256, sum, sizeof picture.sha256);
      g_array_append_val (project->pictures, picture);
    }
  return project;
}

/* Their files are nowhere; they are as if they had been read, two of them as equal ones. */
static World *
open_project (guint n)
{
  World *w = world_new ();
  g_autoptr (FewProject) project = make_project (n);
  gboolean encoded = FALSE;
  gboolean opened = FALSE;
  g_autofree char *equal = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "equal", -1);
  g_strlcpy (g_array_index (project->pictures, FewProjectPicture, 1).sha256, equal, 65);
  g_strlcpy (g_array_index (project->pictures, FewProjectPicture, EQUAL).sha256, equal, 65);
  g_signal_connect_swapped (w->session, "opened", G_CALLBACK (told_cb), &opened);
  g_signal_connect_swapped (w->examples, "encoded", G_CALLBACK (told_cb), &encoded);
  few_session_open_project (w->session, project, NULL, "cpu");
  WAIT (opened && world_count_pictures (w) == n);
  few_examples_cancel_encoding (w->examples);
  WAIT (encoded);
  g_signal_handlers_disconnect_by_data (w->session, &opened);
  g_signal_handlers_disconnect_by_data (w->examples, &encoded);
  const GPtrArray *order = few_gallery_get_order (few_examples_get_gallery (w->examples));
  for (guint i = 0; i < order->len; i++)
    few_picture_set_state (order->pdata[i], FEW_PICTURE_READY, NULL);
  few_picture_set_state (order->pdata[3], FEW_PICTURE_REFUSED, "It cannot be read.");
  few_examples_changed (w->examples);
  return w;
}

/* ---- undo and redo */

/* The project, and what becomes of its pictures. */
static char *
describe (World *w)
{
  g_autofree char *json = world_get_json (w);
  g_autoptr (GString) text = g_string_new (json);
  const GPtrArray *order = few_gallery_get_order (few_examples_get_gallery (w->examples));
  g_assert_cmpuint (order->len, ==, world_count_pictures (w));
  world_assert_counted (w);
  for (guint i = 0; i < order->len; i++)
    {
      FewPicture *picture = order->pdata[i];
      guint id = few_picture_get_id (picture);
      g_assert_true (world_get_picture (w, i) == picture);
      g_assert_true (few_examples_get_picture (w->examples, id) == picture);
      if (few_picture_get_state (picture) != FEW_PICTURE_READY)
        g_string_append_printf (text, "%u: %d\n", id, (int) few_picture_get_state (picture));
    }
  for (guint k = 0; k < g_list_model_get_n_items (few_examples_get_classes (w->examples)); k++)
    {
      g_autoptr (FewClass) klass =
          g_list_model_get_item (few_examples_get_classes (w->examples), k);
      g_string_append_printf (text, "%s: %u\n", few_class_get_name (klass),
                              few_class_get_count (klass));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GPtrArray *
choose (World *w, const guint *places, guint n)
{
  GPtrArray *chosen = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (chosen, world_get_picture (w, places[i]));
  return chosen;
}

/* Each an edit of its own; FALSE behind the last. */
static gboolean
edit (World *w, guint step)
{
  static const guint places[] = { 0, 1, 2, 299, 300, STATES - 1 };
  g_autoptr (GPtrArray) some = choose (w, places, 6);
  g_autoptr (GPtrArray) scattered = g_ptr_array_new ();
  g_autoptr (FewClass) second = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  for (guint i = 0; i < world_count_pictures (w); i += 20)
    g_ptr_array_add (scattered, world_get_picture (w, i));
  switch (step)
    {
    case 0:
      few_examples_set_excluded (w->examples, some, TRUE);
      return TRUE;
    case 1:
      few_examples_move (w->examples, some, second);
      return TRUE;
    case 2:
      few_examples_set_use (w->examples, scattered, FEW_USE_TEST);
      return TRUE;
    case 3:
      few_examples_rename_class (w->examples, second, "another name");
      return TRUE;
    case 4:
      few_examples_add_class (w->examples, "one more");
      return TRUE;
    case 5: /* the first of two equal ones among them */
      few_examples_remove_pictures (w->examples, some);
      return TRUE;
    case 6:
      few_examples_set_use (w->examples, scattered, FEW_USE_NONE);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Those that come last, for what is behind them has another place then. */
static gboolean
edit_more (World *w, guint step)
{
  g_autoptr (GPtrArray) scattered = g_ptr_array_new ();
  g_autoptr (FewClass) first = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  for (guint i = 0; i < world_count_pictures (w); i += 20)
    g_ptr_array_add (scattered, world_get_picture (w, i));
  if (step == 0)
    few_examples_remove_pictures (w->examples, scattered);
  else if (step == 1)
    few_examples_remove_class (w->examples, first);
  else if (step == 2)
    few_examples_set_several (w->examples, TRUE);
  else if (step == 3)
    few_examples_label (w->examples, scattered, first, TRUE);
  return step < 4;
}

static void
assert_is (World *w, const char *wanted)
{
  g_autofree char *now = describe (w);
  g_assert_cmpstr (now, ==, wanted);
  few_examples_changed (w->examples); /* which looks at all pictures anew */
  g_autofree char *anew = describe (w);
  g_assert_cmpstr (anew, ==, wanted);
}

static void
test_undo (void)
{
  World *w = open_project (STATES);
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (states, describe (w));
  g_assert_nonnull (strstr (states->pdata[0], "601: "));
  for (guint step = 0; edit (w, step); step++)
    g_ptr_array_add (states, describe (w));
  for (guint step = 0; edit_more (w, step); step++)
    g_ptr_array_add (states, describe (w));
  for (guint round = 0; round < 2; round++)
    {
      for (guint i = states->len - 1; i > 0; i--)
        {
          assert_is (w, states->pdata[i]);
          few_session_undo (w->session);
        }
      assert_is (w, states->pdata[0]);
      for (guint i = 1; i < states->len; i++)
        {
          few_session_redo (w->session);
          assert_is (w, states->pdata[i]);
        }
    }
  world_free (w);
}

/* ---- what is shared */

static guint
count_same (const GArray *a, const GArray *b)
{
  guint n = 0;
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    n += few_piece_is_same (&g_array_index (a, FewPiece, i), &g_array_index (b, FewPiece, i));
  return n;
}

static void
test_shared (void)
{
  static const guint places[] = { 3, 4, 5 };
  World *w = open_project (STATES);
  FewGallery *gallery = few_examples_get_gallery (w->examples);
  g_autoptr (GArray) first = few_gallery_keep (gallery);
  g_autoptr (GPtrArray) some = choose (w, places, 3);
  g_assert_cmpuint (first->len, ==, 4);
  few_examples_set_excluded (w->examples, some, TRUE);
  g_autoptr (GArray) excluded = few_gallery_keep (gallery);
  few_examples_remove_pictures (w->examples, some);
  g_autoptr (GArray) removed = few_gallery_keep (gallery);
  few_examples_rename_class (w->examples, few_picture_get_class (world_get_picture (w, 0)), "new");
  g_autoptr (GArray) renamed = few_gallery_keep (gallery);
  few_session_undo (w->session);
  few_session_undo (w->session);
  few_session_undo (w->session);
  g_autoptr (GArray) undone = few_gallery_keep (gallery);
  g_assert_cmpuint (count_same (first, excluded), ==, 3);
  g_assert_cmpuint (count_same (excluded, removed), ==, 3);
  g_assert_cmpuint (count_same (removed, renamed), ==, 4);
  g_assert_cmpuint (count_same (first, undone), ==, 4);
  world_free (w);
}

/* ---- what undo brings back */

static void
returned_cb (FewSession *session G_GNUC_UNUSED, GPtrArray *pictures, GPtrArray *returned)
{
  g_ptr_array_set_size (returned, 0);
  for (guint i = 0; i < pictures->len; i++)
    g_ptr_array_add (returned, pictures->pdata[i]);
}

static void
assert_returned (World *w, GPtrArray *returned, GPtrArray *wanted)
{
  few_session_undo (w->session);
  g_assert_cmpuint (returned->len, ==, wanted->len);
  for (guint i = 0; i < wanted->len; i++)
    g_assert_true (returned->pdata[i] == wanted->pdata[i]);
}

static gboolean
is_of (FewPicture *picture, gconstpointer klass)
{
  return few_picture_get_class (picture) == klass;
}

/* Of another class or use, or gone: those alone, also where classes behind them count anew. */
static void
test_returned (void)
{
  static const guint places[] = { 0, 2, 299, STATES - 1 };
  World *w = open_project (STATES);
  g_autoptr (GPtrArray) returned = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GPtrArray) some = choose (w, places, 4);
  g_autoptr (FewClass) first = g_list_model_get_item (few_examples_get_classes (w->examples), 0);
  g_autoptr (FewClass) last =
      g_list_model_get_item (few_examples_get_classes (w->examples), KINDS - 1);
  g_autoptr (GPtrArray) of_first = few_examples_where (w->examples, is_of, first);
  g_signal_connect (w->session, "returned", G_CALLBACK (returned_cb), returned);
  few_examples_set_excluded (w->examples, some, TRUE);
  assert_returned (w, returned, some);
  few_examples_remove_pictures (w->examples, some);
  assert_returned (w, returned, some);
  few_examples_set_use (w->examples, some, FEW_USE_NONE);
  assert_returned (w, returned, some);
  few_examples_remove_class (w->examples, first);
  assert_returned (w, returned, of_first);
  few_examples_rename_class (w->examples, first, "new");
  assert_returned (w, returned, none);
  few_examples_set_several (w->examples, TRUE);
  assert_returned (w, returned, none);
  g_ptr_array_set_size (some, 3); /* the fourth is of the last class already */
  few_examples_move (w->examples, some, last);
  assert_returned (w, returned, some);
  few_examples_set_several (w->examples, TRUE);
  few_examples_label (w->examples, some, last, TRUE);
  assert_returned (w, returned, some);
  g_signal_handlers_disconnect_by_data (w->session, returned);
  world_free (w);
}

/* Some here and there, so that what was recorded with them is much. */
static void
test_returned_scattered (void)
{
  World *w = open_project (MANY);
  g_autoptr (GPtrArray) returned = g_ptr_array_new ();
  g_autoptr (GPtrArray) some = g_ptr_array_new ();
  for (guint i = 0; i < MANY; i += 1000)
    g_ptr_array_add (some, world_get_picture (w, i));
  g_signal_connect (w->session, "returned", G_CALLBACK (returned_cb), returned);
  few_examples_set_excluded (w->examples, some, TRUE);
  assert_returned (w, returned, some);
  g_signal_handlers_disconnect_by_data (w->session, returned);
  world_free (w);
}

/* ---- the page's list */

static gboolean
is_included (FewPicture *picture, gpointer unused G_GNUC_UNUSED)
{
  return !few_picture_is_excluded (picture);
}

static guint
rank_of_class (FewPicture *picture, gpointer unused G_GNUC_UNUSED)
{
  return few_class_get_id (few_picture_get_class (picture));
}

static void
changed_cb (GListModel *list G_GNUC_UNUSED, guint position G_GNUC_UNUSED, guint removed,
            guint added, guint *told)
{
  *told += removed + added;
}

/* By class, of one class as the project has them, the excluded ones left out. */
static gboolean
is_arranged (World *w, GListModel *list)
{
  const GPtrArray *order = few_gallery_get_order (few_examples_get_gallery (w->examples));
  guint at = 0;
  gboolean same = TRUE;
  for (guint k = 1; k <= KINDS; k++)
    for (guint i = 0; i < order->len && same; i++)
      {
        if (rank_of_class (order->pdata[i], NULL) != k || !is_included (order->pdata[i], NULL))
          continue;
        g_autoptr (FewPicture) picture = g_list_model_get_item (list, at++);
        same = picture == order->pdata[i];
      }
  return same && at == g_list_model_get_n_items (list);
}

static void
test_list (void)
{
  static const guint places[] = { 0, 1, 5, 9000 };
  World *w = open_project (MANY);
  FewExamplesModel *model = few_examples_model_new (
      w->examples, &(FewArrangement) { is_included, rank_of_class, w->examples });
  GListModel *list = G_LIST_MODEL (model);
  guint told = 0;
  WAIT (is_arranged (w, list));
  g_signal_connect (list, "items-changed", G_CALLBACK (changed_cb), &told);
  g_autoptr (GPtrArray) some = choose (w, places, 4);
  g_autoptr (FewClass) last =
      g_list_model_get_item (few_examples_get_classes (w->examples), KINDS - 1);
  few_examples_move (w->examples, some, last);
  few_examples_model_update (model);
  WAIT (is_arranged (w, list));
  g_assert_cmpuint (told, ==, 8);
  few_examples_set_excluded (w->examples, some, TRUE);
  few_examples_model_update (model);
  WAIT (is_arranged (w, list));
  few_session_undo (w->session);
  few_session_undo (w->session);
  few_examples_model_update (model);
  WAIT (is_arranged (w, list));
  g_assert_cmpuint (told, ==, 8 + 4 + 4);
  few_examples_remove_pictures (w->examples, some);
  WAIT (is_arranged (w, list));
  few_session_undo (w->session);
  WAIT (is_arranged (w, list));
  g_assert_cmpuint (told, ==, 16 + 4 + 4);
  few_examples_set_excluded (w->examples, some, TRUE);
  few_examples_model_update (model);
  few_examples_remove_pictures (w->examples, some); /* before it was looked through */
  few_examples_remove_pictures (w->examples, some); /* which the list shows still: no step */
  WAIT (is_arranged (w, list));
  few_session_undo (w->session);
  for (guint i = 0; i < some->len; i++)
    g_assert_nonnull (few_examples_get_picture (w->examples, few_picture_get_id (some->pdata[i])));
  WAIT (is_arranged (w, list));
  g_signal_handlers_disconnect_by_data (list, &told);
  g_object_unref (model);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/states/undo", test_undo);
  g_test_add_func ("/states/shared", test_shared);
  g_test_add_func ("/states/returned", test_returned);
  g_test_add_func ("/states/returned-scattered", test_returned_scattered);
  g_test_add_func ("/states/list", test_list);
  return g_test_run ();
}
