/* SPDX-License-Identifier: MIT */
/* The inner loops of the CPU backend: kernels.c compiled once per instruction-set level,
 * chosen at run time. */
#pragma once
#include "backend/backend.h"

typedef struct
{
  const float *bias;     /* [columns] or NULL */
  const float *residual; /* tile's first element or NULL */
  gsize ld_residual;
  FewActivation activation;
  float scale; /* of the product */
  float beta;  /* of the old content, with residual = c */
  /* the activation covers the residual (ResNet) rather than precedes it (ViT) */
  gboolean residual_first;
  /* of a product of bytes, NULL for others: row i of x is row_lows [i] + row_steps [i] · byte,
   * column j of the weights is column_scales [j] · byte, column_sums [j] sums its bytes */
  const float *row_steps, *row_lows, *column_scales;
  const gint32 *column_sums;
  /* Where K comes in parts: [m][tile_columns], what the parts before have summed up and this one
   * adds to, without an epilogue until the last; NULL where K is whole. */
  float *partial;
  gboolean is_first, is_last;
} FewEpilogue;

typedef void (*FewTileFunc) (guint m, guint k, const float *a, gsize lda, const float *panel,
                             const float *ahead, guint ahead_step, const FewEpilogue *epilogue,
                             float *c, gsize ldc, guint columns);

/* A product tile and what it needs. */
typedef struct
{
  guint rows; /* largest m of `run` */
  FewTileFunc run;
  /* Registers in the shape of a tile, AMX's, that a thread opens before its first tile and closes
   * after its last: open, they are 8 KB more for whoever switches to another thread. All tiles
   * between have 16 rows at least, or all have m. NULL where a tile needs none. */
  void (*open) (guint m);
  void (*close) (void);
  /* of K at once, so that a panel's part stays in L1 while the rows pass; 0 for all */
  guint part;
  guint block_bytes; /* of those rows, which stay in L2 while the panels pass */
} FewTile;

/* Pairs and quads come by so many: a row of a tile register. */
enum { FEW_UNITS_AT_ONCE = 16 };

