/* SPDX-License-Identifier: MIT */
/* Devices: the processor and the GPUs, and whether they compute what they should. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct
{
  char *id;                    /* what few_model_open takes: "cpu", "cuda:0" */
  char *name;                  /* "CPU, 2 × AVX-512", "NVIDIA GeForce RTX 4070" */
  char *uuid, *compute;        /* of GPUs: which one it is; compute capability, "8.9" */
  guint64 memory, memory_free; /* bytes, of GPUs */
} FewDevice;

/* The CPU, then GPUs. *problem: why there are no GPUs, a sentence (free with g_free), or NULL.
 * Loads the driver and cuBLAS where there are any, up to a second: not for the UI thread. Free
 * with few_devices_free. */
FEW_API FewDevice **few_devices (char **problem);
FEW_API void few_devices_free (FewDevice **devices);

/* difference: the largest between the device's and the CPU's result, relative to 1 + its size;
 * allowed: what rounding explains */
typedef void (*FewSelftestFunc) (gpointer user, const char *op, double difference, double allowed);
/* Compares every op of a device with the CPU's on small shapes; FALSE when one differs or the
 * device fails. A second or two. */
FEW_API gboolean few_selftest (const char *device, FewSelftestFunc func, gpointer user,
                               GError **error);

G_END_DECLS
