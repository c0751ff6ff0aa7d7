/* SPDX-License-Identifier: MIT */
/* Host memory that the system keeps in its place, so that the device copies to and from it by
 * itself. It takes long to get: what is given back is kept for the next one. */
#pragma once
#include "backend/cuda/stream.h"

/* ---- ops. Where the system refuses, it is memory like any other. */
gpointer few_cuda_host_alloc (FewBackend *backend, gsize bytes);
void few_cuda_host_free (FewBackend *backend, gpointer memory);
/* Whether all of it is pinned, by few_cuda_host_alloc. */
gboolean few_cuda_is_pinned (FewCudaDevice *device, const void *memory, size_t bytes);
/* At the end, when no copy runs. */
void few_cuda_pinned_free (FewCudaDevice *device);
