/* Everything that is not a matrix product. cuBLAS does those.
 *
 * Every sum has one order, whatever order blocks and warps run in: no atomics, fixed trees. Rows are summed by a whole block where there
 * are few of them (batches), by a warp where there are many (attention). */
#include "kernels.h"
#include <cuda_fp16.h>

enum { THREADS = 256, WARPS = THREADS / 32, MOST_BLOCKS = 8192, MOST_ROWS = 65535, TILE = 32, TILE_ROWS = 8 };
/* FewActivation of backend.h, which is C */
enum { ACTIVATION_NONE, ACTIVATION_RELU, ACTIVATION_GELU, ACTIVATION_QUICK_GELU };

#define FOR_ELEMENTS(i, n) for (size_t i = blockIdx.x * (size_t) THREADS + threadIdx.x; i < (n); i += (size_t) gridDim.x * THREADS)
/* blockIdx.y goes over rows, blockIdx.x over columns */
#define FOR_CELLS(row, column, m, w)                           \
  for (uint32_t row = blockIdx.y; row < (m); row += gridDim.y) \
    for (uint32_t column = blockIdx.x * THREADS + threadIdx.x; column < (w); column += gridDim.x * THREADS)

static dim3
grid_of_elements (size_t n)
{
  size_t blocks = (n + THREADS - 1) / THREADS;
  return dim3 ((unsigned) (blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS));
}

static dim3
grid_of_cells (uint32_t m, size_t w)
{
  size_t blocks = (w + THREADS - 1) / THREADS;
  return dim3 ((unsigned) (blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS), m < MOST_ROWS ? m : MOST_ROWS);
}

static dim3
grid_of_warps (uint32_t rows)
{
  uint32_t blocks = (rows + WARPS - 1) / WARPS;
  return dim3 (blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS);
}

