/* SPDX-License-Identifier: MIT */
/* What OpenAI's models share, and the checks of a config whatever its source. */
#include "clip/clip-config.h"
#include "base/error.h"
#include <inttypes.h>

const FewPreprocess few_clip_preprocess = { .mean = { 0.48145466, 0.4578275, 0.40821073 },
                                            .std = { 0.26862954, 0.26130258, 0.27577711 } };

gboolean
few_clip_in_range (gint64 value, gint64 least, gint64 most, const char *what, const char *path,
                   GError **error)
{
  if (value >= least && value <= most)
    return TRUE;
  few_fail (error, FORMAT,
            "%s: %s is %" PRId64 "; it must lie between %" PRId64 " and %" PRId64 ".", path, what,
            value, least, most);
  return FALSE;
}

gboolean
few_clip_check_transformer (FewTransformerConfig *t, const char *which, const char *path,
                            GError **error)
{
  g_autofree char *width = g_strdup_printf ("%s width", which);
  g_autofree char *layers = g_strdup_printf ("%s layers", which);
  g_autofree char *heads = g_strdup_printf ("%s heads", which);
  g_autofree char *mlp = g_strdup_printf ("%s MLP width", which);
  if (!few_clip_in_range (t->width, 1, FEW_MAX_WIDTH, width, path, error)
      || !few_clip_in_range (t->layers, 1, FEW_MAX_LAYERS, layers, path, error)
      || !few_clip_in_range (t->heads, 1, FEW_MAX_HEADS, heads, path, error)
      || !few_clip_in_range (t->mlp_width, 1, 8 * FEW_MAX_WIDTH, mlp, path, error))
    return FALSE;
  if (t->width % t->heads != 0)
    {
      few_fail (error, FORMAT, "%s: the %s width %u is no multiple of its %u heads.", path, which,
                t->width, t->heads);
      return FALSE;
    }
  t->head_width = t->width / t->heads;
  return TRUE;
}
