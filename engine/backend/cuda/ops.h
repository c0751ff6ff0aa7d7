/* SPDX-License-Identifier: MIT */
/* The table of the GPU's ops. */
#pragma once
#include "backend/backend.h"

extern const FewBackendOps few_cuda_ops;
