/* SPDX-License-Identifier: MIT */
/* Bad pictures: each is refused with a sentence naming the file and the cause, or decodes to
 * what a person sees. */
#include "golden.h"
#include "image/header.h"
#include "image/picture.h"
#include "image/resize.h"
#include <glib/gstdio.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;
static const FewPreprocess preprocess = { .size = 32,
                                          .mean = { .5, .5, .5 },
                                          .std = { .5, .5, .5 } };

static char *
put (const char *name, gconstpointer data, gsize size)
{
  char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  return path;
}

static void
refused (const char *path, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = g_path_get_basename (path);
  guint8 resized[32 * 32 * 3];
  g_assert_false (few_preprocess_file (&preprocess, path, resized, NULL, NULL, &error));
  assert_says (&error, base, word, NULL);
}

static char *
encoded (const char *type, int width, int height, gsize *size)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  gdk_pixbuf_fill (pixbuf, 0x4080c0ff);
  char *data;
  g_autoptr (GError) error = NULL;
  gdk_pixbuf_save_to_buffer (pixbuf, &data, size, type, &error, NULL);
  g_assert_no_error (error);
  return data;
}

static void
test_truncated (void)
{
  static const char *const types[] = { "png", "jpeg", "bmp" };
  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      gsize size;
      g_autofree char *data = encoded (types[t], 64, 48, &size);
      g_autofree char *name = g_strdup_printf ("cut.%s", types[t]);
      g_autofree char *whole = put (name, data, size);
      guint8 resized[32 * 32 * 3];
      g_autoptr (GError) error = NULL;
      g_assert_true (few_preprocess_file (&preprocess, whole, resized, NULL, NULL, &error));
      g_assert_no_error (error);
      /* a PNG's end chunk alone may be missing */
      gsize end = g_str_equal (types[t], "png") ? size - 12 : size;
      for (gsize cut = 1; cut < end; cut += MAX (size / 23, 1))
        {
          g_autofree char *path = put (name, data, cut);
          refused (path, NULL);
        }
    }
}

static void
test_refused (void)
{
  g_autofree char *empty = put ("empty.png", "", 0);
  g_autofree char *text = put ("text.jpg", "hello, this is not a picture", 28);
  g_autofree char *missing = g_build_filename (folder, "vanished.png", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo.png", NULL);
  refused (empty, "empty");
  refused (text, "not a picture");
  refused (missing, "could not be opened");
  refused (folder, "not a file");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  refused (fifo, "not a file");
  few_image_expect (missing); /* which says nothing, and waits for nobody to write */
  few_image_expect (folder);
  few_image_expect (fifo);
  /* 30,000 × 30,000 is refused by its header, before any decoder allocates */
  gsize size;
  g_autofree char *png = encoded ("png", 8, 8, &size);
  guint8 huge[4] = { 0, 0, 0x75, 0x30 };
  memcpy (png + 16, huge, 4);
  memcpy (png + 20, huge, 4);
  g_autofree char *bomb = put ("bomb.png", png, size);
  refused (bomb, "30000 × 30000");
}

/* How many pages of the file lie in the system's memory. */
static gsize
count_pages (int fd, gsize size)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  gsize n = (size + page - 1) / page;
  g_autofree guint8 *there = g_malloc (n);
  gsize count = 0;
  void *map = mmap (NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (map != MAP_FAILED && mincore (map, size, there) == 0);
  munmap (map, size);
  for (gsize i = 0; i < n; i++)
    count += there[i] & 1;
  return count;
}

/* All of a file that is expected is read from its disk. */
static void
test_expect (void)
{
  enum { SIZE = 5 << 20 };
  g_autofree char *data = g_malloc0 (SIZE);
  g_autofree char *path = put ("expected.jpg", data, SIZE);
  gint64 until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  int fd = g_open (path, O_RDONLY, 0);
  gsize all = SIZE / (gsize) sysconf (_SC_PAGESIZE);
  g_assert_true (fsync (fd) == 0 && posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
  if (count_pages (fd, SIZE) == all)
    {
      g_test_skip ("the files of this folder are in memory alone");
      close (fd);
      return;
    }
  few_image_expect (path);
  while (count_pages (fd, SIZE) < all && g_get_monotonic_time () < until)
    g_usleep (1000);
  g_assert_cmpuint (count_pages (fd, SIZE), ==, all);
  close (fd);
}

/* Every single-byte change and every prefix of a header is parsed without reading outside (ASan
 * watches). */
static void
test_header_fuzz (void)
{
  static const char *const types[] = { "png", "jpeg", "bmp", "tiff" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      gsize size;
      g_autofree char *data = encoded (types[t], 20, 10, &size);
      FewImageHeader header;
      g_assert_true (few_image_header_parse ((guint8 *) data, size, &header));
      g_assert_cmpuint (header.width, ==, 20);
      g_assert_cmpuint (header.height, ==, 10);
      for (guint round = 0; round < 4000; round++)
        {
          gsize length = (gsize) g_rand_int_range (rand, 0, (gint32) size + 1);
          g_autofree guint8 *changed = g_malloc (length + 1);
          memcpy (changed, data, length);
          for (guint i = 0; i < 3 && length > 0; i++)
            changed[g_rand_int_range (rand, 0, (gint32) length)] = (guint8) g_rand_int (rand);
          g_autofree guint8 *tight = g_memdup2 (changed, length);
          if (few_image_header_parse (tight, length, &header))
            g_assert_cmpuint (header.orientation, <=, 8);
        }
    }
}

static void
test_transparent (void)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, TRUE, 8, 40, 40);
  gdk_pixbuf_fill (pixbuf, 0x00000000);
  g_autofree char *path = g_build_filename (folder, "clear.png", NULL);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  guint8 resized[32 * 32 * 3];
  g_assert_true (few_preprocess_file (&preprocess, path, resized, NULL, NULL, NULL));
  for (guint i = 0; i < sizeof resized; i++)
    g_assert_cmpuint (resized[i], ==, 255);
}

