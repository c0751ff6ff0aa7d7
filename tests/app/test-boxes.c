/* SPDX-License-Identifier: MIT */
/* Parts of pictures in the window: drawn by the pointer and by keys, used, taken back, saved, split
 * into tiles, tried, and taken from a file of labels. */
#include "pages/examples/few-import-preview.h"
#include "session/few-boxes.h"
#include "session/few-tiling.h"
#include "widgets/few-box-bar.h"
#include "widgets/few-viewer.h"
#include "world.h"
#include <math.h>
#include <string.h>

static gboolean
has_crop (FewPicture *picture)
{
  return !few_crop_is_whole (few_picture_get_crop (picture));
}

static guint
count_parts (World *w)
{
  guint n = 0;
  for (guint i = 0; i < world_count_pictures (w); i++)
    n += has_crop (world_get_picture (w, i));
  return n;
}

/* The first that takes part. */
static guint
find_ready (World *w)
{
  guint at = 0;
  while (few_picture_get_state (world_get_picture (w, at)) != FEW_PICTURE_READY)
    at++;
  return at;
}

static FewCrop
crop_of (double x, double y, double width, double height)
{
  FewCrop crop;
  g_assert_true (few_crop_init (&crop, x, y, width, height));
  return crop;
}

static gpointer
get_child (GtkWidget *viewer, const char *name)
{
  return gtk_widget_get_template_child (viewer, FEW_TYPE_VIEWER, name);
}

static gpointer
find_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (widget);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GObject) one = g_list_model_get_item (all, i);
      if (g_type_is_a (G_OBJECT_TYPE (one), type))
        return one; /* the widget keeps it */
    }
  g_assert_not_reached ();
}

static void
drag (GtkWidget *editor, double x, double y, double by_x, double by_y)
{
  gpointer gesture = find_controller (editor, GTK_TYPE_GESTURE_DRAG);
  g_signal_emit_by_name (gesture, "drag-begin", x, y);
  g_signal_emit_by_name (gesture, "drag-update", by_x, by_y);
}

static void
assert_near (FewBoxEditor *editor, double x, double y, double width, double height)
{
  const double wanted[4] = { x, y, width, height };
  double box[4];
  few_crop_box (few_box_editor_get_crop (editor), box);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (box[i], wanted[i], .004);
}

static GtkWidget *
open_viewer (World *w, guint at)
{
  few_viewer_open (GTK_WINDOW (w->window), w->session, few_examples_get_pictures (w->examples), at);
  g_assert_null (world_find_window (FEW_TYPE_VIEWER)); /* not within the click that asks for it */
  WAIT (world_find_window (FEW_TYPE_VIEWER));
  return world_find_window (FEW_TYPE_VIEWER);
}

/* A drag draws a box, another one takes hold of its edge or of all of it; keys do the same; what is
 * used is one step, which undo takes back with its feature. */
static void
test_draw (void)
{
  World *w = world_new ();
  world_import (w);
  guint at = find_ready (w);
  guint n = world_count_pictures (w);
  FewPicture *before = world_get_picture (w, at);
  GtkWidget *viewer = open_viewer (w, at);
  GtkWidget *editor = world_find_widget (viewer, FEW_TYPE_BOX_EDITOR);
  FewLargePicture *image = get_child (viewer, "image");
  graphene_rect_t f;
  g_assert_false (gtk_widget_get_visible (editor));
  gtk_toggle_button_set_active (get_child (viewer, "box"), TRUE);
  WAIT (few_large_picture_get_frame (image, &f) && f.size.width > 100);
  double left = (double) f.origin.x;
  double top = (double) f.origin.y;
  double width = (double) f.size.width;
  double height = (double) f.size.height;
  drag (editor, left + .2 * width, top + .3 * height, .4 * width, .5 * height);
  assert_near (FEW_BOX_EDITOR (editor), .2, .3, .4, .5);
  drag (editor, left + .6 * width, top + .5 * height, .2 * width, .1 * height); /* right edge */
  assert_near (FEW_BOX_EDITOR (editor), .2, .3, .6, .5);
  drag (editor, left + .5 * width, top + .5 * height, width, .1 * height); /* as far as it goes */
  assert_near (FEW_BOX_EDITOR (editor), .4, .4, .6, .5);
  g_assert_true (world_press (editor, GDK_KEY_Left, 0));
  g_assert_true (world_press (editor, GDK_KEY_Up, GDK_SHIFT_MASK));
  assert_near (FEW_BOX_EDITOR (editor), .39, .4, .6, .49);
  g_assert_true (world_press (editor, GDK_KEY_Escape, 0));
  g_assert_true (few_crop_is_whole (few_box_editor_get_crop (FEW_BOX_EDITOR (editor))));
  g_assert_false (world_press (editor, GDK_KEY_Escape, 0)); /* the window's */
  g_assert_true (world_press (editor, GDK_KEY_Right, 0));
  assert_near (FEW_BOX_EDITOR (editor), .25, .25, .5, .5);
  g_signal_emit_by_name (get_child (viewer, "box_bar"), "chosen");
  FewPicture *part = world_get_picture (w, at);
  g_assert_true (part != before && has_crop (part) && world_count_pictures (w) == n);
  g_assert_true (few_picture_get_class (part) == few_picture_get_class (before));
  g_assert_false (gtk_toggle_button_get_active (get_child (viewer, "box")));
  WAIT (few_picture_get_state (part) == FEW_PICTURE_READY);
  g_assert_cmpstr (few_picture_get_hash (part), ==, few_picture_get_hash (before));
  gtk_window_destroy (GTK_WINDOW (viewer));
  world_act (w, "undo", NULL);
  g_assert_true (world_get_picture (w, at) == before && count_parts (w) == 0);
  g_assert_cmpint (few_picture_get_state (before), ==, FEW_PICTURE_READY);
  world_act (w, "redo", NULL);
  g_assert_true (world_get_picture (w, at) == part && world_count_pictures (w) == n);
  g_assert_cmpint (few_picture_get_state (part), ==, FEW_PICTURE_READY);
  world_free (w);
}

