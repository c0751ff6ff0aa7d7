/* SPDX-License-Identifier: MIT */
/* Where a user's models and features lie, as the XDG base directories say. */
#include <fewshot/places.h>

char *
few_default_cache_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "fewshot", "features", NULL);
}

char *
few_default_models_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "fewshot", "models", NULL);
}
