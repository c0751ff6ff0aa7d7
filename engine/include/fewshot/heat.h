/* SPDX-License-Identifier: MIT */
/* Where a classifier looks: which places of a picture its answer comes from.
 *
 * A FewHeat knows what a picture makes with all of its places, and what it would without each of
 * them. The heat of a place, for a class and at an α, is what the log-odds of the class lose
 * without it:
 *
 *   s (whole) − s (without the place),  s = z_k − log Σ_{j≠k} exp z_j
 *
 * with the classifier's logits z (z_k alone where it is the only class). It is a difference and no
 * derivative, so that it is exact for every kind of classifier, also where that is no linear
 * function of the feature. What needs the model is done once for a picture; another class, α or
 * classifier is some products.
 *
 *   FEW_HEAT_PARTS      without what the place's patch gives to the feature directly, by the last
 *                       four attentions of a vision transformer (Gandelsman, Efros & Steinhardt,
 *                       “Interpreting CLIP's Image Representation via Text-Based Decomposition”,
 *                       ICLR 2024): one pass of the tower. What a patch says through other patches
 *                       is told of those.
 *   FEW_HEAT_OCCLUSION  without the place's pixels, which a blurred copy of the picture covers
 *                       (after Zeiler & Fergus, ECCV 2014): a pass for each place, and every tower.
 *
 * Neither tells why: they show what the answer rests on. A FewHeat is immutable: any thread. */
#pragma once
#include <fewshot/classifier.h>
#include <fewshot/export.h>
#include <fewshot/model.h>

G_BEGIN_DECLS

typedef struct FewHeat FewHeat;
FEW_API FewHeat *few_heat_ref (FewHeat *heat);
FEW_API void few_heat_unref (FewHeat *heat);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewHeat, few_heat_unref)

typedef enum {
  FEW_HEAT_BEST, /* parts where the model and the classifier have them, else occlusion */
  FEW_HEAT_PARTS,
  FEW_HEAT_OCCLUSION,
} FewHeatMethod;

typedef struct
{
  FewHeatMethod method; /* PARTS or OCCLUSION */
  guint columns, rows;  /* of places, the first at the left of the top */
  /* What the grid covers, in shares of the upright picture's sides: the model sees no more of it.
   * Beyond the picture where that is padded. */
  double left, top, width, height;
} FewHeatInfo;

/* Runs the model on a picture file, on the calling thread, with the places of one classifier's
 * features; `progress` (may be NULL) comes from it. FEW_HEAT_PARTS fails with
 * FEW_ERROR_UNSUPPORTED where there are none: the tower is no vision transformer with a class
 * token, or the classifier is itself a tower. */
FEW_API FewHeat *few_heat_new (FewModel *model, const FewClassifier *classifier, const char *path,
                               FewHeatMethod method,
                               void (*progress) (gpointer user, guint done, guint total),
                               gpointer user, GCancellable *cancellable, GError **error);
FEW_API const FewHeatInfo *few_heat_info (const FewHeat *heat);
/* map [rows, columns], in nats, of class `class_index` at `alpha`: above 0 speaks for the class,
 * below against it. The classifier is one that takes features of the same length of the same model;
 * at 0 it is CLIP alone. FALSE: no memory. */
FEW_API gboolean few_heat_map (const FewHeat *heat, const FewClassifier *classifier,
                               guint class_index, double alpha, float *map, GError **error);

G_END_DECLS
