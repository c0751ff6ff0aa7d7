/* SPDX-License-Identifier: MIT */
/* A backend under test. Tests hold host arrays; each has a twin in device memory. Without
 * TEST_DEVICES (names separated by spaces, see few_model_open) every instruction-set level of
 * the CPU is tested; tests/fakecuda names GPUs. */
#pragma once
#include "golden.h"
#include "backend/backend.h"

typedef struct
{
  FewBackend *backend;
  const FewBackendOps *ops;
  FewStream *streams[2]; /* the whole device, one lane */
  /* of a sum of products whose absolute values sum to 1: what rounding the factors explains */
  double tolerance;
  GRand *random;
  GHashTable *twins;     /* host array → device memory */
} Bench;

/* FALSE, and the test is skipped, when this computer lacks the device. */
gboolean bench_open (Bench *bench, const char *device);
/* What attention may differ by: on the CPU it is f32 at every level, which `exact` allows for; a
 * GPU rounds queries, keys, values and weights. */
double bench_attention_tolerance (const Bench *bench, double exact);
void bench_close (Bench *bench);
/* Device memory with the values of a host array, which is freed by bench_close: both are. */
float *bench_own (Bench *bench, float *host, gsize n);
/* n random values in −1 … 1 */
float *bench_fill (Bench *bench, gsize n);
/* The twin of `host` */
float *on_device (const Bench *bench, const float *host);
/* host [n] = its twin */
void bench_fetch (const Bench *bench, float *host, gsize n);
/* Adds a test a device. */
void bench_add (const char *prefix, const char *const *cpu_devices, GTestDataFunc func);