/* An empty grid is an error to CUDA and nothing to do to us. */
#define LAUNCH(kernel, work, grid, stream, ...)                     \
  {                                                                 \
    if ((work) > 0)                                                 \
      kernel<<<(grid), THREADS, 0, (stream)>>> (__VA_ARGS__);       \
    return cudaPeekAtLastError ();                                  \
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
__device__ static float
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

__device__ static float
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

/* ---- layouts */

template <typename T>
__global__ void __launch_bounds__ (THREADS)
copy_rows (uint32_t m, uint32_t w, const float *x, size_t ld_x, T *y, size_t ld_y)
{
  FOR_CELLS (row, column, m, ld_y)
    put (y + row * ld_y + column, column < w ? x[row * ld_x + column] : 0);
}

extern "C" cudaError_t
few_cuda_copy_rows (cudaStream_t stream, uint32_t m, uint32_t w, const float *x, size_t ld_x, int half, void *y, size_t ld_y)
{
  if (half)
    LAUNCH (copy_rows, m, grid_of_cells (m, ld_y), stream, m, w, x, ld_x, (__half *) y, ld_y)
  LAUNCH (copy_rows, m, grid_of_cells (m, ld_y), stream, m, w, x, ld_x, (float *) y, ld_y)
}

/* Tiles of 32 × 32 through shared memory, so that both sides are read and written along their rows; one more column, so that the 32
 * values of a column lie in 32 banks. */
template <typename T>
__global__ void __launch_bounds__ (THREADS)
transpose (uint32_t n, uint32_t k, const T *weights, size_t ld, float *out)
{
  __shared__ float tile[TILE][TILE + 1];
  uint32_t across = threadIdx.x % TILE, down = threadIdx.x / TILE;
  uint32_t column = blockIdx.x * TILE + across;
  for (uint32_t top = blockIdx.y * TILE; top < n; top += gridDim.y * TILE)
    {
      for (uint32_t i = down; i < TILE; i += TILE_ROWS)
        if (top + i < n && column < k)
          tile[i][across] = as_float (weights[(top + i) * ld + column]);
      __syncthreads ();
      for (uint32_t i = down; i < TILE; i += TILE_ROWS)
        if (blockIdx.x * TILE + i < k && top + across < n)
          out[(size_t) (blockIdx.x * TILE + i) * n + top + across] = tile[across][i];
      __syncthreads (); /* the tile is written again */
    }
}

extern "C" cudaError_t
few_cuda_transpose (cudaStream_t stream, uint32_t n, uint32_t k, int half, const void *weights, size_t ld, float *out)
{
  uint32_t down = (n + TILE - 1) / TILE;
  dim3 grid ((k + TILE - 1) / TILE, down < MOST_ROWS ? down : MOST_ROWS);
  if (half)
    LAUNCH (transpose, k, grid, stream, n, k, (const __half *) weights, ld, out)
  LAUNCH (transpose, k, grid, stream, n, k, (const float *) weights, ld, out)
}

template <typename T>
__global__ void __launch_bounds__ (THREADS)
gather_taps (uint32_t m, uint32_t first, uint32_t height, uint32_t width, uint32_t channels, uint32_t kernel, uint32_t stride, const float *x,
             T *rows, size_t ld)
{
  uint32_t out_h = (height + stride - 1) / stride, out_w = (width + stride - 1) / stride;
  FOR_CELLS (row, column, m, ld)
    {
      uint32_t pixel = first + row, picture = pixel / (out_h * out_w), inside = pixel % (out_h * out_w);
      uint32_t tap = column / channels, channel = column % channels;
      /* below zero wraps around and is large */
      uint32_t y = inside / out_w * stride + tap / kernel - kernel / 2, xx = inside % out_w * stride + tap % kernel - kernel / 2;
      float value = 0;
      if (tap < kernel * kernel && y < height && xx < width)
        value = x[((size_t) (picture * height + y) * width + xx) * channels + channel];
      put (rows + row * ld + column, value);
    }
}

extern "C" cudaError_t
few_cuda_gather_taps (cudaStream_t stream, uint32_t m, uint32_t first, uint32_t height, uint32_t width, uint32_t channels, uint32_t kernel,
                      uint32_t stride, const float *x, int half, void *rows, size_t ld)
{
  dim3 grid = grid_of_cells (m, ld);
  if (half)
    LAUNCH (gather_taps, m, grid, stream, m, first, height, width, channels, kernel, stride, x, (__half *) rows, ld)
  LAUNCH (gather_taps, m, grid, stream, m, first, height, width, channels, kernel, stride, x, (float *) rows, ld)
}

/* a row of the grid is a patch */
__global__ void __launch_bounds__ (THREADS)
patchify (uint32_t m, uint32_t side, uint32_t patch, const float *pixels, float *patches)
{
  uint32_t grid = side / patch, w = 3 * patch * patch;
  FOR_CELLS (row, column, m, w)
    {
      uint32_t picture = row / (grid * grid), gy = row / grid % grid, gx = row % grid;
      uint32_t c = column / (patch * patch), y = column / patch % patch, x = column % patch;
      patches[(size_t) row * w + column] = pixels[((size_t) (picture * 3 + c) * side + gy * patch + y) * side + gx * patch + x];
    }
}

extern "C" cudaError_t
few_cuda_patchify (cudaStream_t stream, uint32_t b, uint32_t side, uint32_t patch, const float *pixels, float *patches)
{
  uint32_t m = b * (side / patch) * (side / patch);
  LAUNCH (patchify, m, grid_of_cells (m, 3 * patch * patch), stream, m, side, patch, pixels, patches)
}

/* a row of the grid is a picture */
__global__ void __launch_bounds__ (THREADS)
to_nhwc (uint32_t b, uint32_t plane, const float *pixels, float *out)
{
  FOR_CELLS (picture, i, b, 3 * plane)
    out[(size_t) picture * 3 * plane + i] = pixels[(size_t) (picture * 3 + i % 3) * plane + i / 3];
}

extern "C" cudaError_t
few_cuda_to_nhwc (cudaStream_t stream, uint32_t b, uint32_t side, const float *pixels, float *out)
{
  LAUNCH (to_nhwc, b, grid_of_cells (b, (size_t) 3 * side * side), stream, b, side * side, pixels, out)
}

/* a row of the grid is a token; first NULL: the mean of the picture's tokens */
__global__ void __launch_bounds__ (THREADS)
assemble_tokens (uint32_t rows, uint32_t t, uint32_t w, const float *first, const float *tokens, size_t ld_tokens, const float *positions, float *x,
                 size_t ld_x)
{
  FOR_CELLS (row, i, rows, w)
    {
      uint32_t picture = row / t, j = row % t;
      const float *from = tokens + (size_t) picture * (t - 1) * ld_tokens + i;
      float value = 0;
      if (j > 0)
        value = from[(j - 1) * ld_tokens];
      else if (first)
        value = first[i];
      else
        {
          for (uint32_t k = 0; k + 1 < t; k++)
            value += from[k * ld_tokens];
          value /= (float) (t - 1);
        }
      x[row * ld_x + i] = value + positions[(size_t) j * w + i];
    }
}

extern "C" cudaError_t
few_cuda_assemble_tokens (cudaStream_t stream, uint32_t b, uint32_t t, uint32_t w, const float *first, const float *tokens, size_t ld_tokens,
                          const float *positions, float *x, size_t ld_x)
{
  LAUNCH (assemble_tokens, b, grid_of_cells (b * t, w), stream, b * t, t, w, first, tokens, ld_tokens, positions, x, ld_x)
}

__global__ void __launch_bounds__ (THREADS)
embed_tokens (uint32_t rows, uint32_t t, uint32_t w, const int32_t *ids, const float *table, const float *positions, float *x, size_t ld_x)
{
  FOR_CELLS (row, i, rows, w)
    x[row * ld_x + i] = table[(size_t) ids[row] * w + i] + positions[(size_t) (row % t) * w + i];
}

extern "C" cudaError_t
few_cuda_embed_tokens (cudaStream_t stream, uint32_t rows, uint32_t t, uint32_t w, const int32_t *ids, const float *table, const float *positions,
                       float *x, size_t ld_x)
{
  LAUNCH (embed_tokens, rows, grid_of_cells (rows, w), stream, rows, t, w, ids, table, positions, x, ld_x)
}

__global__ void __launch_bounds__ (THREADS)
gather_rows (uint32_t m, uint32_t w, const uint32_t *rows, const float *x, size_t ld_x, float *y)
{
  FOR_CELLS (row, i, m, w)
    y[(size_t) row * w + i] = x[rows[row] * ld_x + i];
}

extern "C" cudaError_t
few_cuda_gather_rows (cudaStream_t stream, uint32_t m, uint32_t w, const uint32_t *rows, const float *x, size_t ld_x, float *y)
{
  LAUNCH (gather_rows, m, grid_of_cells (m, w), stream, m, w, rows, x, ld_x, y)
}

/* A thread owns a column, so that rows named twice are added in their order. */
__global__ void __launch_bounds__ (THREADS)
scatter_add_rows (uint32_t m, uint32_t w, const uint32_t *rows, const float *x, float *y, size_t ld_y)
{
  FOR_ELEMENTS (i, w)
    for (uint32_t row = 0; row < m; row++)
      y[rows[row] * ld_y + i] += x[(size_t) row * w + i];
}

extern "C" cudaError_t
few_cuda_scatter_add_rows (cudaStream_t stream, uint32_t m, uint32_t w, const uint32_t *rows, const float *x, float *y, size_t ld_y)
{
  LAUNCH (scatter_add_rows, m, grid_of_elements (w), stream, m, w, rows, x, y, ld_y)
}

/* a row of the grid is a row of output pixels */
__global__ void __launch_bounds__ (THREADS)
average_pool (uint32_t rows, uint32_t h, uint32_t w, uint32_t c, uint32_t side, const float *x, float *y)
{
  uint32_t out_w = w / side, out_h = h / side;
  float scale = 1.0f / (float) (side * side);
  FOR_CELLS (row, i, rows, out_w * c)
    {
      uint32_t picture = row / out_h, oy = row % out_h, ox = i / c, channel = i % c;
      const float *from = x + ((size_t) (picture * h + oy * side) * w + ox * side) * c + channel;
      float sum = 0;
      for (uint32_t ky = 0; ky < side; ky++)
        for (uint32_t kx = 0; kx < side; kx++)
          sum += from[((size_t) ky * w + kx) * c];
      y[(size_t) row * out_w * c + i] = sum * scale;
    }
}

extern "C" cudaError_t
few_cuda_average_pool (cudaStream_t stream, uint32_t b, uint32_t h, uint32_t w, uint32_t c, uint32_t side, const float *x, float *y)
{
  uint32_t rows = b * (h / side);
  LAUNCH (average_pool, rows, grid_of_cells (rows, (size_t) (w / side) * c), stream, rows, h, w, c, side, x, y)
}

/* ---- heads of attention. A row of the grid is a token of a sequence, a column a value of all heads side by side. */

__device__ static inline size_t
row_of_token (const FewCudaHeads &h, uint32_t sequence, uint32_t token)
{
  return token < h.p ? token : (size_t) h.p + (size_t) (h.begin + sequence) * h.s + token - h.p;
}

/* where value `column` of token `token` of n is in [b·heads, n, head_width] */
__device__ static inline size_t
place_in_heads (const FewCudaHeads &h, uint32_t n, uint32_t sequence, uint32_t token, uint32_t column)
{
  return ((size_t) (sequence * h.heads + column / h.head_width) * n + token) * h.head_width + column % h.head_width;
}

template <typename T>
__global__ void __launch_bounds__ (THREADS)
split_heads (FewCudaHeads h, uint32_t n, const float *rows, size_t ld, T *out)
{
  uint32_t w = h.heads * h.head_width;
  FOR_CELLS (row, i, h.b * n, w)
    {
      uint32_t sequence = row / n, token = row % n;
      put (out + place_in_heads (h, n, sequence, token, i), rows[row_of_token (h, sequence, h.p + h.s - n + token) * ld + h.part * w + i]);
    }
}

extern "C" cudaError_t
few_cuda_split_heads (cudaStream_t stream, const FewCudaHeads *h, uint32_t n, const float *rows, size_t ld, int half, void *out)
{
  dim3 grid = grid_of_cells (h->b * n, (size_t) h->heads * h->head_width);
  if (half)
    LAUNCH (split_heads, h->b * n, grid, stream, *h, n, rows, ld, (__half *) out)
  LAUNCH (split_heads, h->b * n, grid, stream, *h, n, rows, ld, (float *) out)
}

__global__ void __launch_bounds__ (THREADS)
merge_heads (FewCudaHeads h, uint32_t n, const float *in, float *rows, size_t ld)
{
  uint32_t w = h.heads * h.head_width;
  FOR_CELLS (row, i, h.b * h.s, w)
    {
      uint32_t sequence = row / h.s, token = row % h.s;
      rows[row_of_token (h, sequence, h.p + token) * ld + h.part * w + i] = in[place_in_heads (h, n, sequence, n - h.s + token, i)];
    }
}

extern "C" cudaError_t
few_cuda_merge_heads (cudaStream_t stream, const FewCudaHeads *h, uint32_t n, const float *in, float *rows, size_t ld)
{
  LAUNCH (merge_heads, h->b * h->s, grid_of_cells (h->b * h->s, (size_t) h->heads * h->head_width), stream, *h, n, in, rows, ld)
}

__global__ void __launch_bounds__ (THREADS)
add_shared_heads (FewCudaHeads h, const float *in, float *rows, size_t ld)
{
  uint32_t w = h.heads * h.head_width;
  FOR_CELLS (token, i, h.p, w)
    {
      float sum = rows[token * ld + h.part * w + i];
      for (uint32_t sequence = 0; sequence < h.b; sequence++)
        sum += in[place_in_heads (h, h.p + h.s, sequence, token, i)];
      rows[token * ld + h.part * w + i] = sum;
    }
}

extern "C" cudaError_t
few_cuda_add_shared_heads (cudaStream_t stream, const FewCudaHeads *h, const float *in, float *rows, size_t ld)
{
  LAUNCH (add_shared_heads, h->p, grid_of_cells (h->p, (size_t) h->heads * h->head_width), stream, *h, in, rows, ld)
}

/* a warp a row; whole warps leave together */
template <typename T>
__global__ void __launch_bounds__ (THREADS)
softmax (uint32_t rows, uint32_t s, uint32_t t, int causal, const float *scores, T *weights, size_t ld)
{
  uint32_t lane = threadIdx.x % 32;
  for (uint32_t row = blockIdx.x * WARPS + threadIdx.x / 32; row < rows; row += gridDim.x * WARPS)
    {
      const float *from = scores + (size_t) row * t;
      T *to = weights + row * ld;
      uint32_t seen = causal ? t - s + row % s + 1 : t;
      float largest = -INFINITY, sum = 0;
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
few_cuda_softmax (cudaStream_t stream, uint32_t rows, uint32_t s, uint32_t t, int causal, const float *scores, int half, void *weights, size_t ld)
{
  if (half)
    LAUNCH (softmax, rows, grid_of_warps (rows), stream, rows, s, t, causal, scores, (__half *) weights, ld)
  LAUNCH (softmax, rows, grid_of_warps (rows), stream, rows, s, t, causal, scores, (float *) weights, ld)
}

__global__ void __launch_bounds__ (THREADS)
softmax_backward (uint32_t rows, uint32_t t, const float *weights, float *d)
{
  uint32_t lane = threadIdx.x % 32;
  for (uint32_t row = blockIdx.x * WARPS + threadIdx.x / 32; row < rows; row += gridDim.x * WARPS)
    {
      const float *w = weights + (size_t) row * t;
      float *to = d + (size_t) row * t, along = 0;
      for (uint32_t i = lane; i < t; i += 32)
        along += w[i] * to[i];
      along = warp_sum (along);
      for (uint32_t i = lane; i < t; i += 32)
        to[i] = w[i] * (to[i] - along);
    }
}

extern "C" cudaError_t
few_cuda_softmax_backward (cudaStream_t stream, uint32_t rows, uint32_t t, const float *weights, float *d)
{
  LAUNCH (softmax_backward, rows, grid_of_warps (rows), stream, rows, t, weights, d)
}

/* ---- rows of a batch: a block a row */

__global__ void __launch_bounds__ (THREADS)
layer_norm (uint32_t m, uint32_t w, const float *x, size_t ld_x, const float *gamma, const float *beta, float epsilon, float *y, size_t ld_y)
{
  __shared__ float shared[WARPS];
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      const float *from = x + row * ld_x;
      float sum = 0, squares = 0;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        sum += from[i];
      float mean = block_sum (sum, shared) / (float) w;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        squares += (from[i] - mean) * (from[i] - mean);
      float scale = 1 / sqrtf (block_sum (squares, shared) / (float) w + epsilon);
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        y[row * ld_y + i] = (from[i] - mean) * scale * gamma[i] + beta[i];
    }
}

extern "C" cudaError_t
few_cuda_layer_norm (cudaStream_t stream, uint32_t m, uint32_t w, const float *x, size_t ld_x, const float *gamma, const float *beta, float epsilon,
                     float *y, size_t ld_y)
{
  LAUNCH (layer_norm, m, grid_of_cells (m, 1), stream, m, w, x, ld_x, gamma, beta, epsilon, y, ld_y)
}

/* With x̂ = (x − mean)·s and g = γ·dy: dx += s·(g − mean (g) − x̂·mean (g·x̂)). */
__global__ void __launch_bounds__ (THREADS)
layer_norm_backward (uint32_t m, uint32_t w, const float *x, size_t ld_x, const float *gamma, float epsilon, const float *dy, size_t ld_dy,
                     float *dx, size_t ld_dx)
{
  __shared__ float shared[WARPS];
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      const float *from = x + row * ld_x, *slope = dy + row * ld_dy;
      float sum = 0, squares = 0, g_sum = 0, g_along = 0, width = (float) w;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        {
          sum += from[i];
          g_sum += gamma[i] * slope[i];
        }
      float mean = block_sum (sum, shared) / width, g_mean = block_sum (g_sum, shared) / width;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        {
          float centred = from[i] - mean;
          squares += centred * centred;
          g_along += gamma[i] * slope[i] * centred;
        }
      float s = 1 / sqrtf (block_sum (squares, shared) / width + epsilon), along = block_sum (g_along, shared) / width * s * s;
      for (uint32_t i = threadIdx.x; i < w; i += THREADS)
        dx[row * ld_dx + i] += s * (gamma[i] * slope[i] - g_mean - (from[i] - mean) * along);
    }
}

extern "C" cudaError_t
few_cuda_layer_norm_backward (cudaStream_t stream, uint32_t m, uint32_t w, const float *x, size_t ld_x, const float *gamma, float epsilon,
                              const float *dy, size_t ld_dy, float *dx, size_t ld_dx)
{
  LAUNCH (layer_norm_backward, m, grid_of_cells (m, 1), stream, m, w, x, ld_x, gamma, epsilon, dy, ld_dy, dx, ld_dx)
}

__global__ void __launch_bounds__ (THREADS)
blend_normalise (uint32_t m, uint32_t d, float alpha, const float *a, const float *f, float *y, float *inverse_norm)
{
  __shared__ float shared[WARPS];
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
      float norm = sqrtf (block_sum (squares, shared)), inverse = norm > 1e-12f ? 1 / norm : 0;
      for (uint32_t i = threadIdx.x; i < d; i += THREADS) /* each thread reads what it has read before: y may be a */
        y[at + i] = (alpha * a[at + i] + other * f[at + i]) * inverse;
      if (threadIdx.x == 0)
        inverse_norm[row] = inverse;
    }
}

