/* SPDX-License-Identifier: MIT */
/* Attention in one kernel, on tensor cores: scores, softmax and sums never leave the registers.
 *
 * A block has 64 queries of one head of one sequence, a warp 16 of them; keys and values come by
 * in tiles of 64. The softmax is online: each row's largest score and sum so far are kept, and
 * what was added up is rescaled when a larger score comes. Products are of T, f16 or bf16, sums
 * f32.
 *
 * The weights of eight keys, as results of a tile, are just what the product with their values
 * reads. */
#include "kernels-tiles.cuh"

enum {
  QUERIES = 64, /* a block's; so many are the keys of a tile */
  TILE_THREADS = QUERIES * 2,
  PAD = 4 /* words behind a row: the 32 words that a warp reads at once lie in 32 banks */
};

/* one head of one sequence */
struct Head
{
  FewCudaHeads h;
  uint32_t sequence, at; /* at: of its first value in a part of a row of qkv */
  const float *qkv;
  size_t ld;
};

/* The first value of a token's part: 0 query, 1 key, 2 value */
__device__ static inline const float *
part_at (const Head &head, uint32_t part, uint32_t token)
{
  const FewCudaHeads &h = head.h;
  size_t row =
      token < h.p ? token : (size_t) h.p + (size_t) (h.begin + head.sequence) * h.s + token - h.p;
  return head.qkv + row * head.ld + (size_t) part * h.heads * h.head_width + head.at;
}

__device__ static inline bool
is_there (const Head &head, uint32_t token, uint32_t i)
{
  return token < head.h.p + head.h.s && i < head.h.head_width;
}

/* Values i … i + 3 of a token's part, in one load; zeroes outside. Nothing writes them while the
 * kernel runs, so that loads need not wait for what is stored before. */
__device__ static inline float4
four_at (const Head &head, uint32_t part, uint32_t token, uint32_t i)
{
  if (!is_there (head, token, i))
    return make_float4 (0, 0, 0, 0);
  return __ldg ((const float4 *) (part_at (head, part, token) + i));
}

/* The same of a query or a key, turned where there are rotary positions */
__device__ static inline float4
turned_at (const Head &head, uint32_t part, uint32_t token, uint32_t i)
{
  const FewCudaHeads &h = head.h;
  float4 x = four_at (head, part, token, i);
  if (!h.rotation || !is_there (head, token, i))
    return x;
  float4 turn = __ldg ((const float4 *) (h.rotation + (size_t) token * h.head_width + i));
  return make_float4 (x.x * turn.x - x.y * turn.y, x.y * turn.x + x.x * turn.y,
                      x.z * turn.z - x.w * turn.w, x.w * turn.z + x.z * turn.w);
}

/* Of a query's values 8c … 8c + 7 the two that lane l has, as a word: lanes that share four values
 * load them all. */
template <typename T>
__device__ static inline uint32_t
query_word (const Head &head, uint32_t token, uint32_t c)
{
  uint32_t lane = threadIdx.x % 4;
  float4 q = turned_at (head, 0, token, 8 * c + lane / 2 * 4);
  return lane % 2 == 0 ? pair_of<T> (q.x, q.y) : pair_of<T> (q.z, q.w);
}

/* Of a wide head half of a tile comes by at once: all would not fit in the registers. */
template <int D> struct Tile
{
  enum { EACH = QUERIES * D / 4 / TILE_THREADS, AT_ONCE = EACH > 10 ? EACH / 2 : EACH };
};

/* keys [64, D] as they are. Loads come before stores, which they would wait for otherwise. */
template <int D, typename T>
__device__ static inline void
load_keys (T, const Head &head, uint32_t first, uint32_t keys[][D / 2 + PAD])
{
  enum { AT_ONCE = Tile<D>::AT_ONCE };
  float4 some[AT_ONCE];
#pragma unroll 1
  for (int from = 0; from < Tile<D>::EACH; from += AT_ONCE)
    {
#pragma unroll
      for (int n = 0; n < AT_ONCE; n++)
        {
          uint32_t i = threadIdx.x + (from + n) * TILE_THREADS;
          some[n] = turned_at (head, 1, first + i / (D / 4), i % (D / 4) * 4);
        }
#pragma unroll
      for (int n = 0; n < AT_ONCE; n++)
        {
          uint32_t i = threadIdx.x + (from + n) * TILE_THREADS;
          uint32_t *to = &keys[i / (D / 4)][i % (D / 4) * 2];
          to[0] = pair_of<T> (some[n].x, some[n].y);
          to[1] = pair_of<T> (some[n].z, some[n].w);
        }
    }
}

/* values as [D, 64]: what a product sums over lies together. A warp has the values of all 32 pairs
 * of tokens: what it stores at once lies in 32 banks. */
