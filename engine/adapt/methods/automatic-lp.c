/* SPDX-License-Identifier: MIT */
/* The linear part for few pictures: logits x·(v_k + a_k t_k) with v = 0 and a = scale at first,
 * learned by plain gradient descent on the mean cross-entropy with the step widths of LP++ (Huang
 * et al., CVPR 2024): 4n/λmax (XᵀX) for v, n/(4 max_k Σ_i (x_i·t_k)²) for a. Classes without a
 * picture stay zero-shot, outside the softmax.
 *
 * With E = softmax − one-hot, v's gradient is EᵀX/n and a's Σ_i E_ik (x_i·t_k)/n. v is thus −step/n
 * (Σ E)ᵀ X over the steps so far, and its logits −step/n (X Xᵀ)(Σ E): one product with the
 * pictures' cosines a step, where the pictures are no more than twice the dimensions. */
#include "adapt/methods/automatic.h"
#include <string.h>

enum { EPOCHS = 300, LEAST_EPOCHS = 20 };
/* Multiplications and additions of a fit: ten seconds of a core. What would take more (a thousand
 * classes) makes fewer steps, which leave it nearer to zero-shot CLIP; RESULTS.md has what that
 * costs. */
static const double MOST_WORK = 3.2e11;
static const double LEAST_ENERGY = 1e-12;

typedef struct
{
  FewDense *dense;
  guint n, d, k;      /* k: classes with pictures */
  double *x;          /* [n, D] */
  guint32 *y;         /* [n] */
  double *t;          /* [k, D] */
  double *text;       /* [n, k] x·t */
  double *square;     /* X Xᵀ [n, n] or XᵀX [D, D] */
  gboolean by_cosines;
  double *e;          /* [n, k] logits, then softmax − one-hot */
  double *sum;        /* [n, k] Σ E by cosines; else v [k, D] */
  double *a, *a_gradient; /* [k] */
  FewRoom room;           /* of all these */
} Descent;

