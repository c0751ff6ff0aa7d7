/* SPDX-License-Identifier: MIT */
/* New pictures as a part of their own, which is then merged into a classifier that is there. */
#include "adapt/gaussian.h"
#include "adapt/merge-private.h"
#include "base/error.h"
#include "base/words.h"
#include <math.h>

/* Unit rows. */
static void
normalise_keys (const float *features, guint n, guint d, float *keys)
{
  for (guint i = 0; i < n; i++)
    {
      const float *row = features + (gsize) i * d;
      double square = 0;
      for (guint j = 0; j < d; j++)
        square += (double) row[j] * row[j];
      float scale = square > 0 ? (float) (1 / sqrt (square)) : 0;
      for (guint j = 0; j < d; j++)
        keys[(gsize) i * d + j] = row[j] * scale;
    }
}

/* What each closed form takes of the pictures. */
static gboolean
measure_pictures (const FewTask *task, FewClassifierInfo *part, FewRoom *room, GError **error)
{
  FewGaussian gaussian;
  float *keys = few_room_new (room, float, task->n, part->dim);
  few_gaussian_init (&gaussian, task->n_classes, part->dim, room);
  if (few_room_is_short (room, FEW_MERGE_WHAT, error)
      || !few_gaussian_measure (&gaussian, task->features, task->labels, NULL, task->n,
                                task->text_features, error))
    return FALSE;
  normalise_keys (task->features, task->n, part->dim, keys);
  part->keys = keys;
  part->key_labels = task->labels;
  part->n_keys = task->n;
  part->statistics = few_gaussian_keep (&gaussian, NAN, room);
  return !few_room_is_short (room, FEW_MERGE_WHAT, error);
}

FewClassifier *
few_classifier_add (FewClassifier *classifier, const FewTask *task, const FewMergeOptions *options,
                    FewMerged *merged, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (classifier != NULL && task != NULL && options != NULL, NULL);
  g_return_val_if_fail (task->n == 0 || (task->features && task->labels), NULL);
  g_return_val_if_fail (task->class_names && task->text_features, NULL);
  const FewClassifierInfo *base = few_classifier_info (classifier);
  g_auto (FewRoom) room = { 0 };
  FewClassifierInfo part = *base;
  if (task->n == 0)
    {
      few_fail (error, INPUT, "There is no picture to learn from.");
      return NULL;
    }
  part.n_classes = task->n_classes;
  part.classes = task->class_names;
  part.text_features = task->text_features;
  part.prompts = NULL; /* the template's */
  part.key_values = NULL;
  part.origin.n_train = task->n;
  if (!measure_pictures (task, &part, &room, error))
    return NULL;
  const FewClassifierInfo *parts[] = { base, &part };
  return few_union_make (parts, G_N_ELEMENTS (parts), options, "added", merged, cancellable, error);
}
