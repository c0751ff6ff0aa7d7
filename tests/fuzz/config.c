/* SPDX-License-Identifier: MIT */
/* Any bytes as a model's config: the first byte chooses open_clip's or Hugging Face's. What is
 * accepted must be buildable: sizes that multiply without overflow and divide without rest. */
#include "fuzz.h"
#include "clip/config-file.h"
#include "clip/tower.h"
#include <glib/gstdio.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static char *folder;
  if (!folder)
    folder = g_dir_make_tmp ("fewshot-fuzz-XXXXXX", NULL);
  if (size == 0)
    return 0;
  g_autofree char *ours =
      g_build_filename (folder, data[0] % 2 ? "open_clip_config.json" : "config.json", NULL);
  g_autoptr (GError) error = NULL;
  FewClipConfig config;
  g_assert_true (g_file_set_contents (ours, (const char *) data + 1, (gssize) size - 1, NULL));
  if (few_clip_config_load (folder, &config, &error))
    {
      g_assert_cmpuint (config.embed_dim, >, 0);
      g_assert_cmpuint (config.text.width % config.text.heads, ==, 0);
      g_assert_cmpuint (config.image_size, <=, FEW_MAX_IMAGE_SIZE);
      /* the others are checked when their weights are measured */
      g_assert_true (config.tower->measure || config.tower == &few_vit_tower
                     || config.tower == &few_resnet_tower);
      if (config.tower->measure)
        return g_unlink (ours);
      g_assert_true (config.tower == &few_resnet_tower
                         ? config.image_size % 32 == 0 && config.resnet_heads > 0
                               && 32 * config.resnet_width % config.resnet_heads == 0
                         : config.patch_size > 0 && config.vision.width % config.vision.heads == 0);
    }
  else
    g_assert_nonnull (error);
  g_unlink (ours);
  return 0;
}
