/* SPDX-License-Identifier: MIT */
/* What the parts of the fake CUDA runtime share. */
#pragma once
#include "fake.h"
#include <cuda_runtime_api.h>

/* Keeps a failure as the thread's last error, as the real one does; returns it. */
cudaError_t result (cudaError_t error);
