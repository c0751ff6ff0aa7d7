/* SPDX-License-Identifier: MIT */
/* The feature cache of a model: what its key is made of, and the one that is open. */
#include "clip/model.h"
#include "clip/model-private.h"
#include <fewshot/picture.h>

/* The feature cache of this model in a folder. It stays open for the next call. NULL when there can
 * be none; encoding again is slower, not wrong. */
FewFeatureCache *
few_model_feature_cache (FewModel *model, const char *folder)
{
  if (model->inserted)
    return NULL; /* what was learned would make each its own */
  gboolean whole = g_str_equal (model->info.precision, "f32");
  g_autofree char *key =
      g_strdup_printf ("%.40s%s%s%s", model->images, model->config.preprocess.exact ? "-exact" : "",
                       whole ? "" : "-", whole ? "" : model->info.precision);
  g_autofree char *name = g_build_filename (folder, key, NULL);
  if (model->cache && g_str_equal (model->cache_name, name)
      && few_feature_cache_is_current (model->cache))
    return model->cache;
  g_clear_pointer (&model->cache, few_feature_cache_free);
  g_free (model->cache_name);
  model->cache_name = g_steal_pointer (&name);
  g_autoptr (GError) error = NULL;
  model->cache = few_feature_cache_open (folder, key, model->info.dim, &error);
  if (!model->cache)
    g_debug ("no feature cache: %s", error->message);
  return model->cache;
}

FewFeatureCache *
few_model_open_cache (const FewModel *model)
{
  return model->cache;
}
