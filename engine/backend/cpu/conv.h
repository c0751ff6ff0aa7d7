/* SPDX-License-Identifier: MIT */
/* Convolutions on the CPU: as products, or Winograd's. */
#pragma once
#include "backend/cpu/matmul.h"

void few_cpu_conv (FewStream *stream, const FewConvShape *shape, const float *x,
                   const FewMatrix *weight, const float *bias, FewActivation activation,
                   const float *residual, float *y);
FewMatrix *few_cpu_conv_new (FewBackend *backend, const FewConvShape *shape, FewGrade grade,
                             const float *weights_host, GError **error);