static void
test_save (void)
{
  World *w = world_new ();
  world_import (w);
  guint at = find_ready (w);
  const FewCrop crop = crop_of (.1, .2, .3, .4);
  FewPicture *part = few_boxes_use_part (w->examples, world_get_picture (w, at), &crop);
  g_assert_null (few_boxes_use_part (w->examples, part, &crop)); /* it is that already */
  WAIT (few_picture_get_state (part) == FEW_PICTURE_READY);
  g_autofree char *path = g_build_filename (w->folder, "p.fewshot", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (few_project_save (few_session_get_project (w->session), path, &error));
  g_autoptr (FewProject) again = few_project_load (path, &error);
  g_assert_no_error (error);
  const FewProjectPicture *record = &g_array_index (again->pictures, FewProjectPicture, at);
  g_assert_true (few_crop_is_equal (&record->crop, &crop));
  World before = *w;
  world_open (w, path);
  WAIT (world_count_pictures (w) > 0 && world_count_state (w, FEW_PICTURE_WAITING) == 0);
  g_assert_true (few_crop_is_equal (few_picture_get_crop (world_get_picture (w, at)), &crop));
  gtk_window_destroy (GTK_WINDOW (w->window));
  *w = before;
  world_free (w);
}

static guint tiled; /* one more than came; 0: not yet */
static const guint UNDONE = G_MAXUINT;

static void
tiled_cb (guint came, gpointer tiling)
{
  tiled = few_tiling_was_undone (*(FewTiling **) tiling) ? UNDONE : came + 1;
  g_clear_pointer ((FewTiling **) tiling, few_tiling_free);
}

static void
begin_split (World *w, GPtrArray *pictures, guint n)
{
  static FewTiling *tiling;
  tiled = 0;
  tiling = few_tiling_new (w->examples, pictures, n, tiled_cb, &tiling);
}

/* How many tiles came. */
static guint
split (World *w, GPtrArray *pictures, guint n)
{
  begin_split (w, pictures, n);
  WAIT (tiled > 0);
  return tiled - 1;
}

static GPtrArray *
list_ready (World *w)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < world_count_pictures (w); i++)
    if (few_picture_get_state (world_get_picture (w, i)) == FEW_PICTURE_READY)
      g_ptr_array_add (all, g_object_ref (world_get_picture (w, i)));
  return all;
}

/* Many come some a turn of the main loop, right behind their pictures, and are one step; what is
 * undone on the way is not gone on with. */
