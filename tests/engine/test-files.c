/* SPDX-License-Identifier: MIT */
/* Hostile and damaged files: safetensors headers, models. */
#include "golden.h"
#include "formats/half.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <utime.h>

static char *
write_safetensors (const char *folder, const char *header, gsize data_bytes)
{
  char *path = g_build_filename (folder, "t.safetensors", NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (strlen (header));
  g_byte_array_append (bytes, (guint8 *) &length, 8);
  g_byte_array_append (bytes, (const guint8 *) header, (guint) strlen (header));
  g_autofree guint8 *zeroes = g_malloc0 (data_bytes + 1);
  g_byte_array_append (bytes, zeroes, (guint) data_bytes);
  g_assert_true (g_file_set_contents (path, (char *) bytes->data, bytes->len, NULL));
  return path;
}

static void
test_safetensors (void)
{
  static const struct
  {
    const char *header;
    gsize bytes;
    const char *says;
  } bad[] = {
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,16]}}", 16,
      "a" },                   /* size and shape disagree */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4,
      "a" },                     /* beyond the end */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "a" }, /* backwards */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,8]}}", 8, "a" }, /* negative */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}", 8,
      "a" }, /* overflow */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\","
      "\"shape\":[2],\"data_offsets\":[4,12]}}",
      12, "b" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8,
      "t.safetensors" }, /* a hole */
    { "{\"a\":3}", 0, "a" },
    { "[1]", 0, "t.safetensors" },
    { "{", 0, "t.safetensors" },
  };
  g_autofree char *folder = scratch_folder ("safetensors");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = write_safetensors (folder, bad[i].header, bad[i].bytes);
      g_assert_null (few_safetensors_open (path, &error));
      assert_says (&error, "t.safetensors", bad[i].says, NULL);
    }
  /* a header longer than the file, and one over the cap */
  static const guint64 lengths[] = { 1000, G_GUINT64_CONSTANT (0xffffffffffffffff), 200000000 };
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_build_filename (folder, "t.safetensors", NULL);
      guint64 length = GUINT64_TO_LE (lengths[i]);
      g_assert_true (g_file_set_contents (path, (char *) &length, 8, NULL));
      g_assert_null (few_safetensors_open (path, &error));
      assert_says (&error, "t.safetensors", NULL);
    }
}

static void
test_half_types (void)
{
  g_autofree char *folder = scratch_folder ("half");
  g_autofree char *path = g_build_filename (folder, "h.safetensors", NULL);
  const guint16 f16[] = { 0x3c00, 0xc000, 0x7bff, 0x0001 };
  const guint16 bf16[] = { 0x3f80, 0xc000, 0x4120, 0x0000 };
  const float expect16[] = { 1, -2, 65504, 5.9604645e-8f };
  const float expect_b[] = { 1, -2, 10, 0 };
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  g_autoptr (GError) error = NULL;
  few_safetensors_writer_add (writer, "f16", FEW_DTYPE_F16, (gsize[]) { 4 }, 1, f16);
  few_safetensors_writer_add (writer, "bf16", FEW_DTYPE_BF16, (gsize[]) { 2, 2 }, 2, bf16);
  g_assert_true (few_safetensors_writer_save (writer, path, &error));
  g_autoptr (FewSafetensors) file = few_safetensors_open (path, &error);
  g_assert_no_error (error);
  float out[4];
  g_assert_true (few_tensor_to_f32 (few_safetensors_find (file, "f16"), out, 0, 4, NULL));
  g_assert_cmpmem (out, sizeof out, expect16, sizeof expect16);
  g_assert_true (few_tensor_to_f32 (few_safetensors_find (file, "bf16"), out, 0, 4, NULL));
  g_assert_cmpmem (out, sizeof out, expect_b, sizeof expect_b);
}

/* All 65,536 of them, against the definition. */
static void
test_every_half (void)
{
  for (guint bits = 0; bits < 65536; bits++)
    {
      guint exponent = bits >> 10 & 31;
      guint fraction = bits & 1023;
      double expected = fraction ? NAN : INFINITY;
      if (exponent == 0)
        expected = ldexp (fraction, -24);
      else if (exponent < 31)
        expected = ldexp (1024 + fraction, (int) exponent - 25);
      float value = few_f16_to_f32 ((guint16) bits);
      if (isnan (expected))
        g_assert_true (isnan (value));
      else
        g_assert_cmpfloat (value, ==, (float) (bits & 0x8000 ? -expected : expected));
      g_assert_true (!signbit (value) == !(bits & 0x8000));
    }
}

