/* SPDX-License-Identifier: MIT */
/* Linear probe as CoOp's lpclip: multinomial logistic regression on raw features, L2 on the
 * weights and not on the intercepts, L-BFGS; C from {1e6 … 1e-6} by validation accuracy, then
 * eight halvings of log10 C around the best so far. lpclip itself leaves the best after the first
 * seven: it halves the interval from a tenth to ten times of it and takes an end of the last one,
 * whether or not that is better. `search=published` does so, too.
 *
 * CLIP's features are long and have most of their length in common, which L-BFGS would need
 * hundreds of iterations to see past. It works on (x − mean)/s: as the intercepts are free, that
 * is the same problem in other variables, and the answer is given in the old ones. */
#include "adapt/method.h"
#include <lbfgs.h>
#include <math.h>
#include <string.h>

enum { MAX_ITERATIONS = 1000, HALVINGS = 8 };

typedef struct
{
  double c; /* 1/L2 strength */
  FewSearch search;
  gboolean balanced;
} ProbeSettings;

static const FewSetting settings[] = {
  FEW_OWN_NUMBER (ProbeSettings, c, "c", 1e-12, 1e12, NAN),
  FEW_OWN_SEARCH (ProbeSettings, search),
  FEW_OWN_PRIORS (ProbeSettings, balanced),
  FEW_SETTINGS_END,
};

typedef struct
{
  FewMethodRun *run;
  gboolean balanced; /* the classes are as likely beforehand */
  double penalty;  /* of the scaled weights, for the mean loss: 1/(C·n·s²) */
  float *mean;     /* [D] */
  double s;        /* mean length of what is left of the features */
  guint width;     /* D + 1: the last column is the intercept */
  float *x, *w, *gradient, *logits, *loss, *correct; /* x [n_rows, width] with a column of ones */
  float *host;     /* [K, width] */
  guint done;      /* iterations of all fits, for progress */
} Probe;

/* mean cross-entropy + penalty/2 · |W|² and its gradient; L-BFGS runs in double, the products in
 * f32 */
static lbfgsfloatval_t
evaluate_loss (void *user, const lbfgsfloatval_t *point, lbfgsfloatval_t *gradient, const int n,
               const lbfgsfloatval_t step G_GNUC_UNUSED)
{
  Probe *p = user;
  FewMethodRun *r = p->run;
  for (int i = 0; i < n; i++)
    p->host[i] = (float) point[i];
  r->ops->upload (r->stream, p->w, p->host, (gsize) n);
  r->ops->gemm (r->stream, FALSE, TRUE, r->n_rows, r->k, p->width, 1, p->x, p->width, p->w,
                p->width, 0, p->logits, r->k);
  r->ops->softmax_cross_entropy (r->stream, r->n_rows, r->k, r->row_labels, p->logits, p->loss,
                                 p->correct);
  r->ops->gemm (r->stream, TRUE, FALSE, r->k, p->width, r->n_rows, 1, p->logits, r->k, p->x,
                p->width, 0, p->gradient, p->width);
  double value = few_run_sum (r, p->loss, r->n_rows) / r->n_rows;
  r->ops->download (r->stream, p->host, p->gradient, (gsize) n);
  for (int i = 0; i < n; i++)
    {
      gboolean intercept = (guint) i % p->width == p->width - 1;
      value += intercept ? 0 : 0.5 * p->penalty * point[i] * point[i];
      gradient[i] = p->host[i] + (intercept ? 0 : p->penalty * point[i]);
    }
  return value;
}

static int
stop_if_cancelled (void *user, const lbfgsfloatval_t *x G_GNUC_UNUSED,
                   const lbfgsfloatval_t *g G_GNUC_UNUSED, const lbfgsfloatval_t fx G_GNUC_UNUSED,
                   const lbfgsfloatval_t xnorm G_GNUC_UNUSED,
                   const lbfgsfloatval_t gnorm G_GNUC_UNUSED,
                   const lbfgsfloatval_t step G_GNUC_UNUSED, int n G_GNUC_UNUSED,
                   int k G_GNUC_UNUSED, int ls G_GNUC_UNUSED)
{
  Probe *p = user;
  return g_cancellable_is_cancelled (p->run->cancellable);
}

