/* SPDX-License-Identifier: MIT */
/* Files of labels and keywords in pictures become classes, after the preview and as it says. */
#include "pages/examples/few-import-preview.h"
#include "pages/examples/few-keyword-dialog.h"
#include "world.h"
#include <glib/gstdio.h>
#include <string.h>

/* n pictures 0.png, 1.png … of colours of their own. */
static void
write_pictures (const char *folder, guint n)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 24, 24);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/%u.png", folder, i);
      gdk_pixbuf_fill (pixbuf, (i + 1) * 0x20103000u | 0xff);
      g_assert_true (gdk_pixbuf_save (pixbuf, file, "png", NULL, NULL));
    }
}

static char *
write_file (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* Dropped, even on a class: each picture's own counts; what cannot be taken is said first. */
static void
test_csv (void)
{
  World *w = world_new ();
  write_pictures (w->folder, 6);
  g_autofree char *file =
      write_file (w->folder, "labels.csv",
                  "file;class;split\n0.png;bolt;train\n1.png;bolt;test\n2.png;nut;train\n"
                  "gone.png;nut;train\n../out.png;nut;train\n3.png;nut;test\n");
  FewClass *other = few_examples_add_class (w->examples, "other");
  few_import_propose (w->import, (const char *const[]) { file, NULL }, other, FALSE);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("4 pictures for 2 new classes.")
                 && world_preview_says ("for testing: 2 pictures"));
  g_assert_true (world_preview_says ("gone.png is not there")
                 && world_preview_says ("../out.png lies outside"));
  GtkWidget *own = world_find_widget (GTK_WIDGET (world_find_preview ()), GTK_TYPE_CHECK_BUTTON);
  GtkWidget *label = gtk_check_button_get_child (GTK_CHECK_BUTTON (own));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==,
                   "A class for each label: bolt (2), nut (2)");
  g_assert_cmpuint (world_count_pictures (w), ==, 0);
  world_answer_preview ("cancel");
  g_assert_false (few_import_is_adding (w->import));
  world_act (w, "import-labels-from", "s", file);
  WAIT (world_find_preview ());
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 4);
  g_assert_true (world_count_class (w, "bolt") == 2 && world_count_class (w, "nut") == 2
                 && world_count_class (w, "other") == 0);
  guint tests = 0;
  for (guint i = 0; i < world_count_pictures (w); i++)
    {
      g_autoptr (FewPicture) picture =
          g_list_model_get_item (few_examples_get_pictures (w->examples), i);
      tests += few_picture_get_use (picture) == FEW_USE_TEST;
    }
  g_assert_cmpuint (tests, ==, 2);
  g_assert_cmpuint (few_examples_get_refused (w->examples)->len, ==, 2);
  world_free (w);
}

/* A sentence for each that cannot be read, and nothing changes. */
static void
test_broken (void)
{
  World *w = world_new ();
  static const char *const files[][3] = {
    { "open.csv", "path,label\n\"0.png,x\n", "never closed" },
    { "none.csv", "words\n", "which column" },
    { "cut.json", "{\"images\": ", "not valid JSON" },
    { "gone.csv", "path,label\ngone.png,x\n", "gone.png is not there" },
    { "bytes.csv", "path,label\n\xff.png,x\n", "UTF-8" },
  };
  write_pictures (w->folder, 1);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = write_file (w->folder, files[i][0], files[i][1]);
      guint said = w->messages->len;
      world_drop (GTK_WIDGET (w->window), path);
      WAIT (w->messages->len > said);
      GPtrArray *refused = few_examples_get_refused (w->examples);
      g_assert_cmpuint (refused->len, ==, i + 1);
      g_assert_nonnull (strstr (refused->pdata[i], files[i][2]));
      g_assert_null (world_find_preview ());
    }
  g_assert_cmpuint (world_count_pictures (w), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (few_examples_get_classes (w->examples)), ==, 0);
  world_free (w);
}

static void
test_coco (void)
{
  World *w = world_new ();
  write_pictures (w->folder, 3);
  g_autofree char *file = write_file (
      w->folder, "instances.json",
      "{\"images\":[{\"id\":5,\"file_name\":\"0.png\"},{\"id\":6,\"file_name\":\"1.png\"},"
      "{\"id\":7,\"file_name\":\"2.png\"}],\"categories\":[{\"id\":1,\"name\":\"cat\"},"
      "{\"id\":2,\"name\":\"dog\"}],\"annotations\":[{\"image_id\":5,\"category_id\":1},"
      "{\"image_id\":5,\"category_id\":1},{\"image_id\":6,\"category_id\":2},"
      "{\"image_id\":7,\"category_id\":1},{\"image_id\":7,\"category_id\":2}]}");
  world_drop (GTK_WIDGET (w->window), file);
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("2 pictures for 2 new classes.")
                 && world_preview_says ("2.png has annotations of several"));
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 2);
  g_assert_true (world_count_class (w, "cat") == 1 && world_count_class (w, "dog") == 1);
  world_free (w);
}

/* The marked keywords are classes; a picture with two of them is left out. */
static void
test_keywords (void)
{
  World *w = world_new ();
  g_autoptr (GError) error = NULL;
  if (!few_tags_available (&error))
    {
      g_test_skip (error->message);
      world_free (w);
      return;
    }
  write_pictures (w->folder, 6);
  const FewTagOptions options = { NULL, "test", NULL, FALSE };
  g_autoptr (FewTagJournal) journal = few_tag_journal_new (w->folder, &error);
  static const char *const words[][2] = {
    { "owl", NULL }, { "owl", NULL }, { "heron", NULL }, { "owl", "heron" }, { "winter", NULL }
  };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      const FewTag tags[] = { { words[i][0], 1 }, { words[i][1], 1 } };
      g_autofree char *path = g_strdup_printf ("%s/%u.png", w->folder, i);
      FewTagsOutcome outcome;
      g_assert_true (few_tags_put (path, tags, words[i][1] ? 2 : 1, &options, journal, &outcome,
                                   NULL, &error));
    }
  world_act (w, "import-keywords-from", "s", w->folder);
  GtkWidget *dialog = NULL;
  WAIT ((dialog = world_find_window (FEW_TYPE_KEYWORD_DIALOG)));
  GtkWidget *list = world_find_widget (dialog, GTK_TYPE_LIST_BOX);
  WAIT (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 2));
  for (int i = 0; i < 2; i++) /* owl (3), heron (2) */
    {
      GtkWidget *row = GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), i));
      g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==,
                       i == 0 ? "owl" : "heron");
      gtk_check_button_set_active (
          GTK_CHECK_BUTTON (world_find_widget (row, GTK_TYPE_CHECK_BUTTON)), TRUE);
    }
  g_signal_emit_by_name (world_find_styled (dialog, GTK_TYPE_BUTTON, "suggested-action"),
                         "clicked");
  WAIT (world_find_preview ());
  g_assert_true (world_preview_says ("3 pictures for 2 new classes.")
                 && world_preview_says ("3.png has several classes"));
  world_answer_preview ("add");
  WAIT (world_count_state (w, FEW_PICTURE_READY) == 3);
  g_assert_true (world_count_class (w, "owl") == 2 && world_count_class (w, "heron") == 1);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/labels/csv", test_csv);
  g_test_add_func ("/labels/broken", test_broken);
  g_test_add_func ("/labels/coco", test_coco);
  g_test_add_func ("/labels/keywords", test_keywords);
  return g_test_run ();
}
