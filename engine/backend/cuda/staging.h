/* SPDX-License-Identifier: MIT */
/* Copies by way of pinned memory, where there is any. */
#pragma once
#include "backend/cuda/stream.h"

/* A copy to the device that is queued: `from_host` may change at once. */
void few_cuda_stage (FewStream *stream, void *to_device, const void *from_host, size_t bytes);
/* A copy to the host, which it waits for; FALSE on failure. */
gboolean few_cuda_land (FewStream *stream, void *to_host, const void *from_device, size_t bytes);
void few_cuda_stages_free (FewStream *stream);
