/* SPDX-License-Identifier: MIT */
/* What the kernels have in common: kernels-layout.cu moves values, kernels-rows.cu sums rows,
 * kernels-elements.cu takes each value for itself; kernels-attention.cu has the products that are
 * not cuBLAS's.
 *
 * Every sum has one order, whatever order blocks and warps run in: no atomics, fixed trees. Rows
 * are summed by a whole block where there are few of them (batches), by a warp where there are
 * many (attention). */
#pragma once
#include "kernels.h"
#include <cuda_bf16.h>
#include <cuda_fp16.h>

enum { THREADS = 256, WARPS = THREADS / 32, MOST_BLOCKS = 8192, MOST_ROWS = 65535 };

#define FOR_ELEMENTS(i, n)                                                                         \
  for (size_t i = blockIdx.x * (size_t) THREADS + threadIdx.x; i < (n);                            \
       i += (size_t) gridDim.x * THREADS)
/* blockIdx.y goes over rows, blockIdx.x over columns */
#define FOR_CELLS(row, column, m, w)                                                               \
  for (uint32_t row = blockIdx.y; row < (m); row += gridDim.y)                                     \
    for (uint32_t column = blockIdx.x * THREADS + threadIdx.x; column < (w);                       \
         column += gridDim.x * THREADS)

static inline dim3
grid_of_elements (size_t n)
{
  size_t blocks = (n + THREADS - 1) / THREADS;
  return dim3 ((unsigned) (blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS));
}

static inline dim3
grid_of_cells (uint32_t m, size_t w)
{
  size_t blocks = (w + THREADS - 1) / THREADS;
  return dim3 ((unsigned) (blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS),
               m < MOST_ROWS ? m : MOST_ROWS);
}

static inline dim3
grid_of_warps (uint32_t rows)
{
  uint32_t blocks = (rows + WARPS - 1) / WARPS;
  return dim3 (blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS);
}

/* An empty grid is an error to CUDA and nothing to do to us. */
#define LAUNCH(kernel, work, grid, stream, ...)                                                    \
  {                                                                                                \
    if ((work) > 0)                                                                                \
      kernel<<<(grid), THREADS, 0, (stream)>>> (__VA_ARGS__);                                      \
    return cudaPeekAtLastError ();                                                                 \
  }

__device__ static inline float
as_float (float value)
{
  return value;
}

__device__ static inline float
as_float (__half value)
{
  return __half2float (value);
}

__device__ static inline float
as_float (__nv_bfloat16 value)
{
  return __bfloat162float (value);
}

__device__ static inline void
put (float *to, float value)
{
  *to = value;
}

__device__ static inline void
put (__half *to, float value)
{
  *to = __float2half_rn (value);
}

__device__ static inline void
put (__nv_bfloat16 *to, float value)
{
  *to = __float2bfloat16_rn (value);
}

__device__ static inline uint32_t
bits_of (__half, float value)
{
  return __half_as_ushort (__float2half_rn (value));
}

__device__ static inline uint32_t
bits_of (__nv_bfloat16, float value)
{
  return __bfloat16_as_ushort (__float2bfloat16_rn (value));
}

/* two values of T, the first in the low bits */
template <typename T>
__device__ static inline uint32_t
pair_of (float first, float second)
{
  return bits_of (T (), first) | bits_of (T (), second) << 16;
}

/* Eight values side by side, of 16 bytes in two of a value: what a thread moves at its best. */
__device__ static inline void
put_eight (float *to, float4 a, float4 b)
{
  ((float4 *) to)[0] = a;
  ((float4 *) to)[1] = b;
}

template <typename T>
__device__ static inline void
put_eight (T *to, float4 a, float4 b)
{
  *(uint4 *) to = make_uint4 (pair_of<T> (a.x, a.y), pair_of<T> (a.z, a.w), pair_of<T> (b.x, b.y),
                              pair_of<T> (b.z, b.w));
}

/* the value in the low bits */
__device__ static inline float
first_of (__half, uint32_t pair)
{
  return __half2float (__ushort_as_half ((unsigned short) pair));
}

__device__ static inline float
first_of (__nv_bfloat16, uint32_t pair)
{
  return __bfloat162float (__ushort_as_bfloat16 ((unsigned short) pair));
}

