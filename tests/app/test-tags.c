/* SPDX-License-Identifier: MIT */
/* Tags of what was tried: asked, written beside the pictures, taken back. */
#include "pages/try/few-tag-dialog.h"
#include "pages/try/few-tagger.h"
#include "pages/try/few-try-page.h"
#include "widgets/few-typed-row.h"
#include "world.h"
#include <adwaita.h>
#include <string.h>

static FewTagDialog *
find_tag_dialog (void)
{
  return FEW_TAG_DIALOG (world_find_window (FEW_TYPE_TAG_DIALOG));
}

static guint
count_sidecars (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;
  while ((name = g_dir_read_name (dir)))
    n += g_str_has_suffix (name, ".xmp");
  return n;
}

/* Cancelled at once: what is written is what is taken back. */
static void
check_cancelled (World *w, const char *folder)
{
  world_act (w, "try-tag-to", "(sb)", "", FALSE);
  world_act (w, "try-cancel", NULL);
  WAIT (world_enabled (w, "try-tag"));
  guint written = count_sidecars (folder);
  g_assert_cmpint (written > 0, ==, world_enabled (w, "try-untag"));
  world_act (w, "try-untag", NULL);
  WAIT (count_sidecars (folder) == 0 && world_enabled (w, "try-tag"));
}

/* What the dialog counts is what is written, beside each picture, and what the toast's button takes
 * back; a picture that is none of the classes gets nothing. */
static void
test_tags (void)
{
  World *w = world_new ();
  g_autoptr (GError) error = NULL;
  if (!few_tags_available (&error))
    {
      g_test_skip (error->message);
      world_free (w);
      return;
    }
  world_import (w);
  world_train (w, 20);
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  g_autofree char *picture = g_build_filename (dark, "03.png", NULL);
  world_act (w, "try-path", "s", dark);
  WAIT (world_has_tried (w, 15));
  world_act (w, "try-tag", NULL);
  WAIT (find_tag_dialog ());
  GtkWidget *none = world_find_widget (GTK_WIDGET (find_tag_dialog ()), GTK_TYPE_DROP_DOWN);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (none), 0);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (find_tag_dialog ());
  WAIT (
      g_str_equal (adw_message_dialog_get_body (dialog), "15 pictures get their classes as tags."));
  g_assert_cmpfloat (few_trials_get_keep (w->trials), ==, 1);
  adw_message_dialog_response (dialog, "cancel");
  gtk_window_destroy (GTK_WINDOW (dialog));
  g_assert_cmpuint (count_sidecars (dark), ==, 0);
  g_assert_false (world_enabled (w, "try-untag"));
  world_act (w, "try-tag", NULL);
  WAIT (find_tag_dialog ());
  dialog = ADW_MESSAGE_DIALOG (find_tag_dialog ());
  gtk_editable_set_text (GTK_EDITABLE (world_find_widget (GTK_WIDGET (dialog), FEW_TYPE_TYPED_ROW)),
                         "Seen/Here");
  adw_message_dialog_response (dialog, "write");
  gtk_window_destroy (GTK_WINDOW (dialog));
  g_assert_false (world_enabled (w, "try-sort")); /* one at a time */
  WAIT (world_enabled (w, "try-untag"));
  g_assert_cmpuint (count_sidecars (dark), ==, 15);
  g_auto (GStrv) words = few_tags_read (picture, NULL);
  const char *name = few_class_get_name (few_trial_get_class (world_find_trial (w, "03.png")));
  g_assert_true (g_strv_length (words) == 1 && g_str_equal (words[0], name));
  g_autofree char *sidecar = g_strconcat (picture, ".xmp", NULL);
  g_autofree char *text = NULL;
  g_autofree char *path = g_strconcat ("Seen|Here|", name, NULL);
  g_assert_true (g_file_get_contents (sidecar, &text, NULL, NULL) && strstr (text, path));
  /* the same once more writes nothing, and what was written is still taken back */
  world_act (w, "try-tag-to", "(sb)", "Seen/Here", FALSE);
  WAIT (world_enabled (w, "try-tag"));
  world_act (w, "try-untag", NULL);
  WAIT (count_sidecars (dark) == 0 && world_enabled (w, "try-tag"));
  g_assert_false (world_enabled (w, "try-untag"));
  check_cancelled (w, dark);
  world_free (w);
}

/* Where the journal is looked for. */
static void
test_tag_folder (void)
{
  static const char *const cases[][3] = { { "/a/b/c.png", "/a/b/d.png", "/a/b" },
                                          { "/a/b/c.png", "/a/bc/d.png", "/a" },
                                          { "/a/b/c.png", "/a/b/c/d.png", "/a/b" },
                                          { "/a/c.png", "/b/c.png", "/" },
                                          { "/c.png", "/a/c.png", "/" } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const FewTag tag = { "x", 1 };
      g_autoptr (GPtrArray) items = few_tag_items_new ();
      few_tag_items_add (items, cases[i][0], &tag, 1);
      few_tag_items_add (items, cases[i][1], &tag, 1);
      g_autofree char *folder = few_tag_items_folder (items);
      g_assert_cmpstr (folder, ==, cases[i][2]);
    }
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/tags/window", test_tags);
  g_test_add_func ("/tags/folder", test_tag_folder);
  return g_test_run ();
}
