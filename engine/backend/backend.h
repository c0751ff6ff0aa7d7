/* SPDX-License-Identifier: MIT */
/* The op table: every mathematical operation once per backend; towers, trainers and methods are
 * written over it.
 *
 * All tensors are f32 device memory, row-major; "ld" is the distance between rows in elements
 * and shapes are in the comments, outermost first. B pictures or texts, T tokens, W width, D
 * joint dimension, K classes, H hidden width. Ops of one stream run in order. A stream is used
 * from one thread at a time; different streams are independent: what one wrote another may read
 * after `check`. Ops do not fail where they are called. A device that fails is remembered: what
 * follows on its stream does nothing, downloads give zeroes, and `check` says why. They allocate
 * nothing after their first call with a given shape. */
#pragma once
#include <glib.h>

typedef struct FewBackend FewBackend;
typedef struct FewStream FewStream;
/* How exact the products with a matrix are where `precision` is "int8": f32, what features feel
 * most; bf16, where that is fast, or else f32; bytes. Another precision does not ask for it. */
typedef enum { FEW_GRADE_FINE, FEW_GRADE_MIDDLE, FEW_GRADE_COARSE } FewGrade;
typedef struct FewMatrix FewMatrix; /* constant weights [N, K] in the backend's own layout */

typedef enum {
  FEW_ACTIVATION_NONE,
  FEW_ACTIVATION_RELU,
  FEW_ACTIVATION_GELU,
  FEW_ACTIVATION_QUICK_GELU,
  FEW_ACTIVATION_TANH_GELU, /* ½x (1 + tanh (√(2/π) (x + 0.044715 x³))) */
  FEW_ACTIVATION_SILU,      /* x σ (x) */
  FEW_ACTIVATION_LAST = FEW_ACTIVATION_SILU
} FewActivation;

typedef struct
{
  guint batch, height, width, channels; /* input [B, H, W, C] */
  guint kernel, stride;                 /* 1 or 3; 1 or 2; zero padding kernel/2 */
  guint out_channels; /* output [B, H/stride, W/stride, N], H/stride rounded up */
} FewConvShape;

typedef struct
{
  float rate, beta1, beta2, epsilon, weight_decay; /* SGD: beta1 is the momentum */
  gboolean decoupled; /* AdamW rather than Adam + L2 */
  guint64 step; /* from 1 */
} FewUpdate;

/* Queues ops of one stream. */
typedef void (*FewRepeated) (gpointer user);

