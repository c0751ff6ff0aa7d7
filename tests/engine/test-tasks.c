/* SPDX-License-Identifier: MIT */
/* Tasks: splits, draws, split files, lists, templates, intervals. */
#include "golden.h"
#include "worker/scan.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { CLASSES = 3, EACH = 18, N = CLASSES * EACH };

/* Wilson's interval against values of scipy.stats.binomtest (…).proportion_ci (method="wilson"). */
static void
test_interval (void)
{
  double low, high;
  few_interval (45, 50, &low, &high);
  g_assert_cmpfloat (fabs (low - 0.786398) + fabs (high - 0.956524), <, 2e-5);
  few_interval (0, 10, &low, &high);
  g_assert_true (fabs (low) < 1e-12 && fabs (high - 0.277533) < 1e-5);
  few_interval (10, 10, &low, &high);
  g_assert_true (fabs (low - 0.722467) < 1e-5 && fabs (high - 1) < 1e-12);
  few_interval (0, 0, &low, &high);
  g_assert_true (isnan (low) && isnan (high));
}

static void
count (const guint8 *roles, const guint32 *labels, guint class, guint counts[4])
{
  memset (counts, 0, 4 * sizeof (guint));
  for (guint i = 0; i < N; i++)
    if (labels[i] == class)
      counts[roles[i]]++;
}

static void
test_splits (void)
{
  guint32 labels[N];
  guint8 held[N], roles[N], other[N];
  guint counts[4];
  for (guint i = 0; i < N; i++)
    labels[i] = i % CLASSES;
  g_assert_true (few_hold_out (labels, N, CLASSES, 0, held, NULL));
  memcpy (roles, held, N);
  g_assert_true (few_shot_split (labels, N, CLASSES, 3, 1, roles, NULL));
  for (guint c = 0; c < CLASSES; c++)
    {
      count (roles, labels, c, counts);
      g_assert_true (counts[FEW_ROLE_TRAIN] == 3 && counts[FEW_ROLE_VALIDATION] == 3
                     && counts[FEW_ROLE_TEST] == EACH / 2
                     && counts[FEW_ROLE_UNUSED] == EACH / 2 - 6);
    }
  memcpy (other, held, N);
  g_assert_true (few_shot_split (labels, N, CLASSES, 3, 2, other, NULL));
  g_assert_true (memcmp (roles, other, N) != 0); /* another draw … */
  for (guint i = 0; i < N; i++) /* … of the same test pictures */
    g_assert_true ((roles[i] == FEW_ROLE_TEST) == (other[i] == FEW_ROLE_TEST));
  /* more shots than there are: all of them, nothing left to validate on */
  memcpy (roles, held, N);
  g_assert_true (few_shot_split (labels, N, CLASSES, 100, 1, roles, NULL));
  count (roles, labels, 1, counts);
  g_assert_true (counts[FEW_ROLE_TRAIN] == EACH / 2 && counts[FEW_ROLE_VALIDATION] == 0);
  /* a validation set of its own: four of it */
  static const guint8 thirds[] = { FEW_ROLE_TRAIN, FEW_ROLE_VALIDATION, FEW_ROLE_TEST };
  for (guint i = 0; i < N; i++)
    roles[i] = thirds[3 * i / N];
  g_assert_true (few_shot_split (labels, N, CLASSES, 4, 1, roles, NULL));
  for (guint i = 0; i < N; i++)
    g_assert_true (roles[i] == FEW_ROLE_UNUSED || roles[i] == thirds[3 * i / N]);
  count (roles, labels, 0, counts);
  g_assert_true (counts[FEW_ROLE_TRAIN] == 4 && counts[FEW_ROLE_VALIDATION] == 4);
  /* one picture of a class cannot be tested on */
  const guint32 single[] = { 0 };
  g_assert_true (few_hold_out (single, 1, 1, 0, roles, NULL));
  g_assert_cmpuint (roles[0], ==, FEW_ROLE_TRAIN);
}

