/* SPDX-License-Identifier: MIT */
/* A hidden layer in one kernel: the product, its bias, the activation, and the next product's
 * input. cuBLAS ends no product with QuickGELU or the GELU by erf, nor with values of two types;
 * where a layer has few rows the kernel more costs what the better product saves.
 *
 * A block has 64 rows and 32 columns of y, a warp 16 of the rows. Of x and the weights 64 columns
 * at a time come by, eight values a load; the next ones are on their way while these are
 * multiplied. */
#include "kernels-tiles.cuh"

enum {
  ROWS = 64,
  COLUMNS = 32,
  DEPTH = 64, /* values of K at a time */
  HIDDEN_THREADS = 128,
  WORDS = DEPTH / 2,
  LOADS = DEPTH / 8, /* a row's, of eight values */
  ROW_WORDS = WORDS + 4 /* 32 words that a warp reads at once lie in 32 banks */
};

/* PER_THREAD loads of `lines` rows from column `at` on; zeroes outside */
template <int PER_THREAD>
__device__ static inline void
fetch (const uint4 *from, size_t ld, uint32_t first, uint32_t lines, uint32_t at, uint32_t k,
       uint4 to[PER_THREAD])
{
#pragma unroll
  for (int i = 0; i < PER_THREAD; i++)
    {
      uint32_t load = threadIdx.x + i * HIDDEN_THREADS;
      uint32_t row = first + load / LOADS;
      uint32_t column = at + load % LOADS * 8;
      to[i] = make_uint4 (0, 0, 0, 0);
      if (row < lines && column < k)
        to[i] = from[(row * ld + column) / 8];
    }
}

template <int PER_THREAD>
__device__ static inline void
store (const uint4 from[PER_THREAD], uint32_t to[][ROW_WORDS])
{
#pragma unroll
  for (int i = 0; i < PER_THREAD; i++)
    {
      uint32_t load = threadIdx.x + i * HIDDEN_THREADS;
      *(uint4 *) &to[load / LOADS][load % LOADS * 4] = from[i];
    }
}

template <typename T>
__device__ static inline void
multiply_depth (T type, const uint32_t x[][ROW_WORDS], const uint32_t weights[][ROW_WORDS],
                float sums[][4])
{
  uint32_t lane = threadIdx.x % 32;
  uint32_t row = threadIdx.x / 32 * 16 + lane / 4;
#pragma unroll
  for (int c = 0; c < DEPTH / 8; c++)
    {
      uint32_t word = 4 * c + lane % 4;
      const uint32_t a[2] = { x[row][word], x[row + 8][word] };
#pragma unroll
      for (int j = 0; j < COLUMNS / 8; j++)
        multiply_tile (type, sums[j], a, weights[8 * j + lane / 4][word]);
    }
}

/* A thread's results: of two rows pairs of columns */
__device__ static inline void
write_hidden (const FewCudaHidden &layer, uint32_t row, uint32_t column, const float sums[][4],
              float *y, size_t ld_y, const FewCudaTwin &twin)
{
#pragma unroll
  for (int j = 0; j < COLUMNS / 8; j++)
#pragma unroll
    for (int i = 0; i < 4; i++)
      {
        uint32_t at = column + 8 * j + i % 2;
        uint32_t line = row + i / 2 * 8;
        if (line < layer.m && at < layer.n)
          {
            float value = sums[j][i] + (layer.bias ? layer.bias[at] : 0);
            float result = activated (value, layer.activation);
            y[line * ld_y + at] = result;
            put_twin (twin, line, at, result);
          }
      }
}

template <typename T>
__global__ void
__launch_bounds__ (HIDDEN_THREADS)
    hidden (FewCudaHidden layer, float *y, size_t ld_y, FewCudaTwin twin)
{
  enum { OF_X = ROWS * LOADS / HIDDEN_THREADS, OF_WEIGHTS = COLUMNS * LOADS / HIDDEN_THREADS };
  __shared__ __align__ (16) uint32_t x[ROWS][ROW_WORDS];
  __shared__ __align__ (16) uint32_t weights[COLUMNS][ROW_WORDS];
  const uint4 *from_x = (const uint4 *) layer.x;
  const uint4 *from_weights = (const uint4 *) layer.weights;
  uint32_t row = blockIdx.y * ROWS;
  uint32_t column = blockIdx.x * COLUMNS;
  uint32_t lane = threadIdx.x % 32;
  float sums[COLUMNS / 8][4] = {};
  uint4 next_x[OF_X];
  uint4 next_weights[OF_WEIGHTS];
  fetch<OF_X> (from_x, layer.ld_x, row, layer.m, 0, layer.k, next_x);
  fetch<OF_WEIGHTS> (from_weights, layer.ld_weights, column, layer.n, 0, layer.k, next_weights);
  for (uint32_t at = 0; at < layer.k; at += DEPTH)
    {
      __syncthreads (); /* all have read the values before */
      store<OF_X> (next_x, x);
      store<OF_WEIGHTS> (next_weights, weights);
      __syncthreads (); /* all are there */
      fetch<OF_X> (from_x, layer.ld_x, row, layer.m, at + DEPTH, layer.k, next_x);
      fetch<OF_WEIGHTS> (from_weights, layer.ld_weights, column, layer.n, at + DEPTH, layer.k,
                         next_weights);
      multiply_depth (T (), x, weights, sums);
    }
  write_hidden (layer, row + threadIdx.x / 32 * 16 + lane / 4, column + lane % 4 * 2, sums, y, ld_y,
                twin);
}

#define LAUNCH_HIDDEN(type)                                                                        \
  {                                                                                                \
    hidden<type><<<grid, HIDDEN_THREADS, 0, stream>>> (*layer, y, ld_y, *twin);                    \
    return cudaPeekAtLastError ();                                                                 \
  }

extern "C" cudaError_t
few_cuda_hidden (cudaStream_t stream, FewCudaPrecision type, const FewCudaHidden *layer, float *y,
                 size_t ld_y, const FewCudaTwin *twin)
{
  dim3 grid ((layer->n + COLUMNS - 1) / COLUMNS, (layer->m + ROWS - 1) / ROWS);
  if (layer->m == 0 || layer->n == 0)
    return cudaSuccess;
  if (type == FEW_CUDA_BF16)
    LAUNCH_HIDDEN (__nv_bfloat16)
  LAUNCH_HIDDEN (__half)
}
