/* SPDX-License-Identifier: MIT */
/* The CPU's ops of channels that do not mix. */
#pragma once
#include "backend/backend.h"

void few_cpu_depthwise_conv (FewStream *stream, const FewConvShape *shape, const float *x,
                             const float *weights, const float *bias, FewActivation activation,
                             float *y);
void few_cpu_gate_channels (FewStream *stream, guint b, guint pixels, guint channels,
                            const float *gates, float *x);
