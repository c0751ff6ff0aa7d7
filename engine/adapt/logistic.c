/* SPDX-License-Identifier: MIT */
/* Newton's method for all labels at once, its steps by conjugate gradients (Nocedal and Wright,
 * Numerical Optimization, algorithm 7.1): what is computed is products of two matrices. Labels that
 * have arrived are left out. */
#include "adapt/logistic.h"
#include "base/memory.h"
#include "base/words.h"
#include <math.h>
#include <string.h>

enum { MOST_STEPS = 100, MOST_INNER = 300, MOST_HALVINGS = 40 };
static const double SUFFICIENT = 1e-4; /* Armijo */
static const char WHAT[] = N_ ("learning from so many pictures and classes");

typedef struct
{
  const FewLogistic *problem;
  FewDense *dense;
  double *w;           /* the problem's [K, width] */
  guint *active;       /* [K] labels that have not arrived */
  guint a;             /* how many */
  double *square;      /* [width] mean of a column's squares */
  double *at;          /* [a, width] their w */
  double *z, *h, *r;   /* [n, a] logits; curvature; slope, then what CG multiplies */
  double *gradient, *step, *residual, *search, *product, *scaled; /* [a, width] */
  double *wide;        /* [a, width] of those that wait, beside each other */
  guint *open, waiting; /* which of the a wait for their step */
  const FewCurvatureFactor **factors; /* [a] */
  guint8 *is_scaled;   /* [a] */
  double *loss, *rest, *weight, *bound; /* [a] */
  guint8 *arrived;     /* [a] */
  FewRoom room;
} Newton;

double
few_logistic_loss (double z, gboolean has)
{
  double margin = has ? z : -z;
  return log1p (exp (-fabs (margin))) + MAX (-margin, 0);
}

