/* SPDX-License-Identifier: MIT */
/* Of what there is much of, a turn of the main loop takes a piece: how many that are is bounded,
 * for what a turn takes says little on a machine that others use. */
#include "base/few-turns.h"
#include "session/few-pieces.h"
#include "session/few-reading.h"
#include "widgets/few-page.h"
#include "widgets/few-warm.h"
#include "world.h"
#include <adwaita.h>
#include <string.h>

enum { PICTURES = 2 * FEW_GALLERY_RECORDS + 1, KINDS = 3 * FEW_GALLERY_CLASSES };

/* What came in the turn, and in all; the most of it in one. */
typedef struct
{
  guint now, most, sum;
} Share;

static void
take_share (Share *share, guint n)
{
  share->now += n;
  share->sum += n;
  share->most = MAX (share->most, share->now);
}

static void
listed_cb (GListModel *list G_GNUC_UNUSED, guint position G_GNUC_UNUSED,
           guint removed G_GNUC_UNUSED, guint added, Share *share)
{
  take_share (share, added);
}

static void
piece_cb (FewExamples *examples G_GNUC_UNUSED, GPtrArray *pictures, Share *share)
{
  take_share (share, pictures->len);
}

static void
opened_cb (gboolean *opened)
{
  *opened = TRUE;
}

/* They have been read, and are not there any more. */
static FewProject *
make_large_project (void)
{
  FewProject *project = few_project_new ();
  for (guint k = 0; k < KINDS; k++)
    {
      g_autofree char *name = g_strdup_printf ("kind %u", k);
      few_project_add_class (project->classes, k + 1, name, NULL, NULL);
    }
  for (guint i = 0; i < PICTURES; i++)
    {
      g_autofree char *path = g_strdup_printf ("/nowhere/%u.png", i);
      g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
      FewProjectPicture picture = { .id = i + 1,
                                    .label = i % KINDS,
                                    .path = g_ref_string_new (path) };
      g_strlcpy (picture.sha256, sum, sizeof picture.sha256);
      g_array_append_val (project->pictures, picture);
    }
  return project;
}

static char *
write_project (World *w)
{
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  return few_project_to_json (project, NULL);
}

/* Its records are made some a turn, what is read meanwhile is in them, and they are those that are
 * made at once. */
static void
prepare_large (World *w)
{
  FewGallery *gallery = few_examples_get_gallery (w->examples);
  FewPicture *first = few_examples_get_picture (w->examples, 1);
  g_autofree char *sum = g_strnfill (64, 'a');
  few_gallery_touch_pictures (gallery);
  g_assert_true (few_session_prepare (w->session));
  few_picture_set_hash (first, sum);
  few_gallery_touch_hash (gallery, first);
  for (guint i = 0; i < PICTURES / FEW_GALLERY_RECORDS; i++)
    g_assert_true (few_session_prepare (w->session));
  g_assert_false (few_session_prepare (w->session));
  g_autofree char *shared = write_project (w);
  few_gallery_touch_pictures (gallery);
  g_autofree char *anew = write_project (w);
  g_assert_nonnull (strstr (shared, sum));
  g_assert_cmpstr (shared, ==, anew);
}

/* And written by the document once they are. */
static void
save_large (World *w)
{
  g_autofree char *path = g_build_filename (w->folder, "large.fewshot", NULL);
  FewDocument *document = few_window_get_document (w->window);
  few_gallery_touch_pictures (few_examples_get_gallery (w->examples));
  few_document_save_as (document, path);
  few_examples_set_template (w->examples, "a drawing of a {}."); /* meanwhile, too */
  g_assert_true (few_document_is_dirty (document));
  WAIT (!few_document_is_dirty (document));
  g_autoptr (FewProject) saved = few_project_load (path, NULL);
  g_assert_cmpuint (saved->pictures->len, ==, PICTURES);
  g_assert_cmpstr (saved->template_text, ==, "a drawing of a {}.");
}

/* Of no list more than its piece in a turn, when a project comes, is asked of the worker, and is
 * saved. */
