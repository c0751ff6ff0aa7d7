/* SPDX-License-Identifier: MIT */
/* What features and files say of pictures that belong together: near-duplicates; EXIF as cameras
 * and enemies write it, bursts, folders. */
#include "golden.h"
#include "image/heif.h"
#include "image/moment.h"
#include <fewshot/dataset.h>
#include <fewshot/groups.h>
#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

typedef struct
{
  const char *make, *model, *taken, *sub_second;
  gboolean big; /* endian */
} Shot;

/* ---- a JPEG with EXIF */

static void
put (GByteArray *to, gboolean big, guint32 value, guint width)
{
  for (guint i = 0; i < width; i++)
    {
      guint8 byte = (guint8) (value >> 8 * (big ? width - 1 - i : i));
      g_byte_array_append (to, &byte, 1);
    }
}

/* A text of the directory; it goes into `texts`, which begins at `start`. */
static void
put_text (GByteArray *to, gboolean big, guint tag, const char *text, GByteArray *texts, guint start)
{
  guint32 length = (guint32) strlen (text) + 1;
  char here[4] = { 0 };
  put (to, big, tag, 2);
  put (to, big, 2, 2);
  put (to, big, length, 4);
  if (length > 4)
    {
      put (to, big, start + texts->len, 4);
      g_byte_array_append (texts, (const guint8 *) text, length);
      return;
    }
  memcpy (here, text, length);
  g_byte_array_append (to, (const guint8 *) here, 4);
}

static GByteArray *
make_tiff (const Shot *s)
{
  enum { FIRST = 8, SECOND = FIRST + 2 + 3 * 12 + 4, TEXTS = SECOND + 2 + 2 * 12 + 4 };
  GByteArray *tiff = g_byte_array_new ();
  g_autoptr (GByteArray) texts = g_byte_array_new ();
  g_byte_array_append (tiff, (const guint8 *) (s->big ? "MM\0*" : "II*\0"), 4);
  put (tiff, s->big, FIRST, 4);
  put (tiff, s->big, 3, 2);
  put_text (tiff, s->big, 0x10f, s->make, texts, TEXTS);
  put_text (tiff, s->big, 0x110, s->model, texts, TEXTS);
  put (tiff, s->big, 0x8769, 2);
  put (tiff, s->big, 4, 2);
  put (tiff, s->big, 1, 4);
  put (tiff, s->big, SECOND, 4);
  put (tiff, s->big, 0, 4);
  put (tiff, s->big, 2, 2);
  put_text (tiff, s->big, 0x9003, s->taken, texts, TEXTS);
  put_text (tiff, s->big, 0x9291, s->sub_second, texts, TEXTS);
  put (tiff, s->big, 0, 4);
  g_byte_array_append (tiff, texts->data, texts->len);
  return tiff;
}

static GByteArray *
make_jpeg (const Shot *s)
{
  g_autoptr (GByteArray) tiff = make_tiff (s);
  GByteArray *jpeg = g_byte_array_new ();
  g_byte_array_append (jpeg, (const guint8 *) "\xff\xd8\xff\xe0\0\x04hi\xff\xe1", 10);
  put (jpeg, TRUE, 2 + 6 + tiff->len, 2);
  g_byte_array_append (jpeg, (const guint8 *) "Exif\0\0", 6);
  g_byte_array_append (jpeg, tiff->data, tiff->len);
  g_byte_array_append (jpeg, (const guint8 *) "\xff\xda\0\x02\xff\xd9", 6);
  return jpeg;
}

static gboolean
read_shot (const Shot *s, FewMoment *moment)
{
  g_autoptr (GByteArray) jpeg = make_jpeg (s);
  return few_moment_read (jpeg->data, jpeg->len, moment);
}

/* ---- other kinds of files */

typedef GByteArray *(*MakeFile) (const Shot *shot);

static void
put_bytes (GByteArray *to, const char *bytes, guint n)
{
  g_byte_array_append (to, (const guint8 *) bytes, n);
}

/* EXIF behind the pixels, where programs that add it put it. */
static GByteArray *
make_png (const Shot *s)
{
  g_autoptr (GByteArray) tiff = make_tiff (s);
  GByteArray *png = g_byte_array_new ();
  put_bytes (png, "\x89PNG\r\n\x1a\n\0\0\0\x02IDAThi\0\0\0\0", 22);
  put (png, TRUE, tiff->len, 4);
  put_bytes (png, "eXIf", 4);
  g_byte_array_append (png, tiff->data, tiff->len);
  put_bytes (png, "\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82", 16);
  return png;
}