/* What a seed draws stays what it was, for runs and tables are drawn anew from it. */
static void
test_kept_draws (void)
{
  enum { PICTURES = 500, KINDS = 13 };
  static const char was[] = "4b2feb38078521c10514136e637c787253b8abde277c86a9a2f7b3be01fb4a6c";
  guint32 labels[PICTURES];
  guint8 pinned[PICTURES], roles[4][PICTURES];
  for (guint i = 0; i < PICTURES; i++)
    {
      labels[i] = i * 7 % KINDS;
      pinned[i] = i % 17 == 0;
    }
  g_assert_true (few_split (labels, pinned, PICTURES, KINDS, 0, 1, roles[0], NULL));
  g_assert_true (few_split (labels, NULL, PICTURES, KINDS, 5, 2, roles[1], NULL));
  g_assert_true (few_hold_out (labels, PICTURES, KINDS, 3, roles[2], NULL));
  memcpy (roles[3], roles[2], PICTURES);
  g_assert_true (few_shot_split (labels, PICTURES, KINDS, 7, 4, roles[3], NULL));
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, roles[0], sizeof roles);
  g_assert_cmpstr (sum, ==, was);
}

/* What CPython 3.11 draws: [i for i in range (100) if i % 2 == c], c = 0 then 1, random.sample
 * of each after one random.seed. */
static void
test_draws (void)
{
  static const struct
  {
    guint64 seed;
    guint shots, n, drawn[32];
  } cases[] = {
    { 1, 3, 6, { 16, 72, 96, 9, 33, 15 } },
    { (G_GUINT64_CONSTANT (1) << 40) + 7, 3, 6, { 78, 94, 80, 73, 91, 61 } },
    { 3, 16, 32, { 0,  1,  8,  9,  16, 19, 21, 25, 28, 29, 30, 32, 46, 49, 51, 60,
                   61, 67, 68, 69, 70, 71, 74, 76, 80, 81, 83, 86, 88, 91, 95, 96 } },
  };
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      guint32 labels[100];
      guint8 roles[100];
      guint trained = 0;
      for (guint i = 0; i < 100; i++)
        {
          labels[i] = i % 2;
          roles[i] = FEW_ROLE_TRAIN;
        }
      g_assert_true (few_shot_split (labels, 100, 2, cases[c].shots, cases[c].seed, roles, NULL));
      for (guint i = 0; i < 100; i++)
        trained += roles[i] == FEW_ROLE_TRAIN;
      g_assert_cmpuint (trained, ==, cases[c].n);
      for (guint i = 0; i < cases[c].n; i++)
        g_assert_cmpuint (roles[cases[c].drawn[i]], ==, FEW_ROLE_TRAIN);
    }
}

