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

/* Whole panels: what is the same for every row is settled before the first. `activation` and
 * `residual` are constants, each pair a loop of its own. */
INLINE void
finish_rows (guint rows, const float *sums, const FewEpilogue *e, float *c, gsize ldc,
             FewActivation activation, gboolean residual)
{
  Vec scale = splat (e->scale);
  Vec beta = splat (e->beta);
  Vec bias[2] = { { 0 }, { 0 } };
  const float *old = e->residual;
  if (e->bias)
    {
      bias[0] = load (e->bias);
      bias[1] = load (e->bias + LANES);
    }
  for (guint i = 0; i < rows; i++, sums += COLUMNS, c += ldc)
    {
      Vec left = activate (load (sums) * scale + bias[0], activation);
      Vec right = activate (load (sums + LANES) * scale + bias[1], activation);
      if (residual)
        {
          left += beta * load (old);
          right += beta * load (old + LANES);
          old += e->ld_residual;
        }
      store (c, left);
      store (c + LANES, right);
    }
}

static void
finish_any (guint rows, const float *sums, const FewEpilogue *e, float *c, gsize ldc, guint columns)
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

/* What a transformer's blocks ask for by far the most has loops of its own. */
void
FEW_LEVELLED (finish_tile) (guint rows, const float *sums, const FewEpilogue *e, float *c,
                            gsize ldc, guint columns)
{
  gboolean whole = columns == COLUMNS && !e->residual_first;
  if (whole && e->residual && e->activation == FEW_ACTIVATION_NONE)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_NONE, TRUE);
  else if (whole && !e->residual && e->activation == FEW_ACTIVATION_NONE)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_NONE, FALSE);
  else if (whole && !e->residual && e->activation == FEW_ACTIVATION_GELU)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_GELU, FALSE);
  else if (whole && !e->residual && e->activation == FEW_ACTIVATION_QUICK_GELU)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_QUICK_GELU, FALSE);
  else
    finish_any (rows, sums, e, c, ldc, columns);
}
