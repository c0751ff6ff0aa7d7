/* SPDX-License-Identifier: MIT */
/* What every run of an op is given, and how it leaves what it made. */
#include "backend/op-run.h"

float *
few_op_draw (FewOpRun *r, gsize n)
{
  float *host = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    host[i] = (float) g_rand_double_range (r->random, -1, 1);
  return host;
}

float *
few_op_values (FewOpRun *r, gsize n)
{
  g_autofree float *host = few_op_draw (r, n);
  float *memory = r->error ? NULL : r->ops->alloc (r->backend, n, &r->error);
  if (!memory)
    return NULL;
  g_ptr_array_add (r->memory, memory);
  r->ops->upload (r->stream, memory, host, n);
  return memory;
}

FewMatrix *
few_op_keep (FewOpRun *r, FewMatrix *matrix)
{
  if (matrix)
    g_ptr_array_add (r->matrices, matrix);
  return matrix;
}

FewMatrix *
few_op_matrix (FewOpRun *r, guint n, guint k)
{
  g_autofree float *host = few_op_draw (r, (gsize) n * k);
  return r->error ? NULL
                  : few_op_keep (
                        r, r->ops->matrix_new (r->backend, n, k, FEW_GRADE_FINE, host, &r->error));
}

void
few_op_leave (FewOpRun *r, const float *memory, gsize n)
{
  gsize before = r->left->len;
  g_array_set_size (r->left, (guint) (before + n));
  r->ops->download (r->stream, &g_array_index (r->left, float, before), memory, n);
}
