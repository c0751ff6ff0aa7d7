/* SPDX-License-Identifier: MIT */
/* From checkpoint tensors to device memory. Everything loaded belongs to the loader's list and
 * is freed with it. */
#pragma once
#include "backend/backend.h"
#include "clip/weights.h"

typedef struct
{
  FewBackend *backend;
  const FewWeights *weights;
  GPtrArray *vectors;  /* float * */
  GPtrArray *matrices; /* FewMatrix * */
  GError *error;       /* the first; later calls return NULL at once */
  FewGrade grade;      /* of the matrices that are loaded now */
} FewLoader;

/* Names are printf formats. Shape of the vector/matrix in the checkpoint must match. */
float *few_load_vector (FewLoader *loader, gsize n, const char *format, ...) G_GNUC_PRINTF (3, 4);
float *few_load_table (FewLoader *loader, gsize rows, gsize columns, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* The same times `gain`. */
float *few_load_gained_table (FewLoader *loader, gsize rows, gsize columns, float gain,
                              const char *name);
/* [N, K] as torch Linear stores it; transposed: the checkpoint holds [K, N] (proj,
 * text_projection) */
FewMatrix *few_load_matrix (FewLoader *loader, guint n, guint k, gboolean transposed,
                            const char *format, ...) G_GNUC_PRINTF (5, 6);
/* The same with its rows, and the vector, times the gains of that name; NULL: as they are. */
FewMatrix *few_load_gained_matrix (FewLoader *loader, guint n, guint k, const char *gains,
                                   const char *name);
float *few_load_gained_vector (FewLoader *loader, gsize n, const char *gains, const char *name);
/* A tensor on the host. */
gboolean few_load_view (FewLoader *loader, FewWeightView *view, const char *name, guint n_dims,
                        const gsize *dims);
/* Floats of the host on the device, kept with the others: a vector, and a matrix [N, K]. */
float *few_load_floats (FewLoader *loader, const float *floats, gsize n);
FewMatrix *few_load_host_matrix (FewLoader *loader, guint n, guint k, const float *host);
/* nhwc [N, k·k·C] as conv_new wants it */
FewMatrix *few_load_host_conv (FewLoader *loader, const FewConvShape *shape, const float *nhwc);
/* The batch norm of that name, ε = 1e-5, as scale [n] and shift [n]. */
gboolean few_load_norm (FewLoader *loader, const char *prefix, gsize n, float *scale, float *shift);
/* An error that names a tensor that nothing here computes with. */
void few_load_refuse (FewLoader *loader, const char *name);
/* Whether the checkpoint has a tensor of that name. */
gboolean few_load_has (const FewLoader *loader, const char *name);
/* A matrix a head of a projection [heads·head_width, W]: [head_width, W], or transposed [W,
 * head_width]. The array is the caller's. */
FewMatrix **few_load_heads (FewLoader *loader, guint heads, guint head_width, guint w,
                            gboolean transpose, const char *name);
/* A convolution [N, C, s, s] without bias, the batch norm of the prefix `norm` folded in; *bias
 * gets its shift. */
FewMatrix *few_load_conv (FewLoader *loader, const FewConvShape *shape, const char *norm,
                          float **bias, const char *name);
/* A convolution NAME [N, C, k, k] without overlap as a matrix [N, k·k·C], in the order row, column,
 * channel (squares) or torch's own; with the batch norm `norm` folded in, or, where that is NULL,
 * the convolution's own bias. */
FewMatrix *few_load_patches (FewLoader *loader, const FewConvShape *shape, gboolean squares,
                             const char *norm, const char *name, float **bias);
/* A convolution of each channel for itself, [N, 1, k, k] as depthwise_conv wants it, [k·k, N]. */
float *few_load_depthwise (FewLoader *loader, guint n, guint kernel, const char *name);
/* ViT's patch convolution [N, 3, p, p] as a matrix [N, 3·p·p] */
FewMatrix *few_load_patch_conv (FewLoader *loader, guint n, guint patch, const char *name);
void few_unload (FewBackend *backend, GPtrArray *vectors, GPtrArray *matrices);
