/* SPDX-License-Identifier: MIT */
/* The activations by their definitions, in double precision. */
#pragma once
#include "backend/backend.h"
#include <math.h>

static inline double
activated (double x, FewActivation activation)
{
  switch (activation)
    {
    case FEW_ACTIVATION_RELU:
      return x > 0 ? x : 0;
    case FEW_ACTIVATION_GELU:
      return x * 0.5 * (1 + erf (x / sqrt (2)));
    case FEW_ACTIVATION_QUICK_GELU:
      return x / (1 + exp (-1.702 * x));
    case FEW_ACTIVATION_TANH_GELU:
      return x * 0.5 * (1 + tanh (sqrt (2 / G_PI) * (x + 0.044715 * x * x * x)));
    case FEW_ACTIVATION_SILU:
      return x / (1 + exp (-x));
    default:
      return x;
    }
}
