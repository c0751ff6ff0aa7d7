/* SPDX-License-Identifier: MIT */
/* Inside libfewshot-cuda.so: a device, its streams, and what failed on them. */
#pragma once
#include "backend/cuda/kernels.h"
#include "backend/cuda/module.h"
#include <cublas_v2.h>

/* A stream's buffers. Ops follow one another on it, so that each may use what the one before has
 * finished with. */
typedef enum {
  FEW_SCRATCH_INDICES,  /* rows, labels, token ids */
  FEW_SCRATCH_OPERAND,  /* what a product multiplies, in its type */
  FEW_SCRATCH_NEXT,     /* what the next one will, made while that is read */
  FEW_SCRATCH_PRODUCT,  /* before its epilogue; weights on their way to two bytes */
  FEW_SCRATCH_Q,
  FEW_SCRATCH_K,
  FEW_SCRATCH_V,
  FEW_SCRATCH_SCORES,
  FEW_SCRATCH_WEIGHTS,
  FEW_SCRATCH_OUT,
  FEW_SCRATCH_DQ,
  FEW_SCRATCH_DK,
  FEW_SCRATCH_DV,
  FEW_N_SCRATCH
} FewScratchSlot;

/* Pinned host memory that copies to the device are made from. Two take turns: one is filled
 * while the other's copies run. */
typedef struct
{
  char *memory;
  size_t size, used;
  cudaEvent_t event; /* its copies have run */
  gboolean pending;  /* the event was recorded */
} FewStage;

/* The f16 or bf16 copy of what the last op wrote, m rows of k that are `ld` apart, made by its
 * kernel in passing: a buffer holds it, rows few_cuda_row (k) apart, until the next op.
 * A product that follows, as after each norm and activation, need not make it. */
typedef struct
{
  const float *of; /* NULL: there is none */
  const void *memory; /* where it is */
  guint m, k;
  gsize ld;
  guint frees; /* of the device, then: memory that is freed may come back as another's */
  gboolean alone; /* what it is the copy of was not written: somebody is to read it */
} FewTwin;

/* Host memory that few_cuda_host_alloc gave: pinned.c */
typedef struct FewPinned FewPinned;

/* What cuBLASLt said of the layers that it was asked about: epilogues.c */
typedef struct FewPlans FewPlans;

/* Work that came before: repeat.c */
typedef struct FewRepeats FewRepeats;
typedef struct FewRepeat FewRepeat;

enum { FEW_CUDA_WORKSPACE = 8 << 20 }; /* bytes; cuBLAS's advice is 4 MB, 32 on Hopper */

struct FewStream
{
  FewCudaDevice *device;
  cudaStream_t stream;
  cublasHandle_t blas;
  /* cuBLAS's: with one of its own a stream's products do not depend on what other streams do */
  void *workspace;
  FewPlans *plans;
  FewStage stage[2];
  guint staging; /* the one in turn */
  char *landing; /* pinned; copies to the host */
  size_t landing_size;
  gboolean pageable; /* the system pins no more memory: copies go without, and wait */
  cudaEvent_t done; /* a lane's: who waits by it sleeps, and leaves the processor to who decodes */
  struct
  {
    void *memory;
    size_t size;
  } scratch[FEW_N_SCRATCH];
  guint moves; /* how often a buffer got another place */
  FewTwin twin;
  gboolean passes_on; /* what the next op gives is read by the one behind it, and there as a twin */
  FewRepeats *repeats; /* as far as this stream did it */
  FewRepeat *repeating; /* the one that is being noted, compared or captured; or NULL */
  /* the first failure since `check` */
  gboolean failed, memory_short;
  char message[FEW_CUDA_MESSAGE];
};

struct FewCudaDevice
{
  int ordinal;
  FewCudaPrecision precision; /* of products that infer; those that train are f32 */
  gboolean fused_attention; /* one kernel, of heads that fit */
  gboolean epilogues; /* products and what follows them in one kernel, where cuBLASLt can */
  gboolean graphs;
  FewCudaFail fail;
  FewCudaSay say;
  guint n_streams;
  FewStream *streams;
  FewPinned *pinned;
  guint frees; /* atomic */
};

/* Held by who captures, and by who waits for a whole GPU, which would end the capture of any
 * stream there. */
void few_cuda_hold (void);
void few_cuda_release (void);
/* Frees device memory that nothing queued uses; it may be NULL. */
void few_cuda_drop (void *memory);
/* Frees what something queued may use: waits for the whole GPU first. */
void few_cuda_drop_when_idle (void *memory);
/* Every op begins with it: FALSE when the stream has failed. Makes the device the calling
 * thread's, and forgets the twin and what `passes_on` said. */
gboolean few_cuda_ready (FewStream *stream);
/* FALSE, and remembered, when the call failed. `what` names it in the sentence. */
gboolean few_cuda_did (FewStream *stream, cudaError_t result, const char *what);
gboolean few_cuda_blas_did (FewStream *stream, cublasStatus_t result, const char *what);
/* The same before there is a stream: the sentence goes to message [FEW_CUDA_MESSAGE]. */
gboolean few_cuda_succeeded (cudaError_t result, const char *what, char *message);
