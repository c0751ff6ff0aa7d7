/* SPDX-License-Identifier: MIT */
/* What a classifier takes of pictures. A tower takes two features of each: the model is run as it
 * is, then with what was learned put into it. */
#include "adapt/classifier.h"
#include "base/memory.h"
#include "clip/model.h"
#include <fewshot/classify.h>
#include <string.h>

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

static gboolean
is_tower (const FewClassifier *classifier)
{
  return few_classifier_info (classifier)->kind == FEW_CLASSIFIER_TOWER;
}

/* ---- one picture, or pixels */

/* features [n, D] of CLIP and of the tower, side by side */
static void
put_halves (float *features, const float *half, guint n, gsize d, guint which)
{
  for (guint i = 0; i < n; i++)
    memcpy (features + (2 * (gsize) i + which) * d, half + i * d, d * sizeof *half);
}

gboolean
few_classifier_encode_pixels (const FewClassifier *classifier, FewModel *model, const float *pixels,
                              guint n, float *features, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL, FALSE);
  if (!is_tower (classifier))
    return few_model_encode_pixels (model, pixels, n, features, cancellable, error);
  gsize d = few_model_dim (model);
  g_autofree float *half = few_try_floats (n, d, "the features of pictures", error);
  if (!half || !few_model_encode_pixels (model, pixels, n, half, cancellable, error))
    return FALSE;
  put_halves (features, half, n, d, 0);
  const FewInserted inserted = few_classifier_inserted (few_classifier_info (classifier));
  if (!few_model_insert (model, &inserted, error))
    return FALSE;
  gboolean ok = few_model_encode_pixels (model, pixels, n, half, cancellable, error);
  few_model_insert (model, NULL, NULL);
  put_halves (features, half, n, d, 1);
  return ok;
}

gboolean
few_classifier_encode_bytes (const FewClassifier *classifier, FewModel *model, GBytes *bytes,
                             const char *name, float *feature, GCancellable *cancellable,
                             GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL, FALSE);
  if (!few_model_encode_bytes (model, bytes, name, feature, cancellable, error))
    return FALSE;
  if (!is_tower (classifier))
    return TRUE;
  const FewInserted inserted = few_classifier_inserted (few_classifier_info (classifier));
  if (!few_model_insert (model, &inserted, error))
    return FALSE;
  gboolean ok = few_model_encode_bytes (model, bytes, name, feature + few_model_dim (model),
                                        cancellable, error);
  few_model_insert (model, NULL, NULL);
  return ok;
}

gboolean
few_classifier_encode_file (const FewClassifier *classifier, FewModel *model, const char *path,
                            float *feature, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL && path != NULL, FALSE);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = few_image_read (path, NULL, error);
  return bytes
         && few_classifier_encode_bytes (classifier, model, bytes, name, feature, cancellable,
                                         error);
}

/* ---- many files */

typedef struct
{
  float *features; /* [n, D] CLIP's */
  float *both;     /* [2 D] */
  gsize d;
  guint *kept;         /* the pictures that have one, by their place in the second turn */
  const char **paths;  /* theirs */
  guint n_kept;
  const char *const *all;
  FewEncodeFunc func;
  gpointer user;
} Turns;

static void
take_first (gpointer user, guint index, const float *feature, const guint8 *hash,
            gboolean from_cache, const GError *error)
{
  Turns *t = user;
  if (!feature)
    {
      t->func (t->user, index, NULL, hash, from_cache, error);
      return;
    }
  memcpy (t->features + index * t->d, feature, t->d * sizeof *feature);
  t->kept[t->n_kept] = index;
  t->paths[t->n_kept++] = t->all[index];
}

static void
take_second (gpointer user, guint place, const float *feature, const guint8 *hash,
             gboolean from_cache, const GError *error)
{
  Turns *t = user;
  guint index = t->kept[place];
  if (feature)
    {
      memcpy (t->both, t->features + index * t->d, t->d * sizeof *feature);
      memcpy (t->both + t->d, feature, t->d * sizeof *feature);
    }
  t->func (t->user, index, feature ? t->both : NULL, hash, from_cache, error);
}

gboolean
few_classifier_encode_files (const FewClassifier *classifier, FewModel *model,
                             const char *const *paths, guint n, const char *cache_folder,
                             FewEncodeFunc func, gpointer user, GCancellable *cancellable,
                             GError **error)
{
  g_return_val_if_fail (classifier != NULL && model != NULL && func != NULL, FALSE);
  if (!is_tower (classifier))
    return few_model_encode_files (model, paths, n, cache_folder, func, user, cancellable, error);
  gsize d = few_model_dim (model);
  g_auto (FewRoom) room = { 0 };
  Turns turns = { .features = few_room_new (&room, float, n, d),
                  .both = few_room_new (&room, float, 2, d),
                  .d = d,
                  .kept = few_room_new (&room, guint, n, 1),
                  .paths = few_room_new (&room, const char *, n, 1),
                  .all = paths,
                  .func = func,
                  .user = user };
  if (few_room_is_short (&room, "the features of pictures", error)
      || !few_model_encode_files (model, paths, n, cache_folder, take_first, &turns, cancellable,
                                  error))
    return FALSE;
  const FewInserted inserted = few_classifier_inserted (few_classifier_info (classifier));
  if (!few_model_insert (model, &inserted, error))
    return FALSE;
  gboolean ok = few_model_encode_files (model, turns.paths, turns.n_kept, NULL, take_second, &turns,
                                        cancellable, error);
  few_model_insert (model, NULL, NULL);
  return ok;
}