static void
copy_file (const char *from, const char *to, const char *name)
{
  g_autofree char *source = g_build_filename (from, name, NULL);
  g_autofree char *target = g_build_filename (to, name, NULL);
  g_autofree char *data = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (source, &data, &size, NULL));
  g_assert_true (g_file_set_contents (target, data, (gssize) size, NULL));
}

static void
replace (const char *folder, const char *name, const char *from, const char *to)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *data = NULL;
  g_assert_true (g_file_get_contents (path, &data, NULL, NULL));
  g_auto (GStrv) parts = g_strsplit (data, from, -1);
  g_assert_nonnull (parts[1]);
  g_autofree char *changed = g_strjoinv (to, parts);
  g_assert_true (g_file_set_contents (path, changed, -1, NULL));
}

static void
refused (const char *folder, const char *word, const char *other)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (few_model_open (folder, "cpu", NULL, &error));
  assert_says (&error, word, other, NULL);
}

static void
test_models (void)
{
  g_autofree char *good = golden_path ("vit");
  g_autofree char *folder = scratch_folder ("model");
  static const char *const names[] = { "open_clip_config.json", "open_clip_model.safetensors",
                                       "vocab.json", "merges.txt" };
  refused (folder, folder, NULL); /* empty folder */
  refused ("/nonexistent/model", "/nonexistent/model", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    copy_file (good, folder, names[i]);
  /* a wrong width: tensor, expected and found */
  replace (folder, names[0], "\"width\": 40", "\"width\": 48");
  refused (folder, "visual.", "40");
  copy_file (good, folder, names[0]);
  replace (folder, names[0], "\"layers\": 3", "\"layers\": 4"); /* a missing tensor */
  refused (folder, "resblocks.3", "missing");
  copy_file (good, folder, names[0]);
  replace (folder, names[0], "\"embed_dim\": 24", "\"embed_dim\": 99999999");
  refused (folder, "embed_dim", NULL);
  copy_file (good, folder, names[0]);
  /* A setting that would change the computation, known or never heard of, is refused by its
   * name; one that says nothing is not. */
  static const char *const asked[][2] = { { "\"attentional_pool\": true", "attentional_pool" },
                                          { "\"pool_type\": \"avg\"", "pool_type" },
                                          { "\"invented_next_year\": true", "invented_next_year" },
                                          { "\"timm_model_name\": \"vit\"", "timm_model_name" } };
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autofree char *with = g_strconcat ("\"patch_size\": 8, ", asked[i][0], NULL);
      replace (folder, names[0], "\"patch_size\": 8", with);
      refused (folder, asked[i][1], "does not have");
      copy_file (good, folder, names[0]);
    }
  replace (folder, names[0], "\"patch_size\": 8",
           "\"patch_size\": 8, \"ls_init_value\": null, \"no_ln_pre\": false, \"pool_type\": "
           "\"tok\", \"norm_kwargs\": {}");
  g_autoptr (GError) none = NULL;
  g_autoptr (FewModel) opened = few_model_open (folder, "cpu", NULL, &none);
  g_assert_no_error (none);
  g_assert_cmpuint (few_model_dim (opened), ==, 24);
  copy_file (good, folder, names[0]);
  g_autofree char *config = g_build_filename (folder, names[0], NULL);
  g_assert_true (g_file_set_contents (config, "{\"model_cfg\": ", -1, NULL));
  refused (folder, "open_clip_config.json", NULL);
  /* json-glib's immutable parser aborts on this */
  g_assert_true (g_file_set_contents (config, "0{\"model_cfg\": {}}", -1, NULL));
  refused (folder, "open_clip_config.json", NULL);
  copy_file (good, folder, names[0]);
  g_autofree char *weights = g_build_filename (folder, names[1], NULL);
  g_autofree char *data = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (weights, &data, &size, NULL));
  g_assert_true (g_file_set_contents (weights, data, (gssize) size / 2, NULL));
  refused (folder, "open_clip_model.safetensors", NULL);
  copy_file (good, folder, names[1]);
  g_autofree char *merges = g_build_filename (folder, names[3], NULL);
  g_unlink (merges);
  refused (folder, "merges.txt", NULL);
}

