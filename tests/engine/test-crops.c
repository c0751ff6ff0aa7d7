/* SPDX-License-Identifier: MIT */
/* Parts of pictures: boxes and addresses that others wrote, what stands for a part in the cache,
 * and that what is encoded is the part and nothing else. */
#include "golden.h"
#include "base/json.h"
#include "encode/pictures.h"
#include "worker/scan.h"
#include <fewshot.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 90, HEIGHT = 60 };

static char *folder;
static FewModel *model;

/* Stripes of many colours, in a file of that name. */
static char *
draw (const char *name, guint left, guint top, guint width, guint height)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) whole = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, WIDTH, HEIGHT);
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++)
      {
        guint8 *p = gdk_pixbuf_get_pixels (whole) + y * (guint) gdk_pixbuf_get_rowstride (whole)
                    + (gsize) 3 * x;
        p[0] = (guint8) (x * 5 + y);
        p[1] = (guint8) (x * y);
        p[2] = (guint8) (y * 7 - x);
      }
  g_autoptr (GdkPixbuf) part =
      gdk_pixbuf_new_subpixbuf (whole, (int) left, (int) top, (int) width, (int) height);
  gdk_pixbuf_save (part, path, "png", &error, NULL);
  g_assert_no_error (error);
  return path;
}

static FewCrop
crop_of (double x, double y, double width, double height)
{
  FewCrop crop;
  g_assert_true (few_crop_init (&crop, x, y, width, height));
  return crop;
}

static void
test_boxes (void)
{
  static const double bad[][4] = {
    { -.1, 0, .5, .5 },     { 0, -1e-3, 1, 1 },    { .6, 0, .5, 1 },        { 0, .6, 1, .41 },
    { 0, 0, 0, 1 },         { 0, 0, 1, 0 },        { 0, 0, -1, 1 },         { .5, .5, 1e-9, .1 },
    { NAN, 0, 1, 1 },       { 0, INFINITY, 1, 1 }, { 0, 0, NAN, 1 },        { 0, 0, 1, INFINITY },
    { 1e300, 0, 1e300, 1 }, { 1, 0, .1, 1 },       { 0, 0, G_MAXDOUBLE, 1 }
  };
  FewCrop crop;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (few_crop_init (&crop, bad[i][0], bad[i][1], bad[i][2], bad[i][3]));
      g_assert_true (few_crop_is_whole (&crop));
    }
  g_assert_true (few_crop_init (&crop, 0, 0, 1, 1) && few_crop_is_whole (&crop));
  g_assert_true (few_crop_clip (&crop, -.5, .25, 1, 2));
  const FewCrop cut = crop_of (0, .25, .5, .75);
  g_assert_true (few_crop_is_equal (&crop, &cut));
  g_assert_false (few_crop_clip (&crop, 1.5, 0, 1, 1) || few_crop_clip (&crop, -2, 0, 1, 1)
                  || few_crop_clip (&crop, NAN, 0, 1, 1));
}

static void
test_pixels (void)
{
  static const struct
  {
    double box[4];
    guint rect[4];
  } known[] = { { { .1, .5, .2, .5 }, { 9, 30, 27, 60 } },
                { { .105, .0084, .001, .0001 }, { 9, 1, 10, 2 } }, /* 9.45 … 9.54, .504 … .51 */
                { { .9999, 0, .0001, 1 }, { 89, 0, 90, 60 } },
                { { 0, 0, 1, 1 }, { 0, 0, 90, 60 } } };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      const double *box = known[i].box;
      const FewCrop crop = crop_of (box[0], box[1], box[2], box[3]);
      guint rect[4];
      few_crop_pixels (&crop, WIDTH, HEIGHT, rect);
      if (i == 1) /* an edge on either side of half a pixel, and two on the same pixel's */
        g_assert_true (rect[2] == rect[0] + 1 && rect[3] == rect[1] + 1);
      else
        g_assert_cmpmem (rect, sizeof rect, known[i].rect, sizeof rect);
    }
}