/* the value of column i of a row of the twin */
__device__ static inline void
put_twin (const FewCudaTwin &twin, size_t row, uint32_t i, float value)
{
  size_t at = row * twin.ld + i;
  if (!twin.memory)
    return;
  if (twin.type == FEW_CUDA_BF16)
    put ((__nv_bfloat16 *) twin.memory + at, value);
  else
    put ((__half *) twin.memory + at, value);
}

/* four values from column i on, a multiple of four, of a row of the twin, whose ld is one, too */
__device__ static inline void
put_twin_four (const FewCudaTwin &twin, size_t row, uint32_t i, float4 value)
{
  uint2 *to = (uint2 *) ((char *) twin.memory + 2 * (row * twin.ld + i));
  if (!twin.memory)
    return;
  if (twin.type == FEW_CUDA_BF16)
    *to = make_uint2 (pair_of<__nv_bfloat16> (value.x, value.y),
                      pair_of<__nv_bfloat16> (value.z, value.w));
  else
    *to = make_uint2 (pair_of<__half> (value.x, value.y), pair_of<__half> (value.z, value.w));
}

/* `launch` with T as what `type` names; it returns */
#define WITH_TYPE(type, launch)                                                                    \
  switch (type)                                                                                    \
    {                                                                                              \
    case FEW_CUDA_F16:                                                                             \
      {                                                                                            \
        typedef __half T;                                                                          \
        launch                                                                                     \
      }                                                                                            \
    case FEW_CUDA_BF16:                                                                            \
      {                                                                                            \
        typedef __nv_bfloat16 T;                                                                   \
        launch                                                                                     \
      }                                                                                            \
    default:                                                                                       \
      {                                                                                            \
        typedef float T;                                                                           \
        launch                                                                                     \
      }                                                                                            \
    }

/* A product below what f16 can hold, which is −∞ there: activations make 0 of the lowest float, and
 * of that no number. */
__device__ static inline float
above_infinity (float x)
{
  return x < -3.402823466e38f ? -3.402823466e38f : x;
}

/* FewActivation of backend.h, which is C */
enum {
  ACTIVATION_NONE,
  ACTIVATION_RELU,
  ACTIVATION_GELU,
  ACTIVATION_QUICK_GELU,
  ACTIVATION_TANH_GELU,
  ACTIVATION_SILU
};

/* ½ (1 + tanh (√(2/π) (x + 0.044715 x³))) */
__device__ static inline float
tanh_gate (float x)
{
  return 1 / (1 + expf (x * (-1.5957691216f - 0.0713548162726f * x * x)));
}

__device__ static inline float
activated (float x, int activation)
{
  switch (activation)
    {
    case ACTIVATION_RELU:
      return x > 0 ? x : 0;
    case ACTIVATION_GELU:
      return x * 0.5f * (1 + erff (x * 0.70710678f));
    case ACTIVATION_QUICK_GELU:
      return x / (1 + expf (-1.702f * x));
    case ACTIVATION_TANH_GELU:
      return x * tanh_gate (x);
    case ACTIVATION_SILU:
      return x / (1 + expf (-x));
    default:
      return x;
    }
}

/* ---- sums: a warp's by butterfly, a block's by one value a warp, added in their order */

__device__ static inline float
warp_sum (float value)
{
  for (int offset = 16; offset > 0; offset >>= 1)
    value += __shfl_xor_sync (0xffffffffu, value, offset);
  return value;
}

__device__ static inline float
warp_largest (float value)
{
  for (int offset = 16; offset > 0; offset >>= 1)
    value = fmaxf (value, __shfl_xor_sync (0xffffffffu, value, offset));
  return value;
}

/* shared [WARPS] */
__device__ static inline float
block_sum (float value, float *shared)
{
  value = warp_sum (value);
  __syncthreads (); /* all have read the sum before */
  if (threadIdx.x % 32 == 0)
    shared[threadIdx.x / 32] = value;
  __syncthreads ();
  float sum = 0;
  for (int warp = 0; warp < WARPS; warp++)
    sum += shared[warp];
  return sum;
}

__device__ static inline float
block_largest (float value, float *shared)
{
  value = warp_largest (value);
  __syncthreads ();
  if (threadIdx.x % 32 == 0)
    shared[threadIdx.x / 32] = value;
  __syncthreads ();
  float largest = shared[0];
  for (int warp = 1; warp < WARPS; warp++)
    largest = fmaxf (largest, shared[warp]);
  return largest;
}
