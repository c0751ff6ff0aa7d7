/* SPDX-License-Identifier: MIT */
/* What keeps "automatic" from being worse than CLIP when few pictures tell: the stack's weights
 * begin at zero-shot CLIP, made less sure of itself, and what was learned has to earn its own. The
 * prior is worth a number of pictures, in weights of logits that are brought to one standard
 * deviation, since how long a model's features are says nothing about whom to trust. What the prior
 * takes from the sum's certainty one factor gives back, by the out-of-fold log-loss. The numbers
 * were chosen on digits, stamps and simulated sets: tests/bench/caution.py. */
#include "adapt/methods/automatic.h"
#include <math.h>

static const double LEAST = 1e-6;    /* a part that tells no classes apart gets no prior */
static const double ZERO_SHOT = 0.4; /* its weight before any picture tells; the others': 0 */
static const double ZERO_SHOT_PICTURES = 3;
static const double LEARNED_PICTURES = 20;
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

/* With v = w σ/3 for a part's weight, λ (v − p)² is λ (σ/3)² (w − 3 p/σ)². */
void
few_auto_lean_on_zero_shot (const FewAutoStack *stack, double *lambda, double *prior)
{
  for (guint b = 0; b < stack->parts; b++)
    {
      double pictures = b == 0 ? ZERO_SHOT_PICTURES : LEARNED_PICTURES;
      double unit =
          few_auto_spread (stack->logits[b], stack->k, stack->rows, stack->n) / FEW_AUTO_SPREAD;
      gboolean tells = unit > LEAST;
      lambda[b] = tells ? pictures * unit * unit : pictures;
      prior[b] = tells && b == 0 ? ZERO_SHOT / unit : 0;
    }
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
