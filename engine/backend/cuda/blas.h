/* SPDX-License-Identifier: MIT */
/* A stream's cuBLAS: it holds tens of MB of the card, and most lanes of a folder only decode. */
#pragma once
#include "backend/cuda/stream.h"

/* Made by a stream's first product. FALSE, and the stream has failed, where it cannot be. */
gboolean few_cuda_blas_ready (FewStream *stream);
/* Nothing is on its way on the stream. */
void few_cuda_blas_close (FewStream *stream);