static char *
write_text (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
test_split_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = scratch_folder ("splits");
  g_autofree char *good =
      write_text (folder, "good.json",
                  "{\"train\": [[\"a/1.jpg\", 1, \"leaf_blight\"], [\"b/2.jpg\", 0, \"rust\"]], "
                  "\"val\": [[\"b/3.jpg\", 0, \"rust\"]],"
                  " \"test\": [[\"a/4.jpg\", 1, \"leaf_blight\"]]}");
  g_autoptr (FewDataset) set = few_dataset_load_split (good, "/pictures", &error);
  g_assert_no_error (error);
  g_assert_true (set->has_roles && set->classes->len == 2 && set->pictures->len == 4);
  g_assert_cmpstr (set->classes->pdata[1], ==, "leaf_blight");
  const FewDataPicture *third = set->pictures->pdata[2];
  g_assert_true (third->role == FEW_ROLE_VALIDATION && third->label == 0);
  g_assert_cmpstr (third->path, ==, "/pictures/b/3.jpg");
  const struct
  {
    const char *text, *says;
  } bad[] = {
    { "[1, 2]", "object" },
    { "{\"train\": {}}", "lists" },
    { "{\"train\": [[\"a.jpg\", \"1\", \"x\"]]}", "entry" },
    { "{\"train\": [[\"a.jpg\", 1]]}", "entry" },
    { "{\"train\": [[\"a.jpg\", -1, \"x\"]]}", "entry" },
    { "{\"train\": [[\"a.jpg\", 4000000000, \"x\"]]}", "entry" },
    { "{\"train\": [[\"a.jpg\", 2, \"x\"]]}", "label 0" },
    { "{\"train\": [[\"../../etc/passwd\", 0, \"x\"]]}", "not inside" },
    { "{\"train\": [[\"/etc/passwd\", 0, \"x\"]]}", "not inside" },
    { "{\"train\": []}", "not a split file" },
    { "{", "bad.json" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = write_text (folder, "bad.json", bad[i].text);
      g_assert_null (few_dataset_load_split (path, "/pictures", &error));
      assert_says (&error, bad[i].says, NULL);
    }
}

static void
test_lists (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = scratch_folder ("lists");
  g_autofree char *train = write_text (
      folder, "train.txt", "1025794 707-320\n\n1340192 Boeing 717\nsub/x.png 707-320\n");
  g_autofree char *test = write_text (folder, "test.txt", "1056978 Boeing 717");
  g_autofree char *bad = write_text (folder, "bad.txt", "lonely\n");
  g_autofree char *renames =
      write_text (folder, "names.txt", "707-320 old jet airliner\nn000 other\n");
  g_autoptr (FewDataset) set = few_dataset_load_lists (train, NULL, test, "/p", &error);
  g_assert_no_error (error);
  g_assert_true (set->has_roles && set->pictures->len == 4 && set->classes->len == 2);
  g_assert_cmpstr (((FewDataPicture *) set->pictures->pdata[1])->path, ==, "/p/1340192.jpg");
  g_assert_cmpstr (((FewDataPicture *) set->pictures->pdata[2])->path, ==, "/p/sub/x.png");
  g_assert_true (((FewDataPicture *) set->pictures->pdata[3])->role == FEW_ROLE_TEST
                 && ((FewDataPicture *) set->pictures->pdata[3])->label == 1);
  g_assert_true (few_dataset_rename_classes (set, renames, &error));
  g_assert_cmpstr (set->classes->pdata[0], ==, "old jet airliner");
  g_assert_null (few_dataset_load_lists (bad, NULL, NULL, "/p", &error));
  assert_says (&error, "line 1", "class name", NULL);
  g_assert_null (few_dataset_load_lists ("/no/such/list", NULL, NULL, "/p", &error));
  assert_says (&error, "/no/such/list", NULL);
}

static void
test_templates (void)
{
  const char *name;
  guint n = 0;
  for (const char *const *preset; (preset = few_template_preset (n, &name)); n++)
    for (; *preset; preset++)
      g_assert_nonnull (strstr (*preset, "{}"));
  g_assert_cmpuint (n, ==, 9);
  g_auto (GStrv) parts = few_templates_split ("a {}. | the {}.");
  g_assert_cmpstr (parts[0], ==, "a {}.");
  g_assert_cmpstr (parts[1], ==, "the {}.");
  g_assert_null (few_templates_split ("a {}. | the."));
  g_assert_null (few_templates_split (""));
}

/* A folder that may not be read says so; who runs the tests may read everything, perhaps. */
static void
test_unread (void)
{
  g_autofree char *folder = scratch_folder ("unread");
  g_autofree char *closed = g_build_filename (folder, "closed", NULL);
  const char *const paths[] = { closed, NULL };
  g_assert_cmpint (g_mkdir (closed, 0), ==, 0);
  uid_t user = geteuid ();
  g_assert_true (user != 0 || (g_chmod (folder, 0711) == 0 && seteuid (65534) == 0));
  g_autoptr (GPtrArray) found = few_scan (paths, NULL, FALSE, NULL);
  g_assert_true (user != 0 || seteuid (user) == 0);
  g_assert_cmpuint (found->len, ==, 1);
  const FewFound *one = found->pdata[0];
  g_assert_cmpstr (one->path, ==, closed);
  g_assert_nonnull (strstr (one->reason, "closed could not be listed: Permission denied"));
  g_rmdir (closed);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tasks/interval", test_interval);
  g_test_add_func ("/tasks/splits", test_splits);
  g_test_add_func ("/tasks/kept-draws", test_kept_draws);
  g_test_add_func ("/tasks/draws", test_draws);
  g_test_add_func ("/tasks/split-files", test_split_files);
  g_test_add_func ("/tasks/lists", test_lists);
  g_test_add_func ("/tasks/templates", test_templates);
  g_test_add_func ("/tasks/unread", test_unread);
  return g_test_run ();
}