extern "C" cudaError_t
few_cuda_blend_normalise (cudaStream_t stream, uint32_t m, uint32_t d, float alpha, const float *a, const float *f, float *y, float *inverse_norm)
{
  LAUNCH (blend_normalise, m, grid_of_cells (m, 1), stream, m, d, alpha, a, f, y, inverse_norm)
}

__global__ void __launch_bounds__ (THREADS)
blend_normalise_backward (uint32_t m, uint32_t d, float alpha, const float *y, const float *inverse_norm, const float *dy, float *da)
{
  __shared__ float shared[WARPS];
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
few_cuda_blend_normalise_backward (cudaStream_t stream, uint32_t m, uint32_t d, float alpha, const float *y, const float *inverse_norm,
                                   const float *dy, float *da)
{
  LAUNCH (blend_normalise_backward, m, grid_of_cells (m, 1), stream, m, d, alpha, y, inverse_norm, dy, da)
}

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
few_cuda_row_dots (cudaStream_t stream, uint32_t m, uint32_t d, const float *x, const float *y, float *out)
{
  LAUNCH (row_dots, m, grid_of_warps (m), stream, m, d, x, y, out)
}

__global__ void __launch_bounds__ (THREADS)
softmax_cross_entropy (uint32_t m, uint32_t k, const uint32_t *labels, float *logits, float *loss, float *correct)
{
  __shared__ float shared[WARPS];
  for (uint32_t row = blockIdx.y; row < m; row += gridDim.y)
    {
      float *values = logits + (size_t) row * k;
      uint32_t label = labels[row];
      float own = values[label], largest = own, rivals = 0, sum = 0;
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
          loss[row] = logf (sum) + largest - own;
          correct[row] = rivals > 0 ? 0.0f : 1.0f;
        }
    }
}

