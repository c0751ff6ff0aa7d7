/* SPDX-License-Identifier: MIT */
/* What cuBLASLt can end a product with, and which of its algorithms does it: asked once for each
 * shape and remembered by the stream, as asking takes longer than a small product. */
#include "backend/cuda/epilogues.h"
#include "backend/cuda/blas-types.h"
#include <cublasLt.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLANS = 64, WIDEST = 256 };

/* What an algorithm is chosen by; without padding, as keys are compared byte by byte. */
typedef struct
{
  guint64 lda, ldb, ldc, ldd;
  guint32 m, n, k, type, adds, epilogue;
  guint32 align_a, align_b, align_c, align_d; /* bytes */
} Key;

typedef struct
{
  Key key;
  gboolean found;
  cublasLtMatmulAlgo_t algorithm;
} Plan;

struct FewPlans
{
  guint n, next; /* the oldest gives way */
  Plan plans[MOST_PLANS];
};

/* A product as cuBLASLt is told of it */
typedef struct
{
  cublasLtMatmulDescOpaque_t how;
  cublasLtMatrixLayoutOpaque_t a, b, c, d;
} Problem;

FewPlans *
few_cuda_plans_new (void)
{
  return calloc (1, sizeof (FewPlans));
}

void
few_cuda_plans_free (FewPlans *plans)
{
  free (plans);
}

/* CUBLASLT_EPILOGUE_GELU is the one by tanh. */
static gboolean
find_epilogue (const FewCudaEpilogue *e, cublasLtEpilogue_t *epilogue)
{
  switch (e->activation)
    {
    case FEW_ACTIVATION_NONE:
      *epilogue = e->bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
      return TRUE;
    case FEW_ACTIVATION_RELU:
      *epilogue = e->bias ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_RELU;
      break;
    case FEW_ACTIVATION_TANH_GELU:
      *epilogue = e->bias ? CUBLASLT_EPILOGUE_GELU_BIAS : CUBLASLT_EPILOGUE_GELU;
      break;
    default:
      return FALSE;
    }
  return !e->residual || e->inside; /* cuBLASLt adds it before */
}

/* Of both: cuBLASLt assumes 256 where nobody says less. */
static guint32
alignment_of (const void *a, const void *b)
{
  guint64 bits = (guint64) (gsize) a | (guint64) (gsize) b | WIDEST;
  return (guint32) (bits & -bits);
}

static Key
make_key (const FewCudaProduct *p, const FewCudaEpilogue *e, cublasLtEpilogue_t epilogue)
{
  const void *added = e->residual ? e->residual : p->c;
  Key key;
  memset (&key, 0, sizeof key);
  key.lda = p->lda;
  key.ldb = p->ldb;
  key.ldc = e->residual ? e->ld_residual : p->ldc;
  key.ldd = p->ldc;
  key.m = p->m;
  key.n = p->n;
  key.k = p->k;
  key.type = p->type;
  key.adds = e->residual ? 1 : 0;
  key.epilogue = (guint32) epilogue;
  key.align_a = alignment_of (p->a, NULL);
  key.align_b = alignment_of (p->b, NULL);
  key.align_c = alignment_of (added, NULL);
  key.align_d = alignment_of (p->c, e->bias);
  return key;
}

/* Row-major y = x·weightᵀ is column-major yᵀ = weight·xᵀ: the weights are cuBLASLt's A. */
static gboolean
describe (Problem *problem, const Key *key, const float *bias)
{
  cudaDataType type = few_cuda_data_type (key->type);
  cublasComputeType_t compute = few_cuda_compute_type (key->type);
  cublasOperation_t transposed = CUBLAS_OP_T;
  cublasLtMatmulDesc_t how = &problem->how;
  return cublasLtMatmulDescInit (how, compute, CUDA_R_32F) == CUBLAS_STATUS_SUCCESS
         && cublasLtMatmulDescSetAttribute (how, CUBLASLT_MATMUL_DESC_TRANSA, &transposed,
                                            sizeof transposed)
                == CUBLAS_STATUS_SUCCESS
         && cublasLtMatmulDescSetAttribute (how, CUBLASLT_MATMUL_DESC_EPILOGUE, &key->epilogue,
                                            sizeof key->epilogue)
                == CUBLAS_STATUS_SUCCESS
         && (!bias
             || cublasLtMatmulDescSetAttribute (how, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias,
                                                sizeof bias)
                    == CUBLAS_STATUS_SUCCESS)
         && cublasLtMatrixLayoutInit (&problem->a, type, key->k, key->n, (gint64) key->ldb)
                == CUBLAS_STATUS_SUCCESS
         && cublasLtMatrixLayoutInit (&problem->b, type, key->k, key->m, (gint64) key->lda)
                == CUBLAS_STATUS_SUCCESS
         && cublasLtMatrixLayoutInit (&problem->c, CUDA_R_32F, key->n, key->m, (gint64) key->ldc)
                == CUBLAS_STATUS_SUCCESS
         && cublasLtMatrixLayoutInit (&problem->d, CUDA_R_32F, key->n, key->m, (gint64) key->ldd)
                == CUBLAS_STATUS_SUCCESS;
}

