/* SPDX-License-Identifier: MIT */
/* Kernels that sum or compare along rows: softmax, normalisation, losses. */
#include "kernels-common.cuh"

/* ---- rows of attention: a warp a row; whole warps leave together */

template <typename T>
__global__ void
__launch_bounds__ (THREADS) softmax (uint32_t rows, uint32_t s, uint32_t t, int causal,
                                     const float *scores, T *weights, size_t ld)
{
  uint32_t lane = threadIdx.x % 32;
  for (uint32_t row = blockIdx.x * WARPS + threadIdx.x / 32; row < rows; row += gridDim.x * WARPS)
    {
      const float *from = scores + (size_t) row * t;
      T *to = weights + row * ld;
      uint32_t seen = causal ? t - s + row % s + 1 : t;
      float largest = -INFINITY;
      float sum = 0;
      for (uint32_t i = lane; i < seen; i += 32)
        largest = fmaxf (largest, from[i]);
      largest = warp_largest (largest);
      for (uint32_t i = lane; i < seen; i += 32)
        sum += expf (from[i] - largest);
      float scale = 1 / warp_sum (sum);
      for (uint32_t i = lane; i < ld; i += 32)
        put (to + i, i < seen ? expf (from[i] - largest) * scale : 0);
    }
}

extern "C" cudaError_t
few_cuda_softmax (cudaStream_t stream, uint32_t rows, uint32_t s, uint32_t t, int causal,
                  const float *scores, FewCudaPrecision type, void *weights, size_t ld){
  WITH_TYPE (type, LAUNCH (softmax, rows, grid_of_warps (rows), stream, rows, s, t, causal, scores,
                           (T *) weights, ld))
}

__global__ void __launch_bounds__ (THREADS)
    softmax_backward (uint32_t rows, uint32_t t, const float *weights, float *d)
{
  uint32_t lane = threadIdx.x % 32;
  for (uint32_t row = blockIdx.x * WARPS + threadIdx.x / 32; row < rows; row += gridDim.x * WARPS)
    {
      const float *w = weights + (size_t) row * t;
      float *to = d + (size_t) row * t;
      float along = 0;
      for (uint32_t i = lane; i < t; i += 32)
        along += w[i] * to[i];
      along = warp_sum (along);
      for (uint32_t i = lane; i < t; i += 32)
        to[i] = w[i] * (to[i] - along);
    }
}

extern "C" cudaError_t
few_cuda_softmax_backward (cudaStream_t stream, uint32_t rows, uint32_t t, const float *weights,
                           float *d){ LAUNCH (softmax_backward, rows, grid_of_warps (rows), stream,
                                              rows, t, weights, d) }

/* ---- rows of a batch: a block a row */

__global__ void __launch_bounds__ (THREADS)
    layer_norm (uint32_t m, uint32_t w, const float *x, size_t ld_x, const float *gamma,
                const float *beta, float epsilon, float *y, size_t ld_y, FewCudaTwin twin)
{
  __shared__ float shared[WARPS];
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      const float *from = x + row * ld_x;
      float sum = 0;
      float squares = 0;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        sum += from[i];
      float mean = block_sum (sum, shared) / (float) w;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        squares += (from[i] - mean) * (from[i] - mean);
      float scale = 1 / sqrtf (block_sum (squares, shared) / (float) w + epsilon);
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        {
          float value = (from[i] - mean) * scale * gamma[i] + beta[i];
          if (y)
            y[row * ld_y + i] = value;
          put_twin (twin, row, i, value);
        }
    }
}

enum { WIDEST_OF_WARP = 2048 };

/* The same by a warp a row, which is read once, four values a load: of rows, gamma and beta at
 * multiples of 16 bytes, at most FOURS · 128 wide */