template <int D, typename T>
__device__ static inline void
load_values (T, const Head &head, uint32_t first, uint32_t values[][QUERIES / 2 + PAD])
{
  enum { AT_ONCE = Tile<D>::AT_ONCE };
  float4 some[AT_ONCE];
#pragma unroll 1
  for (int from = 0; from < Tile<D>::EACH; from += AT_ONCE)
    {
#pragma unroll
      for (int n = 0; n < AT_ONCE; n++)
        {
          uint32_t i = threadIdx.x + (from + n) / 2 * TILE_THREADS;
          uint32_t token = first + i % (QUERIES / 2) * 2 + n % 2;
          some[n] = four_at (head, 2, token, i / (QUERIES / 2) * 4);
        }
#pragma unroll
      for (int n = 0; n < AT_ONCE; n += 2)
        {
          uint32_t i = threadIdx.x + (from + n) / 2 * TILE_THREADS;
          uint32_t pair = i % (QUERIES / 2);
          uint32_t at = i / (QUERIES / 2) * 4;
          float4 even = some[n];
          float4 odd = some[n + 1];
          values[at][pair] = pair_of<T> (even.x, odd.x);
          values[at + 1][pair] = pair_of<T> (even.y, odd.y);
          values[at + 2][pair] = pair_of<T> (even.z, odd.z);
          values[at + 3][pair] = pair_of<T> (even.w, odd.w);
        }
    }
}

/* s [16, 64] = what a warp's queries give with a tile's keys, of which there are `n` */
template <int D, typename T>
__device__ static inline void
score_tile (T type, const uint32_t q[][2], const uint32_t keys[][D / 2 + PAD], uint32_t n,
            float s[][4])
{
  uint32_t lane = threadIdx.x % 32;
#pragma unroll
  for (int j = 0; j < QUERIES / 8; j++)
    {
      s[j][0] = s[j][1] = s[j][2] = s[j][3] = 0;
      if (8 * j >= n)
        continue;
#pragma unroll
      for (int c = 0; c < D / 8; c++)
        multiply_tile (type, s[j], q[c], keys[8 * j + lane / 4][4 * c + lane % 4]);
    }
}

/* Two rows of softmax, of which four lanes have a part each. scale: of scores, as exponents of 2 */
struct Rows
{
  float largest[2], sum[2];
  uint32_t seen[2]; /* keys */
};

/* scores → weights, not divided yet by their sum; `keep`: what earlier sums are multiplied by */
__device__ static inline void
weigh_tile (Rows &rows, uint32_t first, float scale, float s[][4], float keep[2])
{
  uint32_t column = first + threadIdx.x % 4 * 2;
#pragma unroll
  for (int r = 0; r < 2; r++)
    {
      float largest = rows.largest[r];
#pragma unroll
      for (int j = 0; j < QUERIES / 8; j++)
#pragma unroll
        for (int i = 0; i < 2; i++)
          {
            bool visible = column + 8 * j + i < rows.seen[r];
            s[j][2 * r + i] = visible ? s[j][2 * r + i] * scale : -INFINITY;
            largest = fmaxf (largest, s[j][2 * r + i]);
          }
      largest = fmaxf (largest, __shfl_xor_sync (0xffffffffu, largest, 1));
      largest = fmaxf (largest, __shfl_xor_sync (0xffffffffu, largest, 2));
      keep[r] = exp2f (rows.largest[r] - largest);
      rows.largest[r] = largest;
      rows.sum[r] *= keep[r];
#pragma unroll
      for (int j = 0; j < QUERIES / 8; j++)
#pragma unroll
        for (int i = 0; i < 2; i++)
          {
            s[j][2 * r + i] = exp2f (s[j][2 * r + i] - largest);
            rows.sum[r] += s[j][2 * r + i];
          }
    }
}

/* out [16, D] = keep · out + s [16, n] · values */
template <int D, typename T>
__device__ static inline void
add_tile (T type, const float s[][4], const uint32_t values[][QUERIES / 2 + PAD], uint32_t n,
          const float keep[2], float out[][4])
{
  uint32_t lane = threadIdx.x % 32;
#pragma unroll
  for (int c = 0; c < D / 8; c++)
#pragma unroll
    for (int i = 0; i < 4; i++)
      out[c][i] *= keep[i / 2];
#pragma unroll
  for (int j = 0; j < QUERIES / 8; j++)
    {
      if (8 * j >= n)
        continue;
      const uint32_t weights[2] = { pair_of<T> (s[j][0], s[j][1]), pair_of<T> (s[j][2], s[j][3]) };
#pragma unroll
      for (int c = 0; c < D / 8; c++)
        multiply_tile (type, out[c], weights, values[8 * c + lane / 4][4 * j + lane % 4]);
    }
}

template <int D>
__device__ static inline void
write_rows (const Head &head, uint32_t query, Rows &rows, const float sums[][4], float *out,
            size_t ld_out, const FewCudaTwin &twin)
{
  const FewCudaHeads &h = head.h;
#pragma unroll
  for (int r = 0; r < 2; r++)
    {
      float sum = rows.sum[r];
      sum += __shfl_xor_sync (0xffffffffu, sum, 1);
      sum += __shfl_xor_sync (0xffffffffu, sum, 2);
      uint32_t token = query + 8 * r;
      size_t row = (size_t) h.p + (size_t) (h.begin + head.sequence) * h.s + token;
#pragma unroll
      for (int c = 0; c < D / 8; c++)
#pragma unroll
        for (int i = 0; i < 2; i++)
          {
            uint32_t column = 8 * c + threadIdx.x % 4 * 2 + i;
            float value = sums[c][2 * r + i] / sum;
            if (token < h.s && column < h.head_width)
              {
                if (out)
                  out[row * ld_out + head.at + column] = value;
                put_twin (twin, row, head.at + column, value);
              }
          }
    }
}

