/* SPDX-License-Identifier: MIT */
/* Kernels that put values elsewhere: patches, taps of convolutions, tokens, rows, heads. */
#include "kernels-common.cuh"

enum { TILE = 32, TILE_ROWS = 8 };

/* Whether eight values of a row can be read and written at once. */
static bool
is_of_eights (const void *x, size_t w)
{
  return w % 8 == 0 && (uintptr_t) x % sizeof (float4) == 0;
}

template <typename T>
__global__ void
__launch_bounds__ (THREADS)
    copy_rows (uint32_t m, uint32_t w, const float *x, size_t ld_x, T *y, size_t ld_y)
{
  FOR_CELLS (row, column, m, ld_y)
  put (y + row * ld_y + column, column < w ? x[row * ld_x + column] : 0);
}

/* Rows without a gap are one. */
template <typename T>
__global__ void
__launch_bounds__ (THREADS) copy_eights (size_t eights, const float *x, T *y)
{
  FOR_ELEMENTS (i, eights)
  {
    const float4 *from = (const float4 *) (x + 8 * i);
    put_eight (y + 8 * i, from[0], from[1]);
  }
}

extern "C" cudaError_t
few_cuda_copy_rows (cudaStream_t stream, uint32_t m, uint32_t w, const float *x, size_t ld_x,
                    FewCudaPrecision type, void *y, size_t ld_y)
{
  size_t eights = (size_t) m * w / 8;
  if (ld_x == w && ld_y == w && is_of_eights (x, w))
    WITH_TYPE (type,
               LAUNCH (copy_eights, eights, grid_of_elements (eights), stream, eights, x, (T *) y))
  WITH_TYPE (type,
             LAUNCH (copy_rows, m, grid_of_cells (m, ld_y), stream, m, w, x, ld_x, (T *) y, ld_y))
}

/* Tiles of 32 × 32 through shared memory, so that both sides are read and written along their
 * rows; one more column, so that the 32 values of a column lie in 32 banks. */
