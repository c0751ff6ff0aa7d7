/* SPDX-License-Identifier: MIT */
/* Every matrix product, by cuBLAS. Weights are kept in the type that they are multiplied in: the
 * device's, and f32 for the way back through a frozen layer, as gradients would fall below what
 * f16 can hold. Sums are f32 always. */
#include "backend/cuda/products.h"
#include "backend/cuda/blas-types.h"
#include "backend/cuda/blas.h"
#include "backend/cuda/epilogues.h"
#include "backend/cuda/memory.h"
#include "backend/cuda/repeat.h"
#include "backend/cuda/twin.h"
#include <stdlib.h>

static const gsize GATHER_BYTES = 64 << 20; /* of a convolution's input at once */

struct FewMatrix
{
  guint n, k;
  FewCudaPrecision type;
  gsize ld;
  void *values; /* [N, ld], zero behind K */
};

void
few_cuda_product (FewStream *stream, const FewCudaProduct *p)
{
  if (p->m == 0 || p->n == 0 || p->batch == 0 || !few_cuda_blas_ready (stream))
    return;
  /* Row-major c = a·b is column-major cᵀ = bᵀ·aᵀ. */
  cublasOperation_t first = p->transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N;
  cublasOperation_t second = p->transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N;
  cudaDataType type = few_cuda_data_type (p->type);
  cudaDataType type_c = p->narrow ? type : CUDA_R_32F;
  cublasComputeType_t compute = few_cuda_compute_type (p->type);
  cublasStatus_t status;
  if (p->batch == 1)
    status = cublasGemmEx (stream->blas, first, second, (int) p->n, (int) p->m, (int) p->k,
                           &p->scale, p->b, type, (int) p->ldb, p->a, type, (int) p->lda, &p->beta,
                           p->c, type_c, (int) p->ldc, compute, CUBLAS_GEMM_DEFAULT);
  else
    status = cublasGemmStridedBatchedEx (
        stream->blas, first, second, (int) p->n, (int) p->m, (int) p->k, &p->scale, p->b, type,
        (int) p->ldb, (long long) p->stride_b, p->a, type, (int) p->lda, (long long) p->stride_a,
        &p->beta, p->c, CUDA_R_32F, (int) p->ldc, (long long) p->stride_c, (int) p->batch, compute,
        CUBLAS_GEMM_DEFAULT);
  few_cuda_blas_did (stream, status, "A matrix product");
}

void
few_cuda_gemm (FewStream *stream, gboolean transpose_a, gboolean transpose_b, guint m, guint n,
               guint k, float scale, const float *a, gsize lda, const float *b, gsize ldb,
               float beta, float *c, gsize ldc)
{
  if (FEW_OP (stream, (guint64) transpose_a, (guint64) transpose_b, m, n, k, few_cuda_bits (scale),
              FEW_AT (a), lda, FEW_AT (b), ldb, few_cuda_bits (beta), FEW_AT (c), ldc)
      && few_cuda_ready (stream))
    few_cuda_product (stream, &(FewCudaProduct) { .transpose_a = transpose_a,
                                                  .transpose_b = transpose_b,
                                                  .m = m,
                                                  .n = n,
                                                  .k = k,
                                                  .scale = scale,
                                                  .beta = beta,
                                                  .a = a,
                                                  .lda = lda,
                                                  .b = b,
                                                  .ldb = ldb,
                                                  .c = c,
                                                  .ldc = ldc,
                                                  .batch = 1 });
}

/* ---- weights */

static gboolean
finish_matrix (FewCudaDevice *device, FewMatrix **matrix, GError **error)
{
  if (few_cuda_check (&device->streams[0], error))
    return TRUE;
  few_cuda_drop_when_idle ((*matrix)->values); /* what was queued before may write to it */
  free (*matrix);
  *matrix = NULL;
  return FALSE;
}

