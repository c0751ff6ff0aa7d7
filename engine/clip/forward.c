/* SPDX-License-Identifier: MIT */
/* One forward pass of a tower, on a lane or on the whole device. */
#include "clip/model.h"
#include "clip/model-private.h"
#include "base/error.h"
#include "base/memory.h"
#include <fewshot/error.h>
#include <string.h>

guint
few_model_length (const FewModel *model)
{
  return (model->inserted ? 2 : 1) * model->info.dim;
}

/* What a pass needs beside its pictures. */
typedef struct
{
  FewModel *model;
  FewStream *stream;
  FewActivations *activations;
} Lane;

/* features [n, D] */
static gboolean
run_tower (const Lane *lane, const FewInserted *inserted, guint n, const float *pixels,
           float *features, GError **error)
{
  const FewModel *model = lane->model;
  const FewLoaded *loaded = &model->loaded;
  const FewPass pass = { &model->config, loaded->backend, lane->stream, lane->activations,
                         model->tap,     model->tap_user, inserted };
  return loaded->tower->forward (loaded->image, &pass, n, pixels, features, error);
}

/* features [n, L] */
static gboolean
forward_once (const Lane *lane, guint n, const float *pixels, float *features, GError **error)
{
  const FewModel *model = lane->model;
  gsize d = model->info.dim;
  if (!model->inserted)
    return run_tower (lane, NULL, n, pixels, features, error);
  g_autofree float *halves = few_try_floats (2 * (gsize) n, d, "the features of pictures", error);
  if (!halves || !run_tower (lane, NULL, n, pixels, halves, error)
      || !run_tower (lane, model->inserted, n, pixels, halves + n * d, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      memcpy (features + 2 * i * d, halves + i * d, d * sizeof *halves);
      memcpy (features + (2 * i + 1) * d, halves + (n + i) * d, d * sizeof *halves);
    }
  return TRUE;
}

gboolean
few_model_takes (const FewModel *model, const FewInserted *inserted, GError **error)
{
  const FewClipConfig *config = &model->config;
  const FewTower *tower = config->tower;
  gboolean stacked = tower->has_stack && tower->has_stack (config);
  if (stacked && inserted->width == config->vision.width && inserted->after >= 1
      && inserted->after <= config->vision.layers)
    return TRUE;
  few_fail (error, INPUT,
            "What was learned behind block %u of a ViT of width %u does not fit into this model's "
            "image tower.",
            inserted->after, inserted->width);
  return FALSE;
}

gboolean
few_model_insert (FewModel *model, const FewInserted *inserted, GError **error)
{
  if (inserted && !few_model_takes (model, inserted, error))
    return FALSE;
  model->inserted = inserted;
  return TRUE;
}

/* In halves where the device has too little memory for all at once. */
static gboolean
forward_halved (const Lane *lane, guint n, const float *pixels, float *features, GError **error)
{
  g_autoptr (GError) local = NULL;
  if (forward_once (lane, n, pixels, features, &local))
    return TRUE;
  if (n == 1 || !g_error_matches (local, FEW_ERROR, FEW_ERROR_MEMORY))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  guint half = n / 2;
  gsize one = (gsize) 3 * lane->model->config.image_size * lane->model->config.image_size;
  few_activations_clear (lane->activations);
  return forward_halved (lane, half, pixels, features, error)
         && forward_halved (lane, n - half, pixels + half * one,
                            features + (gsize) half * few_model_length (lane->model), error);
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
  const Lane with = { model, stream, activations_of (model, lane) };
  return forward_halved (&with, n, pixels, features, error);
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
  const FewTextTower *text = few_loaded_text (&model->loaded, &model->config, error);
  return text
         && few_text_forward (text, &model->config, model->loaded.backend,
                              model->loaded.backend->stream, &model->loaded.whole, b, t, ids, rows,
                              features, model->tap, model->tap_user, error);
}
