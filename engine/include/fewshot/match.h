/* SPDX-License-Identifier: MIT */
/* Which parts of two pictures are alike, as the model has them.
 *
 * A part is what one patch gives to the picture's feature directly (FEW_HEAT_PARTS), less what the
 * picture's patches give in the mean, which all share. Two parts match when each is, by the cosine,
 * nearest to the other of all in the other's picture: “best buddies” (Dekel et al., CVPR 2015; of
 * features of transformers Amir et al., “Deep ViT Features as Dense Visual Descriptors”, 2021).
 * Those come first that are also strong, by the product of the two.
 *
 * It tells which patches give alike things to the features, not that they show the same, and not
 * why the pictures are near: what a patch gathered from others counts as its own. */
#pragma once
#include <fewshot/heat.h>

G_BEGIN_DECLS

typedef struct
{
  guint one, other; /* places of the two, as FewHeatInfo counts them row by row */
  float cosine;
} FewMatch;

/* A heat of a picture's parts, of any classifier that is no tower; of a model that tells them. As
 * few_heat_new. */
FEW_API FewHeat *few_heat_new_parts (FewModel *model, const char *path, GCancellable *cancellable,
                                     GError **error);
/* At most `most` of the best matches, no place twice; how many; 0 with an error: no memory, or not
 * parts of one model. */
FEW_API guint few_heat_match (const FewHeat *one, const FewHeat *other, FewMatch *matches,
                              guint most, GError **error);

G_END_DECLS
