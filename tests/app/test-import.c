/* SPDX-License-Identifier: MIT */
/* What a drop will do is shown first where something is to be decided or is wrong, in process. */
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-import-preview.h"
#include "world.h"
#include <glib/gstdio.h>
#include <string.h>

static GtkWidget *
find (GType type)
{
  return world_find_widget (GTK_WIDGET (world_find_preview ()), type);
}

/* Plain pictures of a colour that no other has. */
static char *
write_pictures (const char *folder, const char *name, guint n)
{
  static guint colour;
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/%02u.png", path, i);
      gdk_pixbuf_fill (pixbuf, ++colour << 16 | 0xff);
      g_assert_true (gdk_pixbuf_save (pixbuf, file, "png", NULL, NULL));
    }
  return path;
}

static void
write_note (const char *folder)
{
  g_autofree char *note = g_build_filename (folder, "notes.txt", NULL);
  g_assert_true (g_file_set_contents (note, "no picture", -1, NULL));
}

static guint
count_classes (World *w)
{
  return g_list_model_get_n_items (few_examples_get_classes (w->examples));
}

static const char *
get_class_name (World *w, guint k)
{
  g_autoptr (FewClass) klass = g_list_model_get_item (few_examples_get_classes (w->examples), k);
  return few_class_get_name (klass);
}

/* Nothing comes before the answer; without an answer nothing at all. */
static void
test_wrong_files (void)
{
  World *w = world_new ();
  g_autofree char *bolts = write_pictures (w->folder, "bolt", 3);
  g_autofree char *nuts = write_pictures (w->folder, "nut", 2);
  write_note (bolts);
  world_drop (GTK_WIDGET (w->window), w->folder);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("5 pictures for 2 new classes.")
                 && world_preview_says ("1 file is not a picture"));
  g_assert_true (world_preview_says ("notes.txt"));
  g_assert_false (gtk_widget_is_visible (find (GTK_TYPE_DROP_DOWN))); /* there are no classes */
  g_assert_cmpuint (world_count_pictures (w), ==, 0);
  world_answer_preview ("cancel");
  g_assert_false (few_import_is_adding (w->import));
  world_drop (GTK_WIDGET (w->window), w->folder);
  WAIT (world_find_preview ());
  g_assert_cmpuint (world_count_pictures (w), ==, 0);
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 5);
  g_assert_cmpuint (count_classes (w), ==, 2);
  g_assert_cmpuint (few_examples_get_refused (w->examples)->len, ==, 1);
  /* what was left out goes with what it came with, and comes back with it */
  world_act (w, "undo", NULL);
  g_assert_cmpuint (few_examples_get_refused (w->examples)->len, ==, 0);
  world_act (w, "redo", NULL);
  g_assert_cmpuint (few_examples_get_refused (w->examples)->len, ==, 1);
  /* again: nothing is new, so nothing is asked */
  guint said = w->messages->len;
  world_drop (GTK_WIDGET (w->window), w->folder);
  WAIT (w->messages->len > said);
  g_assert_null (world_find_preview ());
  world_free (w);
}

/* A folder that could not be read is told, and no class. */
static void
test_unread (void)
{
  World *w = world_new ();
  g_autofree char *bolts = write_pictures (w->folder, "bolt", 1);
  g_autofree char *bolt = g_build_filename (bolts, "00.png", NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  FewFound files[] = { { .path = bolt, .class_name = (char *) "bolt", .picture = TRUE },
                       { .path = (char *) "/closed",
                         .class_name = (char *) "closed",
                         .picture = TRUE,
                         .reason = (char *) "/closed could not be opened: Permission denied." } };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_ptr_array_add (found, &files[i]);
  few_import_add_found (w->import, found);
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 1);
  g_assert_cmpuint (count_classes (w), ==, 1);
  g_assert_cmpuint (world_count_pictures (w), ==, 1);
  GPtrArray *refused = few_examples_get_refused (w->examples);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_cmpstr (refused->pdata[0], ==, files[1].reason);
  world_free (w);
}

/* Folders of pictures and nothing else: there is nothing to decide. */
static void
test_plain (void)
{
  World *w = world_new ();
  g_autofree char *bolts = write_pictures (w->folder, "bolt", 3);
  g_autofree char *nuts = write_pictures (w->folder, "nut", 2);
  world_drop (GTK_WIDGET (w->window), w->folder);
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 5);
  g_assert_null (world_find_preview ());
  g_assert_false (few_import_is_scanning (w->import));
  /* and a picture on an open class */
  g_autofree char *more = write_pictures (w->folder, "more", 1);
  g_autofree char *file = g_build_filename (more, "00.png", NULL);
  world_act (w, "select-class", "i", 1);
  world_drop (GTK_WIDGET (w->window), file);
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 6);
  g_assert_null (world_find_preview ());
  g_assert_cmpuint (count_classes (w), ==, 2);
  world_free (w);
}

