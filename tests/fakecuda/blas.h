/* SPDX-License-Identifier: MIT */
/* What cuBLAS and cuBLASLt have in common here: a product, checked when it is asked for and
 * computed when somebody waits. */
#pragma once
#include "fake.h"
#include <cublas_v2.h>

typedef struct
{
  const char *memory;
  cudaDataType type;
  int ld;
  long long stride;
  int rows, columns; /* as stored */
  gboolean transposed;
} Factor;

typedef enum { ACTIVATE_NONE, ACTIVATE_RELU, ACTIVATE_GELU } Activate;

/* d [m, n] = activation (alpha · op (a) [m, k] · op (b) [k, n] + beta · c + bias [m]) */
typedef struct
{
  Factor a, b, c, d;
  int k, batch;
  gboolean tf32; /* the factors are cut to its bits */
  float alpha, beta;
  const void *bias;
  Activate activation;
} Product;

gboolean is_handle (cublasHandle_t handle);
/* The product with its extents and factors still to be set. */
cublasStatus_t queue_product (gpointer stream, const Product *product, int m, int n,
                              const void *alpha, const void *beta, cublasComputeType_t compute);
