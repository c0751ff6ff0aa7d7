/* SPDX-License-Identifier: MIT */
/* What a classifier takes of pictures. A tower takes two features of each, which the model gives
 * while what was learned is in it. */
#include "adapt/classifier.h"
#include "clip/model.h"
#include <fewshot/classify.h>

FewInserted
few_classifier_inserted (const FewClassifierInfo *k)
{
  return (FewInserted) { .after = k->after,
                         .width = k->width,
                         .hidden = k->hidden,
                         .final_relu = k->final_relu,
                         .ratio = k->part_alpha,
                         .w1 = k->w1,
                         .w2 = k->w2 };
}

/* Puts what a tower has learned into the model until it is taken out, and nothing else's. */
static gboolean
put_in (const FewClassifier *classifier, FewModel *model, FewInserted *inserted, GError **error)
{
  const FewClassifierInfo *k = few_classifier_info (classifier);
  *inserted = few_classifier_inserted (k);
  return k->kind != FEW_CLASSIFIER_TOWER || few_model_insert (model, inserted, error);
}

static void
take_out (FewModel *model)
{
  few_model_insert (model, NULL, NULL);
}

gboolean
few_classifier_encode_pixels (const FewClassifier *classifier, FewModel *model, const float *pixels,
                              guint n, float *features, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL, FALSE);
  FewInserted inserted;
  if (!put_in (classifier, model, &inserted, error))
    return FALSE;
  gboolean ok = few_model_encode_pixels (model, pixels, n, features, cancellable, error);
  take_out (model);
  return ok;
}

gboolean
few_classifier_encode_bytes (const FewClassifier *classifier, FewModel *model, GBytes *bytes,
                             const char *name, float *feature, GCancellable *cancellable,
                             GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL, FALSE);
  FewInserted inserted;
  if (!put_in (classifier, model, &inserted, error))
    return FALSE;
  gboolean ok = few_model_encode_bytes (model, bytes, name, feature, cancellable, error);
  take_out (model);
  return ok;
}

gboolean
few_classifier_encode_file (const FewClassifier *classifier, FewModel *model, const char *path,
                            float *feature, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL && path != NULL, FALSE);
  FewInserted inserted;
  if (!put_in (classifier, model, &inserted, error))
    return FALSE;
  gboolean ok = few_model_encode_file (model, path, feature, cancellable, error);
  take_out (model);
  return ok;
}

gboolean
few_classifier_encode_files (const FewClassifier *classifier, FewModel *model,
                             const char *const *paths, guint n, const char *cache_folder,
                             FewEncodeFunc func, gpointer user, GCancellable *cancellable,
                             GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL && func != NULL, FALSE);
  FewInserted inserted;
  if (!put_in (classifier, model, &inserted, error))
    return FALSE;
  gboolean ok =
      few_model_encode_files (model, paths, n, cache_folder, func, user, cancellable, error);
  take_out (model);
  return ok;
}
