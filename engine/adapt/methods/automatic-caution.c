/* SPDX-License-Identifier: MIT */
/* What keeps "automatic" from being worse than CLIP when few pictures tell: the stack's weights
 * begin at zero-shot CLIP, made less sure of itself, and what was learned has to earn its own. The
 * prior is worth a number of pictures, in weights of logits that are brought to one standard
 * deviation, since how long a model's features are says nothing about whom to trust. What the prior
 * takes from the sum's certainty one factor gives back, by the out-of-fold log-loss. The numbers
 * were chosen as tests/bench/caution.py says.
 *
 * What is learned is judged by pictures that it did not see, and these are missing from their own
 * class alone. A linear classifier that learned from uneven classes leans to the larger ones by
 * the logarithm of their shares, as a prior probability would: with two pictures a class the right
 * answer is held back by log 2, and a part that would be right seems worthless. That is taken
 * off. */
#include "adapt/methods/automatic.h"
#include <math.h>
#include <string.h>

static const double LEAST = 1e-6;    /* a part that tells no classes apart gets no prior */
static const double ZERO_SHOT = 0.4; /* its weight before any picture tells; the others': 0 */
static const double PICTURES = 15; /* what the prior is worth */
static const double TEMPER_PICTURES = 3;
static const double LEAST_FACTOR = 0.05;

double
few_auto_spread (const double *z, guint k, const guint32 *rows, guint n)
{
  double total = 0;
  for (guint i = 0; i < n; i++)
    {
      const double *row = z + (gsize) (rows ? rows[i] : i) * k;
      double mean = 0;
      for (guint c = 0; c < k; c++)
        mean += row[c] / k;
      for (guint c = 0; c < k; c++)
        total += (row[c] - mean) * (row[c] - mean);
    }
  return sqrt (total / ((double) n * k));
}

gboolean
few_auto_is_textless (const FewAutoTask *task)
{
  for (gsize i = 0; i < (gsize) task->k * task->d; i++)
    if (task->t[i] != 0)
      return FALSE;
  return TRUE;
}

/* With v = w σ/3 for a part's weight, λ (v − p)² is λ (σ/3)² (w − 3 p/σ)². */
void
few_auto_lean_on_zero_shot (const FewAutoStack *stack, double *lambda, double *prior)
{
  for (guint b = 0; b < stack->parts; b++)
    {
      double unit =
          few_auto_spread (stack->logits[b], stack->k, stack->rows, stack->n) / FEW_AUTO_SPREAD;
      gboolean tells = unit > LEAST;
      lambda[b] = tells ? PICTURES * unit * unit : PICTURES;
      prior[b] = tells && b == 0 ? ZERO_SHOT / unit : 0;
    }
}

void
few_auto_even_out (const FewAutoTask *task, const FewAutoSubset *subset, guint *inside,
                   double *logits)
{
  guint k = task->k;
  guint *outside = inside + k;
  memset (inside, 0, 2 * (gsize) k * sizeof (guint));
  for (guint i = 0; i < subset->n; i++)
    inside[task->y[subset->rows[i]]]++;
  for (guint i = 0; i < subset->n_others; i++)
    outside[task->y[subset->others[i]]]++;
  for (guint i = 0; i < subset->n_others; i++)
    for (guint c = 0; c < k; c++)
      if (inside[c] > 0)
        logits[(gsize) subset->others[i] * k + c] += log1p ((double) outside[c] / inside[c]);
}

void
few_auto_balance (FewAutoFit *fit, const guint32 *labels, double *lean)
{
  guint k = fit->k;
  memset (lean, 0, k * sizeof *lean);
  for (guint i = 0; i < fit->n; i++)
    lean[labels[i]]++;
  for (guint c = 0; c < k; c++)
    {
      lean[c] = fit->lp * log (MAX (lean[c], 1) * k / fit->n);
      fit->b[c] -= lean[c];
      fit->learned_b[c] -= lean[c];
    }
  for (guint i = 0; i < fit->n; i++)
    for (guint c = 0; c < k; c++)
      fit->out_of_fold[(gsize) i * k + c] -= lean[c];
}

gboolean
few_auto_temper (const FewAutoStack *stack, FewPool *pool, FewDense *const *dense,
                 GCancellable *cancellable, double *factor, GError **error)
{
  const double one = 1;
  gboolean ok =
      few_auto_stack (stack, pool, dense, &TEMPER_PICTURES, &one, cancellable, factor, error);
  *factor = ok ? MAX (*factor, LEAST_FACTOR) : 1;
  return ok;
}
