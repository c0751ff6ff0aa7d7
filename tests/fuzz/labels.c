/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of labels, of every kind, beside a few pictures: the first byte chooses the
 * name, and whether a picture may have several labels. Whatever is accepted is one of those
 * pictures, or a box inside it whose address says the same when it is written anew, and numbers its
 * classes without gaps. */
#include "fuzz.h"
#include <fewshot/boxes.h>
#include <fewshot/labels.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static const char *const NAMES[] = { "l.csv", "l.tsv", "l.json", "l.jsonl" };

static char *
make_folder (void)
{
  static const char PNG[] = "\x89PNG\r\n\x1a\n";
  char *folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  g_autofree char *inner = g_build_filename (folder, "in", "images", NULL);
  g_autofree char *outside = g_build_filename (folder, "secret.png", NULL);
  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_assert_true (g_file_set_contents (outside, PNG, 8, NULL));
  for (char c = 'a'; c <= 'c'; c++)
    {
      g_autofree char *path =
          g_strdup_printf ("%s/in/%s%c.png", folder, c == 'c' ? "images/" : "", c);
      g_assert_true (g_file_set_contents (path, PNG, 8, NULL));
    }
  return folder;
}

static void
check_set (const FewDataset *set, gboolean any, const char *inside)
{
  for (guint i = 0; i < set->pictures->len; i++)
    {
      const FewDataPicture *picture = set->pictures->pdata[i];
      FewCrop crop;
      guint rect[4];
      g_autofree char *path = few_address_split (picture->path, &crop);
      g_autofree char *again = few_address_new (path, &crop);
      g_assert_cmpstr (again, ==, picture->path);
      few_crop_pixels (&crop, 7, 5, rect);
      g_assert_true (rect[0] < rect[2] && rect[2] <= 7 && rect[1] < rect[3] && rect[3] <= 5);
      g_assert_true (g_str_has_prefix (path, inside) && !strstr (path, "/../"));
      g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
      g_assert_true (any || picture->label < set->classes->len);
      for (guint l = 0; l < picture->n_labels; l++)
        {
          g_assert_cmpuint (picture->labels[l], <, set->classes->len);
          g_assert_true (l == 0 || picture->labels[l - 1] < picture->labels[l]);
        }
      g_assert_cmpuint (picture->role, <, FEW_ROLE_UNUSED);
    }
  for (guint i = 0; i < set->classes->len; i++)
    g_assert_true (*(const char *) set->classes->pdata[i]);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *folder;
  if (!folder)
    folder = make_folder ();
  if (size == 0)
    return 0;
  g_autofree char *path =
      g_build_filename (folder, "in", NAMES[data[0] % G_N_ELEMENTS (NAMES)], NULL);
  g_autofree char *inside = g_build_filename (folder, "in/", NULL);
  const FewBoxJob own = { .source = FEW_BOXES_OWN, .wish = { NAN, NULL } };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refused = NULL;
  g_assert_true (g_file_set_contents (path, (const char *) data + 1, (gssize) size - 1, NULL));
  gboolean any = data[0] & 0x80;
  g_autoptr (FewDataset) set =
      any ? few_labels_open_any (path, NULL, &error) : few_labels_open (path, NULL, &error);
  g_autoptr (FewDataset) boxes = few_labels_open_boxes (path, &own, NULL, &refused);
  g_unlink (path);
  g_assert_true ((set == NULL) == (error != NULL) && (boxes == NULL) == (refused != NULL));
  if (set)
    check_set (set, any, inside);
  if (boxes)
    check_set (boxes, FALSE, inside);
  return 0;
}
