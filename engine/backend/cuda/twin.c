/* SPDX-License-Identifier: MIT */
/* Twins live in a buffer of their stream, from one op to the next. */
#include "backend/cuda/twin.h"
#include "backend/cuda/memory.h"
#include "backend/cuda/products.h"

FewCudaTwin
few_cuda_twin_place (FewStream *stream, FewScratchSlot slot, guint m, guint k)
{
  gsize ld = few_cuda_row (k);
  FewCudaPrecision type = stream->device->precision;
  if (!few_cuda_is_narrow (type) || m == 0)
    return (FewCudaTwin) { NULL, 0, type };
  return (FewCudaTwin) { few_cuda_scratch (stream, slot, m * ld * 2), ld, type };
}

void
few_cuda_twin_keep (FewStream *stream, const FewCudaTwin *place, const float *of, guint m, guint k,
                    gsize ld)
{
  guint frees = __atomic_load_n (&stream->device->frees, __ATOMIC_ACQUIRE);
  if (place->memory && !stream->failed)
    stream->twin = (FewTwin) { of, place->memory, m, k, ld, frees };
}

const void *
few_cuda_twin_find (const FewStream *stream, const float *of, guint m, guint k, gsize ld)
{
  const FewTwin *twin = &stream->twin;
  if (twin->of != of || twin->m != m || twin->k != k || twin->ld != ld
      || twin->frees != __atomic_load_n (&stream->device->frees, __ATOMIC_ACQUIRE))
    return NULL;
  return twin->memory;
}
