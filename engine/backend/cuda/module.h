/* SPDX-License-Identifier: MIT */
/* What libfewshot-cuda.so exports: one function that returns one table. The module calls nothing
 * of libfewshot or GLib: it needs libcublas and the C library alone, and reports through the
 * functions that `open` is given.
 *
 * Sentences are written to `message`, FEW_CUDA_MESSAGE bytes, when a function fails. */
#pragma once
#include "backend/backend.h"
#include "backend/cuda/precision.h"

enum { FEW_CUDA_MESSAGE = 256 };
/* Rises with every change to this header or to the op table: a module of another build is
 * refused. */
enum { FEW_CUDA_ABI = 5 };

typedef struct FewCudaDevice FewCudaDevice;

/* memory: the device has too little of it, rather than failed */
typedef void (*FewCudaFail) (GError **error, gboolean memory, const char *message);
/* For who looks for it: nothing is wrong. Any thread. */
typedef void (*FewCudaSay) (const char *message);

typedef struct
{
  char name[256];
  char uuid[40];
  guint major, minor; /* compute capability */
  guint64 memory, memory_free; /* bytes */
} FewCudaInfo;

typedef struct
{
  guint abi;     /* FEW_CUDA_ABI */
  int toolkit;   /* CUDA version that it was built with: 13000 for 13.0 */
  gboolean (*count) (int *devices, char *message);
  gboolean (*describe) (int ordinal, FewCudaInfo *info, char *message);
  /* Streams 0 … n_streams − 1 of one device. precision: what the inputs of `linear` and `attention`
   * are rounded to; TF32 and BF16 want compute capability 8.0. NULL on failure. */
  FewCudaDevice *(*open) (int ordinal, FewCudaPrecision precision, guint n_streams,
                          FewCudaFail fail, FewCudaSay say, char *message);
  FewStream *(*stream) (FewCudaDevice *device, guint index);
  void (*close) (FewCudaDevice *device);
  const FewBackendOps *ops;
} FewCudaModule;

__attribute__ ((visibility ("default"))) const FewCudaModule *few_cuda_module (void);
typedef const FewCudaModule *(*FewCudaModuleFunc) (void);