/* With the name that some programs leave before it, and an odd chunk. */
static GByteArray *
make_webp (const Shot *s)
{
  g_autoptr (GByteArray) tiff = make_tiff (s);
  GByteArray *webp = g_byte_array_new ();
  put_bytes (webp, "RIFF\0\0\0\0WEBPVP8 \x03\0\0\0odd\0EXIF", 28);
  put (webp, FALSE, 6 + tiff->len, 4);
  put_bytes (webp, "Exif\0\0", 6);
  g_byte_array_append (webp, tiff->data, tiff->len);
  return webp;
}

/* begin: the box up to its size, which becomes that of all. */
static void
close_box (GByteArray *file, guint begin)
{
  for (guint i = 0; i < 4; i++)
    file->data[begin + i] = (guint8) ((file->len - begin) >> (24 - 8 * i));
}

/* What the boxes of HEIC and AVIF say: item 7 is EXIF, in one piece behind them. Where the shot is
 * big, a movie that has none comes first. */
static GByteArray *
make_heic (const Shot *s)
{
  static const char infos[] = "\0\0\0\x38iinf\0\0\0\0\0\2"
                              "\0\0\0\x15infe\2\0\0\0\0\1\0\0hvc1\0"
                              "\0\0\0\x15infe\2\0\0\1\0\7\0\0Exif";
  static const char places[] = "\0\0\0\x30iloc\1\0\0\0\x44\0\0\2"
                               "\0\1\0\0\0\0\0\1\0\0\0\1\0\0\0\2"
                               "\0\7\0\0\0\0\0\1";
  g_autoptr (GByteArray) tiff = make_tiff (s);
  GByteArray *heic = g_byte_array_new ();
  put_bytes (heic,
             "\0\0\0\x10"
             "ftypheic\0\0\0\0\0\0\0\x08moov",
             s->big ? 24 : 16);
  guint meta = heic->len;
  put_bytes (heic, "\0\0\0\0meta\0\0\0\0", 12);
  put_bytes (heic, infos, sizeof infos); /* its last NUL is the item's name */
  put_bytes (heic, places, sizeof places - 1);
  put (heic, TRUE, heic->len + 8 + 8, 4);
  put (heic, TRUE, 4 + 6 + tiff->len, 4);
  close_box (heic, meta);
  guint content = heic->len;
  put_bytes (heic, "\0\0\0\0mdat\0\0\0\6Exif\0\0", 18);
  g_byte_array_append (heic, tiff->data, tiff->len);
  close_box (heic, content);
  return heic;
}

static GByteArray *
make_jxl (const Shot *s)
{
  g_autoptr (GByteArray) tiff = make_tiff (s);
  GByteArray *jxl = g_byte_array_new ();
  put_bytes (jxl, "\0\0\0\x0cJXL \r\n\x87\n", 12);
  guint begin = jxl->len;
  put_bytes (jxl, "\0\0\0\0Exif\0\0\0\0", 12);
  g_byte_array_append (jxl, tiff->data, tiff->len);
  close_box (jxl, begin);
  return jxl;
}

static const MakeFile makers[] = { make_jpeg, make_tiff, make_png, make_webp, make_heic, make_jxl };

/* ---- moments */

static void
test_moments (void)
{
  const Shot one = { "Acme", "K1", "2024:02:29 23:59:59", "05", FALSE };
  const Shot big = { "Acme", "K1", "2024:02:29 23:59:59", "05", TRUE };
  const Shot next = { "Acme", "K1", "2024:03:01 00:00:00", "250", TRUE };
  const Shot other = { "Acm", "eK1", "2024:03:01 00:00:00", "250", FALSE };
  FewMoment a, b;
  g_assert_true (read_shot (&one, &a) && read_shot (&big, &b));
  g_assert_true (a.camera == b.camera && a.time == b.time);
  g_assert_true (read_shot (&next, &b));
  g_assert_true (a.camera == b.camera);
  g_assert_cmpint (b.time - a.time, ==, 1200);
  g_assert_true (read_shot (&other, &a));
  g_assert_true (a.camera != b.camera);
}

/* The same of every kind of file, from memory and from the disk. */
static void
test_kinds (void)
{
  const Shot shots[] = { { "Acme", "K1", "2024:02:29 23:59:59", "05", FALSE },
                         { "Acme", "K1", "2024:02:29 23:59:59", "05", TRUE } };
  g_autofree char *folder = g_dir_make_tmp ("fewshot-groups-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x", NULL);
  FewMoment wanted, moment;
  g_assert_true (read_shot (&shots[0], &wanted));
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    for (guint big = 0; big < 2; big++)
      {
        g_autoptr (GByteArray) content = makers[i](&shots[big]);
        g_assert_true (few_moment_read (content->data, content->len, &moment));
        g_assert_true (moment.camera == wanted.camera && moment.time == wanted.time);
        g_assert_true (
            g_file_set_contents (path, (const char *) content->data, content->len, NULL));
        g_autoptr (FewFile) file = few_file_open (path, G_MAXUINT64, NULL);
        moment.time = 0;
        g_assert_true (few_moment_of_file (file, &moment));
        g_assert_true (moment.camera == wanted.camera && moment.time == wanted.time);
      }
}