extern "C" cudaError_t
few_cuda_softmax_cross_entropy (cudaStream_t stream, uint32_t m, uint32_t k, const uint32_t *labels, float *logits, float *loss, float *correct)
{
  LAUNCH (softmax_cross_entropy, m, grid_of_cells (m, 1), stream, m, k, labels, logits, loss, correct)
}

__global__ void __launch_bounds__ (THREADS)
add_scaled_rows (uint32_t m, uint32_t d, const float *strength, const float *x, const float *target, float *y)
{
  FOR_CELLS (row, i, m, d)
    {
      size_t at = (size_t) row * d + i;
      y[at] += strength[row] * (x[at] - (target ? target[at] : 0));
    }
}

extern "C" cudaError_t
few_cuda_add_scaled_rows (cudaStream_t stream, uint32_t m, uint32_t d, const float *strength, const float *x, const float *target, float *y)
{
  LAUNCH (add_scaled_rows, m, grid_of_cells (m, d), stream, m, d, strength, x, target, y)
}

/* ---- activations and elements */

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
    default:
      return x;
    }
}

__device__ static inline float
derivative (float x, int activation)
{
  switch (activation)
    {
    case ACTIVATION_RELU:
      return x > 0 ? 1 : 0;
    case ACTIVATION_GELU: /* Φ + xφ */
      return 0.5f * (1 + erff (x * 0.70710678f)) + x * 0.39894228f * expf (-0.5f * x * x);
    case ACTIVATION_QUICK_GELU:
      {
        float s = 1 / (1 + expf (-1.702f * x));
        return s + 1.702f * x * s * (1 - s);
      }
    default:
      return 1;
    }
}