static gboolean
choose_algorithm (FewStream *stream, Problem *problem, const Key *key,
                  cublasLtMatmulAlgo_t *algorithm)
{
  const struct
  {
    cublasLtMatmulPreferenceAttributes_t name;
    guint32 bytes;
  } alignments[] = { { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, key->align_b },
                     { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, key->align_a },
                     { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, key->align_c },
                     { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, key->align_d } };
  cublasLtMatmulPreferenceOpaque_t preference;
  size_t most = FEW_CUDA_WORKSPACE;
  cublasLtMatmulHeuristicResult_t result;
  int n = 0;
  gboolean ok = cublasLtMatmulPreferenceInit (&preference) == CUBLAS_STATUS_SUCCESS
                && cublasLtMatmulPreferenceSetAttribute (
                       &preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most)
                       == CUBLAS_STATUS_SUCCESS;
  for (guint i = 0; i < sizeof alignments / sizeof alignments[0] && ok; i++)
    ok = cublasLtMatmulPreferenceSetAttribute (&preference, alignments[i].name,
                                               &alignments[i].bytes, sizeof alignments[i].bytes)
         == CUBLAS_STATUS_SUCCESS;
  /* a cuBLAS handle is one of cuBLASLt, too */
  ok = ok
       && cublasLtMatmulAlgoGetHeuristic ((cublasLtHandle_t) stream->blas, &problem->how,
                                          &problem->a, &problem->b, &problem->c, &problem->d,
                                          &preference, 1, &result, &n)
              == CUBLAS_STATUS_SUCCESS
       && n == 1 && result.state == CUBLAS_STATUS_SUCCESS;
  if (ok)
    *algorithm = result.algo;
  return ok;
}

static Plan *
find_plan (FewStream *stream, Problem *problem, const Key *key)
{
  FewPlans *plans = stream->plans;
  for (guint i = 0; i < plans->n; i++)
    if (memcmp (&plans->plans[i].key, key, sizeof *key) == 0)
      return &plans->plans[i];
  Plan *plan = &plans->plans[plans->next];
  plans->next = (plans->next + 1) % MOST_PLANS;
  plans->n = MAX (plans->n, plans->next == 0 ? MOST_PLANS : plans->next);
  plan->key = *key;
  plan->found = choose_algorithm (stream, problem, key, &plan->algorithm);
  return plan;
}

gboolean
few_cuda_product_finished (FewStream *stream, const FewCudaProduct *p, const FewCudaEpilogue *e)
{
  cublasLtEpilogue_t epilogue;
  Problem problem;
  if (!stream->device->epilogues || p->m == 0 || p->n == 0 || !stream->plans
      || (e->residual == p->c && e->ld_residual != p->ldc) || !find_epilogue (e, &epilogue))
    return FALSE;
  Key key = make_key (p, e, epilogue);
  if (!describe (&problem, &key, e->bias))
    return FALSE;
  Plan *plan = find_plan (stream, &problem, &key);
  if (!plan->found)
    return FALSE;
  float beta = e->residual ? 1 : 0;
  cublasStatus_t status = cublasLtMatmul (
      (cublasLtHandle_t) stream->blas, &problem.how, &p->scale, p->b, &problem.a, p->a, &problem.b,
      &beta, e->residual ? e->residual : p->c, &problem.c, p->c, &problem.d, &plan->algorithm,
      stream->workspace, FEW_CUDA_WORKSPACE, stream->stream);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) /* it said otherwise; another way will do */
    {
      plan->found = FALSE;
      return FALSE;
    }
  few_cuda_blas_did (stream, status, "A layer's product");
  return TRUE;
}