/* What is not known, and what is no time. */
static void
test_no_moments (void)
{
  static const char *const times[] = {
    "0000:00:00 00:00:00",
    "    :  :     :  :  ",
    "2024:13:01 00:00:00",
    "2024:00:01 00:00:00",
    "2024:01:01 24:00:00",
    "2024:01:01 00:00",
    "",
    "-024:01:01 00:00:00",
  };
  FewMoment moment;
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    g_assert_false (read_shot (&(Shot) { "Acme", "K1", times[i], "", FALSE }, &moment));
  g_assert_false (read_shot (&(Shot) { "", "", "2024:01:01 00:00:00", "", FALSE }, &moment));
  g_assert_false (few_moment_read ((const guint8 *) "\xff\xd8\xff\xe1\xff\xff"
                                                    "Exif\0\0II*\0\xff\xff"
                                                    "\xff\xff",
                                   20, &moment));
  g_assert_false (few_moment_read ((const guint8 *) "", 0, &moment));
}

/* Cut off anywhere, and with any byte another one: nothing outside is read (ASan looks on). */
static void
test_hostile (gconstpointer data)
{
  MakeFile make = makers[GPOINTER_TO_UINT (data)];
  for (guint big = 0; big < 2; big++)
    {
      const Shot shot = { "Acme", "K1", "2024:02:29 23:59:59", "05", big };
      g_autoptr (GByteArray) content = make (&shot);
      FewMoment moment;
      for (guint size = 0; size < content->len; size++)
        {
          g_autofree guint8 *cut = g_memdup2 (content->data, size);
          few_moment_read (cut, size, &moment);
        }
      for (guint at = 0; at < content->len; at++)
        for (guint value = 0; value < 256; value++)
          {
            g_autofree guint8 *changed = g_memdup2 (content->data, content->len);
            changed[at] = (guint8) value;
            few_moment_read (changed, content->len, &moment);
          }
    }
}

/* A box of places whose numbers have no bytes may name any number of items: one step each. */
static void
test_many_places (void)
{
  enum { ITEMS = 60000 };
  g_autoptr (GByteArray) meta = g_byte_array_new ();
  guint64 offset, length;
  put_bytes (meta,
             "\0\0\0\0\0\0\0\x21iinf\0\0\0\0\0\1"
             "\0\0\0\x13infe\2\0\0\0\xff\xff\0\0Exif",
             37);
  meta->data[7] = 33;
  guint begin = meta->len;
  put_bytes (meta, "\0\0\0\0iloc\0\0\0\0\0\0", 14);
  put (meta, TRUE, ITEMS, 2);
  for (guint i = 0; i < ITEMS; i++)
    {
      put (meta, TRUE, i, 4);
      put (meta, TRUE, 65535, 2);
    }
  close_box (meta, begin);
  clock_t before = clock (); /* of the processor: others may have it meanwhile */
  g_assert_false (few_heif_find_exif (meta->data, meta->len, &offset, &length));
  g_assert_cmpint (clock () - before, <, CLOCKS_PER_SEC);
}

/* ---- files */

static char *
write_shot (const char *folder, const char *name, MakeFile make, const Shot *shot)
{
  g_autoptr (GByteArray) content = make (shot);
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, (const char *) content->data, content->len, NULL));
  return path;
}

