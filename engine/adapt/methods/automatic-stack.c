/* SPDX-License-Identifier: MIT */
/* Stacking (Wolpert 1992, Breiman 1996): weights ≥ 0 of classifiers, by the cross-entropy of their
 * weighted logits on pictures that none of them learned from, held near a prior. Convex: projected
 * Newton steps with halved widths. Pictures are gone through in pieces of a fixed size, whose sums
 * are added in their order: the same numbers on any number of threads. */
#include "adapt/methods/automatic.h"
#include <math.h>
#include <string.h>

enum { PIECE = 64, MOST_STEPS = 100, PARTS = FEW_AUTO_PARTS };
static const double SMALLEST_GRADIENT = 1e-9;
static const double SMALLEST_STEP = 1e-9;
static const double SMALLEST_WEIGHT = 1e-12;
static const double SUFFICIENT = 1e-4; /* Armijo's condition */

typedef struct
{
  double loss, gradient[PARTS], square[PARTS][PARTS];
} Sums;

typedef struct
{
  const FewAutoStack *stack;
  FewPool *pool;
  FewDense *const *dense;
  double weights[PARTS];
  double *rows; /* [threads, K] */
  Sums *pieces;
  guint n_pieces;
} Pass;

static void
add_picture (Pass *pass, guint picture, guint thread, Sums *sums)
{
  const FewAutoStack *stack = pass->stack;
  guint k = stack->k;
  guint parts = stack->parts;
  guint label = stack->labels[picture];
  double *row = pass->rows + (gsize) thread * k;
  const double *z[PARTS];
  double mean[PARTS] = { 0 };
  memset (row, 0, k * sizeof (double));
  for (guint b = 0; b < parts; b++)
    {
      z[b] = stack->logits[b] + (gsize) picture * k;
      for (guint c = 0; c < k; c++)
        row[c] += pass->weights[b] * z[b][c];
    }
  double own = row[label];
  sums->loss += few_dense_softmax (pass->dense[thread], k, row) - own;
  for (guint b = 0; b < parts; b++)
    {
      for (guint c = 0; c < k; c++)
        mean[b] += z[b][c] * row[c];
      sums->gradient[b] += mean[b] - z[b][label];
    }
  for (guint b = 0; b < parts; b++)
    for (guint other = 0; other <= b; other++)
      {
        double sum = 0;
        for (guint c = 0; c < k; c++)
          sum += z[b][c] * z[other][c] * row[c];
        sums->square[b][other] += sum - mean[b] * mean[other];
      }
}

static void
add_piece (gpointer user, guint index, guint thread)
{
  Pass *pass = user;
  guint end = MIN ((index + 1) * PIECE, pass->stack->n);
  pass->pieces[index] = (Sums) { 0 };
  for (guint i = index * PIECE; i < end; i++)
    add_picture (pass, pass->stack->rows[i], thread, &pass->pieces[index]);
}

/* The objective at `weights`, its gradient and second derivatives. */
static Sums
evaluate (Pass *pass, const double *weights, const double *lambda, const double *prior)
{
  guint n = pass->stack->n;
  guint parts = pass->stack->parts;
  Sums total = { 0 };
  memcpy (pass->weights, weights, parts * sizeof (double));
  few_pool_run (pass->pool, pass->n_pieces, add_piece, pass);
  for (guint i = 0; i < pass->n_pieces; i++)
    {
      total.loss += pass->pieces[i].loss;
      for (guint b = 0; b < parts; b++)
        {
          total.gradient[b] += pass->pieces[i].gradient[b];
          for (guint other = 0; other <= b; other++)
            total.square[b][other] += pass->pieces[i].square[b][other];
        }
    }
  total.loss /= n;
  for (guint b = 0; b < parts; b++)
    {
      double off = weights[b] - prior[b];
      total.loss += lambda[b] / n * off * off;
      total.gradient[b] = total.gradient[b] / n + 2 * lambda[b] / n * off;
      for (guint other = 0; other <= b; other++)
        total.square[b][other] /= n;
      total.square[b][b] += 2 * lambda[b] / n;
      for (guint other = 0; other < b; other++)
        total.square[other][b] = total.square[b][other];
    }
  return total;
}