/* CMYK, 16 bits, the first frame of an animation, progressive: mean grey level of the first
 * channel as Pillow has it. */
static void
test_odd (void)
{
  static const struct
  {
    const char *name;
    int red;
  } odd[] = { { "odd/cmyk.jpg", 220 },
              { "odd/deep.png", 115 },
              { "odd/animated.gif", 30 },
              { "odd/progressive.jpg", 220 } };
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autofree char *path = golden_path (odd[i].name);
      g_autoptr (GError) error = NULL;
      guint8 resized[32 * 32 * 3];
      few_preprocess_file (&preprocess, path, resized, NULL, NULL, &error);
      g_assert_no_error (error);
      double sum = 0;
      for (guint j = 0; j < 32 * 32; j++)
        sum += resized[3 * j];
      g_assert_cmpfloat_with_epsilon (sum / (32 * 32), odd[i].red, 6);
    }
}

static void
test_cap (void)
{
  g_autoptr (FewModel) model = golden_model ("vit", "cpu");
  g_autofree char *path = golden_path ("pictures/wide.png");
  float feature[24];
  g_autoptr (GError) error = NULL;
  few_model_set_max_pixels (model, 90 * 131 - 1);
  g_assert_false (few_model_encode_file (model, path, feature, NULL, &error));
  assert_says (&error, "wide.png", "131 × 90", NULL);
  few_model_set_max_pixels (model, 90 * 131);
  g_assert_true (few_model_encode_file (model, path, feature, NULL, &error));
}

static void
test_names (void)
{
  g_assert_true (few_is_picture_name ("a.JPG"));
  g_assert_true (few_is_picture_name ("두꺼비.webp"));
  g_assert_false (few_is_picture_name ("notes.txt"));
  g_assert_false (few_is_picture_name ("jpg"));
}

static void
test_thumbnail (void)
{
  g_autofree char *path = golden_path ("pictures/turned.jpg");
  g_autoptr (GError) error = NULL;
  g_autoptr (FewDecodeBudget) budget = few_decode_budget_new (1 << 20);
  guint w, h;
  g_autofree guint8 *rgba = few_thumbnail (path, 64, budget, &w, &h, &error);
  g_assert_no_error (error);
  /* within the budget: its 131 × 90 pixels, turned; and given back */
  g_assert_cmpuint (few_decode_budget_peak (budget), >=, 8 * 131 * 90);
  few_decode_budget_take (budget, 1 << 20);
  few_decode_budget_give (budget, 1 << 20);
  g_assert_cmpuint (rgba[4 * w * h - 1], ==, 255); /* opaque to the last pixel */
  g_assert_cmpuint (h, ==, 64); /* EXIF turns the 131 × 90 picture upright */
  g_assert_cmpuint (w, <, h);
}

/* A JPEG of twenty times the model's size, decoded at an eighth of its own: the same picture to
 * the eye of the model, and turned the same way. */
