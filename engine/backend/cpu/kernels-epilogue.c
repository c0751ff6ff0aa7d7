/* SPDX-License-Identifier: MIT */
/* What follows a product: scale, bias, activation, residual (FewEpilogue), for one tile of sums. */
#include "backend/cpu/kernels-levelled.h"
#include "backend/cpu/vector.h"

INLINE Vec
finish (Vec sum, const FewEpilogue *e, guint row, guint column)
{
  sum *= e->scale;
  if (e->bias)
    sum += load (e->bias + column);
  if (e->residual_first)
    {
      sum += e->beta * load (e->residual + row * e->ld_residual + column);
      return activate (sum, e->activation);
    }
  sum = activate (sum, e->activation);
  if (e->residual)
    sum += e->beta * load (e->residual + row * e->ld_residual + column);
  return sum;
}

/* The last panel of a width that is no multiple: the same arithmetic on a padded copy of what the
 * epilogue reads. */
static void
finish_narrow (guint row, const float *sums, const FewEpilogue *e, float *c, guint columns)
{
  float bias[COLUMNS] = { 0 };
  float residual[COLUMNS] = { 0 };
  float done[COLUMNS];
  FewEpilogue padded = *e;
  if (e->bias)
    padded.bias = memcpy (bias, e->bias, columns * sizeof (float));
  if (e->residual)
    padded.residual =
        memcpy (residual, e->residual + row * e->ld_residual, columns * sizeof (float));
  store (done, finish (load (sums), &padded, 0, 0));
  store (done + LANES, finish (load (sums + LANES), &padded, 0, LANES));
  memcpy (c, done, columns * sizeof (float));
}

void
FEW_LEVELLED (finish_tile) (guint rows, const float *sums, const FewEpilogue *e, float *c,
                            gsize ldc, guint columns)
{
  for (guint i = 0; i < rows; i++, sums += COLUMNS, c += ldc)
    if (columns == COLUMNS)
      {
        store (c, finish (load (sums), e, i, 0));
        store (c + LANES, finish (load (sums + LANES), e, i, LANES));
      }
    else
      {
        finish_narrow (i, sums, e, c, columns);
      }
}
