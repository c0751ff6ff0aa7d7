/* SPDX-License-Identifier: MIT */
/* What files say of pictures that belong together: EXIF as cameras and enemies write it, bursts,
 * folders. */
#include "golden.h"
#include "image/moment.h"
#include <glib/gstdio.h>
#include <string.h>

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
test_hostile (void)
{
  for (guint big = 0; big < 2; big++)
    {
      const Shot shot = { "Acme", "K1", "2024:02:29 23:59:59", "05", big };
      g_autoptr (GByteArray) jpeg = make_jpeg (&shot);
      FewMoment moment;
      for (guint size = 0; size < jpeg->len; size++)
        {
          g_autofree guint8 *cut = g_memdup2 (jpeg->data, size);
          few_moment_read (cut, size, &moment);
        }
      for (guint at = 0; at < jpeg->len; at++)
        for (guint value = 0; value < 256; value++)
          {
            g_autofree guint8 *changed = g_memdup2 (jpeg->data, jpeg->len);
            changed[at] = (guint8) value;
            few_moment_read (changed, jpeg->len, &moment);
          }
    }
}

/* ---- files */

static char *
write_shot (const char *folder, const char *name, const Shot *shot)
{
  g_autoptr (GByteArray) jpeg = make_jpeg (shot);
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, (const char *) jpeg->data, jpeg->len, NULL));
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
      paths[i] = write_shot (folder, name, &shots[i]);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/groups/moments", test_moments);
  g_test_add_func ("/groups/no-moments", test_no_moments);
  g_test_add_func ("/groups/hostile", test_hostile);
  g_test_add_func ("/groups/bursts", test_bursts);
  g_test_add_func ("/groups/folders", test_folders);
  return g_test_run ();
}