__global__ void __launch_bounds__ (THREADS)
finish (uint32_t m, uint32_t n, const float *x, size_t ld_x, FewCudaEpilogue e, float *y, size_t ld_y)
{
  FOR_CELLS (row, i, m, n)
    {
      float residual = e.residual ? e.residual[row * e.ld_residual + i] : 0;
      float value = x[row * ld_x + i] + (e.bias ? e.bias[i] : 0);
      y[row * ld_y + i] = e.inside ? activated (value + residual, e.activation) : activated (value, e.activation) + residual;
    }
}

extern "C" cudaError_t
few_cuda_finish (cudaStream_t stream, uint32_t m, uint32_t n, const float *x, size_t ld_x, const FewCudaEpilogue *epilogue, float *y, size_t ld_y)
{
  LAUNCH (finish, m, grid_of_cells (m, n), stream, m, n, x, ld_x, *epilogue, y, ld_y)
}

__global__ void __launch_bounds__ (THREADS)
activate (size_t n, int activation, const float *x, float *y)
{
  FOR_ELEMENTS (i, n)
    y[i] = activated (x[i], activation);
}

extern "C" cudaError_t
few_cuda_activate (cudaStream_t stream, size_t n, int activation, const float *x, float *y)
{
  LAUNCH (activate, n, grid_of_elements (n), stream, n, activation, x, y)
}

