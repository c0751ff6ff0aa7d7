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

/* out [n, a] = x rowsᵀ */
static void
multiply_rows (const Newton *m, const double *rows, double *out)
{
  const FewLogistic *p = m->problem;
  few_dense_product (m->dense, &(FewDenseProduct) { .m = p->n,
                                                    .n = m->a,
                                                    .k = p->width,
                                                    .scale = 1,
                                                    .a = p->x,
                                                    .lda = p->width,
                                                    .b = rows,
                                                    .ldb = p->width,
                                                    .transpose_b = TRUE,
                                                    .c = out,
                                                    .ldc = m->a });
}

/* out [a, width] = columnsᵀ x, columns [n, a] */
static void
multiply_columns (const Newton *m, const double *columns, double *out)
{
  const FewLogistic *p = m->problem;
  few_dense_product (m->dense, &(FewDenseProduct) { .m = m->a,
                                                    .n = p->width,
                                                    .k = p->n,
                                                    .scale = 1,
                                                    .a = columns,
                                                    .lda = m->a,
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

/* What the prior adds to a product of labels' rows; not to the last of each. */
static void
add_prior (const Newton *m, const double *rows, double *out)
{
  guint width = m->problem->width;
  for (guint a = 0; a < m->a; a++)
    for (guint j = 0; j + 1 < width; j++)
      out[(gsize) a * width + j] += rows[(gsize) a * width + j];
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
  multiply_rows (m, m->at, m->z);
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
  multiply_columns (m, m->r, m->gradient);
  add_prior (m, m->at, m->gradient);
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

/* By the diagonal of the second derivatives, where all pictures weigh alike. */
static void
scale_residual (Newton *m, guint a)
{
  guint width = m->problem->width;
  const double *residual = m->residual + (gsize) a * width;
  double *scaled = m->scaled + (gsize) a * width;
  for (guint j = 0; j < width; j++)
    scaled[j] = residual[j] / (m->weight[a] * m->square[j] + (j + 1 < width ? 1 : 1e-12));
}

/* One step of conjugate gradients for a label whose direction's product is there; TRUE: it is near
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
  if (sqrt (dot (m->residual + at, m->residual + at, width)) <= m->bound[a])
    return TRUE;
  scale_residual (m, a);
  double before = m->rest[a];
  m->rest[a] = dot (m->residual + at, m->scaled + at, width);
  for (guint j = 0; j < width; j++)
    m->search[at + j] = m->scaled[at + j] + m->rest[a] / before * m->search[at + j];
  return FALSE;
}

/* step [a, width]: nearly what takes the gradient away */
static void
find_steps (Newton *m, guint8 *near)
{
  const FewLogistic *p = m->problem;
  gsize cells = (gsize) m->a * p->width;
  guint waiting = 0;
  for (gsize i = 0; i < cells; i++)
    {
      m->step[i] = 0;
      m->residual[i] = -m->gradient[i];
    }
  for (guint a = 0; a < m->a; a++)
    {
      gsize at = (gsize) a * p->width;
      scale_residual (m, a);
      memcpy (m->search + at, m->scaled + at, p->width * sizeof *m->search);
      m->rest[a] = dot (m->residual + at, m->scaled + at, p->width);
      near[a] = m->arrived[a];
      waiting += !near[a];
    }
  for (guint i = 0; i < MOST_INNER && waiting > 0; i++)
    {
      multiply_rows (m, m->search, m->r);
      for (gsize c = 0; c < (gsize) p->n * m->a; c++)
        m->r[c] *= m->h[c];
      multiply_columns (m, m->r, m->product);
      add_prior (m, m->search, m->product);
      for (guint a = 0; a < m->a; a++)
        if (!near[a] && advance (m, a))
          {
            near[a] = TRUE;
            waiting--;
          }
    }
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
  multiply_rows (m, m->step, m->r);
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
take_room (Newton *m, guint8 **near, GError **error)
{
  const FewLogistic *p = m->problem;
  gsize k = p->k;
  double **by_row[] = { &m->at,     &m->gradient, &m->step,  &m->residual,
                        &m->search, &m->product,  &m->scaled };
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
  *near = few_room_new (&m->room, guint8, k, 1);
  return !few_room_is_short (&m->room, WHAT, error);
}

gboolean
few_logistic_fit (FewDense *dense, const FewLogistic *problem, double *w, GError **error)
{
  Newton m = { .problem = problem, .dense = dense, .w = w };
  guint8 *near;
  gboolean ok = take_room (&m, &near, error);
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
      find_steps (&m, near);
      take_steps (&m);
    }
  few_room_clear (&m.room);
  return ok;
}
