/* SPDX-License-Identifier: MIT */
/* A FewHeat: made of a picture by one of two methods, and what it says of a class. */
#include "heat/heat.h"
#include "base/error.h"
#include "base/memory.h"
#include "clip/model.h"
#include <fewshot/match.h>
#include <math.h>

struct FewHeat
{
  gatomicrefcount refs;
  FewHeatInfo info;
  guint length;    /* L of a feature */
  float *features; /* [1 + rows · columns, L]: of the picture, then without each place */
};

FewHeat *
few_heat_ref (FewHeat *heat)
{
  g_return_val_if_fail (heat != NULL, NULL);
  g_atomic_ref_count_inc (&heat->refs);
  return heat;
}

void
few_heat_unref (FewHeat *heat)
{
  g_return_if_fail (heat != NULL);
  if (!g_atomic_ref_count_dec (&heat->refs))
    return;
  g_free (heat->features);
  g_free (heat);
}

const FewHeatInfo *
few_heat_info (const FewHeat *heat)
{
  g_return_val_if_fail (heat != NULL, NULL);
  return &heat->info;
}

const float *
few_heat_features (const FewHeat *heat, guint *length)
{
  *length = heat->length;
  return heat->features;
}

/* ---- making */

/* The picture's pixels [3, R, R], and which part of it they are. */
static float *
read_pixels (FewModel *model, const char *path, FewHeatInfo *info, GError **error)
{
  const FewPreprocess *preprocess = &few_model_config (model)->preprocess;
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = few_image_read (path, NULL, error);
  g_autoptr (GdkPixbuf) picture =
      bytes ? few_image_decode (bytes, name, few_model_picture_limits (model),
                                few_preprocess_enough (preprocess, 2), error)
            : NULL;
  g_autofree float *pixels = picture ? few_try_floats (one, 1, name, error) : NULL;
  g_autofree guint8 *resized = pixels ? few_try_bytes (one, name, error) : NULL;
  double region[4];
  if (!resized)
    return NULL;
  if (!few_image_resize (picture, preprocess, resized))
    {
      few_fail (error, MEMORY, "%s does not fit into memory.", name);
      return NULL;
    }
  few_image_normalise (resized, preprocess, pixels);
  few_image_region ((guint) gdk_pixbuf_get_width (picture), (guint) gdk_pixbuf_get_height (picture),
                    preprocess, region);
  info->left = region[0];
  info->top = region[1];
  info->width = region[2];
  info->height = region[3];
  return g_steal_pointer (&pixels);
}

typedef struct
{
  const float *pixels;
  float *features;
} Parts;

static gboolean
tell_parts (FewModel *model, gpointer user, GError **error)
{
  Parts *parts = user;
  return few_model_forward_parts (model, parts->pixels, parts->features, error);
}

/* What was asked for, where it can be had. FALSE with an error where it cannot. */
static gboolean
choose_method (const FewModel *model, gboolean tower, FewHeatMethod asked, FewHeatInfo *info,
               GError **error)
{
  guint columns;
  gboolean told = few_model_n_parts (model, &columns) > 0 && !tower;
  if (asked == FEW_HEAT_PARTS && !told)
    {
      few_fail (error, UNSUPPORTED,
                "The image tower of this model, or what was learned into it, does not tell what "
                "each patch gives: only a vision transformer with a class token does. Cover parts "
                "of the picture instead.");
      return FALSE;
    }
  info->method = asked != FEW_HEAT_OCCLUSION && told ? FEW_HEAT_PARTS : FEW_HEAT_OCCLUSION;
  info->columns = info->method == FEW_HEAT_PARTS ? columns : FEW_OCCLUSION_SIDE;
  info->rows = info->columns;
  return TRUE;
}

static FewHeat *
alloc_heat (guint length)
{
  FewHeat *heat = g_new0 (FewHeat, 1);
  g_atomic_ref_count_init (&heat->refs);
  heat->length = length;
  return heat;
}

