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

typedef enum { RESIDUAL_NONE, RESIDUAL_LAST, RESIDUAL_FIRST } Residual;

/* Whole panels: what is the same for every row is settled before the first. `activation` and
 * `residual` are constants, each pair a loop of its own. */
INLINE void
finish_rows (guint rows, const float *sums, const FewEpilogue *e, float *c, gsize ldc,
             FewActivation activation, Residual residual)
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
      Vec left = load (sums) * scale + bias[0];
      Vec right = load (sums + LANES) * scale + bias[1];
      if (residual != RESIDUAL_FIRST)
        {
          left = activate (left, activation);
          right = activate (right, activation);
        }
      if (residual != RESIDUAL_NONE)
        {
          left += beta * load (old);
          right += beta * load (old + LANES);
          old += e->ld_residual;
        }
      if (residual == RESIDUAL_FIRST)
        {
          left = activate (left, activation);
          right = activate (right, activation);
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

/* What the blocks of transformers and ResNets ask for by far the most has loops of its own. */
void
FEW_LEVELLED (finish_tile) (guint rows, const float *sums, const FewEpilogue *e, float *c,
                            gsize ldc, guint columns)
{
  gboolean whole = columns == COLUMNS;
  gboolean alone = whole && !e->residual;
  gboolean behind = whole && e->residual && !e->residual_first;
  gboolean before = whole && e->residual && e->residual_first;
  if (behind && e->activation == FEW_ACTIVATION_NONE)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_NONE, RESIDUAL_LAST);
  else if (alone && e->activation == FEW_ACTIVATION_NONE)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_NONE, RESIDUAL_NONE);
  else if (alone && e->activation == FEW_ACTIVATION_GELU)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_GELU, RESIDUAL_NONE);
  else if (alone && e->activation == FEW_ACTIVATION_QUICK_GELU)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_QUICK_GELU, RESIDUAL_NONE);
  else if (alone && e->activation == FEW_ACTIVATION_RELU)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_RELU, RESIDUAL_NONE);
  else if (before && e->activation == FEW_ACTIVATION_RELU)
    finish_rows (rows, sums, e, c, ldc, FEW_ACTIVATION_RELU, RESIDUAL_FIRST);
  else
    finish_any (rows, sums, e, c, ldc, columns);
}
