/* SPDX-License-Identifier: MIT */
/* What the shapes of OpenAI's checkpoints say about how their model is built. */
#pragma once
#include "clip/clip-config.h"
#include "clip/weights.h"

/* Dimension i of a tensor, 0 when there is none. */
guint few_shape_dim (const FewWeights *weights, const char *name, guint i);
/* How many of `prefix`0`suffix`, `prefix`1`suffix` … exist. */
guint few_shape_count (const FewWeights *weights, const char *prefix, const char *suffix);
/* The side of a square of so many; 0 when it is none. */
guint few_shape_root (guint square);
/* The blocks of a tower of that width, whose tensors' names begin with `tower`. */
FewTransformerConfig few_shape_transformer (const FewWeights *weights, const char *tower,
                                            guint width);
