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
  /* largest [i] = largest_blend of the entries from bounds [i] to bounds [i + 1], which are few */
  void (*largest_blends) (guint n, const guint32 *bounds, float a, const float *x, float b,
                          const float *y, float *largest);
  /* sets all bits of marks [i] where a·x + b·y reaches `least`, and leaves the others as they are
   */
  void (*mark_blends) (guint n, float a, const float *x, float b, const float *y, float least,
                       guint32 *marks);
  /* the largest |x|, NaN where one is */
  float (*largest_magnitude) (gsize n, const float *x);
} FewHost;

FewHost few_host (void);
