/* SPDX-License-Identifier: MIT */
/* Gaussian discriminant analysis whose class means lean on the texts and whose covariance is
 * shrunk by OAS (Chen, Wiesel, Eldar and Hero, IEEE TSP 2010), in closed form. c_k pictures of
 * class k with mean μ_k; over the k' classes that have any: x̄ = mean μ_k, t̄ = mean t_k;
 *
 *   ρ   = max (0, Σ (μ_k−x̄)·(t_k−t̄) / Σ |t_k−t̄|²),  p_k = x̄ + ρ (t_k−t̄): where the text says
 *         that the mean lies
 *   S   = Σ_i (x_i−μ_y)(x_i−μ_y)ᵀ,  ν = n − k',  v = tr S/(Dν)
 *   π   = κ D v/B,  B = max (mean_k (|μ_k−p_k|² − D v/c_k), 10⁻³ D v): how many pictures the text
 *         is worth
 *   m_k = (c_k μ_k + π p_k)/(c_k + π) − x̄;  p_k − x̄ without a picture
 *   f   = |S/ν|²,  r = ((1−2/D) f + (Dv)²)/((ν+1−2/D)(f − D v²)) in [10⁻⁴, 1−10⁻⁴]
 *   P   = ν/(1−r) (S + τI)⁻¹,  τ = r v ν/(1−r);   w_k = P m_k,  b_k = −½ m_k·w_k − w_k·x̄
 *
 * With fewer pictures than dimensions the inverse is taken of C Cᵀ + τI, C the centred rows
 * (Woodbury). One picture a class, or no spread: m_k = ½ (μ_k + p_k) − x̄ and w_k = m_k K/Σ|m|². */
#include "adapt/methods/automatic.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

static const double KAPPA = 0.5;             /* how much class means lean on the texts */
static const double LEAST_SPREAD = 1e-9;     /* a picture, below which there is none */
static const double LEAST_BETWEEN = 1e-3;
static const double LEAST_SHRINKAGE = 1e-4;
static const double LEAST_NORM = 1e-12;

typedef struct
{
  FewDense *dense;
  const FewAutoTask *task;
  const FewAutoSubset *subset;
  guint *count;      /* [K] */
  guint classes;     /* with pictures */
  double *means;     /* [K, D]: μ, then m */
  double *prior;     /* [K, D] p */
  double *centred;   /* [n, D]; NULL when the scatter is D × D */
  double *matrix;    /* [size, size]: S or C Cᵀ, then the factor of it + τI */
  double *inverses;
  guint size;
  double shift, factor; /* τ, ν/(1−r) */
  FewRoom room;         /* of all these */
} Fit;