static void
test_large (void)
{
  World *w = world_new ();
  g_autoptr (FewProject) project = make_large_project ();
  g_autofree char *json = few_project_to_json (project, NULL);
  Share shares[3] = { 0 };
  gboolean opened = FALSE;
  GListModel *pictures = few_examples_get_pictures (w->examples);
  GListModel *classes = few_examples_get_classes (w->examples);
  g_signal_connect (pictures, "items-changed", G_CALLBACK (listed_cb), &shares[0]);
  g_signal_connect (classes, "items-changed", G_CALLBACK (listed_cb), &shares[1]);
  g_signal_connect (w->examples, "reading", G_CALLBACK (piece_cb), &shares[2]);
  g_signal_connect_swapped (w->session, "opened", G_CALLBACK (opened_cb), &opened);
  few_session_open_project (w->session, project, NULL, "cpu");
  while (!opened || shares[2].sum < PICTURES)
    {
      for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
        shares[i].now = 0;
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (shares[0].most, ==, FEW_GALLERY_PICTURES);
  g_assert_cmpuint (shares[1].most, ==, FEW_GALLERY_CLASSES);
  g_assert_cmpuint (shares[2].most, ==, FEW_READING_PIECE);
  g_assert_true (shares[0].sum == PICTURES && shares[1].sum == KINDS);
  few_examples_cancel_encoding (w->examples);
  g_autofree char *again = write_project (w);
  g_assert_nonnull (strstr (again, strstr (json, "\"classes\"")));
  g_assert_null (few_session_get_undo (w->session));
  g_signal_handlers_disconnect_by_data (pictures, &shares[0]);
  g_signal_handlers_disconnect_by_data (classes, &shares[1]);
  g_signal_handlers_disconnect_by_data (w->examples, &shares[2]);
  g_signal_handlers_disconnect_by_data (w->session, &opened);
  prepare_large (w);
  save_large (w);
  world_free (w);
}

/* Reading is cancelled before the worker has heard of all: that ends, too. */
static void
test_cancel_large (void)
{
  World *w = world_new ();
  g_autoptr (FewProject) project = make_large_project ();
  gboolean encoded = FALSE;
  few_session_open_project (w->session, project, NULL, "cpu");
  WAIT (world_count_pictures (w) == PICTURES);
  g_signal_connect_swapped (w->examples, "encoded", G_CALLBACK (opened_cb), &encoded);
  few_examples_encode_all (w->examples);
  few_examples_cancel_encoding (w->examples);
  WAIT (encoded);
  g_assert_cmpuint (world_count_pictures (w), ==, PICTURES);
  g_signal_handlers_disconnect_by_data (w->examples, &encoded);
  world_free (w);
}

/* ---- turns */

static gpointer worked; /* what was worked on last */

static void
work_cb (gpointer object)
{
  worked = object;
}

/* After a while what is asked for takes a turn of its own; nothing once its object has gone. */
static void
test_later (void)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *gone = g_object_new (G_TYPE_OBJECT, NULL);
  few_turns_add_later (gone, work_cb, 1);
  few_turns_add_later (object, work_cb, 20);
  g_object_unref (gone);
  g_assert_null (worked);
  WAIT (worked);
  g_assert_true (worked == object);
}

/* ---- states of undo */

static void
fill_records (GArray *pieces)
{
  for (guint i = 0; i < pieces->len; i++)
    {
      FewPiece *piece = &g_array_index (pieces, FewPiece, i);
      if (!piece->records)
        piece->records = few_project_pictures_new (piece->n);
    }
}

static GArray *
list_places (guint first, guint n, guint step)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++)
    {
      guint place = first + i * step;
      g_array_append_val (places, place);
    }
  return places;
}

static guint
count_unknown (const GArray *pieces)
{
  guint n = 0;
  for (guint i = 0; i < pieces->len; i++)
    n += g_array_index (pieces, FewPiece, i).records == NULL;
  return n;
}

/* Pictures that come one by one become whole pieces; an edit touches those of its places alone. */
static void
test_pieces (void)
{
  g_autoptr (GArray) pieces = few_pieces_new ();
  for (guint i = 0; i < 3 * FEW_PIECE; i++)
    {
      few_pieces_add_unknown (pieces, 1);
      fill_records (pieces);
    }
  g_assert_cmpuint (pieces->len, ==, 3);
  g_autoptr (GArray) before = few_pieces_copy (pieces);
  g_assert_true (few_pieces_are_same (before, pieces));
  g_autoptr (GArray) two = list_places (FEW_PIECE - 1, 2, 1);
  few_pieces_forget (pieces, two);
  g_assert_cmpuint (count_unknown (pieces), ==, 2);
  g_assert_false (few_pieces_are_same (before, pieces));
  fill_records (pieces);
  g_autoptr (GArray) last = list_places (2 * FEW_PIECE, FEW_PIECE / 2, 2);
  few_pieces_drop (pieces, last);
  g_assert_cmpuint (count_unknown (pieces), ==, 1);
  g_assert_cmpuint (few_pieces_count (pieces), ==, 2 * FEW_PIECE + FEW_PIECE / 2);
  few_pieces_add_unknown (pieces, FEW_PIECE); /* half of them where the others were */
  g_assert_cmpuint (pieces->len, ==, 4);
  g_assert_cmpuint (few_pieces_count (pieces), ==, 3 * FEW_PIECE + FEW_PIECE / 2);
}