__global__ void __launch_bounds__ (THREADS)
activation_backward (size_t n, int activation, const float *x, float *gradient)
{
  FOR_ELEMENTS (i, n)
    gradient[i] *= derivative (x[i], activation);
}

extern "C" cudaError_t
few_cuda_activation_backward (cudaStream_t stream, size_t n, int activation, const float *x, float *gradient)
{
  LAUNCH (activation_backward, n, grid_of_elements (n), stream, n, activation, x, gradient)
}

__global__ void __launch_bounds__ (THREADS)
relu_backward (size_t n, const float *output, float *gradient)
{
  FOR_ELEMENTS (i, n)
    gradient[i] = output[i] > 0 ? gradient[i] : 0;
}

extern "C" cudaError_t
few_cuda_relu_backward (cudaStream_t stream, size_t n, const float *output, float *gradient)
{
  LAUNCH (relu_backward, n, grid_of_elements (n), stream, n, output, gradient)
}

__global__ void __launch_bounds__ (THREADS)
affinity (size_t n, float sharpness, float *x)
{
  FOR_ELEMENTS (i, n)
    x[i] = expf (sharpness * (x[i] - 1));
}

extern "C" cudaError_t
few_cuda_affinity (cudaStream_t stream, size_t n, float sharpness, float *x)
{
  LAUNCH (affinity, n, grid_of_elements (n), stream, n, sharpness, x)
}

