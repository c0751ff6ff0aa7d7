/* SPDX-License-Identifier: MIT */
/* How cuBLAS calls what a product multiplies, and how it multiplies that. */
#pragma once
#include "backend/cuda/precision.h"
#include <cublas_v2.h>

cudaDataType few_cuda_data_type (FewCudaPrecision type);
cublasComputeType_t few_cuda_compute_type (FewCudaPrecision type);
