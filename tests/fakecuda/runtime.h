/* SPDX-License-Identifier: MIT */
/* What the parts of the fake CUDA runtime share. */
#pragma once
#include "fake.h"
#include <cuda_runtime_api.h>

/* 80 for compute capability 8.0; or FAKECUDA_GENERATION */
int fake_generation (void);
/* Keeps a failure as the thread's last error, as the real one does; returns it. */
cudaError_t result (cudaError_t error);
