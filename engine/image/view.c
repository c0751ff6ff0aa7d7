/* SPDX-License-Identifier: MIT */
/* Augmented views: which crop, whether mirrored, from a hash and a seed. */
#include "image/view.h"
#include <math.h>
#include <string.h>

void
few_image_view_hash (const guint8 hash[32], guint64 seed, guint index, guint8 key[32])
{
  const guint64 numbers[3] = { 1 /* version of the views */, GUINT64_TO_LE (seed),
                               GUINT64_TO_LE ((guint64) index) };
  gsize length = 32;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, hash, 32);
  g_checksum_update (sum, (const guint8 *) numbers, sizeof numbers);
  g_checksum_get_digest (sum, key, &length);
}

void
few_image_view_draw (const guint8 hash[32], guint64 seed, guint index, guint width, guint height,
                     FewImageView *view)
{
  guint8 key[32];
  guint32 words[8];
  few_image_view_hash (hash, seed, index, key);
  memcpy (words, key, sizeof words);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = GUINT32_FROM_LE (words[i]);
  GRand *rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  double area = (double) width * height;
  double log_ratio = log (4.0 / 3);
  *view = (FewImageView) { 0, 0, width, height, FALSE }; /* when no crop fits in ten attempts */
  for (guint attempt = 0; attempt < 10; attempt++)
    {
      double target = area * g_rand_double_range (rand, 0.5, 1);
      double ratio = exp (g_rand_double_range (rand, -log_ratio, log_ratio));
      guint w = (guint) lrint (sqrt (target * ratio));
      guint h = (guint) lrint (sqrt (target / ratio));
      if (w < 1 || h < 1 || w > width || h > height)
        continue;
      view->width = w;
      view->height = h;
      view->left = (guint) g_rand_int_range (rand, 0, (gint32) (width - w + 1));
      view->top = (guint) g_rand_int_range (rand, 0, (gint32) (height - h + 1));
      break;
    }
  view->flipped = g_rand_boolean (rand);
  g_rand_free (rand);
}