typedef struct
{
  /* ---- memory. alloc gives zeroes, or NULL with an error. */
  float *(*alloc) (FewBackend *backend, gsize n, GError **error);
  void (*free) (FewBackend *backend, float *memory);
  void (*upload) (FewStream *stream, float *to, const float *from_host, gsize n);
  void (*download) (FewStream *stream, float *to_host, const float *from, gsize n); /* waits */
  void (*clear) (FewStream *stream, float *memory, gsize n); /* to zero */
  /* Memory of the host, with any contents, from which `upload` copies without a detour where the
   * system lets it: what was uploaded stays as it is until `download` or `check`. NULL where there
   * is none. Any thread. */
  gpointer (*host_alloc) (FewBackend *backend, gsize bytes);
  void (*host_free) (FewBackend *backend, gpointer memory);
  /* Waits until the stream's ops have run. FALSE when one failed since the last call:
   * FEW_ERROR_MEMORY when the device has too little memory for it (smaller batches may pass),
   * FEW_ERROR_DEVICE otherwise. */
  gboolean (*check) (FewStream *stream, GError **error);
  /* weights_host [N, K] row-major (torch Linear) */
  FewMatrix *(*matrix_new) (FewBackend *backend, guint n, guint k, FewGrade grade,
                            const float *weights_host, GError **error);
  /* weights_host [N, kernel·kernel·C], as `shape` (its batch does not matter) says: the backend
   * may choose an algorithm by it */
  FewMatrix *(*conv_new) (FewBackend *backend, const FewConvShape *shape, FewGrade grade,
                          const float *weights_host, GError **error);
  /* weight [N, K] → its transpose [K, N], for the way back through a frozen layer */
  FewMatrix *(*matrix_transposed) (FewBackend *backend, const FewMatrix *weight, GError **error);
  void (*matrix_free) (FewBackend *backend, FewMatrix *matrix);

  /* Runs func, a piece of work that comes again and again: what it queues may be queued at once.
   * `of` and `n` tell one piece from another. What differs from one time to the next is values that
   * ops read from the host (rows, labels, ids), FewUpdate, alpha of blend_normalise and where
   * losses go; with anything else it is done op by op, and so it is where func waits or copies from
   * or to the host. func may be called twice for one time, allocates nothing and changes nothing on
   * the host that it reads. */
  void (*repeat) (FewStream *stream, gconstpointer of, guint n, FewRepeated func, gpointer user);

  /* ---- inference */
  /* What the next op, layer_norm, attention or linear, gives is read by the one behind it, as the x
   * of `linear` with the weight `reader`, and by no other: a backend need not write it, if it keeps
   * what that product reads. */
  void (*pass_on) (FewStream *stream, const FewMatrix *reader);
  /* y [M, N] = act (x [M, K] · weightᵀ + bias [N]) + residual [M, N]; bias and residual may be
   * NULL, residual may be y */
  void (*linear) (FewStream *stream, guint m, const float *x, gsize ldx, const FewMatrix *weight,
                  const float *bias, FewActivation activation, const float *residual,
                  gsize ld_residual, float *y, gsize ldy);
  /* y [M, groups·N] = x [M, groups·K] · weights [g]ᵀ + bias [groups·N], group by group; weights
   * [groups] of [N, K], bias may be NULL */
  void (*grouped_linear) (FewStream *stream, guint groups, guint m, const float *x, gsize ldx,
                          FewMatrix *const *weights, const float *bias, float *y, gsize ldy);
  /* y = act (conv (x, weight from conv_new) + bias [N] + residual); NHWC, residual like y, or
   * NULL, as it must be where kernel is 3 */
  void (*conv) (FewStream *stream, const FewConvShape *shape, const float *x,
                const FewMatrix *weight, const float *bias, FewActivation activation,
                const float *residual, float *y);
  /* NHWC, each channel for itself: output channel n sums the k × k taps of input channel n / (N/C),
   * as groups = C does in torch; N a multiple of C, k at most 9, zero padding k/2. y = act (sum +
   * bias [N]); weights [k·k, N] and bias are device memory. */
  void (*depthwise_conv) (FewStream *stream, const FewConvShape *shape, const float *x,
                          const float *weights, const float *bias, FewActivation activation,
                          float *y);
  /* x [B, P, C] *= σ (gates [B, C]) */
  void (*gate_channels) (FewStream *stream, guint b, guint pixels, guint channels,
                         const float *gates, float *x);
  /* NHWC mean over side × side windows: x [B, H, W, C] → y [B, H/side, W/side, C] */
  void (*average_pool) (FewStream *stream, guint b, guint h, guint w, guint c, guint side,
                        const float *x, float *y);
  /* rows of x [M, W] to zero mean, unit variance, times gamma plus beta; y may be x. Population
   * variance. */
  void (*layer_norm) (FewStream *stream, guint m, guint w, const float *x, gsize ldx,
                      const float *gamma, const float *beta, float epsilon, float *y, gsize ldy);
  /* qkv [B·T, 3·heads·head_width] → out [B·T, heads·head_width]; causal masks the future. Scale
   * 1/√head_width. rotation: rotary positions; [T, head_width] has cosine and sine of the angle
   * by which each pair (2i, 2i + 1) of a head's query and key is turned first, in place or not;
   * NULL: there are none. */
  void (*attention) (FewStream *stream, guint b, guint t, guint heads, guint head_width,
                     gboolean causal, const float *rotation, float *qkv, gsize ld_qkv, float *out,
                     gsize ld_out);
  /* pixels [B, 3, R, R] → patches [B·(R/p)², 3·p·p] in the order of a torch convolution weight */
  void (*patchify) (FewStream *stream, guint b, guint side, guint patch, const float *pixels,
                    float *patches);
  /* pixels [B, 3, R, R] → [B, R, R, 3] */
  void (*to_nhwc) (FewStream *stream, guint b, guint side, const float *pixels, float *out);
  /* x [B, T, W]: row 0 = first [W] (or the mean of the others when first is NULL), row t =
   * tokens [B, T−1, W]; plus positions [T, W] */
  void (*assemble_tokens) (FewStream *stream, guint b, guint t, guint w, const float *first,
                           const float *tokens, gsize ld_tokens, const float *positions, float *x,
                           gsize ldx);
  /* x [B, T, W] = table [V, W] [ids_host [B, T]] + positions [T, W] */
  void (*embed_tokens) (FewStream *stream, guint b, guint t, guint w, const gint32 *ids_host,
                        const float *table, const float *positions, float *x, gsize ldx);
  /* one query a head and picture, the tokens are keys and values: queries [B, heads, W], x [B,
   * T, W] → out [B, heads, W] = softmax (scale · queries · xᵀ) · x */
  void (*pool_attention) (FewStream *stream, guint b, guint t, guint w, guint heads, float scale,
                          const float *queries, const float *x, float *out);
  /* y [M, W] = x [rows_host [M]] */
  void (*gather_rows) (FewStream *stream, guint m, guint w, const guint32 *rows_host,
                       const float *x, gsize ldx, float *y);

  /* ---- training */
  /* c [M, N] = scale · op(a) · op(b) + beta · c; op is the transpose when its flag is set: a is
   * then [K, M], b [N, K] */
  void (*gemm) (FewStream *stream, gboolean transpose_a, gboolean transpose_b, guint m, guint n,
                guint k, float scale, const float *a, gsize lda, const float *b, gsize ldb,
                float beta, float *c, gsize ldc);
  void (*relu) (FewStream *stream, gsize n, float *x);
  /* gradient [n] = 0 where output [n] ≤ 0 */
  void (*relu_backward) (FewStream *stream, gsize n, const float *output, float *gradient);
  /* u = alpha·a + (1−alpha)·f; y = u/|u|; inverse_norm [M] = 1/|u|. a, f, y [M, D]; y may be a. */
  void (*blend_normalise) (FewStream *stream, guint m, guint d, float alpha, const float *a,
                           const float *f, float *y, float *inverse_norm);
  /* da = alpha·(dy − y·(y·dy))·inverse_norm; da may be dy */
  void (*blend_normalise_backward) (FewStream *stream, guint m, guint d, float alpha,
                                    const float *y, const float *inverse_norm, const float *dy,
                                    float *da);
  /* out [M] = row i of x · row i of y; x, y [M, D] */
  void (*row_dots) (FewStream *stream, guint m, guint d, const float *x, const float *y,
                    float *out);
  /* logits [M, K] → d_logits = (softmax − one-hot)/M in place; loss [M] = −log p[label]; correct
   * [M] = 1 when the label is the maximum */
  void (*softmax_cross_entropy) (FewStream *stream, guint m, guint k, const guint32 *labels_host,
                                 float *logits, float *loss, float *correct);
  /* moments m, v [n] start at zero */
  void (*adam) (FewStream *stream, gsize n, const FewUpdate *update, const float *gradient,
                float *m, float *v, float *weights);
  void (*sgd) (FewStream *stream, gsize n, const FewUpdate *update, const float *gradient,
               float *velocity, float *weights);

  /* ---- back through frozen towers */
  /* Causal attention of B sequences of S tokens that all begin with the same P tokens, P and S ≥
   * 1: rows of qkv and out are the P shared ones, then S of each sequence. A shared beginning is
   * computed once, as nothing before a token depends on what follows it. */
  void (*shared_attention) (FewStream *stream, guint p, guint b, guint s, guint heads,
                            guint head_width, const float *qkv, gsize ld_qkv, float *out,
                            gsize ld_out);
  /* d_out as out → d_qkv as qkv, overwritten. With P = 0 it is `attention` of [B, S] tokens that
   * goes back, causal or not. */
  void (*shared_attention_backward) (FewStream *stream, guint p, guint b, guint s, guint heads,
                                     guint head_width, gboolean causal, const float *qkv,
                                     gsize ld_qkv, const float *d_out, gsize ld_d_out, float *d_qkv,
                                     gsize ld_d_qkv);
  /* y [n] = act (x [n]); y may be x */
  void (*activate) (FewStream *stream, gsize n, FewActivation activation, const float *x, float *y);
  /* gradient [n] *= act′ (x [n]) */
  void (*activation_backward) (FewStream *stream, gsize n, FewActivation activation, const float *x,
                               float *gradient);
  /* dx [M, W] += the gradient of layer_norm at x [M, W]; gamma and beta are frozen */
  void (*layer_norm_backward) (FewStream *stream, guint m, guint w, const float *x, gsize ldx,
                               const float *gamma, float epsilon, const float *dy, gsize ld_dy,
                               float *dx, gsize ld_dx);
  /* y [rows_host [i]] += x [i], in the order of i; x [M, W] dense */
  void (*scatter_add_rows) (FewStream *stream, guint m, guint w, const guint32 *rows_host,
                            const float *x, float *y, gsize ldy);

  /* ---- methods past the adapter */
  /* x [n] = exp (−sharpness · (1 − x)), Tip-Adapter's affinity */
  void (*affinity) (FewStream *stream, gsize n, float sharpness, float *x);
  /* y [n] *= scale · x [n] */
  void (*multiply) (FewStream *stream, gsize n, float scale, const float *x, float *y);
  /* y [M, D] += strength [i] · (x [M, D] − target [M, D]) row by row; target may be NULL for
   * none */
  void (*add_scaled_rows) (FewStream *stream, guint m, guint d, const float *strength,
                           const float *x, const float *target, float *y);
} FewBackendOps;