/* The text tower is loaded with the first text: who has pictures alone is not held up by what is
 * wrong with it, and who asks is told each time, of a file that changed since as of a bad one. */
static void
test_texts_later (void)
{
  static const char *const names[] = { "open_clip_config.json", "open_clip_model.safetensors",
                                       "vocab.json", "merges.txt" };
  static const char *const texts[] = { "a photo" };
  float feature[24];
  g_autofree char *good = golden_path ("vit");
  g_autofree char *folder = scratch_folder ("later");
  g_autofree char *path = g_build_filename (folder, names[1], NULL);
  g_autofree char *data = NULL;
  gsize size;
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    copy_file (good, folder, names[i]);
  g_autoptr (FewModel) changed = few_model_open (folder, "cpu", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  char *name = g_strstr_len (data + 8, (gssize) size - 8, "\"ln_final.weight\"");
  g_assert_nonnull (name);
  name[1] = 'x';
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
  g_autoptr (FewModel) model = few_model_open (folder, "cpu", NULL, &error);
  g_assert_no_error (error);
  g_autofree float *pixels = g_new0 (float, (gsize) 3 * few_model_info (model)->preprocess.size
                                                * few_model_info (model)->preprocess.size);
  for (guint again = 0; again < 2; again++)
    {
      g_assert_true (few_model_encode_pixels (model, pixels, 1, feature, NULL, &error));
      g_assert_no_error (error);
      g_assert_false (few_model_load_text (model, &error));
      assert_says (&error, "open_clip_model.safetensors", "“ln_final.weight” is missing", NULL);
      g_assert_false (few_model_encode_texts (model, texts, 1, feature, NULL, &error));
      assert_says (&error, "“ln_final.weight” is missing", NULL);
    }
  /* the file that was opened is another than the one that lies there now, and is whole */
  g_assert_true (few_model_load_text (changed, &error));
  g_assert_no_error (error);
  copy_file (good, folder, names[1]);
  g_autoptr (FewModel) written = few_model_open (folder, "cpu", NULL, &error);
  g_assert_no_error (error);
  FILE *file = g_fopen (path, "r+b");
  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, -1, SEEK_END), ==, 0);
  g_assert_cmpint (fputc (0, file), ==, 0);
  g_assert_cmpint (fclose (file), ==, 0);
  g_assert_cmpint (g_utime (path, &(struct utimbuf) { 1, 1 }), ==, 0); /* clocks are coarse */
  g_assert_false (few_model_load_text (written, &error));
  assert_says (&error, "open_clip_model.safetensors", "changed since it was opened", NULL);
}

static void
test_split (void)
{
  guint32 labels[61];
  guint8 roles[61], again[61], other[61];
  for (guint i = 0; i < 61; i++)
    labels[i] = (i >= 40) + (i >= 60);
  g_assert_true (few_split (labels, NULL, 61, 4, 8, 1, roles, NULL));
  g_assert_true (few_split (labels, NULL, 61, 4, 8, 1, again, NULL));
  g_assert_true (few_split (labels, NULL, 61, 4, 8, 2, other, NULL));
  guint counts[3][4] = { 0 };
  for (guint i = 0; i < 61; i++)
    counts[labels[i]][roles[i]]++;
  g_assert_cmpuint (counts[0][FEW_ROLE_TRAIN], ==, 8);
  g_assert_cmpuint (counts[0][FEW_ROLE_VALIDATION], ==, 4);
  g_assert_cmpuint (counts[0][FEW_ROLE_TEST], ==, 28);
  g_assert_cmpuint (counts[1][FEW_ROLE_TEST], ==, 8);
  g_assert_cmpuint (counts[2][FEW_ROLE_TRAIN], ==, 1);
  g_assert_cmpmem (roles, 61, again, 61);
  g_assert_true (memcmp (roles, other, 61) != 0);
  g_assert_true (few_split (labels, NULL, 61, 4, 0, 1, roles, NULL));
  memset (counts, 0, sizeof counts);
  for (guint i = 0; i < 61; i++)
    counts[labels[i]][roles[i]]++;
  g_assert_cmpuint (counts[0][FEW_ROLE_TRAIN], ==, 24);
  g_assert_cmpuint (counts[0][FEW_ROLE_VALIDATION], ==, 8);
  g_assert_cmpuint (counts[2][FEW_ROLE_TRAIN], ==, 1);
}

