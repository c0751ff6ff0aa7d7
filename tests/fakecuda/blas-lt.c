/* SPDX-License-Identifier: MIT */
/* cuBLASLt: descriptions that are kept as they are told, an algorithm that is good for the problem
 * that it was found for and no other, and the product. FAKECUDA_WITHOUT_LT: it finds none. */
#include "blas.h"
#include <cublasLt.h>
#include <string.h>

typedef struct
{
  cublasComputeType_t compute;
  cublasOperation_t transpose_a, transpose_b;
  cublasLtEpilogue_t epilogue;
  const void *bias;
} How;

typedef struct
{
  cudaDataType type;
  guint64 rows, columns;
  gint64 ld;
} Layout;

typedef struct
{
  guint64 workspace;
  guint32 alignment[4]; /* of A, B, C, D */
} Preference;

/* In a cublasLtMatmulAlgo_t */
typedef struct
{
  guint hash; /* of the problem */
  guint32 workspace;
  guint32 alignment[4];
} Algorithm;

G_STATIC_ASSERT (sizeof (How) <= sizeof (cublasLtMatmulDescOpaque_t));
G_STATIC_ASSERT (sizeof (Layout) <= sizeof (cublasLtMatrixLayoutOpaque_t));
G_STATIC_ASSERT (sizeof (Preference) <= sizeof (cublasLtMatmulPreferenceOpaque_t));
G_STATIC_ASSERT (sizeof (Algorithm) <= sizeof (cublasLtMatmulAlgo_t));

enum { WORKSPACE_USED = 1 << 20 };

/* ---- descriptions */

cublasStatus_t
cublasLtMatmulDescInit_internal (cublasLtMatmulDesc_t desc, size_t size,
                                 cublasComputeType_t compute, cudaDataType_t scale)
{
  FAKE_LOCKED;
  if (call_fails ())
    return CUBLAS_STATUS_NOT_INITIALIZED;
  memset (desc, 0, size);
  *(How *) desc = (How) { compute, CUBLAS_OP_N, CUBLAS_OP_N, CUBLASLT_EPILOGUE_DEFAULT, NULL };
  return scale == CUDA_R_32F ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

cublasStatus_t
cublasLtMatmulDescSetAttribute (cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t name,
                                const void *value, size_t size)
{
  FAKE_LOCKED;
  How *how = (How *) desc;
  const struct
  {
    cublasLtMatmulDescAttributes_t name;
    void *place;
    gsize size;
  } known[] = { { CUBLASLT_MATMUL_DESC_TRANSA, &how->transpose_a, 4 },
                { CUBLASLT_MATMUL_DESC_TRANSB, &how->transpose_b, 4 },
                { CUBLASLT_MATMUL_DESC_EPILOGUE, &how->epilogue, 4 },
                { CUBLASLT_MATMUL_DESC_BIAS_POINTER, &how->bias, sizeof how->bias } };
  if (call_fails ())
    return CUBLAS_STATUS_INVALID_VALUE;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].name == name && known[i].size == size)
      {
        memcpy (known[i].place, value, size);
        return CUBLAS_STATUS_SUCCESS;
      }
  report ("gemm-arguments", "attribute %d of a product, %" G_GSIZE_FORMAT " bytes", name, size);
  return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t