__global__ void __launch_bounds__ (THREADS)
multiply (size_t n, float scale, const float *x, float *y)
{
  FOR_ELEMENTS (i, n)
    y[i] *= scale * x[i];
}

extern "C" cudaError_t
few_cuda_multiply (cudaStream_t stream, size_t n, float scale, const float *x, float *y)
{
  LAUNCH (multiply, n, grid_of_elements (n), stream, n, scale, x, y)
}

/* ---- optimisers over one flat buffer */

__global__ void __launch_bounds__ (THREADS)
adam (size_t n, FewCudaAdam u, const float *gradient, float *m, float *v, float *weights)
{
  FOR_ELEMENTS (i, n)
    {
      float w = weights[i] * u.shrink, g = gradient[i] + u.l2 * w;
      float first = u.beta1 * m[i] + (1 - u.beta1) * g, second = u.beta2 * v[i] + (1 - u.beta2) * g * g;
      m[i] = first;
      v[i] = second;
      weights[i] = w - u.rate * first / (sqrtf (second) * u.root + u.epsilon);
    }
}

extern "C" cudaError_t
few_cuda_adam (cudaStream_t stream, size_t n, const FewCudaAdam *update, const float *gradient, float *m, float *v, float *weights)
{
  LAUNCH (adam, n, grid_of_elements (n), stream, n, *update, gradient, m, v, weights)
}

__global__ void __launch_bounds__ (THREADS)
sgd (size_t n, float rate, float keep, float weight_decay, const float *gradient, float *velocity, float *weights)
{
  FOR_ELEMENTS (i, n)
    {
      float step = keep * velocity[i] + gradient[i] + weight_decay * weights[i];
      velocity[i] = step;
      weights[i] -= rate * step;
    }
}

extern "C" cudaError_t
few_cuda_sgd (cudaStream_t stream, size_t n, float rate, float keep, float weight_decay, const float *gradient, float *velocity, float *weights)
{
  LAUNCH (sgd, n, grid_of_elements (n), stream, n, rate, keep, weight_decay, gradient, velocity, weights)
}
