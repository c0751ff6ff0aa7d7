/* SPDX-License-Identifier: MIT */
/* Branches of convolutions and batch norms, summed into one convolution while a model is loaded
 * (Ding et al., RepVGG, CVPR 2021; Vasu et al., MobileOne, CVPR 2023). */
#pragma once
#include "clip/loader.h"

/* kernel [N, per, k, k] as torch has it, per = C / groups, and bias [N] */
typedef struct
{
  FewLoader *loader;
  guint n, per, kernel;
  float *weights, *bias;
} FewFold;

/* FALSE, with the loader's error, where memory is short; everything below then does nothing. */
gboolean few_fold_init (FewFold *fold, FewLoader *loader, guint n, guint per, guint kernel);
void few_fold_clear (FewFold *fold);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewFold, few_fold_clear)
/* += the convolution PREFIX.conv of `kernel` or less, in the middle, and its norm PREFIX.bn */
void few_fold_add_conv (FewFold *fold, guint kernel, const char *prefix);
/* += sign times a batch norm of that name, or the input itself where it is NULL; N = C */
void few_fold_add_identity (FewFold *fold, float sign, const char *norm);
/* += the convolution of that name with its own bias */
void few_fold_add_plain (FewFold *fold, const char *name);
/* *= a vector [N] of that name */
void few_fold_scale (FewFold *fold, const char *gains);
/* += the branches of timm's MobileOneBlock that there are */
void few_fold_add_branches (FewFold *fold, const char *prefix);

/* What was summed, on the device: [k·k, N] for channels that do not mix, the matrix [N, C] of a
 * kernel of one pixel, a convolution. */
float *few_fold_depthwise (const FewFold *fold);
FewMatrix *few_fold_matrix (const FewFold *fold);
FewMatrix *few_fold_conv (const FewFold *fold, const FewConvShape *shape);
float *few_fold_bias (const FewFold *fold);