/* D: head_width or more; blockIdx.x goes over queries, blockIdx.y over heads of sequences */
template <int D, typename T>
__global__ void
__launch_bounds__ (TILE_THREADS) attend (FewCudaHeads h, int causal, float scale, const float *qkv,
                                         size_t ld, float *out, size_t ld_out, FewCudaTwin twin)
{
  __shared__ uint32_t keys[QUERIES][D / 2 + PAD];
  __shared__ uint32_t values[D][QUERIES / 2 + PAD];
  uint32_t lane = threadIdx.x % 32;
  uint32_t begin = blockIdx.x * QUERIES;
  uint32_t query = begin + threadIdx.x / 32 * 16 + lane / 4; /* and the one 8 behind it */
  uint32_t t = h.p + h.s;
  uint32_t end = begin + QUERIES < h.s ? begin + QUERIES : h.s;
  uint32_t seen = causal ? h.p + end : t; /* by any of the block's queries */
  for (uint32_t which = blockIdx.y; which < h.b * h.heads; which += gridDim.y)
    {
      const Head head = { h, which / h.heads, which % h.heads * h.head_width, qkv, ld };
      Rows rows = { { -INFINITY, -INFINITY }, { 0, 0 }, { t, t } };
      uint32_t q[D / 8][2];
      float sums[D / 8][4];
      if (causal)
        for (int r = 0; r < 2; r++)
          rows.seen[r] = h.p + query + 8 * r + 1 < t ? h.p + query + 8 * r + 1 : t;
#pragma unroll
      for (int c = 0; c < D / 8; c++)
        {
          sums[c][0] = sums[c][1] = sums[c][2] = sums[c][3] = 0;
          for (int r = 0; r < 2; r++)
            q[c][r] = query_word<T> (head, h.p + query + 8 * r, c);
        }
      for (uint32_t first = 0; first < seen; first += QUERIES)
        {
          float s[QUERIES / 8][4];
          float keep[2];
          __syncthreads (); /* all have read the tile before */
          load_keys<D> (T (), head, first, keys);
          load_values<D> (T (), head, first, values);
          __syncthreads ();
          if (begin + threadIdx.x / 32 * 16 >= h.s)
            continue; /* this warp has no queries */
          score_tile<D> (T (), q, keys, seen - first, s);
          weigh_tile (rows, first, scale, s, keep);
          add_tile<D> (T (), s, values, seen - first, keep, sums);
        }
      write_rows<D> (head, query, rows, sums, out, ld_out, twin);
    }
}

extern "C" int
few_cuda_attend_built (FewCudaPrecision type)
{
  struct cudaFuncAttributes attributes;
  if (cudaFuncGetAttributes (&attributes, (const void *) attend<64, __half>) == cudaSuccess)
    return few_cuda_is_narrow (type) && attributes.ptxVersion >= (type == FEW_CUDA_BF16 ? 80 : 75);
  cudaGetLastError ();
  return 0;
}

#define LAUNCH_ATTEND(width)                                                                       \
  {                                                                                                \
    attend<width, T>                                                                               \
        <<<grid, TILE_THREADS, 0, stream>>> (*h, causal, exponents, qkv, ld, out, ld_out, *twin);  \
    return cudaPeekAtLastError ();                                                                 \
  }

template <typename T>
static cudaError_t
launch_attend (cudaStream_t stream, const FewCudaHeads *h, int causal, float scale,
               const float *qkv, size_t ld, float *out, size_t ld_out, const FewCudaTwin *twin)
{
  uint32_t heads = h->b * h->heads;
  dim3 grid ((h->s + QUERIES - 1) / QUERIES, heads < MOST_ROWS ? heads : MOST_ROWS);
  float exponents = scale * 1.44269504f; /* of 2 */
  if (h->s == 0 || heads == 0)
    return cudaSuccess;
  if (h->head_width <= 64)
    LAUNCH_ATTEND (64)
  if (h->head_width <= 80)
    LAUNCH_ATTEND (80)
  LAUNCH_ATTEND (FEW_CUDA_WIDEST_HEAD)
}

extern "C" cudaError_t
few_cuda_attend (cudaStream_t stream, FewCudaPrecision type, const FewCudaHeads *h, int causal,
                 float scale, const float *qkv, size_t ld, float *out, size_t ld_out,
                 const FewCudaTwin *twin)
{
  if (type == FEW_CUDA_BF16)
    return launch_attend<__nv_bfloat16> (stream, h, causal, scale, qkv, ld, out, ld_out, twin);
  return launch_attend<__half> (stream, h, causal, scale, qkv, ld, out, ld_out, twin);
}