static FewMatrix *
matrix_alloc (FewCudaDevice *device, guint n, guint k, FewCudaPrecision type)
{
  FewMatrix *matrix = calloc (1, sizeof *matrix);
  if (!matrix)
    abort (); /* as GLib does when a few bytes are not to be had */
  *matrix = (FewMatrix) { n, k, type, few_cuda_is_narrow (type) ? few_cuda_row (k) : k, NULL };
  FewStream *stream = &device->streams[0];
  gsize bytes = n * matrix->ld * few_cuda_size (type);
  if (few_cuda_ready (stream)
      && !few_cuda_did (stream, cudaMalloc (&matrix->values, bytes),
                        "Allocating GPU memory for weights"))
    matrix->values = NULL;
  return matrix;
}

FewMatrix *
few_cuda_matrix_new (FewBackend *backend, guint n, guint k, FewGrade grade G_GNUC_UNUSED,
                     const float *weights_host, GError **error)
{
  FewCudaDevice *device = backend->device;
  FewStream *stream = &device->streams[0];
  FewMatrix *matrix = matrix_alloc (device, n, k, device->precision);
  gsize count = (gsize) n * k;
  gboolean narrow = few_cuda_is_narrow (matrix->type);
  float *whole = narrow && few_cuda_ready (stream)
                     ? few_cuda_scratch (stream, FEW_SCRATCH_PRODUCT, count * sizeof (float))
                     : matrix->values;
  few_cuda_upload (stream, whole, weights_host, count);
  if (narrow && few_cuda_ready (stream))
    few_cuda_did (stream,
                  few_cuda_copy_rows (stream->stream, n, k, whole, k, matrix->type, matrix->values,
                                      matrix->ld),
                  "Converting weights");
  finish_matrix (device, &matrix, error);
  return matrix;
}

FewMatrix *
few_cuda_conv_new (FewBackend *backend, const FewConvShape *shape, FewGrade grade,
                   const float *weights_host, GError **error)
{
  return few_cuda_matrix_new (backend, shape->out_channels,
                              shape->kernel * shape->kernel * shape->channels, grade, weights_host,
                              error);
}

FewMatrix *
few_cuda_matrix_transposed (FewBackend *backend, const FewMatrix *weight, GError **error)
{
  FewCudaDevice *device = backend->device;
  FewStream *stream = &device->streams[0];
  FewMatrix *matrix = matrix_alloc (device, weight->k, weight->n, FEW_CUDA_F32);
  if (few_cuda_ready (stream))
    few_cuda_did (stream,
                  few_cuda_transpose (stream->stream, weight->n, weight->k, weight->type,
                                      weight->values, weight->ld, matrix->values),
                  "Transposing weights");
  finish_matrix (device, &matrix, error);
  return matrix;
}

void
few_cuda_matrix_free (FewBackend *backend, FewMatrix *matrix)
{
  few_cuda_free (backend, matrix->values);
  free (matrix);
}

/* ---- layers */

/* x [M, K] in the type of the weights that multiply it */
static const void *
convert_operand (FewStream *stream, guint m, guint k, const float *x, gsize ldx,
                 FewCudaPrecision type, gsize *ld)
{
  *ld = ldx;
  if (!few_cuda_is_narrow (type))
    return x;
  *ld = few_cuda_row (k);
  void *rows = few_cuda_scratch (stream, FEW_SCRATCH_OPERAND, m * *ld * 2);
  if (!rows
      || !few_cuda_did (stream, few_cuda_copy_rows (stream->stream, m, k, x, ldx, type, rows, *ld),
                        "Converting a layer's input"))
    return NULL;
  return rows;
}

void
few_cuda_pass_on (FewStream *stream, const FewMatrix *reader G_GNUC_UNUSED)
{
  if (FEW_OP (stream, 0))
    stream->passes_on = few_cuda_is_narrow (stream->device->precision);
}

/* y [M, N] = x of `type` and what follows. twin: where its copy goes, or nowhere; alone: y is not
 * written */
