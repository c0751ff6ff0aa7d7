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
                    gsize ld, gboolean alone)
{
  guint frees = __atomic_load_n (&stream->device->frees, __ATOMIC_ACQUIRE);
  if (place->memory && !stream->failed)
    stream->twin = (FewTwin) { of, place->memory, m, k, ld, frees, alone };
}

const void *
few_cuda_twin_find (FewStream *stream, const float *of, guint m, guint k, gsize ld)
{
  FewTwin *twin = &stream->twin;
  guint frees = __atomic_load_n (&stream->device->frees, __ATOMIC_ACQUIRE);
  if (twin->of != of || twin->m != m || twin->k != k || twin->ld != ld
      || (twin->frees != frees && !twin->alone))
    return NULL;
  twin->alone = FALSE; /* it has been read */
  return twin->memory;
}