/* A share of each class; the usual ones draw what few_split draws; none takes all of a class. */
static void
test_shares (void)
{
  guint32 labels[50];
  guint8 roles[50], usual[50];
  guint counts[2][4] = { 0 };
  for (guint i = 0; i < 50; i++)
    labels[i] = i >= 40;
  g_assert_true (few_split (labels, NULL, 50, 2, 0, 1, usual, NULL));
  g_assert_true (few_split_shares (labels, NULL, 50, 2, 0, (FewShares) { 20, 20 }, 1, roles, NULL));
  g_assert_cmpmem (roles, 50, usual, 50);
  g_assert_true (few_split_shares (labels, NULL, 50, 2, 0, (FewShares) { 50, 5 }, 1, roles, NULL));
  for (guint i = 0; i < 50; i++)
    counts[labels[i]][roles[i]]++;
  g_assert_cmpuint (counts[0][FEW_ROLE_TEST], ==, 20);
  g_assert_cmpuint (counts[0][FEW_ROLE_VALIDATION], ==, 2);
  g_assert_cmpuint (counts[1][FEW_ROLE_TEST], ==, 5);
  g_assert_cmpuint (counts[1][FEW_ROLE_VALIDATION], ==, 1);
  g_assert_true (
      few_split_shares (labels, NULL, 50, 2, 0, (FewShares) { 100, 100 }, 1, roles, NULL));
  memset (counts, 0, sizeof counts);
  for (guint i = 0; i < 50; i++)
    counts[labels[i]][roles[i]]++;
  g_assert_cmpuint (counts[0][FEW_ROLE_TRAIN], ==, 1);
  g_assert_cmpuint (counts[1][FEW_ROLE_TRAIN], ==, 1);
}

/* What a person pins is tested on, none of the rest where all is learned from; twins of it go. */
static void
test_pinned (void)
{
  guint32 labels[40], groups[40];
  guint8 roles[40], pinned[40] = { 0 };
  guint counts[4] = { 0 };
  guint left_out;
  for (guint i = 0; i < 40; i++)
    {
      labels[i] = i >= 20;
      groups[i] = i;
    }
  pinned[3] = pinned[30] = TRUE;
  g_assert_true (few_split (labels, pinned, 40, 2, 0, 1, roles, NULL));
  for (guint i = 0; i < 40; i++)
    counts[roles[i]]++;
  g_assert_cmpuint (counts[FEW_ROLE_TEST], ==, 2);
  g_assert_cmpuint (counts[FEW_ROLE_VALIDATION], ==, 6);
  g_assert_cmpuint (roles[3], ==, FEW_ROLE_TEST);
  g_assert_cmpuint (roles[30], ==, FEW_ROLE_TEST);
  g_assert_true (few_split (labels, pinned, 40, 2, 4, 1, roles, NULL));
  g_assert_cmpuint (roles[3], ==, FEW_ROLE_TEST);
  for (guint i = counts[FEW_ROLE_TEST] = 0; i < 40; i++)
    counts[FEW_ROLE_TEST] += roles[i] == FEW_ROLE_TEST;
  g_assert_cmpuint (counts[FEW_ROLE_TEST], ==, 2 + 2 * (19 - 8)); /* as shots ask for it */
  g_assert_true (few_split (labels, pinned, 40, 2, 0, 1, roles, NULL));
  groups[4] = groups[5] = 3;
  g_assert_true (few_split_keep_pinned (groups, pinned, 40, roles, &left_out, NULL));
  g_assert_cmpuint (left_out, ==, 2);
  g_assert_cmpuint (roles[3], ==, FEW_ROLE_TEST);
  g_assert_cmpuint (roles[4], ==, FEW_ROLE_UNUSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/safetensors", test_safetensors);
  g_test_add_func ("/files/every-half", test_every_half);
  g_test_add_func ("/files/half-types", test_half_types);
  g_test_add_func ("/files/models", test_models);
  g_test_add_func ("/files/texts-later", test_texts_later);
  g_test_add_func ("/files/split", test_split);
  g_test_add_func ("/files/shares", test_shares);
  g_test_add_func ("/files/pinned", test_pinned);
  return g_test_run ();
}
