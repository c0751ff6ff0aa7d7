/* SPDX-License-Identifier: MIT */
/* One forward pass of a tower, on a lane or on the whole device. */
#include "clip/model.h"
#include "clip/model-private.h"
#include "base/error.h"
#include <fewshot/error.h>

static gboolean
forward_once (FewModel *model, FewStream *stream, FewActivations *activations, guint n,
              const float *pixels, float *features, GError **error)
{
  const FewLoaded *loaded = &model->loaded;
  const FewPass pass = { &model->config, loaded->backend, stream,         activations,
                         model->tap,     model->tap_user, model->inserted };
  return loaded->tower->forward (loaded->image, &pass, n, pixels, features, error);
}

gboolean
few_model_insert (FewModel *model, const FewInserted *inserted, GError **error)
{
  const FewClipConfig *config = &model->config;
  const FewTower *tower = config->tower;
  gboolean stacked = tower->has_stack && tower->has_stack (config);
  if (!inserted
      || (stacked && inserted->width == config->vision.width && inserted->after >= 1
          && inserted->after <= config->vision.layers))
    {
      model->inserted = inserted;
      return TRUE;
    }
  few_fail (error, INPUT,
            "What was learned behind block %u of a ViT of width %u does not fit into this model's "
            "image tower.",
            inserted->after, inserted->width);
  return FALSE;
}

/* In halves where the device has too little memory for all at once. */
static gboolean
forward_halved (FewModel *model, FewStream *stream, FewActivations *activations, guint n,
                const float *pixels, float *features, GError **error)
{
  g_autoptr (GError) local = NULL;
  if (forward_once (model, stream, activations, n, pixels, features, &local))
    return TRUE;
  if (n == 1 || !g_error_matches (local, FEW_ERROR, FEW_ERROR_MEMORY))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  guint half = n / 2;
  gsize one = (gsize) 3 * model->config.image_size * model->config.image_size;
  few_activations_clear (activations);
  return forward_halved (model, stream, activations, half, pixels, features, error)
         && forward_halved (model, stream, activations, n - half, pixels + half * one,
                            features + (gsize) half * model->info.dim, error);
}

/* The lane's memory. A stream has one: passes of it follow one another. */
static FewActivations *
activations_of (FewModel *model, guint lane)
{
  return lane == FEW_WHOLE_DEVICE ? &model->loaded.whole : &model->loaded.lanes[lane];
}

gboolean
few_model_forward (FewModel *model, FewStream *stream, guint lane, guint n, const float *pixels,
                   float *features, GError **error)
{
  return forward_halved (model, stream, activations_of (model, lane), n, pixels, features, error);
}

guint
few_model_n_parts (const FewModel *model, guint *columns)
{
  const FewClipConfig *config = &model->config;
  gboolean told = config->tower->has_parts && config->tower->has_parts (config);
  *columns = told ? config->image_size / config->patch_size : 0;
  return *columns * *columns;
}

gboolean
few_model_forward_parts (FewModel *model, const float *pixels, float *features, GError **error)
{
  const FewLoaded *loaded = &model->loaded;
  const FewPass pass = { &model->config,
                         loaded->backend,
                         loaded->backend->stream,
                         activations_of (model, FEW_WHOLE_DEVICE),
                         NULL,
                         NULL,
                         NULL };
  return loaded->tower->parts (loaded->image, &pass, pixels, features, error);
}

gboolean
few_model_forward_text (FewModel *model, guint b, guint t, const gint32 *ids, const guint32 *rows,
                        float *features, GError **error)
{
  return few_text_forward (&model->loaded.text, &model->config, model->loaded.backend,
                           model->loaded.backend->stream, &model->loaded.whole, b, t, ids, rows,
                           features, model->tap, model->tap_user, error);
}