static void
test_scaled (void)
{
  enum { WIDTH = 1024, HEIGHT = 768 };
  g_autofree char *path = g_build_filename (folder, "large.jpg", NULL);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, WIDTH, HEIGHT);
  guint8 *pixels = gdk_pixbuf_get_pixels (picture);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        guint8 *p = pixels + y * gdk_pixbuf_get_rowstride (picture) + 3 * x;
        p[0] = (guint8) (x * 255 / WIDTH);
        p[1] = (guint8) (y * 255 / HEIGHT);
        p[2] = (guint8) (128 + 100 * sin (x * 0.02) * cos (y * 0.03));
      }
  g_autoptr (GError) error = NULL;
  g_assert_true (gdk_pixbuf_save (picture, path, "jpeg", &error, "quality", "92", NULL));
  FewPreprocess scaled = preprocess;
  FewPreprocess exact = preprocess;
  exact.exact = TRUE;
  enum { SIDE = 32, VALUES = SIDE * SIDE * 3 };
  guint8 a[VALUES], b[VALUES];
  g_assert_true (few_preprocess_file (&scaled, path, a, NULL, NULL, &error));
  g_assert_true (few_preprocess_file (&exact, path, b, NULL, NULL, &error));
  double squares = 0;
  gboolean same = TRUE;
  for (guint i = 0; i < VALUES; i++)
    {
      squares += (a[i] - b[i]) * (a[i] - b[i]);
      same = same && a[i] == b[i];
    }
  g_assert_cmpfloat (sqrt (squares / VALUES), <, 2.0); /* grey levels */
  g_assert_false (same); /* it was decoded at a fraction */
}

/* A line of pixels: what it would be resized to is cut off, and its middle is what counts. */
static void
test_narrow (void)
{
  enum { LONG = 19000000, SIDE = 32, MOST = 16 << 10 /* KB */ };
  for (guint upright = 0; upright < 2; upright++)
    {
      int width = upright ? 1 : LONG;
      g_autoptr (GdkPixbuf) line =
          gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, LONG / width);
      guint8 *pixels = gdk_pixbuf_get_pixels (line);
      gsize step = upright ? (gsize) gdk_pixbuf_get_rowstride (line) : 3;
      for (gsize i = 0; i < LONG; i++)
        memset (pixels + i * step, i < LONG / 2 ? 40 : 200, 3);
      guint8 resized[SIDE * SIDE * 3];
      struct rusage before, after;
      g_assert_cmpint (getrusage (RUSAGE_SELF, &before), ==, 0);
      g_assert_true (few_image_resize (line, &preprocess, resized));
      g_assert_cmpint (getrusage (RUSAGE_SELF, &after), ==, 0);
      g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, MOST);
      g_assert_cmpuint (resized[0], ==, 40);
      g_assert_cmpuint (resized[sizeof resized - 1], ==, 200);
      /* squeezed into a square, each of its weights would be wanted */
      FewImageView all = { 0, 0, (guint) width, (guint) (LONG / width), FALSE };
      g_assert_false (few_image_view (line, &all, &preprocess, resized));
      g_assert_cmpint (getrusage (RUSAGE_SELF, &after), ==, 0);
      g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, MOST);
    }
}

/* With the processor's vectors and without: the same bytes, of every filter, upright and lying,
 * larger and smaller, down to one pixel, which has nothing behind it. */