static void
finish_layer (FewStream *stream, guint m, guint n, FewCudaPrecision type, const void *x, gsize ld,
              const FewCudaEpilogue *epilogue, float *y, gsize ldy, const FewCudaTwin *twin,
              gboolean alone)
{
  if (!stream->failed
      && few_cuda_did (stream,
                       few_cuda_finish (stream->stream, m, n, type, x, ld, epilogue,
                                        alone ? NULL : y, ldy, twin),
                       "A layer's activation"))
    few_cuda_twin_keep (stream, twin, y, m, n, ldy, alone);
}

/* The next product's input is made in a buffer that this one's is not in. */
static FewScratchSlot
other_slot (const FewStream *stream, const void *x)
{
  return x == stream->scratch[FEW_SCRATCH_NEXT].memory ? FEW_SCRATCH_OPERAND : FEW_SCRATCH_NEXT;
}

/* x · weightᵀ, x in the weights' type; where to is for the caller to say */
static FewCudaProduct
describe_layer (guint m, const void *x, gsize ldx, const FewMatrix *weight)
{
  return (FewCudaProduct) { .transpose_b = TRUE,
                            .type = weight->type,
                            .m = m,
                            .n = weight->n,
                            .k = weight->k,
                            .scale = 1,
                            .a = x,
                            .lda = ldx,
                            .b = weight->values,
                            .ldb = weight->ld,
                            .batch = 1 };
}

/* What is passed on alone: the product is of two bytes a value, and what follows is done in its
 * place. */
static void
pass_layer_on (FewStream *stream, guint m, const void *x, gsize ldx, const FewMatrix *weight,
               const FewCudaEpilogue *epilogue, float *y, gsize ldy)
{
  FewCudaProduct p = describe_layer (m, x, ldx, weight);
  FewCudaTwin twin = few_cuda_twin_place (stream, other_slot (stream, x), m, weight->n);
  p.narrow = TRUE;
  p.c = twin.memory;
  p.ldc = twin.ld;
  if (stream->failed)
    return;
  few_cuda_product (stream, &p);
  if (!epilogue->bias && epilogue->activation == FEW_ACTIVATION_NONE)
    few_cuda_twin_keep (stream, &twin, y, m, weight->n, ldy, TRUE);
  else
    finish_layer (stream, m, weight->n, weight->type, twin.memory, twin.ld, epilogue, y, ldy, &twin,
                  TRUE);
}

/* y = x · weightᵀ and its epilogue: one kernel where cuBLASLt has it. Otherwise a residual in its
 * place is added to by the product itself. Products of f16 and bf16 want the copy that our own
 * kernel makes of what it activates. */
static void
run_layer (FewStream *stream, guint m, const void *x, gsize ldx, const FewMatrix *weight,
           FewCudaEpilogue epilogue, float *y, gsize ldy)
{
  FewCudaProduct p = describe_layer (m, x, ldx, weight);
  gboolean activated = epilogue.activation != FEW_ACTIVATION_NONE;
  gboolean in_place = epilogue.residual == y;
  gboolean adds = in_place && !activated;
  gboolean twin = few_cuda_is_narrow (weight->type) && activated && !epilogue.inside;
  p.c = y;
  p.ldc = ldy;
  if (!twin && few_cuda_blas_ready (stream) && few_cuda_product_finished (stream, &p, &epilogue))
    return;
  if (in_place && !adds)
    {
      p.ldc = weight->n;
      p.c = few_cuda_scratch (stream, FEW_SCRATCH_PRODUCT, m * p.ldc * sizeof (float));
      if (!p.c)
        return;
    }
  p.beta = adds ? 1 : 0;
  few_cuda_product (stream, &p);
  if (adds)
    epilogue.residual = NULL;
  if (!epilogue.bias && !epilogue.residual && !activated)
    return;
  FewCudaTwin place = few_cuda_twin_place (stream, other_slot (stream, x), twin ? m : 0, weight->n);
  finish_layer (stream, m, weight->n, FEW_CUDA_F32, p.c, p.ldc, &epilogue, y, ldy, &place, FALSE);
}