static void
test_pieces (void)
{
  enum { BATCH = 32, SIDE = 4 };
  World *w = world_new ();
  world_import (w);
  guint n = world_count_pictures (w);
  guint most = 0;
  guint turns = 0;
  g_autoptr (GPtrArray) all = list_ready (w);
  g_assert_cmpuint (all->len * SIDE * SIDE, >, 3 * BATCH);
  begin_split (w, all, SIDE);
  g_assert_cmpuint (world_count_pictures (w), ==, n);
  for (guint before = n; tiled == 0; before = world_count_pictures (w))
    {
      g_main_context_iteration (NULL, TRUE);
      most = MAX (most, world_count_pictures (w) - before);
      turns += world_count_pictures (w) > before;
    }
  g_assert_cmpuint (tiled - 1, ==, SIDE * SIDE * all->len);
  g_assert_true (turns > 3 && most < BATCH + SIDE * SIDE);
  for (guint i = 1; i < world_count_pictures (w); i++)
    g_assert_true (!has_crop (world_get_picture (w, i))
                   || g_str_equal (few_picture_get_path (world_get_picture (w, i)),
                                   few_picture_get_path (world_get_picture (w, i - 1))));
  world_act (w, "undo", NULL);
  g_assert_true (world_count_pictures (w) == n && count_parts (w) == 0);
  few_examples_set_prompt (w->examples, few_picture_get_class (all->pdata[0]), "a {}.");
  begin_split (w, all, 3);
  WAIT (count_parts (w) > 0);
  world_act (w, "undo", NULL); /* the prompt's */
  WAIT (tiled > 0);
  g_assert_true (tiled == UNDONE && count_parts (w) == 0);
  world_free (w);
}

/* Tiles are further examples, none of them a duplicate, and stay on one side of a split. */
static void
test_tiles (void)
{
  World *w = world_new ();
  world_import (w);
  guint n = world_count_pictures (w);
  guint ready = world_count_state (w, FEW_PICTURE_READY);
  g_autoptr (GPtrArray) all = list_ready (w);
  g_assert_cmpuint (split (w, all, 2), ==, 4 * ready);
  g_assert_cmpuint (split (w, all, 2), ==, 0);
  g_assert_cmpuint (world_count_pictures (w), ==, n + 4 * ready);
  WAIT (world_count_state (w, FEW_PICTURE_WAITING) == 0);
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_READY), ==, 5 * ready);
  world_train (w, 2);
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  g_autoptr (GHashTable) sides = g_hash_table_new (g_str_hash, g_str_equal);
  guint tested = 0;
  for (guint i = 0; i < info->n; i++)
    {
      const char *path =
          few_picture_get_path (few_examples_get_picture (w->examples, info->ids[i]));
      gpointer side = GUINT_TO_POINTER (info->roles[i] + 1u);
      gpointer other = g_hash_table_lookup (sides, path);
      if (info->roles[i] == FEW_ROLE_UNUSED)
        continue;
      g_assert_true (!other || other == side);
      g_hash_table_insert (sides, (char *) path, side);
      tested += info->roles[i] == FEW_ROLE_TEST;
    }
  g_assert_cmpuint (tested, >, 0);
  g_autofree char *table = g_build_filename (w->folder, "table.csv", NULL);
  g_autofree char *text = NULL;
  world_act (w, "export-to", "s", table);
  WAIT (g_file_get_contents (table, &text, NULL, NULL) && strlen (text) > 0);
  g_assert_nonnull (strstr (text, "png [0, ")); /* which part of the file */
  world_act (w, "undo", NULL);
  world_free (w);
}

static char *
write_coco (World *w)
{
  static const char COCO[] =
      "{\"images\":[{\"id\":1,\"file_name\":\"a.png\",\"width\":40,\"height\":20}],"
      "\"categories\":[{\"id\":1,\"name\":\"bolt\"}],\"annotations\":["
      "{\"id\":1,\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,20,20]},"
      "{\"id\":2,\"image_id\":1,\"category_id\":1,\"bbox\":[20,0,20,20]}]}";
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 20);
  g_autofree char *picture = g_build_filename (w->folder, "coco", "a.png", NULL);
  g_autofree char *folder = g_path_get_dirname (picture);
  char *path = g_build_filename (folder, "coco.json", NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  gdk_pixbuf_fill (pixbuf, 0x3080c0ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, picture, "png", NULL, NULL)
                 && g_file_set_contents (path, COCO, -1, NULL));
  return path;
}

/* Another one: a picture of one class, and one with a box of each of two. */
static char *
write_mixed (World *w)
{
  static const char COCO[] =
      "{\"images\":[{\"id\":1,\"file_name\":\"a.png\",\"width\":40,\"height\":20},"
      "{\"id\":2,\"file_name\":\"b.png\",\"width\":40,\"height\":20}],"
      "\"categories\":[{\"id\":1,\"name\":\"bolt\"},{\"id\":2,\"name\":\"nut\"}],"
      "\"annotations\":[{\"id\":1,\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,20,20]},"
      "{\"id\":2,\"image_id\":2,\"category_id\":1,\"bbox\":[0,0,20,20]},"
      "{\"id\":3,\"image_id\":2,\"category_id\":2,\"bbox\":[20,0,20,20]}]}";
  char *path = write_coco (w);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *picture = g_build_filename (folder, "b.png", NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 20);
  gdk_pixbuf_fill (pixbuf, 0xc08030ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, picture, "png", NULL, NULL)
                 && g_file_set_contents (path, COCO, -1, NULL));
  return path;
}