double
few_logistic (double z)
{
  double e = exp (-fabs (z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/* out [n, k] = x rowsᵀ, rows [k, width] */
static void
multiply_rows (const Newton *m, const double *rows, guint k, double *out)
{
  const FewLogistic *p = m->problem;
  few_dense_product (m->dense, &(FewDenseProduct) { .m = p->n,
                                                    .n = k,
                                                    .k = p->width,
                                                    .scale = 1,
                                                    .a = p->x,
                                                    .lda = p->width,
                                                    .b = rows,
                                                    .ldb = p->width,
                                                    .transpose_b = TRUE,
                                                    .c = out,
                                                    .ldc = k });
}

/* out [k, width] = columnsᵀ x, columns [n, k] */
static void
multiply_columns (const Newton *m, const double *columns, guint k, double *out)
{
  const FewLogistic *p = m->problem;
  few_dense_product (m->dense, &(FewDenseProduct) { .m = k,
                                                    .n = p->width,
                                                    .k = p->n,
                                                    .scale = 1,
                                                    .a = columns,
                                                    .lda = k,
                                                    .transpose_a = TRUE,
                                                    .b = p->x,
                                                    .ldb = p->width,
                                                    .c = out,
                                                    .ldc = p->width });
}

static double
dot (const double *x, const double *y, guint n)
{
  double sum = 0;
  for (guint i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}

/* What the prior adds to a product of a label's row; not to the last. */
static void
add_prior (const FewLogistic *p, const double *row, double *out)
{
  for (guint j = 0; j + 1 < p->width; j++)
    out[j] += row[j];
}

/* Takes those out that have arrived, and lays the others side by side. */
static void
gather_active (Newton *m)
{
  gsize width = m->problem->width;
  guint kept = 0;
  for (guint a = 0; a < m->a; a++)
    if (!m->arrived[a])
      m->active[kept++] = m->active[a];
  m->a = kept;
  memset (m->arrived, FALSE, kept);
  for (guint a = 0; a < kept; a++)
    memcpy (m->at + a * width, m->w + m->active[a] * width, width * sizeof *m->at);
}

/* Logits, slopes and curvatures; the objective and its gradient. */
static void
look_around (Newton *m)
{
  const FewLogistic *p = m->problem;
  gsize width = p->width;
  multiply_rows (m, m->at, m->a, m->z);
  for (guint a = 0; a < m->a; a++)
    m->loss[a] = m->weight[a] = 0;
  for (guint i = 0; i < p->n; i++)
    for (guint a = 0; a < m->a; a++)
      {
        gsize cell = (gsize) i * m->a + a;
        gsize given = (gsize) i * p->k + m->active[a];
        m->z[cell] += p->offset ? p->offset[given] : 0;
        double probability = few_logistic (m->z[cell]);
        m->r[cell] = p->c * (probability - (p->y[given] ? 1 : 0));
        m->h[cell] = p->c * probability * (1 - probability);
        m->weight[a] += m->h[cell];
        m->loss[a] += p->c * few_logistic_loss (m->z[cell], p->y[given]);
      }
  for (guint a = 0; a < m->a; a++)
    {
      const double *v = m->at + a * width;
      m->loss[a] += dot (v, v, p->width - 1) / 2;
    }
  multiply_columns (m, m->r, m->a, m->gradient);
  for (guint a = 0; a < m->a; a++)
    add_prior (p, m->at + a * width, m->gradient + a * width);
}

/* Marks those whose gradient is as good as nothing; TRUE: all. */
static gboolean
mark_arrived (Newton *m)
{
  const FewLogistic *p = m->problem;
  double enough = p->tolerance * (1 + p->c * p->n);
  gboolean all = TRUE;
  for (guint a = 0; a < m->a; a++)
    {
      const double *g = m->gradient + (gsize) a * p->width;
      double length = sqrt (dot (g, g, p->width));
      m->arrived[a] = !(length > enough);
      m->bound[a] = MIN (0.5, sqrt (length / (1 + p->c * p->n))) * length;
      all &= m->arrived[a];
    }
  return all;
}

/* What the labels that wait stand in beside each other, by what their curvature is nearest to. */
static gboolean
find_factors (Newton *m, GError **error)
{
  FewCurvature *curvature = m->problem->curvature;
  for (guint a = 0; a < m->a && curvature; a++)
    if (!(m->factors[a] = few_curvature_find (curvature, m->dense, m->weight[a], error)))
      return FALSE;
  return TRUE;
}

/* By the diagonal of the second derivatives, where all pictures weigh alike. */
static void
scale_by_squares (Newton *m, guint a)
{
  guint width = m->problem->width;
  const double *residual = m->residual + (gsize) a * width;
  double *scaled = m->scaled + (gsize) a * width;
  for (guint j = 0; j < width; j++)
    scaled[j] = residual[j] / (m->weight[a] * m->square[j] + (j + 1 < width ? 1 : 1e-12));
}

/* Of the labels from `first` on that wait and have its factor; those are done then. */
static void
scale_by_factor (Newton *m, guint first)
{
  guint width = m->problem->width;
  gsize d = width - 1;
  guint n = 0;
  for (guint w = first; w < m->waiting; w++)
    if (m->factors[m->open[w]] == m->factors[m->open[first]])
      memcpy (m->wide + n++ * d, m->residual + (gsize) m->open[w] * width, d * sizeof *m->wide);
  few_curvature_solve (m->factors[m->open[first]], m->dense, m->wide, n);
  n = 0;
  for (guint w = first; w < m->waiting; w++)
    {
      guint a = m->open[w];
      double *scaled = m->scaled + (gsize) a * width;
      if (m->factors[a] != m->factors[m->open[first]])
        continue;
      memcpy (scaled, m->wide + n++ * d, d * sizeof *scaled);
      scaled[d] = m->residual[(gsize) a * width + d] / (m->weight[a] * m->square[d] + 1e-12);
      m->is_scaled[a] = TRUE;
    }
}

/* Nearly what the second derivatives' inverse makes of the residuals of those that wait. */
static void
scale_residuals (Newton *m)
{
  for (guint w = 0; w < m->waiting; w++)
    m->is_scaled[m->open[w]] = FALSE;
  for (guint w = 0; w < m->waiting; w++)
    if (!m->problem->curvature)
      scale_by_squares (m, m->open[w]);
    else if (!m->is_scaled[m->open[w]])
      scale_by_factor (m, w);
}

/* product [a, width] of those that wait: the second derivatives by their search */
static void
multiply_search (Newton *m)
{
  const FewLogistic *p = m->problem;
  gsize width = p->width;
  for (guint w = 0; w < m->waiting; w++)
    memcpy (m->wide + w * width, m->search + m->open[w] * width, width * sizeof *m->wide);
  multiply_rows (m, m->wide, m->waiting, m->r);
  for (guint i = 0; i < p->n; i++)
    for (guint w = 0; w < m->waiting; w++)
      m->r[(gsize) i * m->waiting + w] *= m->h[(gsize) i * m->a + m->open[w]];
  multiply_columns (m, m->r, m->waiting, m->wide);
  for (guint w = 0; w < m->waiting; w++)
    {
      double *product = m->product + m->open[w] * width;
      memcpy (product, m->wide + w * width, width * sizeof *product);
      add_prior (p, m->search + m->open[w] * width, product);
    }
}

/* A step of conjugate gradients for a label whose direction's product is there; TRUE: it is near
 * enough. */
static gboolean
advance (Newton *m, guint a)
{
  guint width = m->problem->width;
  gsize at = (gsize) a * width;
  double curvature = dot (m->search + at, m->product + at, width);
  if (!(curvature > 0))
    return TRUE;
  double length = m->rest[a] / curvature;
  for (guint j = 0; j < width; j++)
    {
      m->step[at + j] += length * m->search[at + j];
      m->residual[at + j] -= length * m->product[at + j];
    }
  return sqrt (dot (m->residual + at, m->residual + at, width)) <= m->bound[a];
}

/* Where a label's search goes next, and what is left of its residual. */
static void
turn (Newton *m, guint a, gboolean first)
{
  guint width = m->problem->width;
  gsize at = (gsize) a * width;
  double before = m->rest[a];
  m->rest[a] = dot (m->residual + at, m->scaled + at, width);
  for (guint j = 0; j < width; j++)
    m->search[at + j] = m->scaled[at + j] + (first ? 0 : m->rest[a] / before * m->search[at + j]);
}

/* step [a, width]: nearly what takes the gradient away */
static gboolean
find_steps (Newton *m, GError **error)
{
  gsize cells = (gsize) m->a * m->problem->width;
  m->waiting = 0;
  for (gsize i = 0; i < cells; i++)
    {
      m->step[i] = 0;
      m->residual[i] = -m->gradient[i];
    }
  for (guint a = 0; a < m->a; a++)
    if (!m->arrived[a])
      m->open[m->waiting++] = a;
  if (!find_factors (m, error))
    return FALSE;
  for (guint i = 0; i < MOST_INNER && m->waiting > 0; i++)
    {
      guint kept = 0;
      if (g_cancellable_set_error_if_cancelled (m->problem->cancellable, error))
        return FALSE;
      scale_residuals (m);
      for (guint w = 0; w < m->waiting; w++)
        turn (m, m->open[w], i == 0);
      multiply_search (m);
      for (guint w = 0; w < m->waiting; w++)
        if (!advance (m, m->open[w]))
          m->open[kept++] = m->open[w];
      m->waiting = kept;
    }
  return TRUE;
}

/* The objective of a label, so far along its step; moved [n, a]: what the whole step does to the
 * logits. */
static double
look_ahead (const Newton *m, const double *moved, guint a, double length)
{
  const FewLogistic *p = m->problem;
  const double *v = m->at + (gsize) a * p->width;
  const double *step = m->step + (gsize) a * p->width;
  double loss = 0;
  double square = 0;
  for (guint i = 0; i < p->n; i++)
    {
      gsize cell = (gsize) i * m->a + a;
      loss += few_logistic_loss (m->z[cell] + length * moved[cell],
                                 p->y[(gsize) i * p->k + m->active[a]]);
    }
  for (guint j = 0; j + 1 < p->width; j++)
    square += (v[j] + length * step[j]) * (v[j] + length * step[j]);
  return p->c * loss + square / 2;
}

static void
take_steps (Newton *m)
{
  const FewLogistic *p = m->problem;
  multiply_rows (m, m->step, m->a, m->r);
  for (guint a = 0; a < m->a; a++)
    {
      gsize at = (gsize) a * p->width;
      double *w = m->w + (gsize) m->active[a] * p->width;
      double slope = dot (m->gradient + at, m->step + at, p->width);
      double length = 1;
      guint halvings = 0;
      double slack = 1e-14 * fabs (m->loss[a]); /* what sums are rounded by */
      if (m->arrived[a])
        continue;
      while (look_ahead (m, m->r, a, length) > m->loss[a] + SUFFICIENT * length * slope + slack
             && halvings++ < MOST_HALVINGS)
        length /= 2;
      m->arrived[a] = halvings > MOST_HALVINGS; /* no way on: it is there, to rounding */
      for (guint j = 0; j < p->width && !m->arrived[a]; j++)
        w[j] += length * m->step[at + j];
    }
}

/* Labels that there is nothing to tell of are done at once. */
static void
begin (Newton *m)
{
  const FewLogistic *p = m->problem;
  for (guint j = 0; j < p->width; j++)
    {
      for (guint i = 0; i < p->n; i++)
        m->square[j] += p->x[(gsize) i * p->width + j] * p->x[(gsize) i * p->width + j] / p->n;
    }
  for (guint k = 0; k < p->k; k++)
    {
      guint positives = 0;
      double offset = 0;
      for (guint i = 0; i < p->n; i++)
        {
          positives += p->y[(gsize) i * p->k + k] != 0;
          offset += p->offset ? p->offset[(gsize) i * p->k + k] / p->n : 0;
        }
      if (positives > 0 && positives < p->n)
        {
          m->active[m->a++] = k;
          continue;
        }
      memset (m->w + (gsize) k * p->width, 0, p->width * sizeof *m->w);
      m->w[(gsize) (k + 1) * p->width - 1] =
          log ((positives + 0.5) / (p->n - positives + 0.5)) - offset;
    }
}

static gboolean
take_room (Newton *m, GError **error)
{
  const FewLogistic *p = m->problem;
  gsize k = p->k;
  double **by_row[] = { &m->at,     &m->gradient, &m->step,   &m->residual,
                        &m->search, &m->product,  &m->scaled, &m->wide };
  double **by_cell[] = { &m->z, &m->h, &m->r };
  double **by_label[] = { &m->loss, &m->rest, &m->weight, &m->bound };
  for (guint i = 0; i < G_N_ELEMENTS (by_row); i++)
    *by_row[i] = few_room_new (&m->room, double, k, p->width);
  for (guint i = 0; i < G_N_ELEMENTS (by_cell); i++)
    *by_cell[i] = few_room_new (&m->room, double, p->n, k);
  for (guint i = 0; i < G_N_ELEMENTS (by_label); i++)
    *by_label[i] = few_room_new (&m->room, double, k, 1);
  m->square = few_room_new (&m->room, double, p->width, 1);
  m->active = few_room_new (&m->room, guint, k, 1);
  m->arrived = few_room_new (&m->room, guint8, k, 1);
  m->is_scaled = few_room_new (&m->room, guint8, k, 1);
  m->open = few_room_new (&m->room, guint, k, 1);
  m->factors = few_room_new (&m->room, const FewCurvatureFactor *, k, 1);
  return !few_room_is_short (&m->room, WHAT, error);
}

gboolean
few_logistic_fit (FewDense *dense, const FewLogistic *problem, double *w, GError **error)
{
  Newton m = { .problem = problem, .dense = dense, .w = w };
  gboolean ok = take_room (&m, error);
  if (ok)
    begin (&m);
  for (guint i = 0; ok && i < MOST_STEPS; i++)
    {
      ok = !g_cancellable_set_error_if_cancelled (problem->cancellable, error);
      gather_active (&m);
      if (!ok || m.a == 0)
        break;
      look_around (&m);
      if (mark_arrived (&m))
        break;
      ok = find_steps (&m, error);
      if (ok)
        take_steps (&m);
    }
  few_room_clear (&m.room);
  return ok;
}
