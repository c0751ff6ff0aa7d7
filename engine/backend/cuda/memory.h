/* SPDX-License-Identifier: MIT */
/* Device memory, a stream's buffers, and the ops that copy to and from them. */
#pragma once
#include "backend/cuda/stream.h"

/* At least so many bytes, with any contents; NULL on failure. */
void *few_cuda_scratch (FewStream *stream, FewScratchSlot slot, size_t bytes);
/* A copy of host values, of four bytes each, which may be others the next time; NULL on failure,
 * and where the op is not to be done. An op asks before FEW_OP. */
const void *few_cuda_indices (FewStream *stream, const void *host, size_t n);

/* ---- ops */
float *few_cuda_alloc (FewBackend *backend, gsize n, GError **error);
void few_cuda_free (FewBackend *backend, float *memory);
void few_cuda_upload (FewStream *stream, float *to, const float *from_host, gsize n);
void few_cuda_download (FewStream *stream, float *to_host, const float *from, gsize n);
void few_cuda_clear (FewStream *stream, float *memory, gsize n);
gboolean few_cuda_check (FewStream *stream, GError **error);
