/* SPDX-License-Identifier: MIT */
/* Any bytes as a picture, to the end: decoded, turned, resized. */
#include "fuzz.h"
#include "image/picture.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  enum { SIDE = 32, MAX_PIXELS = 4000000 };
  static guint8 resized[SIDE * SIDE * 3];
  static float pixels[SIDE * SIDE * 3];
  const FewPreprocess preprocess = { .size = SIDE, .mean = { .5, .5, .5 }, .std = { .3, .3, .3 } };
  const FewPictureLimits limits = { .max_pixels = MAX_PIXELS };
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  gboolean ok = few_image_preprocess (bytes, "x", &preprocess, &limits, resized, pixels, &error);
  g_assert_true (ok == (error == NULL));
  g_clear_error (&error);
  /* and a part of it, by its last bytes */
  FewPictureLimits part = limits;
  if (size < 4
      || !few_crop_clip (&part.crop, data[size - 1] / 256., data[size - 2] / 256.,
                         data[size - 3] / 256., data[size - 4] / 256.))
    return 0;
  g_assert_true (few_image_preprocess (bytes, "x", &preprocess, &part, resized, pixels, &error)
                 == ok);
  g_assert_true (ok == (error == NULL));
  return 0;
}