template <int FOURS>
__global__ void
__launch_bounds__ (THREADS)
    layer_norm_by_warps (uint32_t m, uint32_t w, const float *x, size_t ld_x, const float *gamma,
                         const float *beta, float epsilon, float *y, size_t ld_y, FewCudaTwin twin)
{
  uint32_t lane = threadIdx.x % 32;
  for (uint32_t row = blockIdx.x * WARPS + threadIdx.x / 32; row < m; row += gridDim.x * WARPS)
    {
      const float4 *from = (const float4 *) (x + row * ld_x);
      float4 some[FOURS];
      float sum = 0;
      float squares = 0;
#pragma unroll
      for (int k = 0; k < FOURS; k++)
        {
          uint32_t i = lane + k * 32;
          some[k] = 4 * i < w ? from[i] : make_float4 (0, 0, 0, 0);
          sum += (some[k].x + some[k].y) + (some[k].z + some[k].w);
        }
      float mean = warp_sum (sum) / (float) w;
#pragma unroll
      for (int k = 0; k < FOURS; k++)
        if (4 * (lane + k * 32) < w)
          {
            some[k].x -= mean;
            some[k].y -= mean;
            some[k].z -= mean;
            some[k].w -= mean;
            squares += (some[k].x * some[k].x + some[k].y * some[k].y)
                       + (some[k].z * some[k].z + some[k].w * some[k].w);
          }
      float scale = 1 / sqrtf (warp_sum (squares) / (float) w + epsilon);
#pragma unroll
      for (int k = 0; k < FOURS; k++)
        {
          uint32_t i = 4 * (lane + k * 32);
          if (i >= w)
            continue;
          float4 g = *(const float4 *) (gamma + i);
          float4 b = *(const float4 *) (beta + i);
          float4 value = make_float4 (some[k].x * scale * g.x + b.x, some[k].y * scale * g.y + b.y,
                                      some[k].z * scale * g.z + b.z, some[k].w * scale * g.w + b.w);
          if (y)
            *(float4 *) (y + row * ld_y + i) = value;
          put_twin_four (twin, row, i, value);
        }
    }
}

extern "C" cudaError_t
few_cuda_layer_norm (cudaStream_t stream, uint32_t m, uint32_t w, const float *x, size_t ld_x,
                     const float *gamma, const float *beta, float epsilon, float *y, size_t ld_y,
                     const FewCudaTwin *twin)
{
  size_t together =
      (size_t) x | (size_t) y | (size_t) gamma | (size_t) beta | 4 * (ld_x | ld_y | w);
  if (together % 16 == 0 && w <= WIDEST_OF_WARP / 2)
    LAUNCH (layer_norm_by_warps<WIDEST_OF_WARP / 256>, m, grid_of_warps (m), stream, m, w, x, ld_x,
            gamma, beta, epsilon, y, ld_y, *twin)
  if (together % 16 == 0 && w <= WIDEST_OF_WARP)
    LAUNCH (layer_norm_by_warps<WIDEST_OF_WARP / 128>, m, grid_of_warps (m), stream, m, w, x, ld_x,
            gamma, beta, epsilon, y, ld_y, *twin)
  LAUNCH (layer_norm, m, grid_of_cells (m, 1), stream, m, w, x, ld_x, gamma, beta, epsilon, y, ld_y,
          *twin)
}

/* With x̂ = (x − mean)·s and g = γ·dy: dx += s·(g − mean (g) − x̂·mean (g·x̂)). */
__global__ void
__launch_bounds__ (THREADS)
    layer_norm_backward (uint32_t m, uint32_t w, const float *x, size_t ld_x, const float *gamma,
                         float epsilon, const float *dy, size_t ld_dy, float *dx, size_t ld_dx)
{
  __shared__ float shared[WARPS];
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      const float *from = x + row * ld_x;
      const float *slope = dy + row * ld_dy;
      float sum = 0;
      float squares = 0;
      float g_sum = 0;
      float g_along = 0;
      float width = (float) w;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        {
          sum += from[i];
          g_sum += gamma[i] * slope[i];
        }
      float mean = block_sum (sum, shared) / width;
      float g_mean = block_sum (g_sum, shared) / width;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        {
          float centred = from[i] - mean;
          squares += centred * centred;
          g_along += gamma[i] * slope[i] * centred;
        }
      float s = 1 / sqrtf (block_sum (squares, shared) / width + epsilon);
      float along = block_sum (g_along, shared) / width * s * s;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        dx[row * ld_dx + i] += s * (gamma[i] * slope[i] - g_mean - (from[i] - mean) * along);
    }
}

extern "C" cudaError_t
few_cuda_layer_norm_backward (cudaStream_t stream, uint32_t m, uint32_t w, const float *x,
                              size_t ld_x, const float *gamma, float epsilon, const float *dy,
                              size_t ld_dy, float *dx,
                              size_t ld_dx){ LAUNCH (layer_norm_backward, m, grid_of_cells (m, 1),
                                                     stream, m, w, x, ld_x, gamma, epsilon, dy,
                                                     ld_dy, dx, ld_dx) }