typedef struct
{
  const char *name;
  guint tile_columns; /* panel width: weights are packed [N/columns][K][columns] */
  /* c [m, columns] = epilogue (a [m, K] · panel [K, tile_columns]); columns ≤ tile_columns are
   * stored. Meanwhile K lines from `ahead` on, ahead_step floats apart, are fetched into L2:
   * this tile's share of the panel that comes next. */
  FewTile tile;
  /* The same in bfloat16 with f32 sums: a [m, K] and panel [K, tile_columns] are pairs of
   * neighbours along the summed dimension, 4 bytes each, K counts pairs and is a multiple of
   * FEW_UNITS_AT_ONCE. Without `run` where the processor has no such instruction. */
  FewTile pairs;
  /* Nine taps of pairs are sooner multiplied than Winograd's points of floats. */
  gboolean pairs_beat_winograd;
  /* x [n] → ⌈n/2⌉ pairs, rounded to nearest even; an odd end is padded with zero */
  void (*to_pairs) (gsize n, const float *x, float *pairs);
  /* Winograd's F(4×4, 3×3) (Lavin and Gray 2016): one 6 × 6 tile of C channels, pixel i at
   * pixels [i], to its 36 points, `plane` floats apart; C is a multiple of 16 */
  void (*winograd_input) (guint c, const float *const pixels[36], float *points, gsize plane);
  /* 36 points of N channels → 4 × 4 pixels plus bias [N], activated; the first `rows` and
   * `columns` of them are stored */
  void (*winograd_output) (guint n, const float *points, gsize plane, const float *bias,
                           FewActivation activation, guint rows, guint columns, float *y,
                           gsize ld_row, gsize ld_pixel);
  /* A convolution of each channel for itself, one row of tile_columns channels: y [pixels] = act
   * (bias + Σ x [tap] · weights [tap]), kernel rows of input in `rows`, each [stride · (pixels − 1)
   * + kernel][tile_columns]; weights [rows · kernel][tile_columns]. columns ≤ tile_columns are
   * stored, ldy apart. */
  void (*depthwise) (guint pixels, guint kernel, guint stride, guint n_rows,
                     const float *const *rows, const float *weights, const float *bias,
                     FewActivation activation, float *y, gsize ldy, guint columns);
  void (*layer_norm) (guint w, const float *x, const float *gamma, const float *beta, float epsilon,
                      float *y);
  /* row [n] in place, n ≥ 1; entries from `n` to `padded` become 0 */
  void (*softmax) (guint n, guint padded, float *row);
  void (*relu) (gsize n, float *x);
  void (*relu_backward) (gsize n, const float *output, float *gradient);
  void (*blend_normalise) (guint d, float alpha, const float *a, const float *f, float *y,
                           float *inverse_norm);
  void (*blend_normalise_backward) (guint d, float alpha, const float *y, float inverse_norm,
                                    const float *dy, float *da);
  void (*cross_entropy) (guint k, guint label, float scale, float *logits, float *loss,
                         float *correct);
  /* the largest of a·x + b·y, −∞ when n is 0; and the first index of it, n ≥ 1 */
  float (*largest_blend) (guint n, float a, const float *x, float b, const float *y);
  guint (*index_of_largest_blend) (guint n, float a, const float *x, float b, const float *y);
  /* largest [i] = largest_blend of the entries from bounds [i] to bounds [i + 1], which are few */
  void (*largest_blends) (guint n, const guint32 *bounds, float a, const float *x, float b,
                          const float *y, float *largest);
  /* sets all bits of marks [i] where a·x + b·y reaches `least`, and leaves the others as they are
   */
  void (*mark_blends) (guint n, float a, const float *x, float b, const float *y, float least,
                       guint32 *marks);
  /* the largest |x|, NaN where one is */
  float (*largest_magnitude) (gsize n, const float *x);
  float (*dot) (gsize n, const float *x, const float *y);
  void (*adam) (gsize n, const FewUpdate *update, const float *gradient, float *m, float *v,
                float *weights);
  void (*sgd) (gsize n, const FewUpdate *update, const float *gradient, float *velocity,
               float *weights);
  /* as the ops of these names in backend.h; layer_norm_backward and multiply of one row */
  void (*activate) (gsize n, FewActivation activation, const float *x, float *y);
  void (*activation_backward) (gsize n, FewActivation activation, const float *x, float *gradient);
  void (*layer_norm_backward) (guint w, const float *x, const float *gamma, float epsilon,
                               const float *dy, float *dx);
  void (*affinity) (gsize n, float sharpness, float *x);
  void (*multiply) (gsize n, float scale, const float *x, float *y);
  /* In double precision. c [double_rows, double_columns] += aᵀ b with a [K, double_rows] and b [K,
   * double_columns], whole tiles only; and the softmax of a row [n] in place, n ≥ 1, which gives
   * log Σ exp of what was there. */
  guint double_rows, double_columns;
  void (*double_tile) (guint k, const double *a, const double *b, double *c, gsize ldc);
  /* The same sums of what stands in the matrix itself: a [double_rows, K] in rows of lda, or b in
   * rows of ldb. */
  void (*double_tile_rows) (guint k, const double *a, gsize lda, const double *b, double *c,
                            gsize ldc);
  void (*double_tile_columns) (guint k, const double *a, const double *b, gsize ldb, double *c,
                               gsize ldc);
  double (*double_softmax) (guint n, double *row);
} FewKernels;

extern const FewKernels few_kernels_base; /* x86-64-v2, or the architecture's own floor */
extern const FewKernels few_kernels_v3, few_kernels_v4, few_kernels_bf16, few_kernels_amx;

/* Products of bytes, kernels-quads.c compiled once a level: of some levels of FewKernels, and of
 * what has only these beside one of them. */
typedef struct
{
  const char *name;
  /* As FewKernels' tile, in bytes with sums of 32 bits: a [m, K] and panel [K, tile_columns] are
   * four neighbours along the summed dimension, unsigned and signed, 4 bytes each; K counts these
   * quads and is a multiple of FEW_UNITS_AT_ONCE. The integers are the same at every level. */
  FewTile tile;
  /* The tile adds in 16 bits: of the panel's bytes 0, 1, 4, 5 and of 2, 3, 6, 7 of each eight those
   * of one sign must sum to 128 at most. */
  gboolean narrow;
  /* x [n] → 2 ⌈n/8⌉ quads with x = low + step · byte, rounded to even; n ≥ 1. A row with NaN or
   * infinity gets NaN as its low. */
  void (*convert) (gsize n, const float *x, float *quads, float *step, float *low);
} FewQuadKernels;

extern const FewQuadKernels few_quads_base, few_quads_v3, few_quads_v4;
extern const FewQuadKernels few_quads_avxvnni; /* beside v3 */
extern const FewQuadKernels few_quads_vnni; /* beside few_kernels_bf16, or v4 */
extern const FewQuadKernels few_quads_amx; /* beside few_kernels_amx */
extern const FewQuadKernels few_quads_dotprod; /* beside aarch64's base */

/* Functions of one level that live in a file of their own: few_kernels_v4_winograd_input … */
#define FEW_PASTE(table, name) table##_##name
#define FEW_PASTE_VALUES(table, name) FEW_PASTE (table, name)
#define FEW_LEVELLED(name) FEW_PASTE_VALUES (FEW_KERNELS, name)
