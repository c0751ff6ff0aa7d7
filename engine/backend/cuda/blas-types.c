/* SPDX-License-Identifier: MIT */
/* A precision in cuBLAS's words. */
#include "backend/cuda/blas-types.h"

cudaDataType
few_cuda_data_type (FewCudaPrecision type)
{
  if (type == FEW_CUDA_BF16)
    return CUDA_R_16BF;
  return type == FEW_CUDA_F16 ? CUDA_R_16F : CUDA_R_32F;
}

cublasComputeType_t
few_cuda_compute_type (FewCudaPrecision type)
{
  return type == FEW_CUDA_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}