static void
count_cb (guint *count)
{
  ++*count;
}

/* Undo of what has nothing to do with the pictures tells nobody that they are others. */
static void
test_other_undo (void)
{
  World *w = world_new ();
  g_autoptr (FewProject) project = make_large_project ();
  gboolean opened = FALSE;
  guint told = 0;
  g_signal_connect_swapped (w->session, "opened", G_CALLBACK (opened_cb), &opened);
  few_session_open_project (w->session, project, NULL, "cpu");
  WAIT (opened);
  few_examples_cancel_encoding (w->examples);
  few_view_set_alpha (w->view, .25);
  g_signal_connect_swapped (w->examples, "content", G_CALLBACK (count_cb), &told);
  few_session_undo (w->session);
  few_session_redo (w->session);
  g_assert_cmpuint (told, ==, 0);
  g_assert_cmpfloat (few_view_get_chosen_alpha (w->view), ==, .25);
  few_examples_set_template (w->examples, "a drawing of a {}.");
  g_assert_cmpuint (told, ==, 1);
  few_session_undo (w->session);
  g_assert_cmpuint (told, ==, 2);
  g_assert_cmpstr (few_examples_get_template (w->examples), ==, "a photo of a {}.");
  g_signal_handlers_disconnect_by_data (w->examples, &told);
  g_signal_handlers_disconnect_by_data (w->session, &opened);
  world_free (w);
}

/* ---- widgets */

/* A page that nobody has seen is made in parts, and its widgets are measured some a turn. */
static void
test_parts (void)
{
  static const char *const names[] = { "inspect", "try" };
  World *w = world_new ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      FewPage *page = few_window_find_page (w->window, names[i]);
      FewPage *loose = g_object_ref_sink (g_object_new (G_OBJECT_TYPE (page), NULL));
      guint parts = 0;
      while (few_page_build (loose))
        parts++;
      g_assert_cmpuint (parts, >=, 3);
      g_assert_false (few_page_build (page)); /* it has them */
      g_object_unref (loose);
    }
  GtkWidget *box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  for (guint i = 0; i < 2 * FEW_WARM_PIECE; i++)
    gtk_box_append (GTK_BOX (box), gtk_label_new ("x"));
  FewWarm *warm = few_warm_new (box); /* and the box itself */
  g_assert_true (few_warm_go_on (warm) && few_warm_go_on (warm));
  g_assert_false (few_warm_go_on (warm));
  few_warm_free (warm);
  g_object_unref (box);
  world_free (w);
}

/* Pages that nobody has seen are laid out at the width that they have once somebody does. */
static void
test_laid_out (void)
{
  static const char *const names[] = { "train", "try", "compare", "inspect" };
  int widths[G_N_ELEMENTS (names)];
  World *w = world_new ();
  AdwViewStack *stack =
      ADW_VIEW_STACK (world_find_widget (GTK_WIDGET (w->window), ADW_TYPE_VIEW_STACK));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GtkWidget *place = adw_view_stack_get_child_by_name (stack, names[i]);
      WAIT (gtk_widget_get_width (place) > 0);
      g_assert_false (gtk_widget_get_mapped (place));
      widths[i] = gtk_widget_get_width (place);
    }
  world_import (w);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GtkWidget *place = adw_view_stack_get_child_by_name (stack, names[i]);
      world_act (w, "page", "s", names[i]);
      world_wait_for_frames (place, 3);
      g_assert_true (gtk_widget_get_mapped (place));
      g_assert_cmpint (gtk_widget_get_width (place), ==, widths[i]);
    }
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/pieces/large", test_large);
  g_test_add_func ("/pieces/cancel-large", test_cancel_large);
  g_test_add_func ("/pieces/later", test_later);
  g_test_add_func ("/pieces/pieces", test_pieces);
  g_test_add_func ("/pieces/other-undo", test_other_undo);
  g_test_add_func ("/pieces/parts", test_parts);
  g_test_add_func ("/pieces/laid-out", test_laid_out);
  return g_test_run ();
}