/* A picture without a folder, and no class in view: which one is meant is asked. */
static void
test_loose_picture (void)
{
  World *w = world_new ();
  g_autofree char *downloads = write_pictures (w->folder, "Downloads", 2);
  g_autofree char *first = g_build_filename (downloads, "00.png", NULL);
  g_autofree char *second = g_build_filename (downloads, "01.png", NULL);
  world_drop (GTK_WIDGET (w->window), first);
  WAIT (world_find_preview ());
  GtkEditable *name = GTK_EDITABLE (find (GTK_TYPE_ENTRY));
  g_assert_cmpstr (gtk_editable_get_text (name), ==, "Downloads");
  gtk_editable_set_text (name, "cat");
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 1);
  g_assert_cmpstr (get_class_name (w, 0), ==, "cat");
  few_examples_add_class (w->examples, "dog");
  world_drop (GTK_WIDGET (w->window), second);
  WAIT (world_find_preview ());
  gtk_drop_down_set_selected (GTK_DROP_DOWN (find (GTK_TYPE_DROP_DOWN)), 1);
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 2);
  g_assert_cmpuint (count_classes (w), ==, 2);
  g_autoptr (FewClass) dog = g_list_model_get_item (few_examples_get_classes (w->examples), 1);
  g_assert_cmpuint (few_class_get_count (dog), ==, 1);
  world_free (w);
}

/* A folder beside an open class may be a class or belong to that one. */
static void
test_folder_on_open_class (void)
{
  World *w = world_new ();
  g_autofree char *bolts = write_pictures (w->folder, "bolt", 3);
  g_autofree char *more = write_pictures (w->folder, "more", 2);
  FewClass *bolt = few_examples_add_class (w->examples, "bolt");
  world_act (w, "select-class", "i", 0);
  world_drop (GTK_WIDGET (w->window), more);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("2 pictures for 1 new class."));
  GtkWidget *classes = find (GTK_TYPE_DROP_DOWN);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (gtk_widget_get_prev_sibling (classes)), TRUE);
  world_answer_preview ("add");
  WAIT (few_class_get_count (bolt) == 2);
  g_assert_cmpuint (count_classes (w), ==, 1);
  /* the window closes over an open question */
  world_drop (GTK_WIDGET (w->window), bolts);
  WAIT (world_find_preview ());
  world_free (w);
  g_assert_null (world_find_preview ());
}

/* What is dropped on a class's row is decided; what is wrong with it is said. */
static void
test_on_class (void)
{
  World *w = world_new ();
  FewClass *bolt = few_examples_add_class (w->examples, "bolt");
  g_autofree char *more = write_pictures (w->folder, "more", 2);
  write_note (more);
  few_import_propose (w->import, (const char *const[]) { more, NULL }, bolt, FALSE);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("2 pictures for “bolt”."));
  g_assert_false (gtk_widget_is_visible (find (GTK_TYPE_DROP_DOWN)));
  g_assert_false (gtk_widget_is_visible (find (GTK_TYPE_ENTRY)));
  world_answer_preview ("add");
  WAIT (few_class_get_count (bolt) == 2);
  world_free (w);
}

static void
test_split (void)
{
  World *w = world_new ();
  static const char *const parts[] = { "train/bolt", "train/nut", "valid/bolt", "valid/nut" };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_free (write_pictures (w->folder, parts[i], i < 2 ? 3 : 2));
  world_drop (GTK_WIDGET (w->window), w->folder);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("10 pictures for 2 new classes.")
                 && world_preview_says ("for training"));
  GtkWidget *box = gtk_widget_get_parent (gtk_widget_get_parent (find (GTK_TYPE_DROP_DOWN)));
  GtkWidget *training = gtk_widget_get_last_child (box);
  g_assert_true (gtk_widget_get_visible (training));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (training), TRUE);
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 6);
  g_assert_cmpuint (world_count_pictures (w), ==, 6);
  world_free (w);
}

/* What is still looked through can be given up. */
static void
test_cancel (void)
{
  World *w = world_new ();
  g_autofree char *bolts = write_pictures (w->folder, "bolt", 3);
  world_drop (GTK_WIDGET (w->window), bolts);
  g_assert_true (few_import_is_scanning (w->import));
  world_act (w, "cancel-import", NULL);
  g_assert_false (few_import_is_scanning (w->import));
  g_autofree char *nuts = write_pictures (w->folder, "nut", 2);
  world_drop (GTK_WIDGET (w->window), nuts); /* answered after it */
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 2);
  g_assert_cmpuint (world_count_pictures (w), ==, 2);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/import/wrong-files", test_wrong_files);
  g_test_add_func ("/import/unread", test_unread);
  g_test_add_func ("/import/plain", test_plain);
  g_test_add_func ("/import/loose-picture", test_loose_picture);
  g_test_add_func ("/import/folder-on-open-class", test_folder_on_open_class);
  g_test_add_func ("/import/on-class", test_on_class);
  g_test_add_func ("/import/split", test_split);
  g_test_add_func ("/import/cancel", test_cancel);
  return g_test_run ();
}
