/* SPDX-License-Identifier: MIT */
/* 3 × 3 convolutions by Winograd's F(4×4, 3×3). */
#pragma once
#include "backend/cpu/matmul.h"

void few_cpu_winograd (FewStream *stream, const FewConvShape *shape, const float *x,
                       const FewMatrix *weight, const float *bias, FewActivation activation,
                       float *y);
/* whether it needs fewer multiplications than the direct sum there */
gboolean few_cpu_winograd_serves (const FewConvShape *shape);
/* Packs weights [N, 3·3·C] for few_cpu_winograd; NULL and no error when this shape is better
 * served by the direct sum. */
FewMatrix *few_cpu_winograd_new (FewBackend *backend, const FewConvShape *shape,
                                 const float *weights_host, GError **error);
