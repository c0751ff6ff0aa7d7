/* SPDX-License-Identifier: MIT */
/* The feature cache of a model: what its key is made of, and the one that is open. */
#include "clip/model.h"
#include "clip/model-private.h"
#include <fewshot/picture.h>
#include <string.h>

/* "-" and what tells what was learned into the tower from anything else; nothing where nothing
 * was. */
static char *
name_inserted (const FewInserted *in)
{
  if (!in)
    return g_strdup ("");
  gsize bytes = (gsize) in->hidden * in->width * sizeof *in->w1;
  g_autofree char *numbers =
      g_strdup_printf ("%u %u %d %a", in->after, in->hidden, in->final_relu, in->ratio);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (const guchar *) numbers, (gssize) strlen (numbers));
  g_checksum_update (sum, (const guchar *) in->w1, (gssize) bytes);
  g_checksum_update (sum, (const guchar *) in->w2, (gssize) bytes);
  return g_strdup_printf ("-%.20s", g_checksum_get_string (sum));
}

/* The feature cache of this model in a folder. It stays open for the next call. NULL when there can
 * be none; encoding again is slower, not wrong. */
FewFeatureCache *
few_model_feature_cache (FewModel *model, const char *folder)
{
  g_autofree char *inserted = name_inserted (model->inserted);
  g_autofree char *key =
      g_strdup_printf ("%.40s%s%s%s", model->images, model->config.preprocess.exact ? "-exact" : "",
                       model->loaded.backend->rounding, inserted);
  g_autofree char *name = g_build_filename (folder, key, NULL);
  few_model_set_unkept (model, NULL);
  if (model->cache && g_str_equal (model->cache_name, name)
      && few_feature_cache_is_current (model->cache))
    return model->cache;
  g_clear_pointer (&model->cache, few_feature_cache_free);
  g_free (model->cache_name);
  model->cache_name = g_steal_pointer (&name);
  g_autoptr (GError) error = NULL;
  model->cache = few_feature_cache_open (folder, key, few_model_length (model), &error);
  if (!model->cache)
    {
      g_debug ("no feature cache: %s", error->message);
      few_model_set_unkept (model, error->message);
    }
  return model->cache;
}

const char *
few_model_unkept (const FewModel *model)
{
  return model->unkept;
}

void
few_model_set_unkept (FewModel *model, const char *reason)
{
  g_free (model->unkept);
  model->unkept = g_strdup (reason);
}

FewFeatureCache *
few_model_open_cache (const FewModel *model)
{
  return model->cache;
}