static void
convert_and_multiply (FewStream *stream, guint m, const float *x, gsize ldx,
                      const FewMatrix *weight, const FewCudaEpilogue *epilogue, float *y, gsize ldy)
{
  gsize ld = few_cuda_row (weight->k);
  gboolean narrow = few_cuda_is_narrow (weight->type);
  const void *rows = narrow ? few_cuda_twin_find (stream, x, m, weight->k, ldx) : NULL;
  gboolean passes_on = narrow && !epilogue->residual && stream->passes_on;
  if (!few_cuda_ready (stream))
    return;
  if (!rows)
    rows = convert_operand (stream, m, weight->k, x, ldx, weight->type, &ld);
  if (rows && passes_on)
    pass_layer_on (stream, m, rows, ld, weight, epilogue, y, ldy);
  else if (rows)
    run_layer (stream, m, rows, ld, weight, *epilogue, y, ldy);
}

void
few_cuda_linear (FewStream *stream, guint m, const float *x, gsize ldx, const FewMatrix *weight,
                 const float *bias, FewActivation activation, const float *residual,
                 gsize ld_residual, float *y, gsize ldy)
{
  if (FEW_OP (stream, m, FEW_AT (x), ldx, FEW_AT (weight->values), weight->n, weight->k,
              (guint64) weight->type, FEW_AT (bias), (guint64) activation, FEW_AT (residual),
              ld_residual, FEW_AT (y), ldy))
    convert_and_multiply (
        stream, m, x, ldx, weight,
        &(FewCudaEpilogue) { bias, residual, ld_residual, (int) activation, FALSE }, y, ldy);
}

void
few_cuda_grouped_linear (FewStream *stream, guint groups, guint m, const float *x, gsize ldx,
                         FewMatrix *const *weights, const float *bias, float *y, gsize ldy)
{
  for (guint g = 0; g < groups; g++)
    few_cuda_linear (stream, m, x + (gsize) g * weights[g]->k, ldx, weights[g],
                     bias ? bias + (gsize) g * weights[g]->n : NULL, FEW_ACTIVATION_NONE, NULL, 0,
                     y + (gsize) g * weights[g]->n, ldy);
}

/* 1 × 1 is a layer as it stands; others gather what each output pixel sees, a chunk of pixels at
 * a time. */
void
few_cuda_conv (FewStream *stream, const FewConvShape *s, const float *x, const FewMatrix *weight,
               const float *bias, FewActivation activation, const float *residual, float *y)
{
  guint out_h = (s->height + s->stride - 1) / s->stride;
  guint out_w = (s->width + s->stride - 1) / s->stride;
  guint m = s->batch * out_h * out_w;
  gsize n = weight->n;
  FewCudaEpilogue epilogue = { bias, residual, n, (int) activation, TRUE };
  if (!FEW_OP (stream, s->batch, s->height, s->width, s->channels, s->kernel, s->stride, FEW_AT (x),
               FEW_AT (weight->values), n, weight->k, (guint64) weight->type, FEW_AT (bias),
               (guint64) activation, FEW_AT (residual), FEW_AT (y)))
    return;
  if (s->kernel == 1 && s->stride == 1)
    {
      convert_and_multiply (stream, m, x, s->channels, weight, &epilogue, y, n);
      return;
    }
  FewCudaTaps taps = { 0, s->height, s->width, s->channels, s->kernel, s->stride };
  gsize size = few_cuda_size (weight->type);
  gsize ld = few_cuda_row (weight->k);
  guint chunk = (guint) MIN (MAX (GATHER_BYTES / (ld * size), 1), m);
  for (guint first = 0; first < m && few_cuda_ready (stream); first += chunk)
    {
      guint rows = MIN (chunk, m - first);
      void *seen = few_cuda_scratch (stream, FEW_SCRATCH_OPERAND, chunk * ld * size);
      taps.first = first;
      if (seen
          && few_cuda_did (
              stream, few_cuda_gather_taps (stream->stream, rows, &taps, x, weight->type, seen, ld),
              "Gathering a convolution's input"))
        {
          epilogue.residual = residual ? residual + first * n : NULL;
          run_layer (stream, rows, seen, ld, weight, epilogue, y + first * n, n);
        }
    }
}
