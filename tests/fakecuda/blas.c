/* SPDX-License-Identifier: MIT */
/* cuBLAS: arguments are checked as cuBLAS documents them, products are summed in double
 * precision and rounded once. */
#include "fake.h"
#include <cublas_v2.h>
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

static gboolean
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

/* ---- products, column-major: c [m, n] = alpha · op (a) [m, k] · op (b) [k, n] + beta · c */

typedef struct
{
  const char *memory;
  cudaDataType type;
  int ld;
  long long stride;
  int rows, columns; /* as stored */
  gboolean transposed;
} Factor;

typedef struct
{
  Factor a, b, c;
  int k, batch;
  float alpha, beta;
} Product;

static gsize
size_of (cudaDataType type)
{
  return type == CUDA_R_16F ? 2 : 4;
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
  if (type == CUDA_R_16F)
    {
      memcpy (&half, column + 2 * row, 2);
      return half_to_float (half);
    }
  memcpy (&whole, column + 4 * row, 4);
  return whole;
}

/* op (f) with its lines along k: [lines, k] */
static double *
lines_of (const Factor *f, int batch, gboolean lines_are_columns, const char *name)
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
        out[lines_are_columns ? (gsize) column * (gsize) length + (gsize) row
                              : (gsize) row * (gsize) length + (gsize) column] =
            value_of (from, f->type, row);
    }
  return out;
}

static void
multiply (gpointer data)
{
  const Product *p = data;
  for (int batch = 0; batch < p->batch; batch++)
    {
      g_autofree double *a = lines_of (&p->a, batch, p->a.transposed, "A");
      g_autofree double *b = lines_of (&p->b, batch, !p->b.transposed, "B");
      for (int j = 0; j < p->c.columns; j++)
        {
          char *to = (char *) column_of (&p->c, batch, j);
          if (p->beta != 0 && !is_initialised (to, (gsize) p->c.rows * 4))
            report ("uninitialised", "a product adds to column %d of C, which nothing has written",
                    j);
          for (int i = 0; i < p->c.rows; i++)
            {
              const double *x = a + (gsize) i * (gsize) p->k;
              const double *y = b + (gsize) j * (gsize) p->k;
              double sum = 0;
              for (int l = 0; l < p->k; l++)
                sum += x[l] * y[l];
              float value = (float) (p->alpha * sum
                                     + (p->beta != 0 ? p->beta * value_of (to, CUDA_R_32F, i) : 0));
              memcpy ((char *) contents (to) + 4 * i, &value, 4);
            }
          set_initialised (to, (gsize) p->c.rows * 4);
        }
    }
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

static cublasStatus_t
product (cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
         const void *alpha, Factor a, Factor b, const void *beta, Factor c, int batch,
         cublasComputeType_t compute)
{
  if (call_fails ())
    return CUBLAS_STATUS_EXECUTION_FAILED;
  if (!is_handle (handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  if (m < 0 || n < 0 || k < 0 || batch < 0)
    {
      report ("gemm-arguments", "m = %d, n = %d, k = %d, %d products", m, n, k, batch);
      return CUBLAS_STATUS_INVALID_VALUE;
    }
  if (compute != CUBLAS_COMPUTE_32F || a.type != b.type
      || (a.type != CUDA_R_16F && a.type != CUDA_R_32F) || c.type != CUDA_R_32F)
    {
      report ("gemm-types", "types %d, %d and %d, computed as %d", a.type, b.type, c.type, compute);
      return CUBLAS_STATUS_NOT_SUPPORTED;
    }
  if (is_device (alpha) || is_device (beta))
    {
      report ("host-pointer", "alpha and beta are to be host memory");
      return CUBLAS_STATUS_INVALID_VALUE;
    }
  a.transposed = op_a == CUBLAS_OP_T;
  b.transposed = op_b == CUBLAS_OP_T;
  a.rows = a.transposed ? k : m;
  a.columns = a.transposed ? m : k;
  b.rows = b.transposed ? n : k;
  b.columns = b.transposed ? k : n;
  c.rows = m;
  c.columns = n;
  if (!check_factor ("A of a product", &a, batch) || !check_factor ("B of a product", &b, batch)
      || !check_factor ("C of a product", &c, batch))
    return CUBLAS_STATUS_INVALID_VALUE;
  gsize c_extent = n > 0 ? (gsize) (n - 1) * (gsize) c.ld + (gsize) m : 0;
  if (batch > 1 && (gsize) c.stride < c_extent)
    report ("gemm-arguments", "the products of a batch overlap");
  Product *p = g_new (Product, 1);
  *p = (Product) { a, b, c, k, batch, *(const float *) alpha, *(const float *) beta };
  stream_push (stream_find (handle->stream), "a product",
               (const void *const[3]) { a.memory, b.memory, c.memory }, multiply, p, g_free);
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
  return product (handle, op_a, op_b, m, n, k, alpha,
                  (Factor) { a, type_a, lda, stride_a, 0, 0, FALSE },
                  (Factor) { b, type_b, ldb, stride_b, 0, 0, FALSE }, beta,
                  (Factor) { c, type_c, ldc, stride_c, 0, 0, FALSE }, batch, compute);
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