static GtkWidget *
find_choice (const char *name)
{
  return GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (world_find_preview ()),
                                                    FEW_TYPE_IMPORT_PREVIEW, name));
}

/* Boxes keep the classes that they have, though the pictures are of one; with all their labels it
 * is the pictures that come. */
static void
test_import_mixed (void)
{
  for (guint several = 0; several < 2; several++)
    {
      World *w = world_new ();
      g_autofree char *file = write_mixed (w);
      few_import_propose (w->import, (const char *const[]) { file, NULL }, NULL, FALSE);
      WAIT (world_find_preview ());
      gtk_check_button_set_active (GTK_CHECK_BUTTON (find_choice ("boxes")), TRUE);
      gtk_editable_set_text (GTK_EDITABLE (find_choice ("name")), "screw");
      g_assert_true (gtk_widget_get_visible (find_choice ("several")));
      gtk_check_button_set_active (GTK_CHECK_BUTTON (find_choice ("several")), several == 1);
      g_assert_true (gtk_widget_get_sensitive (find_choice ("boxes")) == (several == 0));
      world_answer_preview ("add");
      WAIT (world_count_state (w, FEW_PICTURE_READY) == (several ? 2 : 3));
      g_assert_cmpuint (count_parts (w), ==, several ? 0 : 3);
      g_assert_true (few_examples_is_several (w->examples) == (several == 1));
      g_assert_cmpuint (world_count_class (w, several ? "bolt" : "screw"), ==, 2);
      g_assert_cmpuint (world_count_class (w, "nut"), ==, 1);
      world_act (w, "undo", NULL);
      g_assert_true (world_count_pictures (w) == 0 && !few_examples_is_several (w->examples));
      world_free (w);
    }
}

static void
assert_labels (FewPicture *picture, const char *names)
{
  g_autofree char *own = few_picture_name_classes (picture);
  g_assert_cmpstr (own, ==, names);
}

/* A part and tiles have all the labels of their picture, in the file and after undo, too. */
static void
test_several (void)
{
  World *w = world_new ();
  world_import (w);
  guint at = find_ready (w);
  const FewCrop crop = crop_of (0, 0, .5, 1);
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  FewPicture *picture = world_get_picture (w, at);
  g_ptr_array_add (one, picture);
  few_examples_set_several (w->examples, TRUE);
  few_examples_label (w->examples, one, few_examples_add_class (w->examples, "zebra"), TRUE);
  g_autofree char *both = few_picture_name_classes (picture);
  g_assert_nonnull (strstr (both, ", zebra"));
  FewPicture *part = few_boxes_use_part (w->examples, picture, &crop);
  assert_labels (part, both);
  one->pdata[0] = part;
  g_assert_cmpuint (split (w, one, 2), ==, 4);
  g_assert_cmpuint (world_count_class (w, "zebra"), ==, 5);
  assert_labels (world_get_picture (w, at + 4), both);
  world_act (w, "undo", NULL);
  world_act (w, "undo", NULL);
  g_assert_true (world_get_picture (w, at) == picture && world_count_class (w, "zebra") == 1);
  world_act (w, "redo", NULL);
  g_assert_true (world_get_picture (w, at) == part);
  assert_labels (part, both);
  g_autoptr (FewProject) project = few_session_get_project (w->session);
  const FewProjectPicture *record = &g_array_index (project->pictures, FewProjectPicture, at);
  g_assert_true (few_crop_is_equal (&record->crop, &crop) && record->labels->n == 2);
  few_examples_set_use (w->examples, one, FEW_USE_NONE); /* and one without any has none */
  part = few_boxes_use_part (w->examples, world_get_picture (w, at), &(FewCrop) { 0 });
  g_assert_cmpint (few_picture_get_use (part), ==, FEW_USE_NONE);
  world_free (w);
}

static void
assert_heading (const char *words)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (world_find_preview ());
  g_assert_cmpstr (adw_message_dialog_get_heading (dialog), ==, words);
}