/* Fits at strength c from zero and scores every picture. */
static gboolean
fit_probe (Probe *p, const float *features, double c, GError **error)
{
  FewMethodRun *r = p->run;
  int n = (int) (r->k * p->width);
  lbfgs_parameter_t parameters;
  lbfgs_parameter_init (&parameters);
  parameters.m = 10;
  parameters.max_iterations = MAX_ITERATIONS;
  parameters.epsilon = 1e-6;
  parameters.past = 10;
  parameters.delta = 1e-7;
  parameters.max_linesearch = 40;
  p->penalty = 1 / (c * r->n_rows * p->s * p->s);
  g_auto (FewRoom) room = { 0 };
  float *w = few_room_new (&room, float, r->k, r->d);
  float *bias = few_room_new (&room, float, r->k, 1);
  lbfgsfloatval_t *point = lbfgs_malloc (n);
  lbfgsfloatval_t value;
  if (point)
    memset (point, 0, (gsize) n * sizeof *point);
  /* a line search that finds no more has converged as far as f32 can tell */
  if (!w || !bias || !point
      || lbfgs (n, point, &value, evaluate_loss, stop_if_cancelled, p, &parameters)
             == LBFGSERR_OUTOFMEMORY)
    {
      lbfgs_free (point);
      few_fail (error, MEMORY, "There is not enough memory for a linear probe of %u classes.",
                r->k);
      return FALSE;
    }
  for (guint k = 0; k < r->k; k++)
    {
      double shift = 0;
      for (guint i = 0; i < r->d; i++)
        {
          double weight = point[(gsize) k * p->width + i] / p->s;
          w[(gsize) k * r->d + i] = (float) weight;
          shift += weight * p->mean[i];
        }
      bias[k] = (float) (point[(gsize) k * p->width + r->d] - shift);
    }
  lbfgs_free (point);
  if (p->balanced)
    few_run_balance (r, bias);
  r->ops->upload (r->stream, p->w, w, (gsize) r->k * r->d);
  few_run_score (r, features, p->w, 1, bias);
  g_ptr_array_set_size (r->result->tensors, 0);
  few_run_learned (r, "weight", r->k, r->d, w);
  few_run_learned (r, "bias", 1, r->k, bias);
  return few_run_tick (r, ++p->done, 7 + 2 * HALVINGS + 1, error);
}

static gboolean
measure_at (Probe *p, const float *features, double exponent, double *accuracy, GError **error)
{
  if (!fit_probe (p, features, pow (10, exponent), error))
    return FALSE;
  g_autofree float *rows = few_run_validation_rows (p->run, p->run->result->scores);
  if (few_run_short (p->run, error))
    return FALSE;
  *accuracy = few_run_validation_accuracy (p->run, rows);
  return TRUE;
}

/* The best of 10⁶, 10⁴ … 10⁻⁶, the first of several. */
static gboolean
search_decades (Probe *p, const float *features, double *best, double *best_accuracy,
                GError **error)
{
  double accuracy;
  for (int exponent = 6; exponent >= -6; exponent -= 2)
    {
      if (!measure_at (p, features, exponent, &accuracy, error))
        return FALSE;
      if (accuracy > *best_accuracy)
        {
          *best = exponent;
          *best_accuracy = accuracy;
        }
    }
  return TRUE;
}

/* Steps of half the spacing to either side of the best so far. */
static gboolean
search_strength (Probe *p, const float *features, double *c, GError **error)
{
  double best = 0;
  double best_accuracy = -1;
  if (!search_decades (p, features, &best, &best_accuracy, error))
    return FALSE;
  double step = 1;
  for (guint i = 0; i < HALVINGS; i++, step /= 2)
    {
      double left, right;
      double centre = best;
      if (!measure_at (p, features, centre - step, &left, error)
          || !measure_at (p, features, centre + step, &right, error))
        return FALSE;
      if (left > best_accuracy && left >= right)
        {
          best = centre - step;
          best_accuracy = left;
        }
      else if (right > best_accuracy)
        {
          best = centre + step;
          best_accuracy = right;
        }
    }
  *c = pow (10, best);
  return TRUE;
}

/* lpclip's own: an interval of log10 C around the best of seven, halved towards its better end,
 * the left one of two alike; the end that was better in the last round is taken. */