/* With the picture's pixels, to be freed with g_free, and room for what its places say. */
static FewHeat *
begin_heat (FewModel *model, const char *path, gsize length, gboolean tower, FewHeatMethod method,
            float **pixels, GCancellable *cancellable, GError **error)
{
  g_autoptr (FewHeat) heat = alloc_heat (length);
  if (!choose_method (model, tower, method, &heat->info, error))
    return NULL;
  *pixels = read_pixels (model, path, &heat->info, error);
  if (!*pixels || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  heat->features = few_try_floats (1 + (gsize) heat->info.rows * heat->info.columns, heat->length,
                                   "the places of a picture", error);
  return heat->features ? g_steal_pointer (&heat) : NULL;
}

FewHeat *
few_heat_new (FewModel *model, const FewClassifier *classifier, const char *path,
              FewHeatMethod method, void (*progress) (gpointer user, guint done, guint total),
              gpointer user, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && classifier != NULL && path != NULL, NULL);
  g_return_val_if_fail (few_classifier_info (classifier)->dim == few_model_dim (model), NULL);
  gboolean tower = few_classifier_info (classifier)->kind == FEW_CLASSIFIER_TOWER;
  g_autofree float *pixels = NULL;
  g_autoptr (FewHeat) heat = begin_heat (model, path, few_classifier_length (classifier), tower,
                                         method, &pixels, cancellable, error);
  if (!heat)
    return NULL;
  Parts parts = { pixels, heat->features };
  const FewHeatJob job = { model, classifier, pixels, progress, user, cancellable };
  gboolean ok = heat->info.method == FEW_HEAT_PARTS
                    ? few_model_retry (model, tell_parts, &parts, error)
                    : few_heat_occlude (&job, heat->features, error);
  return ok ? g_steal_pointer (&heat) : NULL;
}

FewHeat *
few_heat_new_parts (FewModel *model, const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (model != NULL && path != NULL, NULL);
  g_autofree float *pixels = NULL;
  g_autoptr (FewHeat) heat = begin_heat (model, path, few_model_dim (model), FALSE, FEW_HEAT_PARTS,
                                         &pixels, cancellable, error);
  if (!heat)
    return NULL;
  Parts parts = { pixels, heat->features };
  return few_model_retry (model, tell_parts, &parts, error) ? g_steal_pointer (&heat) : NULL;
}

/* ---- what it says */

/* cosines [K] → the log-odds of class k */
static double
log_odds (const float *cosines, guint n, guint k, double scale)
{
  double largest = -G_MAXDOUBLE;
  double total = 0;
  for (guint j = 0; j < n; j++)
    largest = j == k ? largest : MAX (largest, (double) cosines[j]);
  for (guint j = 0; j < n; j++)
    total += j == k ? 0 : exp (scale * ((double) cosines[j] - largest));
  return n == 1 ? scale * (double) cosines[0]
                : scale * ((double) cosines[k] - largest) - log (total);
}

gboolean
few_heat_map (const FewHeat *heat, const FewClassifier *classifier, guint class_index, double alpha,
              float *map, GError **error)
{
  g_return_val_if_fail (heat != NULL && classifier != NULL && map != NULL, FALSE);
  g_return_val_if_fail (few_classifier_length (classifier) == heat->length, FALSE);
  const FewClassifierInfo *info = few_classifier_info (classifier);
  g_return_val_if_fail (class_index < info->n_classes && alpha >= 0 && alpha <= 1, FALSE);
  guint places = heat->info.rows * heat->info.columns;
  g_autofree float *cosines =
      few_try_floats (info->n_classes, 1, "the classes of a picture", error);
  if (!cosines)
    return FALSE;
  double whole = 0;
  for (guint i = 0; i <= places; i++)
    {
      few_classifier_predict (classifier, heat->features + (gsize) i * heat->length, alpha, cosines,
                              NULL);
      /* told by itself, a class's logit is its log-odds */
      double odds = info->kind == FEW_CLASSIFIER_INDEPENDENT
                        ? info->logit_scale * (double) cosines[class_index]
                        : log_odds (cosines, info->n_classes, class_index, info->logit_scale);
      if (i == 0)
        whole = odds;
      else
        map[i - 1] = (float) (whole - odds);
    }
  return TRUE;
}