template <typename T>
__global__ void
__launch_bounds__ (THREADS)
    transpose (uint32_t n, uint32_t k, const T *weights, size_t ld, float *out)
{
  __shared__ float tile[TILE][TILE + 1];
  uint32_t across = threadIdx.x % TILE;
  uint32_t down = threadIdx.x / TILE;
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
few_cuda_transpose (cudaStream_t stream, uint32_t n, uint32_t k, FewCudaPrecision type,
                    const void *weights, size_t ld, float *out)
{
  uint32_t down = (n + TILE - 1) / TILE;
  dim3 grid ((k + TILE - 1) / TILE, down < MOST_ROWS ? down : MOST_ROWS);
  WITH_TYPE (type, LAUNCH (transpose, k, grid, stream, n, k, (const T *) weights, ld, out))
}

/* Where the taps of an output pixel begin. Below zero they wrap around and are large. */
struct Corner
{
  uint32_t picture, top, left;
};

__device__ static inline Corner
corner_of (const FewCudaTaps &taps, uint32_t row)
{
  uint32_t out_h = (taps.height + taps.stride - 1) / taps.stride;
  uint32_t out_w = (taps.width + taps.stride - 1) / taps.stride;
  uint32_t inside = (taps.first + row) % (out_h * out_w);
  return { (taps.first + row) / (out_h * out_w), inside / out_w * taps.stride - taps.kernel / 2,
           inside % out_w * taps.stride - taps.kernel / 2 };
}

/* The first channel of a pixel; NULL outside the picture. */
__device__ static inline const float *
tap_at (const FewCudaTaps &taps, const float *x, uint32_t picture, uint32_t y, uint32_t xx)
{
  size_t line = picture * taps.height + y;
  bool is_there = y < taps.height && xx < taps.width;
  return is_there ? x + (line * taps.width + xx) * taps.channels : NULL;
}

template <typename T>
__global__ void
__launch_bounds__ (THREADS)
    gather_taps (uint32_t m, FewCudaTaps taps, const float *x, T *rows, size_t ld)
{
  FOR_CELLS (row, column, m, ld)
  {
    Corner corner = corner_of (taps, row);
    uint32_t tap = column / taps.channels;
    const float *from = NULL;
    if (tap < taps.kernel * taps.kernel)
      from = tap_at (taps, x, corner.picture, corner.top + tap / taps.kernel,
                     corner.left + tap % taps.kernel);
    put (rows + row * ld + column, from ? from[column % taps.channels] : 0);
  }
}

/* The same where channels are a multiple of eight. A thread takes eight of them, of all taps of a
 * pixel: where they are is worked out, by divisions, once for 8·kernel² values. */
template <typename T>
__global__ void
__launch_bounds__ (THREADS)
    gather_eights (uint32_t m, FewCudaTaps taps, const float *x, T *rows, size_t ld)
{
  const float4 nothing = make_float4 (0, 0, 0, 0);
  uint32_t eights = taps.channels / 8;
  for (uint32_t i = blockIdx.x * THREADS + threadIdx.x; i < m * eights; i += gridDim.x * THREADS)
    {
      uint32_t row = i / eights;
      uint32_t channel = i % eights * 8;
      Corner corner = corner_of (taps, row);
      T *to = rows + row * ld + channel;
      for (uint32_t y = corner.top; y != corner.top + taps.kernel; y++)
        for (uint32_t xx = corner.left; xx != corner.left + taps.kernel; xx++, to += taps.channels)
          {
            const float *tap = tap_at (taps, x, corner.picture, y, xx);
            const float4 *from = (const float4 *) (tap + channel);
            put_eight (to, tap ? from[0] : nothing, tap ? from[1] : nothing);
          }
    }
}

extern "C" cudaError_t
few_cuda_gather_taps (cudaStream_t stream, uint32_t m, const FewCudaTaps *taps, const float *x,
                      FewCudaPrecision type, void *rows, size_t ld)
{
  size_t eights = (size_t) m * taps->channels / 8;
  if (is_of_eights (x, taps->channels) && eights <= UINT32_MAX / 2)
    WITH_TYPE (type, LAUNCH (gather_eights, eights, grid_of_elements (eights), stream, m, *taps, x,
                             (T *) rows, ld))
  WITH_TYPE (type,
             LAUNCH (gather_taps, m, grid_of_cells (m, ld), stream, m, *taps, x, (T *) rows, ld))
}

/* a row of the grid is a patch */
__global__ void
__launch_bounds__ (THREADS)
    patchify (uint32_t m, uint32_t side, uint32_t patch, const float *pixels, float *patches)
{
  uint32_t grid = side / patch;
  uint32_t w = 3 * patch * patch;
  FOR_CELLS (row, column, m, w)
  {
    uint32_t picture = row / (grid * grid);
    uint32_t gy = row / grid % grid;
    uint32_t gx = row % grid;
    uint32_t c = column / (patch * patch);
    uint32_t y = column / patch % patch;
    uint32_t x = column % patch;
    patches[(size_t) row * w + column] =
        pixels[((size_t) (picture * 3 + c) * side + gy * patch + y) * side + gx * patch + x];
  }
}

extern "C" cudaError_t
few_cuda_patchify (cudaStream_t stream, uint32_t b, uint32_t side, uint32_t patch,
                   const float *pixels, float *patches)
{
  uint32_t m = b * (side / patch) * (side / patch);
  LAUNCH (patchify, m, grid_of_cells (m, 3 * patch * patch), stream, m, side, patch, pixels,
          patches)
}

/* a row of the grid is a picture */
__global__ void
__launch_bounds__ (THREADS) to_nhwc (uint32_t b, uint32_t plane, const float *pixels, float *out)
{
  FOR_CELLS (picture, i, b, 3 * plane)
  out[(size_t) picture * 3 * plane + i] = pixels[(size_t) (picture * 3 + i % 3) * plane + i / 3];
}

extern "C" cudaError_t
few_cuda_to_nhwc (cudaStream_t stream, uint32_t b, uint32_t side, const float *pixels,
                  float *out){ LAUNCH (to_nhwc, b, grid_of_cells (b, (size_t) 3 * side * side),
                                       stream, b, side *side, pixels, out) }

/* a row of the grid is a token; first NULL: the mean of the picture's tokens */
__global__ void __launch_bounds__ (THREADS)
    assemble_tokens (uint32_t rows, uint32_t t, uint32_t w, const float *first, const float *tokens,
                     size_t ld_tokens, const float *positions, float *x, size_t ld_x)
{
  FOR_CELLS (row, i, rows, w)
  {
    uint32_t picture = row / t;
    uint32_t j = row % t;
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
few_cuda_assemble_tokens (cudaStream_t stream, uint32_t b, uint32_t t, uint32_t w,
                          const float *first, const float *tokens, size_t ld_tokens,
                          const float *positions, float *x,
                          size_t ld_x){ LAUNCH (assemble_tokens, b, grid_of_cells (b *t, w), stream,
                                                b *t, t, w, first, tokens, ld_tokens, positions, x,
                                                ld_x) }

__global__ void __launch_bounds__ (THREADS)
    embed_tokens (uint32_t rows, uint32_t t, uint32_t w, const int32_t *ids, const float *table,
                  const float *positions, float *x, size_t ld_x)
{
  FOR_CELLS (row, i, rows, w)
  x[row * ld_x + i] = table[(size_t) ids[row] * w + i] + positions[(size_t) (row % t) * w + i];
}

extern "C" cudaError_t
few_cuda_embed_tokens (cudaStream_t stream, uint32_t rows, uint32_t t, uint32_t w,
                       const int32_t *ids, const float *table, const float *positions, float *x,
                       size_t ld_x){ LAUNCH (embed_tokens, rows, grid_of_cells (rows, w), stream,
                                             rows, t, w, ids, table, positions, x, ld_x) }

__global__ void __launch_bounds__ (THREADS)
    gather_rows (uint32_t m, uint32_t w, const uint32_t *rows, const float *x, size_t ld_x,
                 float *y)
{
  FOR_CELLS (row, i, m, w)
  y[(size_t) row * w + i] = x[rows[row] * ld_x + i];
}

extern "C" cudaError_t
few_cuda_gather_rows (cudaStream_t stream, uint32_t m, uint32_t w, const uint32_t *rows,
                      const float *x, size_t ld_x, float *y){
  LAUNCH (gather_rows, m, grid_of_cells (m, w), stream, m, w, rows, x, ld_x, y)
}

/* A thread owns a column, so that rows named twice are added in their order. */
__global__ void __launch_bounds__ (THREADS)
    scatter_add_rows (uint32_t m, uint32_t w, const uint32_t *rows, const float *x, float *y,
                      size_t ld_y)
{
  FOR_ELEMENTS (i, w)
  for (uint32_t row = 0; row < m; row++)
    y[rows[row] * ld_y + i] += x[(size_t) row * w + i];
}

extern "C" cudaError_t
few_cuda_scatter_add_rows (cudaStream_t stream, uint32_t m, uint32_t w, const uint32_t *rows,
                           const float *x, float *y, size_t ld_y){
  LAUNCH (scatter_add_rows, m, grid_of_elements (w), stream, m, w, rows, x, y, ld_y)
}

/* a row of the grid is a row of output pixels */
__global__ void __launch_bounds__ (THREADS)
    average_pool (uint32_t rows, uint32_t h, uint32_t w, uint32_t c, uint32_t side, const float *x,
                  float *y)
{
  uint32_t out_w = w / side;
  uint32_t out_h = h / side;
  float scale = 1.0f / (float) (side * side);
  FOR_CELLS (row, i, rows, out_w * c)
  {
    uint32_t picture = row / out_h;
    uint32_t oy = row % out_h;
    uint32_t ox = i / c;
    uint32_t channel = i % c;
    const float *from = x + ((size_t) (picture * h + oy * side) * w + ox * side) * c + channel;
    float sum = 0;
    for (uint32_t ky = 0; ky < side; ky++)
      for (uint32_t kx = 0; kx < side; kx++)
        sum += from[((size_t) ky * w + kx) * c];
    y[(size_t) row * out_w * c + i] = sum * scale;
  }
}

extern "C" cudaError_t
few_cuda_average_pool (cudaStream_t stream, uint32_t b, uint32_t h, uint32_t w, uint32_t c,
                       uint32_t side, const float *x, float *y)
{
  uint32_t rows = b * (h / side);
  LAUNCH (average_pool, rows, grid_of_cells (rows, (size_t) (w / side) * c), stream, rows, h, w, c,
          side, x, y)
}

/* ---- heads of attention. A row of the grid is a token of a sequence, a column a value of all
 * heads side by side. */

__device__ static inline size_t
row_of_token (const FewCudaHeads &h, uint32_t sequence, uint32_t token)
{
  return token < h.p ? token : (size_t) h.p + (size_t) (h.begin + sequence) * h.s + token - h.p;
}

/* where value `column` of token `token` of n is in [b·heads, n, head_width] */
__device__ static inline size_t
place_in_heads (const FewCudaHeads &h, uint32_t n, uint32_t sequence, uint32_t token,
                uint32_t column)
{
  return ((size_t) (sequence * h.heads + column / h.head_width) * n + token) * h.head_width
         + column % h.head_width;
}

/* value i of a query or a key after its pair was turned */
__device__ static inline float
turned (const FewCudaHeads &h, uint32_t token, const float *from, uint32_t i)
{
  const float *turn = h.rotation + (size_t) token * h.head_width + (i % h.head_width & ~1u);
  return i % 2 ? from[i] * turn[0] + from[i - 1] * turn[1]
               : from[i] * turn[0] - from[i + 1] * turn[1];
}

/* parts: 3 for rows of queries, keys and values side by side, 1 for rows of queries alone; of the
 * queries the sequences' own tokens only */
template <typename T>
__global__ void
__launch_bounds__ (THREADS)
    split_heads (FewCudaHeads h, uint32_t parts, const float *rows, size_t ld, T *q, T *k, T *v)
{
  uint32_t w = h.heads * h.head_width;
  uint32_t t = h.p + h.s;
  FOR_CELLS (row, i, h.b * t, parts * w)
  {
    uint32_t sequence = row / t;
    uint32_t token = row % t;
    const float *from = rows + row_of_token (h, sequence, token) * ld;
    float value = h.rotation && i < 2 * w ? turned (h, token, from, i) : from[i];
    if (i >= 2 * w)
      put (v + place_in_heads (h, t, sequence, token, i - 2 * w), value);
    else if (i >= w)
      put (k + place_in_heads (h, t, sequence, token, i - w), value);
    else if (token >= h.p)
      put (q + place_in_heads (h, h.s, sequence, token - h.p, i), value);
  }
}

extern "C" cudaError_t
few_cuda_split_heads (cudaStream_t stream, const FewCudaHeads *h, uint32_t parts, const float *rows,
                      size_t ld, FewCudaPrecision type, void *q, void *k, void *v)
{
  uint32_t m = h->b * (h->p + h->s);
  dim3 grid = grid_of_cells (m, (size_t) parts * h->heads * h->head_width);
  WITH_TYPE (type,
             LAUNCH (split_heads, m, grid, stream, *h, parts, rows, ld, (T *) q, (T *) k, (T *) v))
}

__global__ void
__launch_bounds__ (THREADS) merge_heads (FewCudaHeads h, uint32_t n, const float *in, float *rows,
                                         size_t ld, FewCudaTwin twin)
{
  uint32_t w = h.heads * h.head_width;
  FOR_CELLS (row, i, h.b * h.s, w)
  {
    uint32_t sequence = row / h.s;
    uint32_t token = row % h.s;
    size_t to = row_of_token (h, sequence, h.p + token);
    float value = in[place_in_heads (h, n, sequence, n - h.s + token, i)];
    rows[to * ld + h.part * w + i] = value;
    put_twin (twin, to, h.part * w + i, value);
  }
}

extern "C" cudaError_t
few_cuda_merge_heads (cudaStream_t stream, const FewCudaHeads *h, uint32_t n, const float *in,
                      float *rows, size_t ld, const FewCudaTwin *twin)
{
  uint32_t m = h->b * h->s;
  LAUNCH (merge_heads, m, grid_of_cells (m, (size_t) h->heads * h->head_width), stream, *h, n, in,
          rows, ld, *twin)
}

__global__ void
__launch_bounds__ (THREADS)
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
few_cuda_add_shared_heads (cudaStream_t stream, const FewCudaHeads *h, const float *in, float *rows,
                           size_t ld)
{
  LAUNCH (add_shared_heads, h->p, grid_of_cells (h->p, (size_t) h->heads * h->head_width), stream,
          *h, in, rows, ld)
}
