/* SPDX-License-Identifier: MIT */
/* A classifier as the start of a project, and what goes out to other programs: answers, labelled
 * pictures, a model card. */
#include "common/paths.h"
#include "document/few-loading.h"
#include "pages/try/few-deployment-dialog.h"
#include "pages/try/few-try-page.h"
#include "world.h"
#include <adwaita.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

static char *
read_file (const char *path)
{
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static void
close_dialogs (void)
{
  GtkWidget *dialog;
  while ((dialog = world_find_window (ADW_TYPE_MESSAGE_DIALOG)))
    gtk_window_destroy (GTK_WINDOW (dialog));
}

static char *
hash_file (const char *path)
{
  g_autofree char *bytes = NULL;
  gsize size = 0;
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, size);
}

static void
export_classifier (World *w, const char *path)
{
  guint before = w->exported;
  WAIT (world_enabled (w, "export-to"));
  world_act (w, "export-to", "s", path);
  WAIT (w->exported > before);
  close_dialogs ();
}

static void
assert_same_answers (GHashTable *wanted, FewTrials *trials)
{
  GListModel *list = few_trials_get_list (trials);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, g_hash_table_size (wanted));
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (list, i);
      const char *path = few_picture_get_path (few_trial_get_picture (trial));
      const double *probability = g_hash_table_lookup (wanted, path);
      g_assert_nonnull (probability);
      g_assert_cmpfloat_with_epsilon (few_trial_get_probability (trial), *probability, 1e-4);
    }
}

static GHashTable *
remember_answers (FewTrials *trials)
{
  GHashTable *answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GListModel *list = few_trials_get_list (trials);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (list, i);
      double *probability = g_new (double, 1);
      *probability = few_trial_get_probability (trial);
      g_hash_table_insert (answers, g_strdup (few_picture_get_path (few_trial_get_picture (trial))),
                           probability);
    }
  return answers;
}

/* Its classes are there without pictures, it answers as it did, and what is saved again tells where
 * it came from; its file stays as it is. */
static void
test_open_classifier (void)
{
  World *w = world_new ();
  g_autofree char *path = g_build_filename (w->folder, "kept.safetensors", NULL);
  g_autofree char *again = g_build_filename (w->folder, "again.safetensors", NULL);
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  world_import (w);
  world_learn (w, "gda:a=1");
  world_act (w, "try-path", "s", dark);
  WAIT (world_has_tried (w, 15));
  g_autoptr (GHashTable) answers = remember_answers (w->trials);
  export_classifier (w, path);
  g_autofree char *before = hash_file (path);
  World first = *w;
  world_open (w, path);
  WAIT (few_runs_get_shown (w->runs) == 0 && few_view_get_snapshot (w->view)
        && few_snapshot_info (few_view_get_snapshot (w->view))->trained);
  GListModel *classes = few_examples_get_classes (w->examples);
  g_assert_cmpuint (g_list_model_get_n_items (classes), ==, 2);
  g_assert_false (few_runs_is_stale (w->runs));
  world_act (w, "try-path", "s", dark);
  WAIT (world_has_tried (w, 15));
  assert_same_answers (answers, w->trials);
  few_session_export (w->session, again);
  WAIT (g_file_test (again, G_FILE_TEST_EXISTS) && world_find_window (ADW_TYPE_MESSAGE_DIALOG));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (world_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_autofree char *digits = g_strndup (before, 12);
  g_assert_nonnull (strstr (adw_message_dialog_get_body (dialog), digits));
  close_dialogs ();
  g_autoptr (FewClassifier) saved = few_classifier_load (again, NULL);
  const FewOrigin *origin = &few_classifier_info (saved)->origin;
  g_assert_cmpstr (origin->made, ==, "reopened");
  g_assert_cmpstr (origin->parents[0], ==, before);
  g_autofree char *after = hash_file (path);
  g_assert_cmpstr (before, ==, after);
  gtk_window_destroy (GTK_WINDOW (w->window));
  *w = first;
  world_free (w);
}

static gboolean refused;

static void
refused_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (few_loading_finish (result, &error));
  g_assert_nonnull (strstr (error->message, "no names of their own"));
  refused = TRUE;
}

