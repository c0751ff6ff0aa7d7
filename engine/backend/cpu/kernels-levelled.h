/* SPDX-License-Identifier: MIT */
/* Between the kernel sources of one level. */
#pragma once
#include "backend/cpu/kernel-table.h"

/* sums [rows][tile_columns] of a tile, with their epilogue, → c. */
void FEW_LEVELLED (finish_tile) (guint rows, const float *sums, const FewEpilogue *epilogue,
                                 float *c, gsize ldc, guint columns);
void FEW_LEVELLED (winograd_input) (guint c, const float *const pixels[36], float *points,
                                    gsize plane);
void FEW_LEVELLED (winograd_output) (guint n, const float *points, gsize plane, const float *bias,
                                     FewActivation activation, guint rows, guint columns, float *y,
                                     gsize ld_row, gsize ld_pixel);
void FEW_LEVELLED (depthwise) (guint pixels, guint kernel, guint stride, guint n_rows,
                               const float *const *rows, const float *weights, const float *bias,
                               FewActivation activation, float *y, gsize ldy, guint columns);
void FEW_LEVELLED (tile_pairs) (guint m, guint k, const float *a, gsize lda, const float *panel,
                                const float *ahead, guint ahead_step, const FewEpilogue *epilogue,
                                float *c, gsize ldc, guint columns);
void FEW_LEVELLED (to_pairs) (gsize n, const float *x, float *pairs);
void FEW_LEVELLED (activate) (gsize n, FewActivation activation, const float *x, float *y);
void FEW_LEVELLED (activation_backward) (gsize n, FewActivation activation, const float *x,
                                         float *gradient);
void FEW_LEVELLED (layer_norm_backward) (guint w, const float *x, const float *gamma, float epsilon,
                                         const float *dy, float *dx);
void FEW_LEVELLED (affinity) (gsize n, float sharpness, float *x);
void FEW_LEVELLED (multiply) (gsize n, float scale, const float *x, float *y);
void FEW_LEVELLED (double_tile) (guint k, const double *a, const double *b, double *c, gsize ldc);
void FEW_LEVELLED (double_tile_rows) (guint k, const double *a, gsize lda, const double *b,
                                      double *c, gsize ldc);
void FEW_LEVELLED (double_tile_columns) (guint k, const double *a, const double *b, gsize ldb,
                                         double *c, gsize ldc);
double FEW_LEVELLED (double_softmax) (guint n, double *row);