static gboolean
search_as_published (Probe *p, const float *features, double *c, GError **error)
{
  double best = 0;
  double best_accuracy = -1;
  if (!search_decades (p, features, &best, &best_accuracy, error))
    return FALSE;
  double low = best - 1;
  double high = best + 1;
  double left, right;
  if (!measure_at (p, features, low, &left, error)
      || !measure_at (p, features, high, &right, error))
    return FALSE;
  for (guint i = 0; i < HALVINGS; i++)
    {
      gboolean up = left < right;
      double middle = (low + high) / 2;
      best = up ? high : low;
      *(up ? &low : &high) = middle; /* the other end stays, and what it came to */
      if (i + 1 < HALVINGS && !measure_at (p, features, middle, up ? &left : &right, error))
        return FALSE;
    }
  *c = pow (10, best);
  return TRUE;
}

/* x [n_rows, width]: the rows less their mean, over s, and a one */
static void
centre_rows (Probe *p, float *x)
{
  const FewMethodRun *r = p->run;
  double length = 0;
  for (guint j = 0; j < r->d; j++)
    {
      double sum = 0;
      for (guint i = 0; i < r->n_rows; i++)
        sum += r->rows[(gsize) i * r->d + j];
      p->mean[j] = (float) (sum / r->n_rows);
    }
  for (guint i = 0; i < r->n_rows; i++)
    {
      double square = 0;
      for (guint j = 0; j < r->d; j++)
        {
          float value = r->rows[(gsize) i * r->d + j] - p->mean[j];
          x[(gsize) i * p->width + j] = value;
          square += (double) value * value;
        }
      length += sqrt (square);
      x[(gsize) i * p->width + r->d] = 1;
    }
  p->s = length > 0 ? length / r->n_rows : 1;
  for (guint i = 0; i < r->n_rows; i++)
    for (guint j = 0; j < r->d; j++)
      x[(gsize) i * p->width + j] /= (float) p->s;
}

static gboolean
run_probe (FewMethodRun *r, GError **error)
{
  Probe p = { .run = r, .width = r->d + 1 };
  gsize cells = (gsize) r->k * p.width;
  float *x = few_run_host (r, float, r->n_rows, p.width);
  p.mean = few_run_host (r, float, r->d, 1);
  p.host = few_run_host (r, float, r->k, p.width);
  if (few_run_short (r, error))
    return FALSE;
  centre_rows (&p, x);
  p.x = few_run_upload (r, x, (gsize) r->n_rows * p.width);
  p.w = few_run_alloc (r, cells);
  p.gradient = few_run_alloc (r, cells);
  p.logits = few_run_alloc (r, (gsize) r->n_rows * r->k);
  p.loss = few_run_alloc (r, r->n_rows);
  p.correct = few_run_alloc (r, r->n_rows);
  float *features = few_run_upload (r, r->task->features, (gsize) r->n * r->d);
  if (few_run_short (r, error))
    return FALSE;
  ProbeSettings own;
  few_settings_own (r->options, &own, sizeof own);
  p.balanced = own.balanced;
  double c = own.c;
  gboolean ok = TRUE;
  if (isnan (c) && own.search == FEW_SEARCH_PUBLISHED && r->n_validation > 0)
    ok = search_as_published (&p, features, &c, error);
  else if (isnan (c) && few_run_may_choose (r))
    ok = search_strength (&p, features, &c, error);
  else if (isnan (c))
    c = 1; /* scikit-learn's own */
  ok = ok && fit_probe (&p, features, c, error) && !few_run_short (r, error);
  if (ok) /* the last fit's */
    {
      const FewLearned *weight = r->result->tensors->pdata[0];
      const FewLearned *bias = r->result->tensors->pdata[1];
      few_run_keep_raw (r, weight->values, bias->values);
    }
  r->result->parameters = cells;
  few_run_chose (r, "c", c);
  return ok;
}

const FewMethod few_methods_linear_probe[] = {
  { .info = { .name = "linear-probe",
              .title = "Linear probe",
              .reference = "Radford et al., ICML 2021; search as CoOp's lpclip",
              .chooses = TRUE,
              .usual = TRUE,
              .keeps = TRUE },
    .settings = settings,
    .run = run_probe },
  { .run = NULL },
};