/* A table whose rows are parts of pictures, and one that is whole. */
static void
test_import_table (void)
{
  static const char TABLE[] = "path,label,box\na.png,bolt,0 0 .5 1\na.png,nut,.5 0 .5 1\n"
                              "b.png,nut,\nb.png,nut,2 0 1 1\n";
  World *w = world_new ();
  g_autofree char *coco = write_mixed (w);
  g_autofree char *folder = g_path_get_dirname (coco);
  g_autofree char *file = g_build_filename (folder, "l.csv", NULL);
  g_assert_true (g_file_set_contents (file, TABLE, -1, NULL));
  few_import_propose (w->import, (const char *const[]) { file, NULL }, NULL, FALSE);
  WAIT (world_find_preview ());
  assert_heading ("Add 1 Picture and 2 Parts of 1 Picture?");
  g_assert_true (world_preview_says ("1 picture and 2 parts of 1 picture for 2 new classes")
                 && world_preview_says ("Line 5 of ") && world_preview_says ("“2 0 1 1”"));
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 3);
  g_assert_true (count_parts (w) == 2 && world_count_class (w, "nut") == 2);
  world_free (w);
}

/* Either the picture or its boxes, as a person says. */
static void
test_import (void)
{
  for (guint boxes = 0; boxes < 2; boxes++)
    {
      World *w = world_new ();
      g_autofree char *file = write_coco (w);
      few_import_propose (w->import, (const char *const[]) { file, NULL }, NULL, FALSE);
      WAIT (world_find_preview ());
      g_assert_true (world_preview_says ("1 picture for 1 new class"));
      GObject *choice = gtk_widget_get_template_child (GTK_WIDGET (world_find_preview ()),
                                                       FEW_TYPE_IMPORT_PREVIEW, "boxes");
      g_assert_true (gtk_widget_get_visible (GTK_WIDGET (choice)));
      assert_heading ("Add 1 Picture?");
      gtk_check_button_set_active (GTK_CHECK_BUTTON (choice), boxes == 1);
      assert_heading (boxes ? "Add 2 Parts of 1 Picture?" : "Add 1 Picture?");
      g_assert_true (!boxes || world_preview_says ("2 parts of 1 picture for 1 new class"));
      world_answer_preview ("add");
      WAIT (world_count_state (w, FEW_PICTURE_READY) == 1 + boxes);
      g_assert_cmpuint (count_parts (w), ==, 2 * boxes);
      g_assert_cmpuint (world_count_pictures (w), ==, 1 + boxes);
      world_free (w);
    }
}

static void
test_try (void)
{
  World *w = world_new ();
  world_import (w);
  FewPicture *picture = world_get_picture (w, find_ready (w));
  const FewCrop crop = crop_of (0, 0, .5, .5);
  few_trials_try (w->trials, (const char *const[]) { few_picture_get_path (picture), NULL });
  WAIT (world_has_tried (w, 1));
  GListModel *list = few_trials_get_list (w->trials);
  g_autoptr (FewTrial) whole = g_list_model_get_item (list, 0);
  few_trials_try_part (w->trials, whole, &crop);
  WAIT (world_has_tried (w, 2));
  g_autoptr (FewTrial) part = g_list_model_get_item (list, 1);
  g_assert_true (has_crop (few_trial_get_picture (part))
                 && !has_crop (few_trial_get_picture (whole)));
  g_assert_nonnull (few_trial_get_snapshot (part, NULL));
  GtkWidget *page = GTK_WIDGET (few_window_find_page (w->window, "try"));
  GtkWidget *table = world_find_widget (page, GTK_TYPE_COLUMN_VIEW);
  world_act (w, "page", "s", "try");
  gtk_selection_model_select_item (gtk_column_view_get_model (GTK_COLUMN_VIEW (table)), 1, TRUE);
  world_act (w, "try-add", "i", 2); /* the part, and not its file, which is there already */
  WAIT (count_parts (w) == 1);
  FewPicture *added = world_get_picture (w, world_count_pictures (w) - 1);
  g_assert_true (few_crop_is_equal (few_picture_get_crop (added), &crop));
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/boxes/draw", test_draw);
  g_test_add_func ("/boxes/save", test_save);
  g_test_add_func ("/boxes/tiles", test_tiles);
  g_test_add_func ("/boxes/pieces", test_pieces);
  g_test_add_func ("/boxes/import", test_import);
  g_test_add_func ("/boxes/import-table", test_import_table);
  g_test_add_func ("/boxes/import-mixed", test_import_mixed);
  g_test_add_func ("/boxes/several", test_several);
  g_test_add_func ("/boxes/try", test_try);
  return g_test_run ();
}
