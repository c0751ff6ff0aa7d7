/* SPDX-License-Identifier: MIT */
/* Layers that cuBLASLt computes in one kernel: a product and what follows it. */
#pragma once
#include "backend/cuda/products.h"

/* A stream's memory of what cuBLASLt said; NULL, where memory is short, is one that says no. */
FewPlans *few_cuda_plans_new (void);
void few_cuda_plans_free (FewPlans *plans);
/* The product, which has neither scale nor beta, and its epilogue; y is the product's c. FALSE, and
 * nothing was queued, where cuBLASLt has no kernel for it: it knows a bias, ReLU, the GELU by tanh
 * and a residual before the activation, but neither QuickGELU nor the GELU by erf. */
gboolean few_cuda_product_finished (FewStream *stream, const FewCudaProduct *product,
                                    const FewCudaEpilogue *epilogue);