struct FewBackend
{
  const FewBackendOps *ops;
  const char *name; /* "cpu", "cuda" */
  const char *precision; /* of the products: "f32", "tf32", "bf16", "f16", "int8" */
  /* how exactly they round, where that is not the same on every device of the precision: part of
   * the feature cache's key; "" for the CPU's f32 */
  const char *rounding;
  char *description; /* "CPU, 2 × AVX-512" */
  gpointer device; /* what the ops of libfewshot-cuda.so work on */
  guint lanes; /* streams that can run side by side */
  guint batch; /* pictures that a lane does well to encode at once */
  /* batches that are encoded on the streams of so many lanes while all lanes decode; 0: each lane
   * encodes what it decoded */
  guint in_flight;
  /* pictures from which on a few rows that lie apart cost less than all */
  guint gathers_from;
  FewStream *stream; /* the whole device, one op at a time */
  FewStream **lane_streams;
  /* Runs func (user, i, stream of a lane) for i in [0, n), at most `lanes` at once, and waits. */
  void (*run_lanes) (FewBackend *backend, guint n,
                     void (*func) (gpointer user, guint i, guint lane, FewStream *stream),
                     gpointer user);
  void (*destroy) (FewBackend *backend);
};

/* threads = 0: every processor. level: NULL for the best f32 that this processor runs; "v2",
 * "v3", "v4" (tests force each); "bf16" for products in bfloat16, sums in f32, "bf16-avx512" for
 * those without AMX; "int8" for products of bytes with coarse matrices, "int8-v3" for those at that
 * level; "fast" for bf16 where the processor has it, and otherwise int8. An error when the
 * processor lacks it. */
FewBackend *few_backend_cpu_new (guint threads, const char *level, GError **error);
/* A GPU, through libfewshot-cuda.so (cuda/loader.c). precision: what the inputs of products are
 * rounded to, "f32", "tf32", "f16" (or NULL) or "bf16"; training is f32 always. The first use of a
 * GPU compares its ops with the CPU's, unless `unchecked`. threads: of the lanes, that decode; 0
 * for one a processor, up to 16. */
FewBackend *few_backend_cuda_new (guint ordinal, const char *precision, gboolean unchecked,
                                  guint threads, GError **error);
static inline void
few_backend_free (FewBackend *backend)
{
  backend->destroy (backend);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewBackend, few_backend_free)

/* A row length for `n` elements whose byte stride is not a multiple of 4096: such rows fall on
 * one L1 set. */
static inline gsize
few_row_stride (gsize n)
{
  return n % 1024 == 0 ? n + 16 : n;
}
