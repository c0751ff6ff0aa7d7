/* SPDX-License-Identifier: MIT */
/* What tensors are called in files: of one that has several libraries' names, one set is taken. */
#include "clip/weight-names.h"

static const char *const blocks[] = { "visual.transformer.resblocks.0.attn.in_proj_weight",
                                      "visual.transformer.resblocks.0.attn.in_proj_bias",
                                      "transformer.resblocks.3.attn.in_proj_weight",
                                      "transformer.resblocks.3.attn.in_proj_bias" };

/* Every set of flags that a file could set. */
static void
test_parts (void)
{
  guint apart = 0;
  for (guint flags = 0; flags < 1u << 7; flags++)
    for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
      {
        const FewNaming naming = { .hugging_face = flags & 1,
                                   .split = flags >> 1 & 1,
                                   .split_bias = flags >> 2 & 1,
                                   .m2m = flags >> 3 & 1,
                                   .bert = flags >> 4 & 1 ? "text_model." : NULL,
                                   .dino = flags >> 5 & 3 };
        g_auto (FewNameParts) parts = { .n = 0 };
        gboolean is_apart = few_file_parts (&naming, blocks[i], &parts);
        g_assert_cmpuint (parts.n, ==, is_apart ? G_N_ELEMENTS (parts.names) : 0);
        apart += is_apart;
      }
  g_assert_cmpuint (apart, >, 0);
}

static void
test_first (void)
{
  const FewNaming naming = { .hugging_face = TRUE, .split = TRUE };
  g_auto (FewNameParts) parts = { .n = 0 };
  g_assert_true (few_file_parts (&naming, blocks[0], &parts));
  g_assert_cmpstr (parts.names[0], ==, "vision_model.encoder.layers.0.self_attn.q_proj.weight");
  g_assert_cmpstr (parts.names[2], ==, "vision_model.encoder.layers.0.self_attn.v_proj.weight");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/parts", test_parts);
  g_test_add_func ("/names/first", test_first);
  return g_test_run ();
}
