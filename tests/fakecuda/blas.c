/* SPDX-License-Identifier: MIT */
/* cuBLAS: arguments are checked as cuBLAS documents them, products are summed in double
 * precision and rounded once. */
#include "blas.h"
#include <math.h>
#include <string.h>

struct cublasContext
{
  gpointer stream;
};
static GPtrArray *handles;

void blas_check (void);

void
blas_check (void)
{
  if (handles && handles->len > 0)
    report ("leak", "%u cuBLAS handles", handles->len);
}

const char *
cublasGetStatusString (cublasStatus_t status)
{
  return status == CUBLAS_STATUS_ALLOC_FAILED ? "out of memory" : "a failure that was asked for";
}

gboolean
is_handle (cublasHandle_t handle)
{
  if (handles && g_ptr_array_find (handles, handle, NULL))
    return TRUE;
  report ("bad-handle", "%p is no cuBLAS handle", (void *) handle);
  return FALSE;
}

cublasStatus_t
cublasCreate_v2 (cublasHandle_t *handle)
{
  FAKE_LOCKED;
  *handle = NULL;
  if (call_fails ())
    return CUBLAS_STATUS_ALLOC_FAILED;
  *handle = g_new0 (struct cublasContext, 1);
  if (!handles)
    handles = g_ptr_array_new ();
  g_ptr_array_add (handles, *handle);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasDestroy_v2 (cublasHandle_t handle)
{
  FAKE_LOCKED;
  if (!is_handle (handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  capture_allows_idle ();
  g_ptr_array_remove (handles, handle);
  g_free (handle);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetStream_v2 (cublasHandle_t handle, cudaStream_t stream)
{
  FAKE_LOCKED;
  if (call_fails () || !is_handle (handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasSetWorkspace_v2 (cublasHandle_t handle, void *workspace, size_t bytes)
{
  FAKE_LOCKED;
  if (call_fails () || !is_handle (handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  return device_range ("cuBLAS's workspace", workspace, bytes) ? CUBLAS_STATUS_SUCCESS
                                                               : CUBLAS_STATUS_INVALID_VALUE;
}

/* ---- products, column-major */

static gsize
size_of (cudaDataType type)
{
  return type == CUDA_R_16F || type == CUDA_R_16BF ? 2 : 4;
}

static const char *
column_of (const Factor *f, int batch, int column)
{
  return f->memory
         + ((gsize) batch * (gsize) f->stride + (gsize) column * (gsize) f->ld) * size_of (f->type);
}

static double
value_of (const char *column, cudaDataType type, int row)
{
  guint16 half;
  float whole;
  column = contents (column);
  if (size_of (type) == 2)
    {
      memcpy (&half, column + 2 * row, 2);
      return type == CUDA_R_16BF ? brain_to_float (half) : half_to_float (half);
    }
  memcpy (&whole, column + 4 * row, 4);
  return whole;
}

static void
put_value (char *column, cudaDataType type, int row, float value)
{
  guint16 half = type == CUDA_R_16BF ? float_to_brain (value) : float_to_half (value);
  if (size_of (type) == 2)
    memcpy (column + 2 * row, &half, 2);
  else
    memcpy (column + 4 * row, &value, 4);
}

/* op (f) with its lines along k: [lines, k] */
static double *
lines_of (const Factor *f, int batch, gboolean lines_are_columns, gboolean tf32, const char *name)
{
  int lines = lines_are_columns ? f->columns : f->rows;
  int length = lines_are_columns ? f->rows : f->columns;
  double *out = g_new (double, MAX ((gsize) lines * (gsize) length, 1));
  for (int column = 0; column < f->columns; column++)
    {
      const char *from = column_of (f, batch, column);
      if (!is_initialised (from, (gsize) f->rows * size_of (f->type)))
        report ("uninitialised", "a product reads column %d of %s, which nothing has written",
                column, name);
      for (int row = 0; row < f->rows; row++)
        {
          double value = value_of (from, f->type, row);
          out[lines_are_columns ? (gsize) column * (gsize) length + (gsize) row
                                : (gsize) row * (gsize) length + (gsize) column] =
              tf32 ? float_to_tf32 ((float) value) : value;
        }
    }
  return out;
}

/* ½x (1 + tanh (√(2/π) (x + 0.044715 x³))) */
static double
tanh_gelu (double x)
{
  return 0.5 * x * (1 + tanh (0.7978845608028654 * (x + 0.044715 * x * x * x)));
}

static double
finished (const Product *p, double value, int row)
{
  value += p->bias ? value_of ((const char *) p->bias, CUDA_R_32F, row) : 0;
  switch (p->activation)
    {
    case ACTIVATE_RELU:
      return MAX (value, 0);
    case ACTIVATE_GELU:
      return tanh_gelu (value);
    default:
      return value;
    }
}

static void
multiply_column (const Product *p, const double *a, const double *b, int batch, int j)
{
  const char *added = column_of (&p->c, batch, j);
  char *to = (char *) column_of (&p->d, batch, j);
  gsize bytes = (gsize) p->d.rows * size_of (p->d.type);
  if (p->beta != 0 && !is_initialised (added, bytes))
    report ("uninitialised", "a product adds to column %d of C, which nothing has written", j);
  for (int i = 0; i < p->d.rows; i++)
    {
      const double *x = a + (gsize) i * (gsize) p->k;
      const double *y = b + (gsize) j * (gsize) p->k;
      double sum = 0;
      for (int l = 0; l < p->k; l++)
        sum += x[l] * y[l];
      sum = p->alpha * sum + (p->beta != 0 ? p->beta * value_of (added, p->c.type, i) : 0);
      put_value ((char *) contents (to), p->d.type, i, (float) finished (p, sum, i));
    }
  set_initialised (to, bytes);
}

static void
multiply (gpointer data)
{
  const Product *p = data;
  gsize rows = (gsize) p->d.rows;
  gsize columns = (gsize) p->d.columns;
  gsize k = (gsize) p->k;
  if (p->bias && !is_initialised (p->bias, rows * 4))
    report ("uninitialised", "a product's bias is nothing that was written");
  for (int batch = 0; batch < p->batch; batch++)
    {
      g_autofree double *a = lines_of (&p->a, batch, p->a.transposed, p->tf32, "A");
      g_autofree double *b = lines_of (&p->b, batch, !p->b.transposed, p->tf32, "B");
      for (int j = 0; j < p->d.columns; j++)
        multiply_column (p, a, b, batch, j);
    }
  count_moved ((gsize) p->batch
               * ((rows + columns) * k * size_of (p->a.type)
                  + rows * columns * size_of (p->d.type) * (p->beta != 0 ? 2 : 1)
                  + (p->bias ? rows * 4 : 0)));
}

static gboolean
check_factor (const char *name, const Factor *f, int batch)
{
  gboolean ok = TRUE;
  if (f->ld < MAX (f->rows, 1))
    {
      report ("gemm-arguments", "%s: %d rows in columns that are %d apart", name, f->rows, f->ld);
      return FALSE;
    }
  gsize bytes = f->columns && f->rows ? ((gsize) (f->columns - 1) * (gsize) f->ld + (gsize) f->rows)
                                            * size_of (f->type)
                                      : 0;
  for (int i = 0; i < batch && ok; i++)
    ok = device_range (name, column_of (f, i, 0), bytes);
  return ok;
}

/* What a factor lies in */
static gsize
bytes_of_factor (const Factor *f, int batch)
{
  if (f->columns == 0 || f->rows == 0)
    return 0;
  return ((gsize) (batch - 1) * (gsize) f->stride + (gsize) (f->columns - 1) * (gsize) f->ld
          + (gsize) f->rows)
         * size_of (f->type);
}

static void
check_overlap (const char *name, const Factor *f, const Product *p)
{
  const char *end = f->memory + bytes_of_factor (f, p->batch);
  if (f->memory < p->d.memory + bytes_of_factor (&p->d, p->batch) && p->d.memory < end)
    report ("gemm-arguments", "a product writes over %s, which it reads", name);
}

static gboolean
check_types (const Product *p, cublasComputeType_t compute)
{
  gboolean whole = p->a.type == CUDA_R_32F;
  gboolean known = whole || p->a.type == CUDA_R_16F || p->a.type == CUDA_R_16BF;
  gboolean sums =
      compute == CUBLAS_COMPUTE_32F || (whole && compute == CUBLAS_COMPUTE_32F_FAST_TF32);
  /* a bias is of the type of what it is added to */
  gboolean result =
      p->d.type == CUDA_R_32F || (!whole && p->d.type == p->a.type && p->bias == NULL);
  if (known && sums && p->a.type == p->b.type && p->c.type == p->d.type && result)
    return TRUE;
  report ("gemm-types", "types %d, %d, %d and %d, computed as %d", p->a.type, p->b.type, p->c.type,
          p->d.type, compute);
  return FALSE;
}

static gboolean
check_factors (const Product *p)
{
  gsize extent =
      p->d.columns > 0 ? (gsize) (p->d.columns - 1) * (gsize) p->d.ld + (gsize) p->d.rows : 0;
  if (!check_factor ("A of a product", &p->a, p->batch)
      || !check_factor ("B of a product", &p->b, p->batch)
      || !check_factor ("C of a product", &p->c, p->batch)
      || !check_factor ("D of a product", &p->d, p->batch)
      || (p->bias && !device_range ("a product's bias", p->bias, (gsize) p->d.rows * 4)))
    return FALSE;
  if (p->batch > 1 && (gsize) p->d.stride < extent)
    report ("gemm-arguments", "the products of a batch overlap");
  check_overlap ("A", &p->a, p);
  check_overlap ("B", &p->b, p);
  return TRUE;
}

cublasStatus_t
queue_product (gpointer stream, const Product *p, int m, int n, const void *alpha, const void *beta,
               cublasComputeType_t compute)
{
  g_autofree Product *whole = g_memdup2 (p, sizeof *p);
  if (m < 0 || n < 0 || p->k < 0 || p->batch < 0)
    {
      report ("gemm-arguments", "m = %d, n = %d, k = %d, %d products", m, n, p->k, p->batch);
      return CUBLAS_STATUS_INVALID_VALUE;
    }
  if (!check_types (p, compute))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  if (is_device (alpha) || is_device (beta))
    {
      report ("host-pointer", "alpha and beta are to be host memory");
      return CUBLAS_STATUS_INVALID_VALUE;
    }
  whole->tf32 = compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  whole->alpha = *(const float *) alpha;
  whole->beta = *(const float *) beta;
  whole->a.rows = p->a.transposed ? p->k : m;
  whole->a.columns = p->a.transposed ? m : p->k;
  whole->b.rows = p->b.transposed ? n : p->k;
  whole->b.columns = p->b.transposed ? p->k : n;
  whole->c.rows = whole->d.rows = m;
  whole->c.columns = whole->d.columns = n;
  if (!check_factors (whole))
    return CUBLAS_STATUS_INVALID_VALUE;
  const void *const uses[3] = { p->a.memory, p->b.memory, p->d.memory };
  stream_push (stream_find (stream), "a product", uses, multiply, g_steal_pointer (&whole), g_free);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasGemmStridedBatchedEx (cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b,
                            int m, int n, int k, const void *alpha, const void *a,
                            cudaDataType type_a, int lda, long long stride_a, const void *b,
                            cudaDataType type_b, int ldb, long long stride_b, const void *beta,
                            void *c, cudaDataType type_c, int ldc, long long stride_c, int batch,
                            cublasComputeType_t compute, cublasGemmAlgo_t algorithm G_GNUC_UNUSED)
{
  FAKE_LOCKED;
  if (call_fails ())
    return CUBLAS_STATUS_EXECUTION_FAILED;
  if (!is_handle (handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  Factor to = { c, type_c, ldc, stride_c, 0, 0, FALSE };
  Product p = { .a = { a, type_a, lda, stride_a, 0, 0, op_a == CUBLAS_OP_T },
                .b = { b, type_b, ldb, stride_b, 0, 0, op_b == CUBLAS_OP_T },
                .c = to,
                .d = to,
                .k = k,
                .batch = batch };
  return queue_product (handle->stream, &p, m, n, alpha, beta, compute);
}

cublasStatus_t
cublasGemmEx (cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
              int k, const void *alpha, const void *a, cudaDataType type_a, int lda, const void *b,
              cudaDataType type_b, int ldb, const void *beta, void *c, cudaDataType type_c, int ldc,
              cublasComputeType_t compute, cublasGemmAlgo_t algorithm)
{
  return cublasGemmStridedBatchedEx (handle, op_a, op_b, m, n, k, alpha, a, type_a, lda, 0, b,
                                     type_b, ldb, 0, beta, c, type_c, ldc, 0, 1, compute,
                                     algorithm);
}