static void
assert_groups (char *const *paths, const guint32 *labels, guint n, FewTogether by,
               const guint32 *wanted)
{
  g_autofree guint32 *together = g_new (guint32, n);
  g_autofree guint32 *own = g_new (guint32, n);
  g_autoptr (GError) error = NULL;
  g_assert_true (
      few_groups_of_files ((const char *const *) paths, labels, n, by, NULL, together, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    own[i] = i;
  g_assert_true (few_groups_join (own, together, n, &error)); /* numbered by their first picture */
  g_assert_cmpmem (own, n * sizeof *own, wanted, n * sizeof *wanted);
}

/* A chain of pictures two seconds apart is a burst; another camera, another class, a pause and a
 * file that is gone are none. */
static void
test_bursts (void)
{
  static const Shot shots[] = {
    { "Acme", "K1", "2024:05:01 10:00:04", "0", FALSE },
    { "Acme", "K1", "2024:05:01 10:00:00", "0", TRUE },
    { "Acme", "K1", "2024:05:01 10:00:02", "0", FALSE },
    { "Acme", "K2", "2024:05:01 10:00:02", "0", FALSE },
    { "Acme", "K1", "2024:05:01 10:00:06", "001", FALSE },
    { "Acme", "K1", "2024:05:01 10:00:02", "0", FALSE },
    { "Acme", "K1", "2024:05:01 10:00:02", "0", FALSE },
  };
  enum { N = G_N_ELEMENTS (shots) };
  const guint32 labels[N] = { 0, 0, 0, 0, 0, 1, 0 };
  const guint32 wanted[N] = { 0, 0, 0, 3, 4, 5, 6 };
  const guint32 alone[N] = { 0, 1, 2, 3, 4, 5, 6 };
  g_autofree char *folder = g_dir_make_tmp ("fewshot-groups-XXXXXX", NULL);
  char *paths[N + 1] = { NULL };
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.jpg", i);
      paths[i] = write_shot (folder, name, makers[i % G_N_ELEMENTS (makers)], &shots[i]);
    }
  g_assert_cmpint (g_unlink (paths[6]), ==, 0);
  assert_groups (paths, labels, N, FEW_TOGETHER_BURSTS, wanted);
  assert_groups (paths, labels, N, 0, alone);
  for (guint i = 0; i < N; i++)
    g_free (paths[i]);
}

/* Folders below a class; one that holds all of it, and what lies in that directly, is none. */
static void
test_folders (void)
{
  char *const paths[] = { (char *) "/d/nut/a/1.png",
                          (char *) "/d/nut/b/1.png",
                          (char *) "/d/nut/a/2.png",
                          (char *) "/d/nut/1.png",
                          (char *) "/d/nut/2.png",
                          (char *) "/d/bolt/1.png",
                          (char *) "/d/bolt/2.png",
                          (char *) "/d/cog/x1/1.png",
                          (char *) "/d/cog/x12/1.png",
                          (char *) "/d/cog/x1/2.png",
                          NULL,
                          (char *) "3.png" };
  enum { N = G_N_ELEMENTS (paths) };
  const guint32 labels[N] = { 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 3 };
  const guint32 wanted[N] = { 0, 1, 0, 3, 4, 5, 6, 7, 8, 7, 10, 11 };
  assert_groups (paths, labels, N, FEW_TOGETHER_FOLDERS, wanted);
}

/* ---- groups by features, and what they do to splits */

static void
test_near_duplicates (void)
{
  enum { MANY = 150, D = 24 };
  g_autofree float *x = g_new (float, MANY *D);
  guint32 groups[MANY], wanted[MANY];
  g_autoptr (GError) error = NULL;
  GRand *random = g_rand_new_with_seed (4);
  for (guint i = 0; i < MANY * D; i++)
    x[i] = (float) g_rand_double_range (random, -1, 1);
  for (guint j = 0; j < D; j++) /* a copy at another length, and a chain of crops */
    {
      x[120 * D + j] = 5 * x[7 * D + j];
      x[130 * D + j] = x[40 * D + j] + (float) g_rand_double_range (random, -.05, .05);
      x[90 * D + j] = x[130 * D + j] + (float) g_rand_double_range (random, -.05, .05);
    }
  g_rand_free (random);
  g_assert_true (few_near_duplicates (x, MANY, D, FEW_NEAR_DUPLICATE, 2, NULL, groups, &error));
  for (guint i = 0; i < MANY; i++)
    wanted[i] = i;
  wanted[120] = 7;
  wanted[130] = wanted[90] = 40;
  g_assert_cmpmem (groups, sizeof groups, wanted, sizeof wanted);
  const char *paths[MANY] = { [40] = "a//box=0,0,.5,1", [120] = "b//box=0,0,.5,1" };
  paths[7] = "a//box=0,0,.3,1"; /* parts of one file are none; of two they are */
  paths[130] = "a//box=0,0,.7,1";
  paths[90] = "a//box=0,0,.6,1";
  wanted[130] = 130;
  wanted[90] = 90;
  g_assert_true (
      few_near_duplicates_apart (x, MANY, D, FEW_NEAR_DUPLICATE, paths, 2, NULL, groups, &error));
  g_assert_cmpmem (groups, sizeof groups, wanted, sizeof wanted);
  g_assert_true (few_near_duplicates (x, 1, D, FEW_NEAR_DUPLICATE, 2, NULL, groups, &error));
  g_assert_true (few_near_duplicates (x, 0, D, FEW_NEAR_DUPLICATE, 2, NULL, groups, &error));
}

static void
test_keep_together (void)
{
  guint32 groups[] = { 0, 1, 2, 3, 4, 5, 6 };
  const guint32 keys[] = { 9, 8, 9, 7, 6, 7, 5 };
  const guint32 bursts[] = { 0, 1, 2, 2, 4, 5, 6 };
  const guint8 split[] = { FEW_ROLE_TEST, FEW_ROLE_TEST,       FEW_ROLE_UNUSED, FEW_ROLE_TRAIN,
                           FEW_ROLE_TEST, FEW_ROLE_VALIDATION, FEW_ROLE_TEST };
  guint8 roles[G_N_ELEMENTS (split)];
  guint n = G_N_ELEMENTS (groups);
  guint count;
  g_assert_true (few_groups_join (groups, keys, G_N_ELEMENTS (groups), NULL));
  g_assert_true (few_groups_join (groups, bursts, G_N_ELEMENTS (groups), NULL));
  const guint32 joined[] = { 0, 1, 0, 0, 4, 0, 6 };
  g_assert_cmpmem (groups, sizeof groups, joined, sizeof joined);
  memcpy (roles, split, sizeof split);
  g_assert_true (few_split_keep_together (groups, n, FALSE, roles, &count, NULL));
  g_assert_cmpuint (count, ==, 2);
  const guint8 moved[] = { FEW_ROLE_TRAIN, FEW_ROLE_TEST,  FEW_ROLE_UNUSED, FEW_ROLE_TRAIN,
                           FEW_ROLE_TEST,  FEW_ROLE_TRAIN, FEW_ROLE_TEST };
  g_assert_cmpmem (roles, sizeof roles, moved, sizeof moved);
  memcpy (roles, split, sizeof split);
  g_assert_true (few_split_keep_together (groups, n, TRUE, roles, &count, NULL));
  g_assert_cmpuint (count, ==, 2);
  g_assert_cmpuint (roles[0], ==, FEW_ROLE_UNUSED);
  g_assert_cmpuint (roles[3], ==, FEW_ROLE_TRAIN);
  g_assert_cmpuint (roles[5], ==, FEW_ROLE_UNUSED);
}

/* What is joined leaves folds something to tell of: a class that would be one group stays apart,
 * another does not for that. */
static void
test_join_told (void)
{
  guint32 groups[] = { 0, 1, 2, 3, 4, 5, 5 };
  const guint32 labels[] = { 0, 0, 0, 1, 1, 1, 2 };
  const guint32 keys[] = { 7, 7, 7, 9, 9, 8, 6 };
  const guint32 halves[] = { 0, 1, 2, 3, 4, 5, 5 };
  const guint32 mixed[] = { 7, 7, 9, 9, 9, 8, 6 };
  g_assert_true (few_groups_join_told (groups, keys, labels, NULL, 7, NULL));
  const guint32 second[] = { 0, 1, 2, 3, 3, 5, 5 };
  g_assert_cmpmem (groups, sizeof groups, second, sizeof second);
  memcpy (groups, halves, sizeof groups);
  g_assert_true (few_groups_join_told (groups, mixed, labels, NULL, 7, NULL));
  const guint32 across[] = { 0, 0, 2, 2, 2, 5, 5 };
  g_assert_cmpmem (groups, sizeof groups, across, sizeof across);
  /* were it not for a test picture of their class, all of class 0 would be one group */
  memcpy (groups, halves, sizeof groups);
  const guint8 roles[] = { 0, 0, FEW_ROLE_TEST, 0, 0, 0, 0 };
  g_assert_true (few_groups_join_told (groups, mixed, labels, roles, 7, NULL));
  const guint32 apart[] = { 0, 1, 2, 3, 3, 5, 5 };
  g_assert_cmpmem (groups, sizeof groups, apart, sizeof apart);
  g_assert_true (few_groups_join_told (groups, mixed, labels, NULL, 0, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/groups/moments", test_moments);
  g_test_add_func ("/groups/no-moments", test_no_moments);
  g_test_add_func ("/groups/kinds", test_kinds);
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/groups/hostile/%u", i);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_hostile);
    }
  g_test_add_func ("/groups/many-places", test_many_places);
  g_test_add_func ("/groups/bursts", test_bursts);
  g_test_add_func ("/groups/folders", test_folders);
  g_test_add_func ("/groups/near-duplicates", test_near_duplicates);
  g_test_add_func ("/groups/keep-together", test_keep_together);
  g_test_add_func ("/groups/join-told", test_join_told);
  return g_test_run ();
}