/* The pictures and classes that take part; classes [K]: their numbers in order. */
static gboolean
gather (Descent *s, const FewAutoTask *task, const FewAutoSubset *subset, guint32 *classes,
        GError **error)
{
  gsize d = task->d;
  guint32 *place = few_room_new (&s->room, guint32, task->k, 1);
  guint8 *have = few_room_new (&s->room, guint8, task->k, 1);
  s->x = few_room_new (&s->room, double, subset->n, d);
  s->y = few_room_new (&s->room, guint32, subset->n, 1);
  s->t = few_room_new (&s->room, double, task->k, d);
  if (few_room_is_short (&s->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < subset->n; i++)
    have[task->y[subset->rows[i]]] = TRUE;
  for (guint c = 0; c < task->k; c++)
    if (have[c])
      {
        place[c] = s->k;
        classes[s->k++] = c;
      }
  s->n = subset->n;
  s->d = task->d;
  for (guint i = 0; i < s->n; i++)
    {
      memcpy (s->x + i * d, task->x + subset->rows[i] * d, d * sizeof (double));
      s->y[i] = place[task->y[subset->rows[i]]];
    }
  for (guint c = 0; c < s->k; c++)
    memcpy (s->t + c * d, task->t + classes[c] * d, d * sizeof (double));
  return TRUE;
}

static gboolean
prepare (Descent *s, double scale, GError **error)
{
  gsize cells = (gsize) s->n * s->k;
  s->by_cosines = s->n <= 2 * s->d;
  guint size = s->by_cosines ? s->n : s->d;
  s->text = few_room_new (&s->room, double, cells, 1);
  s->e = few_room_new (&s->room, double, cells, 1);
  s->sum = few_room_new (&s->room, double, s->by_cosines ? cells : (gsize) s->k * s->d, 1);
  s->square = few_room_new (&s->room, double, size, size);
  s->a = few_room_new (&s->room, double, s->k, 1);
  s->a_gradient = few_room_new (&s->room, double, s->k, 1);
  if (few_room_is_short (&s->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint c = 0; c < s->k; c++)
    s->a[c] = scale;
  FewDenseProduct text = { .m = s->n,
                           .n = s->k,
                           .k = s->d,
                           .scale = 1,
                           .a = s->x,
                           .lda = s->d,
                           .b = s->t,
                           .ldb = s->d,
                           .transpose_b = TRUE,
                           .c = s->text,
                           .ldc = s->k };
  few_dense_product (s->dense, &text);
  FewDenseProduct square = { .m = size,
                             .n = size,
                             .k = s->by_cosines ? s->d : s->n,
                             .scale = 1,
                             .a = s->x,
                             .lda = s->d,
                             .transpose_a = !s->by_cosines,
                             .b = s->x,
                             .ldb = s->d,
                             .transpose_b = s->by_cosines,
                             .c = s->square,
                             .ldc = size,
                             .lower = TRUE };
  few_dense_product (s->dense, &square);
  few_dense_mirror (s->square, size);
  return TRUE;
}

static double
largest_text_energy (const Descent *s)
{
  double largest = LEAST_ENERGY;
  for (guint c = 0; c < s->k; c++)
    {
      double sum = 0;
      for (guint i = 0; i < s->n; i++)
        sum += s->text[(gsize) i * s->k + c] * s->text[(gsize) i * s->k + c];
      largest = MAX (largest, sum);
    }
  return largest;
}

/* e = x vᵀ */
static void
visual_logits (const Descent *s, double step)
{
  FewDenseProduct by_cosines = { .m = s->n,
                                 .n = s->k,
                                 .k = s->n,
                                 .scale = -step / s->n,
                                 .a = s->square,
                                 .lda = s->n,
                                 .b = s->sum,
                                 .ldb = s->k,
                                 .c = s->e,
                                 .ldc = s->k };
  FewDenseProduct by_weights = { .m = s->n,
                                 .n = s->k,
                                 .k = s->d,
                                 .scale = 1,
                                 .a = s->x,
                                 .lda = s->d,
                                 .b = s->sum,
                                 .ldb = s->d,
                                 .transpose_b = TRUE,
                                 .c = s->e,
                                 .ldc = s->k };
  few_dense_product (s->dense, s->by_cosines ? &by_cosines : &by_weights);
}

/* e → softmax − one-hot of e + a (x·t); a's gradient */
static void
errors (Descent *s)
{
  memset (s->a_gradient, 0, s->k * sizeof (double));
  for (guint i = 0; i < s->n; i++)
    {
      double *row = s->e + (gsize) i * s->k;
      const double *text = s->text + (gsize) i * s->k;
      for (guint c = 0; c < s->k; c++)
        row[c] += s->a[c] * text[c];
      few_dense_softmax (s->dense, s->k, row);
      row[s->y[i]] -= 1;
      for (guint c = 0; c < s->k; c++)
        s->a_gradient[c] += row[c] * text[c] / s->n;
    }
}

static void
descend (Descent *s, double step, double a_step)
{
  if (s->by_cosines)
    for (gsize i = 0; i < (gsize) s->n * s->k; i++)
      s->sum[i] += s->e[i];
  else
    {
      FewDenseProduct back = { .m = s->k,
                               .n = s->d,
                               .k = s->n,
                               .scale = -step / s->n,
                               .beta = 1,
                               .a = s->e,
                               .lda = s->k,
                               .transpose_a = TRUE,
                               .b = s->x,
                               .ldb = s->d,
                               .c = s->sum,
                               .ldc = s->d };
      few_dense_product (s->dense, &back);
    }
  for (guint c = 0; c < s->k; c++)
    s->a[c] -= a_step * s->a_gradient[c];
}

/* w = v + a t of the classes that took part, the others' scale · t; v [k, D] is written to */
static void
write_weights (const Descent *s, const FewAutoTask *task, const guint32 *classes, double step,
               double *v, double *w)
{
  gsize d = s->d;
  if (s->by_cosines)
    {
      FewDenseProduct sum = { .m = s->k,
                              .n = s->d,
                              .k = s->n,
                              .scale = -step / s->n,
                              .a = s->sum,
                              .lda = s->k,
                              .transpose_a = TRUE,
                              .b = s->x,
                              .ldb = d,
                              .c = v,
                              .ldc = d };
      few_dense_product (s->dense, &sum);
    }
  else
    memcpy (v, s->sum, s->k * d * sizeof (double));
  for (gsize i = 0; i < task->k * d; i++)
    w[i] = task->scale * task->t[i];
  for (guint c = 0; c < s->k; c++)
    for (guint j = 0; j < d; j++)
      w[classes[c] * d + j] = v[c * d + j] + s->a[c] * s->t[c * d + j];
}

static guint
choose_epochs (const Descent *s)
{
  double work = 2.0 * s->n * s->k * (s->by_cosines ? s->n : 2.0 * s->d);
  return (guint) CLAMP (MOST_WORK / work, LEAST_EPOCHS, EPOCHS);
}

static gboolean
learn (Descent *s, const FewAutoTask *task, const FewAutoSubset *subset, GCancellable *cancellable,
       double *w, GError **error)
{
  guint32 *classes = few_room_new (&s->room, guint32, task->k, 1);
  double *v = few_room_new (&s->room, double, task->k, task->d);
  double largest;
  if (!gather (s, task, subset, classes, error) || !prepare (s, task->scale, error)
      || !few_dense_largest_eigenvalue (s->square, s->by_cosines ? s->n : s->d, &largest, error))
    return FALSE;
  double step = 4 * s->n / MAX (largest, LEAST_ENERGY);
  double a_step = s->n / (4 * largest_text_energy (s));
  guint epochs = choose_epochs (s);
  for (guint epoch = 0; epoch < epochs; epoch++)
    {
      visual_logits (s, step);
      errors (s);
      descend (s, step, a_step);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  write_weights (s, task, classes, step, v, w);
  return TRUE;
}

gboolean
few_auto_lp_fit (FewDense *dense, const FewAutoTask *task, const FewAutoSubset *subset,
                 GCancellable *cancellable, double *w, GError **error)
{
  Descent s = { .dense = dense };
  gboolean ok = learn (&s, task, subset, cancellable, w, error);
  few_room_clear (&s.room);
  return ok;
}