static void
test_vectors (void)
{
  static const guint sizes[][4] = { { 200, 150, 60, 45 }, { 31, 97, 64, 64 }, { 50, 40, 56, 56 },
                                    { 90, 60, 89, 61 },   { 3, 2, 20, 20 },   { 1, 1, 7, 7 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
    for (guint how = 0; how < 2 * (FEW_RESAMPLE_NEAREST + 1); how++)
      {
        gboolean alpha = how % 2;
        gsize stride = sizes[k][0] * (alpha ? 4u : 3u);
        gsize n = (gsize) sizes[k][2] * sizes[k][3] * 3;
        g_autofree guint8 *pixels = g_malloc (stride * sizes[k][1]);
        g_autofree guint8 *fast = g_malloc (n);
        g_autofree guint8 *plain = g_malloc (n);
        for (gsize i = 0; i < stride * sizes[k][1]; i++)
          pixels[i] = (guint8) (g_rand_boolean (rand) ? g_rand_int (rand) : (i & 1) * 255);
        FewRgb source = { pixels, sizes[k][0], sizes[k][1], stride, alpha };
        FewWindow window = { .resample = (FewResample) (how / 2),
                             .width = sizes[k][2],
                             .height = sizes[k][3],
                             .columns = sizes[k][2],
                             .rows = sizes[k][3] };
        g_assert_true (few_resize_window (&source, &window, fast, sizes[k][2] * 3));
        window.plain = TRUE;
        g_assert_true (few_resize_window (&source, &window, plain, sizes[k][2] * 3));
        g_assert_cmpmem (fast, n, plain, n);
      }
}

/* ---- the budget that lanes share */

static gpointer
take_often (gpointer user)
{
  FewDecodeBudget *budget = user;
  for (guint i = 0; i < 300; i++)
    {
      guint64 bytes = i % 7 == 0 ? 500 : 60; /* more than there is: alone */
      few_decode_budget_take (budget, bytes);
      g_thread_yield ();
      few_decode_budget_give (budget, bytes);
    }
  return NULL;
}

static void
test_budget (void)
{
  GThread *threads[4];
  FewDecodeBudget *budget = few_decode_budget_new (130);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("lane", take_often, budget);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (few_decode_budget_peak (budget), ==, 500);
  few_decode_budget_take (budget, 130); /* all of it is back */
  few_decode_budget_give (budget, 130);
  few_decode_budget_unref (budget);
  /* a picture holds its room as long as it lives */
  g_autofree char *path = golden_path ("pictures/wide.png");
  g_autoptr (GBytes) bytes = few_image_read (path, NULL, NULL);
  budget = few_decode_budget_new (1 << 30);
  FewPictureLimits limits = { FEW_MAX_PIXELS, budget };
  GdkPixbuf *first = few_image_decode (bytes, "wide", &limits, 0, NULL);
  guint64 one = few_decode_budget_peak (budget);
  GdkPixbuf *second = few_image_decode (bytes, "wide", &limits, 0, NULL);
  g_assert_cmpuint (one, >=,
                    (guint64) 4 * (guint) gdk_pixbuf_get_width (first)
                        * (guint) gdk_pixbuf_get_height (first));
  g_assert_cmpuint (few_decode_budget_peak (budget), ==, 2 * one);
  g_object_unref (first);
  g_object_unref (second);
  g_object_unref (few_image_decode (bytes, "wide", &limits, 0, NULL));
  g_assert_cmpuint (few_decode_budget_peak (budget), ==, 2 * one);
  few_decode_budget_unref (budget);
}

/* One buffer for files of all sizes: each is itself, a small one behind a large one, too, and one
 * that lies outside of it because it is large. It grows for a larger one alone. */
static void
test_buffer (void)
{
  static const gsize sizes[] = { 100, 70000, 3, 33 << 20, 70000, 70001, 50 };
  FewReadBuffer buffer = { NULL, 0 };
  g_autofree guint8 *data = g_malloc (33 << 20);
  for (gsize i = 0; i < 33 << 20; i++)
    data[i] = (guint8) (i * 7 + i / 256);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint8 hash[32], wanted[32];
      gsize length = sizeof wanted;
      g_autoptr (GError) error = NULL;
      g_autofree char *path = put ("any", data, sizes[i]);
      g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
      g_checksum_update (sum, data, (gssize) sizes[i]);
      g_checksum_get_digest (sum, wanted, &length);
      const FewReadBuffer before = buffer;
      g_autoptr (GBytes) bytes = few_image_read_into (&buffer, path, hash, &error);
      g_assert_no_error (error);
      gsize size;
      const guint8 *got = g_bytes_get_data (bytes, &size);
      g_assert_cmpmem (got, size, data, sizes[i]);
      g_assert_cmpmem (hash, sizeof hash, wanted, sizeof wanted);
      g_assert_cmpint (got == buffer.data, ==, sizes[i] < 16 << 20);
      g_assert_cmpuint (buffer.size, ==,
                        sizes[i] < 16 << 20 ? MAX (before.size, sizes[i]) : before.size);
      if (buffer.size == before.size)
        g_assert_true (buffer.data == before.data);
    }
  few_read_buffer_clear (&buffer);
  g_assert_null (buffer.data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = scratch_folder ("pictures");
  g_test_add_func ("/pictures/truncated", test_truncated);
  g_test_add_func ("/pictures/scaled", test_scaled);
  g_test_add_func ("/pictures/refused", test_refused);
  g_test_add_func ("/pictures/expect", test_expect);
  g_test_add_func ("/pictures/header-fuzz", test_header_fuzz);
  g_test_add_func ("/pictures/transparent", test_transparent);
  g_test_add_func ("/pictures/odd", test_odd);
  g_test_add_func ("/pictures/cap", test_cap);
  g_test_add_func ("/pictures/narrow", test_narrow);
  g_test_add_func ("/pictures/vectors", test_vectors);
  g_test_add_func ("/pictures/budget", test_budget);
  g_test_add_func ("/pictures/names", test_names);
  g_test_add_func ("/pictures/buffer", test_buffer);
  g_test_add_func ("/pictures/thumbnail", test_thumbnail);
  int status = g_test_run ();
  g_free (folder);
  return status;
}
