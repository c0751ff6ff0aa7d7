/* SPDX-License-Identifier: MIT */
/* Attention on the GPU, there and back. */
#pragma once
#include "backend/cuda/stream.h"

void few_cuda_attention (FewStream *stream, guint b, guint t, guint heads, guint head_width,
                         gboolean causal, const float *rotation, float *qkv, gsize ld_qkv,
                         float *out, gsize ld_out);
void few_cuda_pool_attention (FewStream *stream, guint b, guint t, guint w, guint heads,
                              float scale, const float *queries, const float *x, float *out);
void few_cuda_shared_attention (FewStream *stream, guint p, guint b, guint s, guint heads,
                                guint head_width, const float *qkv, gsize ld_qkv, float *out,
                                gsize ld_out);
void few_cuda_shared_attention_backward (FewStream *stream, guint p, guint b, guint s, guint heads,
                                         guint head_width, gboolean causal, const float *qkv,
                                         gsize ld_qkv, const float *d_out, gsize ld_d_out,
                                         float *d_qkv, gsize ld_d_qkv);