static double
dot (const double *x, const double *y, guint n)
{
  double sum = 0;
  for (guint i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}

static void
sum_classes (const FewAutoTask *task, const guint32 *rows, guint n, guint *count, double *means)
{
  guint d = task->d;
  for (guint i = 0; i < n; i++)
    {
      guint row = rows ? rows[i] : i;
      double *mean = means + (gsize) task->y[row] * d;
      count[task->y[row]]++;
      for (guint j = 0; j < d; j++)
        mean[j] += task->x[(gsize) row * d + j];
    }
  for (guint c = 0; c < task->k; c++)
    for (guint j = 0; count[c] && j < d; j++)
      means[(gsize) c * d + j] /= count[c];
}

gboolean
few_auto_scatter_init (FewAutoScatter *scatter, const FewAutoTask *task, FewPool *pool,
                       FewDense *const *dense, GError **error)
{
  gsize d = task->d;
  *scatter = (FewAutoScatter) { 0 };
  if (task->n < task->d)
    return TRUE;
  guint *count = few_room_new (&scatter->room, guint, task->k, 1);
  scatter->means = few_room_new (&scatter->room, double, task->k, d);
  scatter->centred = few_room_new (&scatter->room, double, task->n, d);
  scatter->scatter = few_room_new (&scatter->room, double, d, d);
  if (few_room_is_short (&scatter->room, FEW_AUTO_WHAT, error))
    return FALSE;
  sum_classes (task, NULL, task->n, count, scatter->means);
  for (guint i = 0; i < task->n; i++)
    for (guint j = 0; j < d; j++)
      scatter->centred[i * d + j] = task->x[i * d + j] - scatter->means[task->y[i] * d + j];
  FewDenseProduct product = { .m = task->d,
                              .n = task->d,
                              .k = task->n,
                              .scale = 1,
                              .a = scatter->centred,
                              .lda = d,
                              .transpose_a = TRUE,
                              .b = scatter->centred,
                              .ldb = d,
                              .c = scatter->scatter,
                              .ldc = d,
                              .lower = TRUE };
  few_dense_product_shared (pool, dense, &product);
  return TRUE;
}

void
few_auto_scatter_clear (FewAutoScatter *scatter)
{
  few_room_clear (&scatter->room);
}

/* x̄, and p of every class; text_centre [D] zeroes at first */
static void
place_prior (Fit *fit, double *centre, double *text_centre)
{
  const FewAutoTask *task = fit->task;
  guint d = task->d;
  double along = 0;
  double square = 0;
  for (guint c = 0; c < task->k; c++)
    for (guint j = 0; fit->count[c] && j < d; j++)
      {
        centre[j] += fit->means[(gsize) c * d + j] / fit->classes;
        text_centre[j] += task->t[(gsize) c * d + j] / fit->classes;
      }
  for (guint c = 0; c < task->k; c++)
    for (guint j = 0; fit->count[c] && j < d; j++)
      {
        double text = task->t[(gsize) c * d + j] - text_centre[j];
        along += (fit->means[(gsize) c * d + j] - centre[j]) * text;
        square += text * text;
      }
  double rho = square > LEAST_NORM ? MAX (0, along / square) : 0;
  for (guint c = 0; c < task->k; c++)
    for (guint j = 0; j < d; j++)
      fit->prior[(gsize) c * d + j] =
          centre[j] + rho * (task->t[(gsize) c * d + j] - text_centre[j]);
}

/* C Cᵀ of the rows themselves */
static gboolean
scatter_rows (Fit *fit, GError **error)
{
  const FewAutoTask *task = fit->task;
  guint d = task->d;
  guint n = fit->subset->n;
  fit->centred = few_room_new (&fit->room, double, n, d);
  if (few_room_is_short (&fit->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      guint row = fit->subset->rows[i];
      for (guint j = 0; j < d; j++)
        fit->centred[(gsize) i * d + j] =
            task->x[(gsize) row * d + j] - fit->means[(gsize) task->y[row] * d + j];
    }
  FewDenseProduct product = { .m = n,
                              .n = n,
                              .k = d,
                              .scale = 1,
                              .a = fit->centred,
                              .lda = d,
                              .b = fit->centred,
                              .ldb = d,
                              .transpose_b = TRUE,
                              .c = fit->matrix,
                              .ldc = n,
                              .lower = TRUE };
  few_dense_product (fit->dense, &product);
  return TRUE;
}

/* S of all rows less what the others add to it: their own squares, and for each class that they
 * took from, c_k of which stay, c_k times that of the way by which its mean moved. */
static gboolean
scatter_without (Fit *fit, const FewAutoScatter *all, GError **error)
{
  const FewAutoTask *task = fit->task;
  const FewAutoSubset *subset = fit->subset;
  guint d = task->d;
  g_auto (FewRoom) room = { 0 };
  double *less = few_room_new (&room, double, (gsize) subset->n_others + task->k, d);
  guint8 *touched = few_room_new (&room, guint8, task->k, 1);
  guint n = 0;
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return FALSE;
  memcpy (fit->matrix, all->scatter, (gsize) d * d * sizeof (double));
  for (guint i = 0; i < subset->n_others; i++)
    {
      guint row = subset->others[i];
      touched[task->y[row]] = TRUE;
      memcpy (less + (gsize) n++ * d, all->centred + (gsize) row * d, d * sizeof (double));
    }
  for (guint c = 0; c < task->k; c++)
    if (touched[c] && fit->count[c])
      {
        for (guint j = 0; j < d; j++)
          less[(gsize) n * d + j] =
              sqrt (fit->count[c])
              * (fit->means[(gsize) c * d + j] - all->means[(gsize) c * d + j]);
        n++;
      }
  FewDenseProduct product = { .m = d,
                              .n = d,
                              .k = n,
                              .scale = -1,
                              .beta = 1,
                              .a = less,
                              .lda = d,
                              .transpose_a = TRUE,
                              .b = less,
                              .ldb = d,
                              .c = fit->matrix,
                              .ldc = d,
                              .lower = TRUE };
  few_dense_product (fit->dense, &product);
  return TRUE;
}

/* τ and ν/(1−r) */
static void
shrink (Fit *fit, double v, double dof)
{
  double d = fit->task->d;
  double f = 0;
  for (guint i = 0; i < fit->size; i++)
    {
      const double *row = fit->matrix + (gsize) i * fit->size;
      f += 2 * dot (row, row, i) + row[i] * row[i];
    }
  f /= dof * dof;
  double spread = f - d * v * v;
  double r = 1;
  if (spread > 0)
    r = ((1 - 2 / d) * f + d * v * d * v) / ((dof + 1 - 2 / d) * spread);
  r = CLAMP (r, LEAST_SHRINKAGE, 1 - LEAST_SHRINKAGE);
  fit->shift = r * v * dof / (1 - r);
  fit->factor = dof / (1 - r);
}

/* m of every class, `within` = D v the spread of a picture around its mean */
static void
lean_means (Fit *fit, double within, const double *centre)
{
  const FewAutoTask *task = fit->task;
  guint d = task->d;
  double between = 0;
  for (guint c = 0; c < task->k; c++)
    if (fit->count[c])
      {
        double square = 0;
        for (guint j = 0; j < d; j++)
          {
            double off = fit->means[(gsize) c * d + j] - fit->prior[(gsize) c * d + j];
            square += off * off;
          }
        between += (square - within / fit->count[c]) / fit->classes;
      }
  double pull = KAPPA * within / MAX (between, LEAST_BETWEEN * within);
  for (guint c = 0; c < task->k; c++)
    for (guint j = 0; j < d; j++)
      {
        double *mean = fit->means + (gsize) c * d + j;
        double prior = fit->prior[(gsize) c * d + j];
        double count = fit->count[c];
        *mean = (count > 0 ? (count * *mean + pull * prior) / (count + pull) : prior) - centre[j];
      }
}

/* Rows x [m, D] → x P, in place */
static gboolean
apply_precision (const Fit *fit, double *x, guint m, GError **error)
{
  guint d = fit->task->d;
  guint n = fit->size;
  if (!fit->centred)
    {
      few_dense_solve (fit->dense, fit->matrix, fit->inverses, d, x, m);
      for (gsize i = 0; i < (gsize) m * d; i++)
        x[i] *= fit->factor;
      return TRUE;
    }
  g_auto (FewRoom) room = { 0 };
  double *along = few_room_new (&room, double, m, n); /* x Cᵀ */
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return FALSE;
  FewDenseProduct project = { .m = m,
                              .n = n,
                              .k = d,
                              .scale = 1,
                              .a = x,
                              .lda = d,
                              .b = fit->centred,
                              .ldb = d,
                              .transpose_b = TRUE,
                              .c = along,
                              .ldc = n };
  few_dense_product (fit->dense, &project);
  few_dense_solve (fit->dense, fit->matrix, fit->inverses, n, along, m);
  FewDenseProduct back = { .m = m,
                           .n = d,
                           .k = n,
                           .scale = -fit->factor / fit->shift,
                           .beta = fit->factor / fit->shift,
                           .a = along,
                           .lda = n,
                           .b = fit->centred,
                           .ldb = d,
                           .c = x,
                           .ldc = d };
  few_dense_product (fit->dense, &back);
  return TRUE;
}

static gboolean
measure_others (const Fit *fit, const FewAutoGda *gda, double *distances, GError **error)
{
  const FewAutoSubset *subset = fit->subset;
  guint d = fit->task->d;
  g_auto (FewRoom) room = { 0 };
  double *centred = few_room_new (&room, double, subset->n_others, d);
  double *turned = few_room_new (&room, double, subset->n_others, d);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < subset->n_others; i++)
    for (guint j = 0; j < d; j++)
      centred[(gsize) i * d + j] = fit->task->x[(gsize) subset->others[i] * d + j] - gda->centre[j];
  memcpy (turned, centred, (gsize) subset->n_others * d * sizeof (double));
  if (fit->matrix && !apply_precision (fit, turned, subset->n_others, error))
    return FALSE;
  for (guint i = 0; i < subset->n_others; i++)
    distances[i] = dot (centred + (gsize) i * d, turned + (gsize) i * d, d)
                   * (fit->matrix ? 1 : gda->isotropic);
  return TRUE;
}

static gboolean
make_precision (const Fit *fit, FewAutoGda *gda, GError **error)
{
  guint d = fit->task->d;
  gda->precision = few_room_new (&gda->room, double, d, d);
  if (few_room_is_short (&gda->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < d; i++)
    gda->precision[(gsize) i * d + i] = 1;
  return apply_precision (fit, gda->precision, d, error);
}

/* No covariance to be had: the means alone. */
static void
fit_means (Fit *fit, FewAutoGda *gda)
{
  const FewAutoTask *task = fit->task;
  guint d = task->d;
  double square = 0;
  for (guint c = 0; c < task->k; c++)
    for (guint j = 0; j < d; j++)
      {
        double *mean = fit->means + (gsize) c * d + j;
        double prior = fit->prior[(gsize) c * d + j];
        *mean = (fit->count[c] ? 0.5 * (*mean + prior) : prior) - gda->centre[j];
        square += *mean * *mean;
      }
  gda->isotropic = 1 / MAX (square / task->k, LEAST_NORM);
  for (gsize i = 0; i < (gsize) task->k * d; i++)
    gda->w[i] = fit->means[i] * gda->isotropic;
}

/* W from the scatter's matrix; FALSE when it has no factor. */
static gboolean
fit_covariance (Fit *fit, FewAutoGda *gda, double trace, double dof, GError **error)
{
  gsize cells = (gsize) fit->task->k * fit->task->d;
  double v = trace / fit->task->d / dof;
  lean_means (fit, fit->task->d * v, gda->centre);
  shrink (fit, v, dof);
  for (guint i = 0; i < fit->size; i++)
    fit->matrix[(gsize) i * fit->size + i] += fit->shift;
  fit->inverses = few_room_new (&fit->room, double, few_dense_inverses (fit->size), 1);
  if (few_room_is_short (&fit->room, FEW_AUTO_WHAT, error))
    return FALSE;
  if (!few_dense_factor (fit->dense, fit->matrix, fit->size, fit->inverses))
    {
      few_fail (error, INPUT, "The pictures' features have no covariance that can be inverted.");
      return FALSE;
    }
  memcpy (gda->w, fit->means, cells * sizeof (double));
  return apply_precision (fit, gda->w, fit->task->k, error);
}

static gboolean
fit_classes (Fit *fit, FewAutoGda *gda, const FewAutoScatter *all, gboolean with_precision,
             GError **error)
{
  const FewAutoTask *task = fit->task;
  guint n = fit->subset->n;
  double trace = 0;
  double *text_centre = few_room_new (&fit->room, double, task->d, 1);
  fit->size = MIN (n, task->d);
  fit->matrix = few_room_new (&fit->room, double, fit->size, fit->size);
  if (few_room_is_short (&fit->room, FEW_AUTO_WHAT, error))
    return FALSE;
  sum_classes (task, fit->subset->rows, n, fit->count, fit->means);
  for (guint c = 0; c < task->k; c++)
    fit->classes += fit->count[c] > 0;
  place_prior (fit, gda->centre, text_centre);
  if (n < task->d ? !scatter_rows (fit, error) : !scatter_without (fit, all, error))
    return FALSE;
  for (guint i = 0; i < fit->size; i++)
    trace += fit->matrix[(gsize) i * fit->size + i];
  if (n > fit->classes && trace > LEAST_SPREAD * n)
    {
      if (!fit_covariance (fit, gda, trace, n - fit->classes, error)
          || (with_precision && !make_precision (fit, gda, error)))
        return FALSE;
    }
  else
    {
      fit_means (fit, gda);
      fit->matrix = NULL; /* there is none to apply */
    }
  for (guint c = 0; c < task->k; c++)
    {
      const double *w = gda->w + (gsize) c * task->d;
      gda->b[c] =
          -0.5 * dot (w, fit->means + (gsize) c * task->d, task->d) - dot (w, gda->centre, task->d);
    }
  return TRUE;
}

gboolean
few_auto_gda_fit (FewAutoGda *gda, FewDense *dense, const FewAutoTask *task,
                  const FewAutoScatter *scatter, const FewAutoSubset *subset,
                  gboolean with_precision, double *distances, GError **error)
{
  Fit fit = { .dense = dense, .task = task, .subset = subset };
  fit.count = few_room_new (&fit.room, guint, task->k, 1);
  fit.means = few_room_new (&fit.room, double, task->k, task->d);
  fit.prior = few_room_new (&fit.room, double, task->k, task->d);
  *gda = (FewAutoGda) { 0 };
  gda->w = few_room_new (&gda->room, double, task->k, task->d);
  gda->b = few_room_new (&gda->room, double, task->k, 1);
  gda->centre = few_room_new (&gda->room, double, task->d, 1);
  gboolean ok = !few_room_is_short (&gda->room, FEW_AUTO_WHAT, error)
                && fit_classes (&fit, gda, scatter, with_precision, error)
                && (!distances || measure_others (&fit, gda, distances, error));
  few_room_clear (&fit.room);
  return ok;
}

void
few_auto_gda_clear (FewAutoGda *gda)
{
  few_room_clear (&gda->room);
  *gda = (FewAutoGda) { 0 };
}
