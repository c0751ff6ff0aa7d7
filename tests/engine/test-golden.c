/* SPDX-License-Identifier: MIT */
/* The engine against tests/tools/golden.py (PyTorch in double, Pillow): pixels, tokens, blocks,
 * features, logits. */
#include "golden.h"
#include "json-glib/json-glib.h"
#include <math.h>
#include <string.h>

enum { D = 24, PICTURES = 7, TEXTS = 4 };
static const char *const pictures[PICTURES] = { "wide.png",  "noise.png", "tiny.png",  "tall.png",
                                                "alpha.png", "grey.png",  "turned.jpg" };
static const char *const texts[TEXTS] = { "a photo of a cat.", "Hello   WORLD!!  it's 2024", "",
                                          "tabs\tand\nlines" };

static char *
picture_path (guint i)
{
  g_autofree char *name = g_build_filename ("pictures", pictures[i], NULL);
  return golden_path (name);
}

/* Within one grey level of Pillow on 99.9 % of the values and never more than two away. */
static void
test_resize (gconstpointer data)
{
  const char *kind = data;
  g_autoptr (FewModel) model = golden_model (kind, "cpu");
  const FewPreprocess *preprocess = &few_model_info (model)->preprocess;
  g_autoptr (FewSafetensors) dump = golden_open ("forward.safetensors");
  g_autofree char *name = g_strconcat (kind, ".resized", NULL);
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  const FewTensor *expected = few_safetensors_find (dump, name);
  g_assert_nonnull (expected);
  g_assert_cmpuint (expected->n_elements, ==, PICTURES * one);
  g_autofree guint8 *resized = g_malloc (one);
  g_autofree guint8 *theirs = g_malloc (one);
  g_autofree float *pixels = g_new (float, one);
  for (guint i = 0; i < PICTURES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = picture_path (i);
      few_preprocess_file (preprocess, path, resized, pixels, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (few_tensor_read (expected, theirs, i * one, one, NULL));
      gsize off = 0;
      for (gsize j = 0; j < one; j++)
        {
          int distance = abs (resized[j] - theirs[j]);
          g_assert_cmpint (distance, <=, 2);
          off += distance > 1;
        }
      g_assert_cmpuint (off * 1000, <=, one);
      if (i == 0)
        {
          g_autofree char *pixel_name = g_strconcat (kind, ".pixels", NULL);
          g_autofree float *golden = golden_floats (dump, pixel_name, one);
          /* a grey level is 0.015 */
          g_assert_cmpfloat (golden_distance (pixels, golden, one), <, 0.01);
        }
    }
}

static void
test_tokens (gconstpointer kind)
{
  g_autoptr (FewModel) model = golden_model (kind, "cpu");
  g_autoptr (FewSafetensors) dump = golden_open ("forward.safetensors");
  guint context = few_model_info (model)->context_length;
  g_autofree gint32 *golden = golden_ints (dump, "ids", TEXTS * context);
  g_autofree gint32 *ids = g_new0 (gint32, context);
  for (guint i = 0; i < TEXTS; i++)
    {
      gboolean cut = TRUE;
      memset (ids, 0, context * sizeof *ids);
      guint n = few_model_tokenize (model, texts[i], ids, &cut);
      g_assert_false (cut);
      g_assert_cmpuint (n, <=, context);
      g_assert_cmpmem (ids, context * sizeof *ids, golden + i * context, context * sizeof *ids);
    }
}

static void
test_long_text (void)
{
  g_autoptr (FewModel) model = golden_model ("vit", "cpu");
  guint context = few_model_info (model)->context_length;
  g_autofree gint32 *ids = g_new0 (gint32, context);
  g_autofree char *text = g_strnfill (500, 'x');
  gboolean cut = FALSE;
  g_assert_cmpuint (few_model_tokenize (model, text, ids, &cut), ==, context);
  g_assert_true (cut);
  g_assert_cmpint (ids[0], ==, 543);
  g_assert_cmpint (ids[context - 1], ==, 544);
}

typedef struct
{
  const FewSafetensors *dump;
  const char *kind;
  guint seen;
} Tap;

static void
compare_block (gpointer user, const char *name, const float *data, guint rows, guint width)
{
  Tap *tap = user;
  g_autofree char *full = g_strdup_printf ("%s.%s", tap->kind, name);
  const FewTensor *tensor = few_safetensors_find (tap->dump, full);
  g_assert_nonnull (tensor);
  guint golden_rows = (guint) tensor->dims[0];
  g_assert_cmpuint (tensor->dims[1], ==, width);
  /* texts are cut after their end token */
  g_assert_cmpuint (rows, <=, golden_rows);
  g_autofree float *golden = golden_floats (tap->dump, full, tensor->n_elements);
  g_assert_cmpfloat (golden_distance (data, golden, (gsize) rows * width), <, 3e-5);
  tap->seen++;
}

static void
test_blocks (gconstpointer kind)
{
  gboolean resnet = g_str_equal (kind, "resnet");
  g_autoptr (FewModel) model = golden_model (kind, "cpu");
  g_autoptr (FewSafetensors) dump = golden_open ("forward.safetensors");
  guint r = few_model_info (model)->preprocess.size;
  g_autofree char *name = g_strconcat (kind, ".pixels", NULL);
  g_autofree float *pixels = golden_floats (dump, name, (gsize) 3 * r * r);
  float feature[D];
  g_autoptr (GError) error = NULL;
  Tap tap = { dump, kind, 0 };
  few_model_set_tap (model, compare_block, &tap);
  few_model_encode_pixels (model, pixels, 1, feature, NULL, &error);
  g_assert_no_error (error);
  few_model_encode_texts (model, texts, 1, feature, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tap.seen, ==, resnet ? 7 : 5);
}

static void
look_away (gpointer user G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
           const float *data G_GNUC_UNUSED, guint rows G_GNUC_UNUSED, guint width G_GNUC_UNUSED)
{
}

/* Where nobody looks on, the last block does for the class token alone what it does for all: the
 * same bits, of one picture and of several. */
static void
test_last_block (gconstpointer kind)
{
  g_autoptr (FewModel) model = golden_model (kind, "cpu");
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  gsize one =
      (gsize) 3 * few_model_info (model)->preprocess.size * few_model_info (model)->preprocess.size;
  g_autofree float *pixels = g_new (float, PICTURES *one);
  float whole[PICTURES * D], alone[PICTURES * D];
  g_autoptr (GError) error = NULL;
  for (gsize i = 0; i < PICTURES * one; i++)
    pixels[i] = (float) g_rand_double_range (rand, -2, 2);
  for (guint n = 1; n <= PICTURES; n += PICTURES - 1)
    {
      few_model_set_tap (model, look_away, NULL);
      few_model_encode_pixels (model, pixels, n, whole, NULL, &error);
      g_assert_no_error (error);
      few_model_set_tap (model, NULL, NULL);
      few_model_encode_pixels (model, pixels, n, alone, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (alone, n * D * sizeof (float), whole, n * D * sizeof (float));
    }
}

typedef struct
{
  const char *kind, *dump, *device;
} Case;

static void
case_free (gpointer data)
{
  Case *c = data;
  g_free ((char *) c->device);
  g_free (c);
}

/* Pillow's pixels of the dump, normalised as the model wants them. Free with g_free. */
static float *
read_pixels (const FewSafetensors *dump, const char *name, const FewPreprocess *p)
{
  gsize plane = (gsize) p->size * p->size;
  g_autofree guint8 *resized = g_malloc (PICTURES * 3 * plane);
  g_assert_true (
      few_tensor_read (few_safetensors_find (dump, name), resized, 0, PICTURES * 3 * plane, NULL));
  float *pixels = g_new (float, PICTURES * 3 * plane);
  for (guint i = 0; i < PICTURES; i++)
    for (gsize j = 0; j < plane; j++)
      for (guint ch = 0; ch < 3; ch++)
        pixels[(i * 3 + ch) * plane + j] =
            (float) ((resized[(i * plane + j) * 3 + ch] / 255.0 - p->mean[ch]) / p->std[ch]);
  return pixels;
}

/* Cosines times 100, from normalised features. */
static void
assert_logits (const float *features, const float *text, const float *golden, double allowed)
{
  for (guint i = 0; i < PICTURES; i++)
    for (guint t = 0; t < TEXTS; t++)
      {
        double logit = 0;
        for (guint j = 0; j < D; j++)
          logit += 100.0 * features[i * D + j] * text[t * D + j];
        g_assert_cmpfloat_with_epsilon (logit, golden[i * TEXTS + t], allowed);
      }
}

/* How much coarser than f16 a precision is, whose inputs have 11 bits; 0 for f32 */
static double
coarseness (const char *precision)
{
  static const struct
  {
    const char *name;
    double times;
  } known[] = { { "f16", 1 }, { "tf32", 2 }, { "bf16", 8 } };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (precision, known[i].name))
      return known[i].times;
  return 0;
}

/* f16: what rounding inputs to 11 bits explains. Otherwise normalised features within 2e-5 of
 * PyTorch in double; the pixels are Pillow's, so only the towers are compared. */
static void
test_features (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = golden_path (c->kind);
  g_autoptr (FewModel) model = few_model_open (path, c->device, NULL, &error);
  if (g_error_matches (error, FEW_ERROR, FEW_ERROR_DEVICE))
    {
      g_test_skip (error->message);
      return;
    }
  g_assert_no_error (error);
  g_autoptr (FewSafetensors) dump = golden_open ("forward.safetensors");
  const FewPreprocess *p = &few_model_info (model)->preprocess;
  g_autofree char *name = g_strconcat (c->dump, ".resized", NULL);
  g_autofree char *features_name = g_strconcat (c->dump, ".features", NULL);
  g_autofree char *text_name = g_strconcat (c->dump, ".text_features", NULL);
  g_autofree char *logits_name = g_strconcat (c->dump, ".logits", NULL);
  gsize plane = (gsize) p->size * p->size;
  g_autofree float *pixels = read_pixels (dump, name, p);
  g_autofree float *golden = golden_floats (dump, features_name, PICTURES * D);
  g_autofree float *golden_text = golden_floats (dump, text_name, TEXTS * D);
  g_autofree float *golden_logits = golden_floats (dump, logits_name, PICTURES * TEXTS);
  float features[PICTURES * D], text[TEXTS * D], alone[D];
  few_model_encode_pixels (model, pixels, PICTURES, features, NULL, &error);
  g_assert_no_error (error);
  few_model_encode_texts (model, texts, TEXTS, text, NULL, &error);
  g_assert_no_error (error);
  double reduced = coarseness (few_model_info (model)->precision);
  double allowed = reduced > 0 ? 5e-3 * reduced : 2e-5;
  double raw = reduced > 0 ? 2e-2 * reduced : 1e-4;
  /* a real GPU's cuBLAS chooses other kernels for other batches (tests/device) */
  double beside_others = g_getenv ("TEST_REAL_GPU") ? raw : 1e-6;
  g_assert_cmpfloat (golden_distance (features, golden, PICTURES * D), <, raw);
  for (guint i = 0; i < PICTURES; i++)
    {
      few_model_encode_pixels (model, pixels + i * 3 * plane, 1, alone, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (golden_distance (alone, features + i * D, D), <, beside_others);
    }
  golden_normalise (features, PICTURES, D);
  golden_normalise (golden, PICTURES, D);
  golden_normalise (text, TEXTS, D);
  golden_normalise (golden_text, TEXTS, D);
  g_assert_cmpfloat (golden_distance (features, golden, PICTURES * D), <, allowed);
  g_assert_cmpfloat (golden_distance (text, golden_text, TEXTS * D), <, allowed);
  g_assert_cmpfloat_with_epsilon (few_model_info (model)->logit_scale, 100, 1e-3);
  assert_logits (features, text, golden_logits, reduced > 0 ? reduced : 2e-3);
}

static void
test_class_prompts (void)
{
  g_autoptr (FewModel) model = golden_model ("vit", "cpu");
  const char *names[] = { "hello_world", "cat", NULL };
  const char *templates[] = { "a photo of a {}.", "{}", NULL };
  const char *prompts[] = { NULL, "a dog", NULL };
  const char *spelled[] = { "a photo of a hello world.", "hello world", "a dog" };
  float out[2 * D], parts[3 * D], expected[2 * D];
  g_autoptr (GError) error = NULL;
  few_model_encode_classes (model, names, prompts, 2, templates, out, NULL, NULL, &error);
  g_assert_no_error (error);
  few_model_encode_texts (model, spelled, 3, parts, NULL, &error);
  g_assert_no_error (error);
  golden_normalise (parts, 3, D);
  for (guint i = 0; i < D; i++)
    {
      expected[i] = parts[i] + parts[D + i];
      expected[D + i] = parts[2 * D + i];
    }
  golden_normalise (expected, 2, D);
  g_assert_cmpfloat (golden_distance (out, expected, 2 * D), <, 1e-5);
}

/* A tower in bytes is near its f32 self, on every level, and is in bytes. */
static void
test_bytes (gconstpointer kind)
{
  const double least = 0.9995;
  g_autoptr (FewModel) model = golden_model (kind, "cpu:int8");
  g_autoptr (FewSafetensors) dump = golden_open ("forward.safetensors");
  g_autofree char *name = g_strconcat (kind, ".resized", NULL);
  g_autofree char *features_name = g_strconcat (kind, ".features", NULL);
  g_autofree float *pixels = read_pixels (dump, name, &few_model_info (model)->preprocess);
  g_autofree float *golden = golden_floats (dump, features_name, PICTURES * D);
  float features[PICTURES * D];
  double lowest = 1;
  g_assert_cmpstr (few_model_info (model)->precision, ==, "int8");
  g_assert_true (few_model_encode_pixels (model, pixels, PICTURES, features, NULL, NULL));
  golden_normalise (features, PICTURES, D);
  golden_normalise (golden, PICTURES, D);
  for (guint i = 0; i < PICTURES; i++)
    {
      double cosine = 0;
      for (guint j = 0; j < D; j++)
        cosine += (double) features[i * D + j] * golden[i * D + j];
      lowest = MIN (lowest, cosine);
    }
  g_test_message ("lowest cosine %.6f", lowest);
  g_assert_cmpfloat (lowest, >, least);
  g_assert_cmpfloat (lowest, <, 1 - 1e-6);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "vit", "vit", "cpu:v2" },       { "vit", "vit", "cpu:v3" },
    { "vit", "vit", "cpu:v4" },       { "vit", "vit", "auto" },
    { "hf", "vit", "auto" },          { "resnet", "resnet", "cpu:v2" },
    { "resnet", "resnet", "cpu:v3" }, { "resnet", "resnet", "cpu:v4" },
  };
  static const char *const kinds[] = { "vit", "hf", "resnet" };
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("TEST_DEVICES"))
    {
      g_auto (GStrv) devices = g_strsplit (g_getenv ("TEST_DEVICES"), " ", -1);
      for (guint i = 0; i < 2 * g_strv_length (devices); i++)
        {
          const char *kind = i % 2 ? "resnet" : "vit";
          Case c = { kind, kind, g_strdup (devices[i / 2]) };
          g_autofree char *path = g_strdup_printf ("/golden/features/%s-%s", kind, c.device);
          g_test_add_data_func_full (path, g_memdup2 (&c, sizeof c), test_features, case_free);
        }
      return g_test_run ();
    }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *tokens = g_strdup_printf ("/golden/tokens/%s", kinds[i]);
      g_test_add_data_func (tokens, kinds[i], test_tokens);
      if (g_str_equal (kinds[i], "hf"))
        continue;
      g_autofree char *resize = g_strdup_printf ("/golden/resize/%s", kinds[i]);
      g_autofree char *blocks = g_strdup_printf ("/golden/blocks/%s", kinds[i]);
      g_test_add_data_func (resize, kinds[i], test_resize);
      g_test_add_data_func (blocks, kinds[i], test_blocks);
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/golden/features/%s-%s", cases[i].kind, cases[i].device);
      g_test_add_data_func (path, &cases[i], test_features);
    }
  g_test_add_data_func ("/golden/last-block/vit", "vit", test_last_block);
  g_test_add_data_func ("/golden/last-block/hf", "hf", test_last_block);
  g_test_add_data_func ("/golden/bytes/vit", "vit", test_bytes);
  g_test_add_data_func ("/golden/bytes/resnet", "resnet", test_bytes);
  g_test_add_func ("/golden/long-text", test_long_text);
  g_test_add_func ("/golden/class-prompts", test_class_prompts);
  return g_test_run ();
}
