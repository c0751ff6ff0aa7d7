/* SPDX-License-Identifier: MIT */
/* ViTamin's way from pixels to patches (Chen et al., CVPR 2024; timm's MbConvStages): a stem, two
 * stages of x += fc2 (gelu (depthwise (gelu (fc1 (norm x))))) that halve the grid at their
 * beginning, and a convolution that halves it once more. Names are those of timm's trunk. */
#pragma once
#include "clip/tower.h"

enum { FEW_CONV_STEM_REDUCTION = 16 }; /* pixels to a side of a patch */

typedef struct FewConvStem FewConvStem;

/* Depths and widths of the two stages, from the shapes; 0 where there are none. */
void few_conv_stem_measure (FewClipConfig *config, const FewWeights *weights);
gboolean few_conv_stem_check (const FewClipConfig *config, const char *path, GError **error);
/* Never NULL, to be freed even when loader->error is set. */
FewConvStem *few_conv_stem_load (const FewClipConfig *config, FewLoader *loader);
void few_conv_stem_free (FewConvStem *stem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewConvStem, few_conv_stem_free)
/* floats that a picture takes on the way */
gsize few_conv_stem_workspace (const FewClipConfig *config);
/* pixels [3, R, R] host, of one picture → patches [(R/16)², W], which lie in `work` */
const float *few_conv_stem_forward (const FewConvStem *stem, const FewPass *pass,
                                    const float *pixels, float *work);
