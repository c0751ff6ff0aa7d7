# SPDX-License-Identifier: MIT
"""The bugs that mutants.py plants: a text of a source file, what takes its place, and the device
that finds it."""

EXACT, REDUCED, BRAIN = "cuda:0:f32", "cuda:0", "cuda:0:bf16"

# name, file, text, its place, device
MUTANTS = [
    # ---- kernels
    (
        "no barrier after a write",
        "kernels-common.cuh",
        "  __syncthreads ();\n  float sum = 0;",
        "  float sum = 0;",
        EXACT,
    ),
    (
        "no barrier before a write",
        "kernels-common.cuh",
        "  __syncthreads (); /* all have read the sum before */\n",
        "",
        EXACT,
    ),
    (
        "a butterfly that is cut short",
        "kernels-common.cuh",
        "for (int offset = 16; offset > 0; offset >>= 1)\n    value +=",
        "for (int offset = 8; offset > 0; offset >>= 1)\n    value +=",
        EXACT,
    ),
    (
        "lanes that leave before a shuffle",
        "kernels-rows.cu",
        "      float largest = -INFINITY;\n      float sum = 0;",
        "      if (lane >= seen)\n        return;\n"
        "      float largest = -INFINITY;\n      float sum = 0;",
        EXACT,
    ),
    (
        "one element too many",
        "kernels-common.cuh",
        "threadIdx.x; i < (n);",
        "threadIdx.x; i <= (n);",
        EXACT,
    ),
    (
        "a wrong index",
        "kernels-layout.cu",
        "(picture * height + y) * width + xx",
        "(picture * height + y) * height + xx",
        EXACT,
    ),
    (
        "no check of the bounds",
        "kernels-layout.cu",
        "&& y < height && xx < width",
        "&& xx < width",
        EXACT,
    ),
    ("blocks that race", "kernels-rows.cu", "to.loss[row] = logf", "to.loss[0] += logf", EXACT),
    (
        "a shared place that stays unset",
        "kernels-common.cuh",
        "  if (threadIdx.x % 32 == 0)\n    shared[threadIdx.x / 32] = value;\n  __syncthreads ();\n"
        "  float sum",
        "  if (threadIdx.x % 32 == 0 && threadIdx.x < 224)\n    shared[threadIdx.x / 32] = value;\n"
        "  __syncthreads ();\n  float sum",
        EXACT,
    ),
    (
        "threads that end before a barrier",
        "kernels-rows.cu",
        "      const float *from = x + row * ld_x;\n      float sum = 0;\n      float squares = 0;",
        "      if (threadIdx.x >= w / 2)\n        return;\n      const float *from = x + row * "
        "ld_x;\n      float sum = 0, squares = 0;",
        EXACT,
    ),
    (
        "queries of shared tokens",
        "kernels-layout.cu",
        "sequence, token - h.p, i), value",
        "sequence, token, i), value",
        EXACT,
    ),
    (
        "keys among the values",
        "kernels-layout.cu",
        "else if (i >= w)",
        "else if (i > w)",
        EXACT,
    ),
    (
        "a twin whose rows lie elsewhere",
        "kernels-common.cuh",
        "size_t at = row * twin.ld + i;",
        "size_t at = row * twin.ld + (i ^ 1);",
        REDUCED,
    ),
    (
        "a twin of what is not activated yet",
        "kernels-elements.cu",
        "put_twin (twin, row, i, result)",
        "put_twin (twin, row, i, value)",
        REDUCED,
    ),
    (
        "a twin that is not kept in its place",
        "twin.c",
        "return twin->memory;",
        "return stream->scratch[FEW_SCRATCH_PRODUCT].memory;",
        REDUCED,
    ),
    (
        "2,048 threads a block",
        "kernels-common.cuh",
        "kernel<<<(grid), THREADS, 0",
        "kernel<<<(grid), 2048, 0",
        EXACT,
    ),
    # ---- host code
    (
        "a leading dimension that is too small",
        "products.c",
        "p->b, type, (int) p->ldb, p->a, type,\n                           (int) p->lda, &p->beta",
        "p->b, type, (int) p->ldb - 1, p->a, type,\n                           (int) p->lda, "
        "&p->beta",
        EXACT,
    ),
    (
        "a leading dimension that is too large",
        "products.c",
        ".ldb = weight->ld, .batch",
        ".ldb = weight->ld + 5, .batch",
        EXACT,
    ),
    (
        "a host pointer for the device",
        "products.c",
        "few_cuda_copy_rows (stream->stream, n, k, whole, k,",
        "few_cuda_copy_rows (stream->stream, n, k, weights_host, k,",
        REDUCED,
    ),
    (
        "a result that is read before it is there",
        "staging.c",
        "\n          || !wait_for (stream))\n        return FALSE;\n      memcpy",
        ")\n        return FALSE;\n      memcpy",
        EXACT,
    ),
    (
        "a use after free",
        "products.c",
        "  finish_matrix (device, &matrix, error);\n  return matrix;\n}\n\nFewMatrix *\n"
        "few_cuda_conv_new",
        "  finish_matrix (device, &matrix, error);\n  cudaFree (matrix->values);\n  return "
        "matrix;\n}\n\nFewMatrix *\nfew_cuda_conv_new",
        EXACT,
    ),
    (
        "memory that is not cleared",
        "memory.c",
        "    result = cudaMemset (memory, 0, bytes);",
        "    result = cudaSuccess;",
        EXACT,
    ),
    (
        "a pinned source that is used again",
        "staging.c",
        "  current->used += (bytes",
        "  current->used += 0 * (bytes",
        EXACT,
    ),
    (
        "a wrong transpose",
        "products.c",
        "first = p->transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N",
        "first = p->transpose_b ? CUBLAS_OP_N : CUBLAS_OP_T",
        EXACT,
    ),
    (
        "memory that is freed in flight",
        "memory.c",
        '  if (!few_cuda_did (stream, cudaStreamSynchronize (stream->stream), "Waiting for the '
        'GPU"))\n    return NULL;\n  few_cuda_drop (stream->scratch',
        "  few_cuda_drop (stream->scratch",
        REDUCED,
    ),
    (
        "a copy that does not wait for our stream",
        "staging.c",
        "cudaMemcpyAsync (stream->landing, from + at, piece, cudaMemcpyDeviceToHost, "
        "stream->stream)",
        "cudaMemcpy (stream->landing, from + at, piece, cudaMemcpyDeviceToHost)",
        EXACT,
    ),
    (
        "device memory that the host reads",
        "memory.c",
        "  if (n > 0 && !download (stream,",
        "  if (n > 0 && from[0] < 2 && !download (stream,",
        EXACT,
    ),
    (
        "types that do not go together",
        "products.c",
        "p->b, type, (int) p->ldb, p->a, type,\n                           (int) p->lda",
        "p->b, type, (int) p->ldb, p->a, CUDA_R_32F,\n                           (int) p->lda",
        REDUCED,
    ),
    (
        "a sum with what was never written",
        "products.c",
        "p.beta = adds ? 1 : 0",
        "p.beta = 1",
        REDUCED,
    ),
    # ---- attention in one kernel
    (
        "sums that a larger score does not rescale",
        "kernels-attention.cu",
        "out[c][i] *= keep[i / 2];",
        "out[c][i] *= 1;",
        REDUCED,
    ),
    (
        "queries that see one key too many",
        "kernels-attention.cu",
        "column + 8 * j + i < rows.seen[r]",
        "column + 8 * j + i <= rows.seen[r]",
        REDUCED,
    ),
    (
        "a tile that is read before it is there",
        "kernels-attention.cu",
        "load_values<D> (T (), head, first, values);\n __syncthreads ();",
        "load_values<D> (T (), head, first, values);",
        REDUCED,
    ),
    (
        "a tile that is written while it is read",
        "kernels-attention.cu",
        "__syncthreads (); /* all have read the tile before */",
        "",
        REDUCED,
    ),
    (
        "a sum of half a row",
        "kernels-attention.cu",
        "sum += __shfl_xor_sync (0xffffffffu, sum, 2);",
        "",
        REDUCED,
    ),
    (
        "values of the key beside",
        "kernels-attention.cu",
        "values[at + 2][pair] = pair_of<T> (even.z, odd.z);",
        "values[at + 2][pair] = pair_of<T> (odd.z, even.z);",
        REDUCED,
    ),
    (
        "a half that is twice what it was",
        "kernels-common.cuh",
        "return __half_as_ushort (__float2half_rn (value))",
        "return __half_as_ushort (__float2half_rn (value * 2))",
        REDUCED,
    ),
    (
        "rows of another head",
        "kernels-attention.cu",
        "out[row * ld_out + head.at + column] = value;",
        "out[row * ld_out + column] = value;",
        REDUCED,
    ),
    # ---- bf16
    (
        "a twin of the other type",
        "kernels-common.cuh",
        "if (twin.type == FEW_CUDA_BF16)\n put (",
        "if (twin.type != FEW_CUDA_BF16)\n put (",
        BRAIN,
    ),
    (
        "tiles of bf16 that are multiplied as f16",
        "kernels-tiles.cuh",
        'MULTIPLY_TILE ("bf16");',
        'MULTIPLY_TILE ("f16");',
        BRAIN,
    ),
    (
        "bf16 that cuBLAS is told to be f16",
        "blas-types.c",
        "return CUDA_R_16BF;",
        "return CUDA_R_16F;",
        BRAIN,
    ),
    # ---- cuBLASLt
    (
        "a GELU of another kind",
        "epilogues.c",
        "case FEW_ACTIVATION_TANH_GELU:",
        "case FEW_ACTIVATION_GELU:",
        EXACT,
    ),
    (
        "a residual after the activation that is added before",
        "epilogues.c",
        "return !e->residual || e->inside;",
        "return TRUE;",
        EXACT,
    ),
    (
        "an algorithm of another shape",
        "epilogues.c",
        "memcmp (&plans->plans[i].key, key, sizeof *key)",
        "memcmp (&plans->plans[i].key, key, 8)",
        EXACT,
    ),
    (
        "an alignment that the memory has not",
        "epilogues.c",
        "return (guint32) (bits & -bits);",
        "return bits ? WIDEST : 0;",
        EXACT,
    ),
    (
        "a residual that is not there",
        "epilogues.c",
        "float beta = e->residual ? 1 : 0;",
        "float beta = 1;",
        EXACT,
    ),
    (
        "a bias that nobody names",
        "epilogues.c",
        "&& (!bias || cublasLtMatmulDescSetAttribute",
        "&& (bias || cublasLtMatmulDescSetAttribute",
        EXACT,
    ),
]