/* x of a x = −g over the free ones, 0 for the others: Gauss's elimination of a positive definite
 * matrix */
static void
newton_step (const Sums *sums, const gboolean *is_free, guint parts, double *step)
{
  double a[PARTS][PARTS];
  for (guint i = 0; i < parts; i++)
    {
      step[i] = is_free[i] ? -sums->gradient[i] : 0;
      for (guint j = 0; j < parts; j++)
        a[i][j] = is_free[i] && is_free[j] ? sums->square[i][j] : i == j;
    }
  for (guint i = 0; i < parts; i++)
    for (guint j = i + 1; j < parts; j++)
      {
        double factor = a[j][i] / a[i][i];
        for (guint l = i; l < parts; l++)
          a[j][l] -= factor * a[i][l];
        step[j] -= factor * step[i];
      }
  for (guint i = parts; i-- > 0;)
    {
      for (guint j = i + 1; j < parts; j++)
        step[i] -= a[i][j] * step[j];
      step[i] /= a[i][i];
    }
}

/* Halves the step until the objective falls by enough. FALSE: nothing more is to be had. */
static gboolean
take_step (Pass *pass, const double *step, const double *lambda, const double *prior,
           double *weights, Sums *sums)
{
  guint parts = pass->stack->parts;
  for (double width = 1; width > SMALLEST_STEP; width /= 2)
    {
      double next[PARTS];
      double expected = 0;
      for (guint b = 0; b < parts; b++)
        {
          next[b] = MAX (weights[b] + width * step[b], 0);
          expected += sums->gradient[b] * (next[b] - weights[b]);
        }
      Sums there = evaluate (pass, next, lambda, prior);
      if (there.loss <= sums->loss + SUFFICIENT * expected)
        {
          memcpy (weights, next, parts * sizeof (double));
          *sums = there;
          return TRUE;
        }
    }
  return FALSE;
}

/* Those that are not held at zero by their gradient; FALSE when none of these can gain anything. */
static gboolean
choose_free (const Sums *sums, const double *weights, guint parts, gboolean *is_free)
{
  double largest = 0;
  for (guint b = 0; b < parts; b++)
    {
      is_free[b] = weights[b] > SMALLEST_WEIGHT || sums->gradient[b] <= 0;
      if (is_free[b])
        largest = MAX (largest, fabs (sums->gradient[b]));
    }
  return largest >= SMALLEST_GRADIENT;
}

gboolean
few_auto_stack (const FewAutoStack *stack, FewPool *pool, FewDense *const *dense,
                const double *lambda, const double *prior, GCancellable *cancellable,
                double *weights, GError **error)
{
  Pass pass = {
    .stack = stack, .pool = pool, .dense = dense, .n_pieces = (stack->n + PIECE - 1) / PIECE
  };
  g_auto (FewRoom) room = { 0 };
  pass.rows = few_room_new (&room, double, few_pool_threads (pool), stack->k);
  pass.pieces = few_room_new (&room, Sums, pass.n_pieces, 1);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return FALSE;
  memcpy (weights, prior, stack->parts * sizeof (double));
  Sums sums = evaluate (&pass, weights, lambda, prior);
  gboolean cancelled = FALSE;
  for (guint i = 0; i < MOST_STEPS && !cancelled; i++)
    {
      gboolean is_free[PARTS];
      double step[PARTS] = { 0 };
      if (!choose_free (&sums, weights, stack->parts, is_free))
        break;
      newton_step (&sums, is_free, stack->parts, step);
      if (!take_step (&pass, step, lambda, prior, weights, &sums))
        break;
      cancelled = g_cancellable_set_error_if_cancelled (cancellable, error);
    }
  return !cancelled;
}