/* A project of two classes of one name could be saved, and not be opened again. */
static void
test_classes_of_one_name (void)
{
  World *w = world_new ();
  g_autofree char *path = g_build_filename (w->folder, "odd.safetensors", NULL);
  gsize size;
  g_autofree char *bytes = NULL;
  world_import (w);
  world_learn (w, "gda:a=1");
  export_classifier (w, path);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  char *name = g_strstr_len (bytes + 8, (gssize) size - 8, "\\\"light\\\"");
  g_assert_nonnull (name);
  memcpy (name, "\\\"dark\\\" ", 9);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
  g_assert_true (few_loading_begin (w->session, path, refused_cb, NULL));
  WAIT (refused);
  world_free (w);
}

/* Pictures of the project into folders and one file, with the split that was measured on. */
static void
test_labelled (void)
{
  World *w = world_new ();
  g_autofree char *yolo = g_build_filename (w->folder, "yolo", NULL);
  g_autofree char *set = g_build_filename (w->folder, "set", NULL);
  g_autofree char *coco = g_build_filename (w->folder, "coco.json", NULL);
  g_autofree char *card = g_build_filename (set, "README.md", NULL);
  g_autofree char *trained = g_build_filename (yolo, "train", "dark", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_false (world_enabled (w, "export-yolo"));
  world_import (w);
  world_learn (w, "gda:a=1");
  world_act (w, "export-labelled-to", "(ss)", "yolo", yolo);
  WAIT (!world_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_autoptr (FewDataset) read = few_labels_open (yolo, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (read->has_roles && g_file_test (trained, G_FILE_TEST_IS_DIR));
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  guint wanted[FEW_ROLE_UNUSED + 1] = { 0 };
  guint found[FEW_ROLE_UNUSED + 1] = { 0 };
  for (guint i = 0; i < info->n; i++)
    wanted[info->roles[i]]++;
  for (guint i = 0; i < read->pictures->len; i++)
    found[((const FewDataPicture *) read->pictures->pdata[i])->role]++;
  g_assert_cmpuint (found[FEW_ROLE_TEST], ==, wanted[FEW_ROLE_TEST]);
  g_assert_cmpuint (found[FEW_ROLE_VALIDATION], ==, wanted[FEW_ROLE_VALIDATION]);
  world_act (w, "export-labelled-to", "(ss)", "huggingface", set);
  WAIT (g_file_test (card, G_FILE_TEST_EXISTS) && !world_find_window (ADW_TYPE_MESSAGE_DIALOG));
  world_act (w, "export-labelled-to", "(ss)", "coco", coco);
  WAIT (g_file_test (coco, G_FILE_TEST_EXISTS) && !world_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_autoptr (FewDataset) named = few_labels_open (coco, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (named->pictures->len, ==, read->pictures->len);
  world_free (w);
}

static void
test_card (void)
{
  World *w = world_new ();
  g_autofree char *path = g_build_filename (w->folder, "card.md", NULL);
  g_assert_false (world_enabled (w, "export-card"));
  world_import (w);
  world_learn (w, "gda:a=1");
  world_act (w, "export-card-to", "s", path);
  WAIT (g_file_test (path, G_FILE_TEST_EXISTS));
  g_autofree char *text = read_file (path);
  g_assert_nonnull (strstr (text, "## What was measured"));
  g_assert_nonnull (strstr (text, "test pictures, which nothing was learned from"));
  world_free (w);
}

/* As the table shows them; a Camtrap DP asks first, and does without pictures of no time. */
static void
test_keep (void)
{
  World *w = world_new ();
  g_autofree char *dark = g_build_filename (w->folder, "dark", NULL);
  g_autofree char *out = g_build_filename (dark, "timelapse.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  world_import (w);
  world_train (w, 20);
  world_act (w, "try-path", "s", dark);
  WAIT (world_has_tried (w, 15));
  world_act (w, "try-keep-to", "(ss)", "timelapse", out);
  WAIT (world_enabled (w, "try-keep-to") && g_file_test (out, G_FILE_TEST_EXISTS));
  g_assert_true (json_parser_load_from_file (parser, out, NULL));
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  JsonArray *images = json_object_get_array_member (root, "images");
  g_assert_cmpuint (json_array_get_length (images), ==, 15);
  for (guint i = 0; i < 15; i++)
    {
      JsonObject *image = json_array_get_object_element (images, i);
      FewTrial *trial = world_find_trial (w, json_object_get_string_member (image, "file"));
      JsonArray *detections = json_object_get_array_member (image, "detections");
      g_assert_cmpint (json_array_get_length (detections) == 0, ==, !few_trial_get_class (trial));
      if (json_array_get_length (detections) > 0)
        g_assert_cmpfloat_with_epsilon (
            json_object_get_double_member (json_array_get_object_element (detections, 0), "conf"),
            few_trial_get_probability (trial), 1e-4);
    }
  world_act (w, "try-keep-camtrap", NULL);
  GtkWidget *asked = NULL;
  WAIT ((asked = world_find_window (FEW_TYPE_DEPLOYMENT_DIALOG)));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (asked);
  g_assert_false (adw_message_dialog_get_response_enabled (dialog, "go"));
  gtk_window_destroy (GTK_WINDOW (asked));
  world_act (w, "try-keep-to", "(ss)", "camtrap-dp", dark);
  WAIT (world_enabled (w, "try-keep-to"));
  g_autofree char *package = g_build_filename (dark, "datapackage.json", NULL);
  g_assert_false (g_file_test (package, G_FILE_TEST_EXISTS)); /* it is not known where it was */
  world_free (w);
}

/* Into the folder that was chosen, which is then proposed like any. */
static void
test_archive (void)
{
  World *w = world_new ();
  g_autofree char *archive = g_build_filename (w->folder, "set.tar.gz", NULL);
  g_autofree char *probe = g_build_filename (w->folder, "probe", NULL);
  g_autofree char *folder = g_build_filename (w->folder, "unpacked", NULL);
  g_autofree char *picture = g_build_filename (folder, "dark", "03.png", NULL);
  const char *command[] = { "tar", "-C", w->folder, "-czf", archive, "dark", "light", NULL };
  g_autoptr (GError) error = NULL;
  int status = 1;
  world_write_pictures (w->folder);
  g_assert_true (g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  if (!few_archive_unpack (archive, probe, NULL, NULL, NULL, NULL, &error))
    {
      g_assert_nonnull (strstr (error->message, "libarchive"));
      g_test_skip (error->message);
      world_free (w);
      return;
    }
  world_act (w, "import-archive-to", "(ss)", archive, folder);
  GListModel *classes = few_examples_get_classes (w->examples);
  WAIT (world_find_preview () || g_list_model_get_n_items (classes) == 2);
  g_assert_true (g_file_test (picture, G_FILE_TEST_EXISTS));
  if (world_find_preview ())
    world_answer_preview ("add");
  WAIT (g_list_model_get_n_items (classes) == 2);
  world_free (w);
}

int
main (int argc, char **argv)
{
  world_begin (&argc, &argv);
  g_test_add_func ("/others/open-classifier", test_open_classifier);
  g_test_add_func ("/others/classes-of-one-name", test_classes_of_one_name);
  g_test_add_func ("/others/labelled", test_labelled);
  g_test_add_func ("/others/card", test_card);
  g_test_add_func ("/others/keep", test_keep);
  g_test_add_func ("/others/archive", test_archive);
  return g_test_run ();
}
