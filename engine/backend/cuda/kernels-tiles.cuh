/* SPDX-License-Identifier: MIT */
/* Products on tensor cores, 16 × 8 results at a time, of f16 or bf16 with f32 sums.
 *
 * mma m16n8k8 (compute capability 7.5, of bf16 8.0): of the 16 × 8 results c, lane l has rows l / 4
 * (c[0], c[1]) and l / 4 + 8 (c[2], c[3]), columns 2 (l % 4) and one more; of the 16 × 8 of a the
 * same places, two values a register; of the 8 × 8 of b column l / 4, rows 2 (l % 4) and one
 * more. */
#pragma once
#include "kernels-common.cuh"

#define MULTIPLY_TILE(type)                                                                        \
  asm volatile ("mma.sync.aligned.m16n8k8.row.col.f32." type "." type ".f32 {%0, %1, %2, %3}, "    \
                "{%4, %5}, {%6}, {%0, %1, %2, %3};"                                                \
                : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])                                   \
                : "r"(a[0]), "r"(a[1]), "r"(b))

/* c [16, 8] += a [16, 8] · b [8, 8] */
__device__ static inline void
multiply_tile (__half, float c[4], const uint32_t a[2], uint32_t b)
{
#if __CUDA_ARCH__ >= 750
  MULTIPLY_TILE ("f16");
#endif
}

__device__ static inline void
multiply_tile (__nv_bfloat16, float c[4], const uint32_t a[2], uint32_t b)
{
#if __CUDA_ARCH__ >= 800
  MULTIPLY_TILE ("bf16");
#endif
}
