/* SPDX-License-Identifier: MIT */
/* What products multiply in, for the module's C, its kernels and who opens it. */
#pragma once
#include <stddef.h>

/* Sums are f32 always. TF32 is f32 in memory, of which tensor cores read 11 of 24 bits. */
typedef enum {
  FEW_CUDA_F32,
  FEW_CUDA_TF32,
  FEW_CUDA_F16,
  FEW_CUDA_BF16, /* f32's range in f16's size: 8 bits */
  FEW_CUDA_N_PRECISIONS
} FewCudaPrecision;

/* Whether values are of two bytes, made by our kernels. */
static inline int
few_cuda_is_narrow (FewCudaPrecision precision)
{
  return precision == FEW_CUDA_F16 || precision == FEW_CUDA_BF16;
}

static inline size_t
few_cuda_size (FewCudaPrecision precision)
{
  return few_cuda_is_narrow (precision) ? 2 : sizeof (float);
}