__global__ void __launch_bounds__ (THREADS)
    blend_normalise (uint32_t m, uint32_t d, float alpha, const float *now, const float *a,
                     const float *f, float *y, float *inverse_norm)
{
  __shared__ float shared[WARPS];
  if (now)
    alpha = *now;
  float other = 1 - alpha;
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      size_t at = (size_t) row * d;
      float squares = 0;
      for (uint32_t i = threadIdx.x; i < d; i += THREADS)
        {
          float u = alpha * a[at + i] + other * f[at + i];
          squares += u * u;
        }
      float norm = sqrtf (block_sum (squares, shared));
      float inverse = norm > 1e-12f ? 1 / norm : 0;
      /* each thread reads what it has read before: y may be a */
      for (uint32_t i = threadIdx.x; i < d; i += THREADS)
        y[at + i] = (alpha * a[at + i] + other * f[at + i]) * inverse;
      if (threadIdx.x == 0)
        inverse_norm[row] = inverse;
    }
}

extern "C" cudaError_t
few_cuda_blend_normalise (cudaStream_t stream, uint32_t m, uint32_t d, float alpha,
                          const float *now, const float *a, const float *f, float *y,
                          float *inverse_norm){
  LAUNCH (blend_normalise, m, grid_of_cells (m, 1), stream, m, d, alpha, now, a, f, y, inverse_norm)
}

__global__ void __launch_bounds__ (THREADS)
    blend_normalise_backward (uint32_t m, uint32_t d, float alpha, const float *now, const float *y,
                              const float *inverse_norm, const float *dy, float *da)
{
  __shared__ float shared[WARPS];
  if (now)
    alpha = *now;
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      size_t at = (size_t) row * d;
      float along = 0;
      for (uint32_t i = threadIdx.x; i < d; i += THREADS)
        along += y[at + i] * dy[at + i];
      along = block_sum (along, shared);
      float scale = alpha * inverse_norm[row];
      for (uint32_t i = threadIdx.x; i < d; i += THREADS)
        da[at + i] = (dy[at + i] - y[at + i] * along) * scale;
    }
}

extern "C" cudaError_t
few_cuda_blend_normalise_backward (cudaStream_t stream, uint32_t m, uint32_t d, float alpha,
                                   const float *now, const float *y, const float *inverse_norm,
                                   const float *dy,
                                   float *da){ LAUNCH (blend_normalise_backward, m,
                                                       grid_of_cells (m, 1), stream, m, d, alpha,
                                                       now, y, inverse_norm, dy, da) }

/* a warp a row */
__global__ void __launch_bounds__ (THREADS)
    row_dots (uint32_t m, uint32_t d, const float *x, const float *y, float *out)
{
  uint32_t lane = threadIdx.x % 32;
  for (uint32_t row = blockIdx.x * WARPS + threadIdx.x / 32; row < m; row += gridDim.x * WARPS)
    {
      size_t at = (size_t) row * d;
      float sum = 0;
      for (uint32_t i = lane; i < d; i += 32)
        sum += x[at + i] * y[at + i];
      sum = warp_sum (sum);
      if (lane == 0)
        out[row] = sum;
    }
}

extern "C" cudaError_t
few_cuda_row_dots (cudaStream_t stream, uint32_t m, uint32_t d, const float *x, const float *y,
                   float *out){ LAUNCH (row_dots, m, grid_of_warps (m), stream, m, d, x, y, out) }

__global__ void __launch_bounds__ (THREADS)
    softmax_cross_entropy (uint32_t m, uint32_t k, const uint32_t *labels, float *logits,
                           FewCudaLosses to, const FewCudaLosses *now)
{
  __shared__ float shared[WARPS];
  if (now)
    to = *now;
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      float *values = logits + (size_t) row * k;
      uint32_t label = labels[row];
      float own = values[label];
      float largest = own;
      float rivals = 0;
      float sum = 0;
      for (uint32_t i = threadIdx.x; i < k; i += THREADS)
        {
          largest = fmaxf (largest, values[i]);
          rivals += i != label && values[i] >= own ? 1.0f : 0.0f;
        }
      largest = block_largest (largest, shared);
      rivals = block_sum (rivals, shared);
      for (uint32_t i = threadIdx.x; i < k; i += THREADS)
        sum += expf (values[i] - largest);
      sum = block_sum (sum, shared);
      for (uint32_t i = threadIdx.x; i < k; i += THREADS)
        values[i] = (expf (values[i] - largest) / sum - (i == label ? 1.0f : 0.0f)) / (float) m;
      if (threadIdx.x == 0)
        {
          to.loss[row] = logf (sum) + largest - own;
          to.correct[row] = rivals > 0 ? 0.0f : 1.0f;
        }
    }
}

extern "C" cudaError_t
few_cuda_softmax_cross_entropy (cudaStream_t stream, uint32_t m, uint32_t k, const uint32_t *labels,
                                float *logits, const FewCudaLosses *to, const FewCudaLosses *now)
{
  LAUNCH (softmax_cross_entropy, m, grid_of_cells (m, 1), stream, m, k, labels, logits, *to, now)
}