static void
test_tiles (void)
{
  for (guint n = 1; n <= 7; n++)
    {
      guint area = 0;
      guint right = 0;
      for (guint i = 0; i < n * n; i++)
        {
          FewCrop crop;
          guint rect[4];
          few_crop_tile (i % n, i / n, n, n, &crop);
          few_crop_pixels (&crop, WIDTH, HEIGHT, rect);
          area += (rect[2] - rect[0]) * (rect[3] - rect[1]);
          g_assert_cmpuint (rect[0], ==, i % n ? right : 0);
          right = rect[2];
        }
      g_assert_cmpuint (area, ==, WIDTH * HEIGHT);
    }
}

static void
test_addresses (void)
{
  static const char *const paths[] = { "/a/b.jpg", "b.jpg", "/a//box=1.jpg", "/a/b\xff.png", "" };
  static const char *const none[] = { "/a/b.jpg//box=",           "/a/b.jpg//box=0,0,2,1",
                                      "/a/b.jpg//box=0,0,.5",     "/a/b.jpg//box=0,0,.5,nan",
                                      "/a/b.jpg//box=0,0,.5,.5 ", "/a/b.jpg//box=0,0,.5,.5,1",
                                      "//box=0,0,.5,.5" };
  const FewCrop crop = crop_of (.123456, .5, .000001, .25);
  for (guint i = 0; i < 4; i++)
    {
      FewCrop again;
      g_autofree char *address = few_address_new (paths[i], &crop);
      g_autofree char *path = few_address_split (address, &again);
      g_assert_cmpstr (path, ==, paths[i]);
      g_assert_true (few_crop_is_equal (&crop, &again) && few_address_has_crop (address));
      g_autofree char *whole = few_address_new (paths[i], NULL);
      g_assert_cmpstr (whole, ==, paths[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      FewCrop again = crop;
      g_autofree char *path = few_address_split (none[i], &again);
      g_assert_cmpstr (path, ==, none[i]);
      g_assert_true (few_crop_is_whole (&again) && !few_address_has_crop (none[i]));
    }
  g_autofree char *address = few_address_new ("/a/b.jpg", &crop);
  g_autofree char *shown = few_address_shown (address);
  g_assert_cmpstr (shown, ==, "/a/b.jpg [0.123456, 0.5, 1e-06, 0.25]");
}

static void
test_key (void)
{
  guint8 hash[32];
  guint8 keys[4][32];
  const FewCrop crops[] = {
    { 0 }, crop_of (0, 0, .5, 1), crop_of (.5, 0, .5, 1), crop_of (0, 0, .5, .999999)
  };
  memset (hash, 7, sizeof hash);
  for (guint i = 0; i < G_N_ELEMENTS (crops); i++)
    few_crop_key (&crops[i], hash, keys[i]);
  g_assert_cmpmem (keys[0], 32, hash, 32); /* what was cached stays what it is */
  for (guint i = 0; i < G_N_ELEMENTS (crops); i++)
    for (guint j = 0; j < i; j++)
      g_assert_true (memcmp (keys[i], keys[j], 32) != 0);
}

static float *
encode (const char *address)
{
  g_autoptr (GError) error = NULL;
  float *feature = g_new (float, few_model_info (model)->dim);
  few_model_encode_file (model, address, feature, NULL, &error);
  g_assert_no_error (error);
  return feature;
}

static void
assert_same (const float *one, const float *other)
{
  gsize bytes = few_model_info (model)->dim * sizeof (float);
  g_assert_cmpmem (one, bytes, other, bytes);
}

typedef struct
{
  float *features; /* [3, D] */
  guint8 hashes[3][32];
  guint cached;
} Encoded;

static void
encoded_cb (gpointer user, guint index, const float *feature, const guint8 *hash,
            gboolean from_cache, const GError *error)
{
  Encoded *encoded = user;
  guint d = few_model_info (model)->dim;
  g_assert_no_error (error);
  memcpy (encoded->features + (gsize) index * d, feature, d * sizeof *feature);
  memcpy (encoded->hashes[index], hash, 32);
  encoded->cached += from_cache;
}

static void
test_encode (void)
{
  const FewCrop crop = crop_of (.2, .25, .5, .5);
  g_autofree char *whole = draw ("whole.png", 0, 0, WIDTH, HEIGHT);
  g_autofree char *part = draw ("part.png", 18, 15, 45, 30);
  g_autofree char *address = few_address_new (whole, &crop);
  g_autofree char *cache = g_build_filename (folder, "cache", NULL);
  g_autofree float *wanted = encode (part);
  g_autofree float *got = encode (address);
  g_autofree float *other = encode (whole);
  guint d = few_model_info (model)->dim;
  g_autofree float *features = g_new (float, 3 * d);
  const char *paths[] = { whole, address, part };
  g_autoptr (GError) error = NULL;
  assert_same (got, wanted);
  g_assert_true (memcmp (got, other, d * sizeof *got) != 0);
  for (guint pass = 0; pass < 2; pass++)
    {
      Encoded encoded = { .features = features };
      memset (features, 0, 3 * d * sizeof *features);
      g_assert_true (
          few_model_encode_files (model, paths, 3, cache, encoded_cb, &encoded, NULL, &error));
      assert_same (features, other);
      assert_same (features + d, wanted);
      assert_same (features + 2 * (gsize) d, wanted);
      g_assert_cmpuint (encoded.cached, ==, pass * 3);
      /* what is told is the file's, which is looked for when it was moved */
      g_assert_cmpmem (encoded.hashes[0], 32, encoded.hashes[1], 32);
    }
}

static void
count_hashes_cb (gpointer user, guint index G_GNUC_UNUSED, const float *feature, const guint8 *hash,
                 gboolean from_cache G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED)
{
  guint *n = user;
  g_assert_nonnull (feature);
  *n += hash != NULL;
}

/* A hash is made where somebody asks for it: the caller, or a cache. */
static void
test_hashes (void)
{
  g_autofree char *whole = draw ("hashed.png", 0, 0, WIDTH, HEIGHT);
  g_autofree char *cache = g_build_filename (folder, "hashes", NULL);
  const char *const paths[] = { whole, whole, whole };
  const struct
  {
    const char *cache;
    gboolean without;
    guint hashes;
  } cases[] = { { NULL, TRUE, 0 }, { NULL, FALSE, 3 }, { cache, TRUE, 3 }, { cache, TRUE, 3 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint n = 0;
      const FewPictureFiles files = { paths, cases[i].cache, count_hashes_cb,
                                      &n,    NULL,           cases[i].without };
      g_assert_true (few_encode_files (model, &files, 3, NULL));
      g_assert_cmpuint (n, ==, cases[i].hashes);
    }
}

static void
test_views (void)
{
  enum { VIEWS = 3 };
  const FewCrop crop = crop_of (.2, .25, .5, .5);
  g_autofree char *whole = draw ("viewed.png", 0, 0, WIDTH, HEIGHT);
  g_autofree char *address = few_address_new (whole, &crop);
  const char *paths[] = { whole, address };
  guint d = few_model_info (model)->dim;
  g_autofree float *views = g_new (float, (gsize) 2 * VIEWS * d);
  g_autoptr (GError) error = NULL;
  few_model_encode_views (model, paths, 2, VIEWS, 1, NULL, views, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (memcmp (views, views + (gsize) VIEWS * d, VIEWS * d * sizeof *views) != 0);
}

static void
test_groups (void)
{
  const char *paths[] = { "/a/x.png",
                          "/a/x.png//box=0,0,0.5,1",
                          "/a/y.png",
                          "/a/x.png//box=0.5,0,0.5,1",
                          "/a/y.png//box=0,0,0.5,1",
                          NULL };
  const guint32 labels[G_N_ELEMENTS (paths)] = { 0, 1, 0, 1, 0, 1 };
  guint32 groups[G_N_ELEMENTS (paths)];
  g_autoptr (GError) error = NULL;
  g_assert_true (
      few_groups_of_files (paths, labels, G_N_ELEMENTS (paths), 0, NULL, groups, &error));
  g_assert_true (groups[0] == groups[1] && groups[1] == groups[3] && groups[2] == groups[4]);
  g_assert_true (groups[0] != groups[2] && groups[5] != groups[0] && groups[5] != groups[2]);
}

/* Of 40 files with five parts each, a fifth is left to test on. */
static void
test_split (void)
{
  enum { FILES = 40, PARTS = 5, N = FILES * PARTS };
  char *paths[N + 1] = { NULL };
  guint32 labels[N] = { 0 };
  guint8 roles[N];
  guint32 groups[N];
  guint moved;
  guint tested = 0;
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < N; i++)
    paths[i] = i % PARTS ? g_strdup_printf ("/a/%u.png//box=0,0,1,0.%u", i / PARTS, i % PARTS)
                         : g_strdup_printf ("/a/%u.png", i / PARTS);
  const char *const *all = (const char *const *) paths;
  g_assert_true (few_split (labels, NULL, N, 1, 0, 1, roles, &error)
                 && few_split_spread_parts (all, NULL, N, FALSE, roles, &error)
                 && few_groups_of_files (all, labels, N, 0, NULL, groups, &error)
                 && few_split_keep_together (groups, N, FALSE, roles, &moved, &error));
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (roles[i], ==, roles[i / PARTS * PARTS]);
      tested += roles[i] == FEW_ROLE_TEST;
      g_free (paths[i]);
    }
  g_assert_true (moved == 0 && tested >= N / 10 && tested <= N * 3 / 10);
}

/* What is always tested on stays that, and takes nothing of its file along. */
static void
test_pinned (void)
{
  enum { N = 5 };
  const char *const paths[] = { "/a/x.png//box=0,0,0.5,1", "/a/x.png", "/a/y.png",
                                "/a/y.png//box=0,0,0.5,1", "/a/y.png//box=0.5,0,0.5,1" };
  const guint8 pinned[N] = { 0, 1, 1, 0, 0 };
  guint8 roles[N] = { FEW_ROLE_TRAIN, FEW_ROLE_TEST, FEW_ROLE_TEST, FEW_ROLE_VALIDATION,
                      FEW_ROLE_TRAIN };
  const guint8 wanted[N] = { FEW_ROLE_TRAIN, FEW_ROLE_TEST, FEW_ROLE_TEST, FEW_ROLE_VALIDATION,
                             FEW_ROLE_VALIDATION };
  g_autoptr (GError) error = NULL;
  g_assert_true (few_split_spread_parts (paths, pinned, N, FALSE, roles, &error));
  g_assert_cmpmem (roles, N, wanted, N);
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  guint side[2];
  g_autoptr (FewDecodeBudget) budget = few_decode_budget_new (1 << 20);
  g_autofree char *gone = g_build_filename (folder, "gone.png//box=0,0,0.5,1", NULL);
  g_autofree char *address = g_strconcat (folder, "/gone.png//box=0,0,0.5,1", NULL);
  g_autofree guint8 *rgba = few_thumbnail (address, 64, budget, &side[0], &side[1], &error);
  g_assert_null (rgba);
  assert_says (&error, "gone.png", "could not be opened", NULL);
}

/* Two of COCO's files at once: the pictures of both have boxes. */
static void
test_scanned (void)
{
  static const char *const names[] = { "one", "two" };
  char *files[3] = { NULL };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.png", names[i]);
      g_autofree char *picture = draw (name, 0, 0, WIDTH, HEIGHT);
      g_autofree char *json = g_strdup_printf (
          "{\"images\":[{\"id\":1,\"file_name\":\"%s\",\"width\":90,\"height\":60}],"
          "\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[9,6,45,30]}],"
          "\"categories\":[{\"id\":1,\"name\":\"cat\"}]}",
          name);
      files[i] = g_strdup_printf ("%s/%s.json", folder, names[i]);
      g_assert_true (g_file_set_contents (files[i], json, -1, NULL));
    }
  g_autoptr (GPtrArray) found = few_scan ((const char *const *) files, NULL, FALSE, NULL);
  guint whole = 0;
  guint boxed = 0;
  for (guint i = 0; i < found->len; i++)
    {
      const FewFound *one = found->pdata[i];
      whole += one->picture && one->has_boxes;
      boxed += one->boxed;
    }
  g_assert_true (whole == 2 && boxed == 2);
  g_free (files[0]);
  g_free (files[1]);
}

static void
test_thumbnail (void)
{
  const FewCrop crop = crop_of (.2, .25, .5, .5);
  g_autoptr (FewDecodeBudget) budget = few_decode_budget_new (1 << 20);
  g_autofree char *whole = draw ("thumb.png", 0, 0, WIDTH, HEIGHT);
  g_autofree char *address = few_address_new (whole, &crop);
  guint width;
  guint height;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *rgba = few_thumbnail (address, 200, budget, &width, &height, &error);
  g_assert_no_error (error);
  g_assert_true (width == 45 && height == 30);
  g_assert_cmpuint (rgba[0], ==, 18 * 5 + 15);
}

/* ---- in a project */

static FewProject *
one_picture (const FewCrop *crop)
{
  FewProject *project = few_project_new ();
  few_project_add_class (project->classes, 1, "a", NULL, NULL);
  FewProjectPicture picture = { .id = 1, .path = g_ref_string_new ("/a/b.png"), .crop = *crop };
  g_array_append_val (project->pictures, picture);
  return project;
}

static void
test_project (void)
{
  static const FewCrop none;
  const FewCrop crop = crop_of (.1, .2, .3, .4);
  g_autoptr (FewProject) plain = one_picture (&none);
  g_autoptr (FewProject) boxed = one_picture (&crop);
  g_autofree char *one = few_project_to_json (plain, NULL);
  g_autofree char *two = few_project_to_json (boxed, NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (strstr (one, "\"fewshot\":1") && !strstr (one, "box"));
  g_assert_nonnull (strstr (two, "\"fewshot\":2")); /* older ones say that it is too new */
  g_autoptr (FewProject) again = few_project_from_json (two, strlen (two), "p", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (
      few_crop_is_equal (&g_array_index (again->pictures, FewProjectPicture, 0).crop, &crop));
  g_autofree char *same = few_project_to_json (again, NULL);
  g_assert_cmpstr (same, ==, two);
}

static void
test_hostile_project (void)
{
  static const char *const boxes[] = { "[0,0,2,1]",    "[0,0,0.5]",  "[0,0,0.5,0.5,1]",
                                       "{}",           "\"a\"",      "[0,0,\"a\",1]",
                                       "[0,0,null,1]", "[-1,0,1,1]", "[]" };
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *json = g_strdup_printf (
          "{\"fewshot\":2,\"classes\":[{\"id\":1,\"name\":\"a\"}],\"pictures\":[{\"id\":1,"
          "\"class\":0,\"path\":\"/a\",\"box\":%s}]}",
          boxes[i]);
      g_assert_null (few_project_from_json (json, strlen (json), "p.fewshot", NULL, &error));
      assert_says (&error, "p.fewshot", "box", NULL);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("fewshot-crops-XXXXXX", NULL);
  g_autofree char *vit = golden_path ("vit");
  model = few_model_open (vit, "cpu", NULL, &error);
  g_assert_no_error (error);
  g_test_add_func ("/crops/boxes", test_boxes);
  g_test_add_func ("/crops/pixels", test_pixels);
  g_test_add_func ("/crops/tiles", test_tiles);
  g_test_add_func ("/crops/addresses", test_addresses);
  g_test_add_func ("/crops/key", test_key);
  g_test_add_func ("/crops/encode", test_encode);
  g_test_add_func ("/crops/hashes", test_hashes);
  g_test_add_func ("/crops/views", test_views);
  g_test_add_func ("/crops/groups", test_groups);
  g_test_add_func ("/crops/split", test_split);
  g_test_add_func ("/crops/pinned", test_pinned);
  g_test_add_func ("/crops/refused", test_refused);
  g_test_add_func ("/crops/scanned", test_scanned);
  g_test_add_func ("/crops/thumbnail", test_thumbnail);
  g_test_add_func ("/crops/project", test_project);
  g_test_add_func ("/crops/hostile-project", test_hostile_project);
  int status = g_test_run ();
  few_model_unref (model);
  g_free (folder);
  return status;
}
