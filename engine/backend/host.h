/* SPDX-License-Identifier: MIT */
/* Arithmetic on the calling thread for who has no backend: the processor's best level. */
#pragma once
#include <glib.h>

typedef struct
{
  /* the largest of a·x + b·y over x, y [n], −∞ when n is 0 */
  float (*largest_blend) (guint n, float a, const float *x, float b, const float *y);
  /* the first index of it, n ≥ 1 */
  guint (*index_of_largest_blend) (guint n, float a, const float *x, float b, const float *y);
} FewHost;

FewHost few_host (void);
