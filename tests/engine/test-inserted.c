/* SPDX-License-Identifier: MIT */
/* A tower with something learned in it: what it gives on a device is what it gives on the CPU, both
 * halves of a feature come of one pass over the files, and are cached for what was learned alone.
 *
 * TEST_DEVICES: other devices than the CPU's levels. */
#include "golden.h"
#include "clip/model.h"
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

enum { HIDDEN = 4, PICTURES = 5, LAYERS = 2 };

typedef struct
{
  char *folder;
  char *paths[PICTURES + 1];
  FewModel *model;
  guint d;
  FewInserted in;
  float *w1, *w2;
} World;

static void
world_init (World *w, const char *device)
{
  *w = (World) { .folder = scratch_folder ("inserted"), .model = golden_model ("vit", device) };
  const FewClipConfig *config = few_model_config (w->model);
  guint width = config->vision.width;
  g_assert_cmpuint (config->vision.layers, >=, LAYERS);
  w->d = few_model_dim (w->model);
  w->w1 = g_new (float, HIDDEN *width);
  w->w2 = g_new (float, HIDDEN *width);
  for (guint i = 0; i < HIDDEN * width; i++)
    {
      w->w1[i] = (float) (i % 7) / 8 - 0.35f;
      w->w2[i] = (float) (i % 11) / 8 - 0.55f;
    }
  w->in = (FewInserted) {
    .after = 1, .width = width, .hidden = HIDDEN, .ratio = 0.5, .w1 = w->w1, .w2 = w->w2
  };
  for (guint i = 0; i < PICTURES; i++)
    {
      g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 40, 30);
      gdk_pixbuf_fill (picture, 0x3060a0ffu << i);
      w->paths[i] = g_strdup_printf ("%s/%u.png", w->folder, i);
      g_assert_true (gdk_pixbuf_save (picture, w->paths[i], "png", NULL, NULL));
    }
}

static void
world_clear (World *w)
{
  few_model_unref (w->model);
  for (guint i = 0; i < PICTURES; i++)
    g_free (w->paths[i]);
  g_free (w->folder);
  g_free (w->w1);
  g_free (w->w2);
}

typedef struct
{
  guint length, told, cached;
  float features[]; /* [PICTURES, length] */
} Encoded;

static void
take_encoded (gpointer user, guint index, const float *feature, const guint8 *hash G_GNUC_UNUSED,
              gboolean from_cache, const GError *refused)
{
  Encoded *e = user;
  g_assert_no_error (refused);
  memcpy (e->features + index * e->length, feature, e->length * sizeof *feature);
  e->told++;
  e->cached += from_cache;
}

/* `in` NULL: the model as it is. Free with g_free. */
static Encoded *
encode (World *w, const FewInserted *in, const char *cache)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (few_model_insert (w->model, in, NULL));
  guint length = few_model_length (w->model);
  g_assert_cmpuint (length, ==, in ? 2 * w->d : w->d);
  Encoded *e = g_malloc0 (sizeof *e + PICTURES * length * sizeof *e->features);
  e->length = length;
  few_model_encode_files (w->model, (const char *const *) w->paths, PICTURES, cache, take_encoded,
                          e, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (e->told, ==, PICTURES);
  few_model_insert (w->model, NULL, NULL);
  return e;
}

/* ---- devices */

static void
assert_near (const Encoded *a, const Encoded *b, double bound)
{
  gsize n = (gsize) PICTURES * a->length;
  g_assert_cmpuint (a->length, ==, b->length);
  g_assert_cmpfloat (golden_distance (a->features, b->features, n), <, bound);
}

/* What rounding inputs explains */
static double
allowed_of (const char *device)
{
  if (!g_str_has_prefix (device, "cuda") || g_str_has_suffix (device, ":f32"))
    return 2e-5;
  if (g_str_has_suffix (device, ":bf16"))
    return 4e-2;
  return g_str_has_suffix (device, ":tf32") ? 1e-2 : 5e-3;
}

static void
test_device (gconstpointer data)
{
  const char *device = data;
  double allowed = allowed_of (device);
  World here;
  World there;
  world_init (&here, "cpu");
  world_init (&there, device);
  for (guint i = 0; i < 2 * LAYERS; i++)
    {
      here.in.after = there.in.after = 1 + i % LAYERS; /* the last block, too */
      here.in.final_relu = there.in.final_relu = i >= LAYERS;
      g_autofree Encoded *ours = encode (&here, &here.in, NULL);
      g_autofree Encoded *theirs = encode (&there, &there.in, NULL);
      assert_near (ours, theirs, allowed);
    }
  g_autofree char *left = few_model_take_notice (there.model);
  g_assert_null (left); /* it is still there where it was opened */
  world_clear (&here);
  world_clear (&there);
}

/* ---- the cache */

static void
test_cache (void)
{
  World w;
  world_init (&w, "cpu");
  gsize d = w.d;
  g_autofree Encoded *plain = encode (&w, NULL, w.folder);
  g_autofree Encoded *first = encode (&w, &w.in, w.folder);
  g_autofree Encoded *again = encode (&w, &w.in, w.folder);
  g_assert_cmpuint (first->cached, ==, 0);
  g_assert_cmpuint (again->cached, ==, PICTURES);
  g_assert_cmpmem (first->features, PICTURES * 2 * d * sizeof (float), again->features,
                   PICTURES * 2 * d * sizeof (float));
  for (guint i = 0; i < PICTURES; i++)
    {
      const float *both = first->features + 2 * i * d;
      g_assert_cmpfloat (golden_distance (both, plain->features + i * d, d), <, 1e-5);
      g_assert_cmpfloat (golden_distance (both + d, plain->features + i * d, d), >, 1e-3);
    }
  w.w2[HIDDEN * w.in.width - 1] += 1; /* another, by one number */
  g_autofree Encoded *other = encode (&w, &w.in, w.folder);
  w.in.ratio = 0.25;
  g_autofree Encoded *weaker = encode (&w, &w.in, w.folder);
  g_autofree Encoded *plainly = encode (&w, NULL, w.folder);
  g_assert_cmpuint (other->cached, ==, 0);
  g_assert_cmpuint (weaker->cached, ==, 0);
  g_assert_cmpuint (plainly->cached, ==, PICTURES);
  assert_near (plain, plainly, 1e-7);
  world_clear (&w);
}

int
main (int argc, char **argv)
{
  const char *given = g_getenv ("TEST_DEVICES");
  g_auto (GStrv) devices = g_strsplit (given ? given : "cpu:v2 auto", " ", -1);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; devices[i]; i++)
    {
      g_autofree char *path = g_strconcat ("/inserted/device/", devices[i], NULL);
      g_test_add_data_func (path, devices[i], test_device);
    }
  if (!given)
    g_test_add_func ("/inserted/cache", test_cache);
  return g_test_run ();
}