cublasLtMatrixLayoutInit_internal (cublasLtMatrixLayout_t layout, size_t size, cudaDataType type,
                                   uint64_t rows, uint64_t columns, int64_t ld)
{
  FAKE_LOCKED;
  if (call_fails ())
    return CUBLAS_STATUS_INVALID_VALUE;
  memset (layout, 0, size);
  *(Layout *) layout = (Layout) { type, rows, columns, ld };
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatmulPreferenceInit_internal (cublasLtMatmulPreference_t preference, size_t size)
{
  FAKE_LOCKED;
  if (call_fails ())
    return CUBLAS_STATUS_INVALID_VALUE;
  memset (preference, 0, size);
  *(Preference *) preference = (Preference) { 0, { 256, 256, 256, 256 } };
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t
cublasLtMatmulPreferenceSetAttribute (cublasLtMatmulPreference_t preference,
                                      cublasLtMatmulPreferenceAttributes_t name, const void *value,
                                      size_t size)
{
  FAKE_LOCKED;
  Preference *p = (Preference *) preference;
  if (call_fails ())
    return CUBLAS_STATUS_INVALID_VALUE;
  if (name == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES && size == sizeof p->workspace)
    memcpy (&p->workspace, value, size);
  else if (name >= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES
           && name <= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES && size == 4)
    memcpy (&p->alignment[name - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES], value, size);
  else
    {
      report ("gemm-arguments", "preference %d, %" G_GSIZE_FORMAT " bytes", name, size);
      return CUBLAS_STATUS_INVALID_VALUE;
    }
  return CUBLAS_STATUS_SUCCESS;
}

/* ---- products */

/* Of all that an algorithm is chosen by; where the bias is does not matter. */
static guint
hash_problem (const How *how, const Layout *const layouts[4])
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (text, "%d %d %d %d", how->compute, how->transpose_a, how->transpose_b,
                          how->epilogue);
  for (guint i = 0; i < 4; i++)
    g_string_append_printf (
        text, ", %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT,
        layouts[i]->type, layouts[i]->rows, layouts[i]->columns, layouts[i]->ld);
  return g_str_hash (text->str);
}

cublasStatus_t
cublasLtMatmulAlgoGetHeuristic (cublasLtHandle_t handle, cublasLtMatmulDesc_t desc,
                                cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                cublasLtMatmulPreference_t preference, int most,
                                cublasLtMatmulHeuristicResult_t results[], int *n)
{
  FAKE_LOCKED;
  const Preference *p = (const Preference *) preference;
  const Layout *const layouts[] = { (Layout *) a, (Layout *) b, (Layout *) c, (Layout *) d };
  *n = 0;
  if (call_fails () || !is_handle ((cublasHandle_t) handle) || most < 1
      || g_getenv ("FAKECUDA_WITHOUT_LT"))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  Algorithm algorithm = { hash_problem ((const How *) desc, layouts),
                          (guint32) MIN (p->workspace, WORKSPACE_USED),
                          { 0 } };
  memcpy (algorithm.alignment, p->alignment, sizeof algorithm.alignment);
  memset (&results[0], 0, sizeof results[0]);
  memcpy (&results[0].algo, &algorithm, sizeof algorithm);
  results[0].workspaceSize = algorithm.workspace;
  results[0].state = CUBLAS_STATUS_SUCCESS;
  *n = 1;
  return CUBLAS_STATUS_SUCCESS;
}

static Factor
factor_of (const void *memory, const Layout *layout, cublasOperation_t operation)
{
  return (Factor) { memory, layout->type, (int) layout->ld, 0, 0, 0, operation == CUBLAS_OP_T };
}

/* What the epilogue asks for; FALSE for one that is not emulated. */
static gboolean
read_epilogue (const How *how, Product *p)
{
  gboolean biased = how->epilogue & CUBLASLT_EPILOGUE_BIAS;
  guint rest = (guint) how->epilogue & ~(guint) CUBLASLT_EPILOGUE_BIAS;
  if (biased && !how->bias)
    report ("gemm-arguments", "an epilogue adds a bias that nobody named");
  p->bias = biased ? how->bias : NULL;
  p->activation = rest & CUBLASLT_EPILOGUE_RELU ? ACTIVATE_RELU : ACTIVATE_NONE;
  if (rest & CUBLASLT_EPILOGUE_GELU)
    p->activation = ACTIVATE_GELU;
  return rest == CUBLASLT_EPILOGUE_DEFAULT || rest == CUBLASLT_EPILOGUE_RELU
         || rest == CUBLASLT_EPILOGUE_GELU || rest == 0;
}

static void
check_algorithm (const Algorithm *algorithm, const How *how, const Layout *const layouts[4],
                 const void *const memory[4], const void *workspace, gsize workspace_bytes)
{
  if (algorithm->hash != hash_problem (how, layouts))
    report ("gemm-arguments", "the algorithm was found for another product");
  for (guint i = 0; i < 4; i++)
    if ((gsize) memory[i] % algorithm->alignment[i])
      report ("gemm-arguments", "%c lies at %p; the algorithm wants a multiple of %u", 'A' + i,
              memory[i], algorithm->alignment[i]);
  if (workspace_bytes < algorithm->workspace)
    report ("gemm-arguments", "the algorithm wants a workspace of %u bytes", algorithm->workspace);
  device_range ("cuBLASLt's workspace", workspace, workspace_bytes);
}

cublasStatus_t
cublasLtMatmul (cublasLtHandle_t handle, cublasLtMatmulDesc_t desc, const void *alpha,
                const void *a, cublasLtMatrixLayout_t layout_a, const void *b,
                cublasLtMatrixLayout_t layout_b, const void *beta, const void *c,
                cublasLtMatrixLayout_t layout_c, void *d, cublasLtMatrixLayout_t layout_d,
                const cublasLtMatmulAlgo_t *algo, void *workspace, size_t workspace_bytes,
                cudaStream_t stream)
{
  FAKE_LOCKED;
  const How *how = (const How *) desc;
  const Layout *const layouts[] = { (Layout *) layout_a, (Layout *) layout_b, (Layout *) layout_c,
                                    (Layout *) layout_d };
  const void *const memory[] = { a, b, c, d };
  Algorithm algorithm;
  memcpy (&algorithm, algo, sizeof algorithm);
  if (call_fails ())
    return CUBLAS_STATUS_EXECUTION_FAILED;
  if (!is_handle ((cublasHandle_t) handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  check_algorithm (&algorithm, how, layouts, memory, workspace, workspace_bytes);
  gboolean turned = how->transpose_a == CUBLAS_OP_T;
  guint64 k = turned ? layouts[0]->rows : layouts[0]->columns;
  guint64 m = turned ? layouts[0]->columns : layouts[0]->rows;
  guint64 n = how->transpose_b == CUBLAS_OP_T ? layouts[1]->rows : layouts[1]->columns;
  if (m != layouts[3]->rows || n != layouts[3]->columns || m != layouts[2]->rows
      || n != layouts[2]->columns)
    {
      report ("gemm-arguments", "the layouts of a product do not go together");
      return CUBLAS_STATUS_INVALID_VALUE;
    }
  Product p = { .a = factor_of (a, layouts[0], how->transpose_a),
                .b = factor_of (b, layouts[1], how->transpose_b),
                .c = factor_of (c, layouts[2], CUBLAS_OP_N),
                .d = factor_of (d, layouts[3], CUBLAS_OP_N),
                .k = (int) k,
                .batch = 1 };
  if (!read_epilogue (how, &p))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  return queue_product (stream, &p, (int) m, (int) n, alpha, beta, how->compute);
}
