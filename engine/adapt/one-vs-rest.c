/* SPDX-License-Identifier: MIT */
/* What a logistic regression a label is learned with, chosen on pictures held out, and from which
 * probability on its label holds. */
#include "adapt/one-vs-rest.h"
#include "adapt/logistic.h"
#include "base/words.h"
#include <fewshot/several.h>
#include <math.h>
#include <string.h>

static const double STRENGTHS[] = { 0.1, 1, 10, 100, 1000 };
static const double PRIORS[] = { 0, 0.5, 1 };
enum { N_STRENGTHS = G_N_ELEMENTS (STRENGTHS), N_PRIORS = G_N_ELEMENTS (PRIORS) };
/* where no fold tells */
static const double USUAL_STRENGTH = 1;
static const double USUAL_PRIOR = 1;
static const double ROUGH = 1e-5, EXACT = 1e-9; /* how near to the minimum */
static const char WHAT[] = N_ ("learning from so many pictures and classes");

/* What is tried, ascending. */
typedef struct
{
  double values[MAX (N_STRENGTHS, N_PRIORS)];
  guint n;
} Grid;

typedef struct
{
  const FewOneVsRest *task;
  FewOneVsRestFit *fit;
  FewPool *pool;
  FewPool *at_once; /* as many folds as there is memory for */
  FewDense **dense; /* one a thread */
  guint width;      /* D + 1 */
  double *mean;     /* [D] of the pictures */
  double *x;        /* [n, width] less it, and a one */
  FewCurvature *curvature; /* of all of them; NULL: they are too few for it to tell */
  guint8 *y;        /* [n, K] */
  double *zero;     /* [n, K] s x · t, less its mean */
  double *zero_mean; /* [K] */
  Grid strengths, priors;
  guint strength;   /* whose turn it is */
  double *w;        /* [priors, folds, K, width] as far as they are */
  double *losses;   /* [priors, folds] sums over what is told */
  guint8 over[N_PRIORS]; /* no larger strength is tried */
  guint32 *n_held;  /* [folds] pictures */
  guint32 *held_positives; /* [folds, K] of them that have a label */
  guint8 *tells;    /* [folds, K] what others taught of a label that there were both kinds of */
  gboolean told;    /* whether any of them does, of a picture held out */
  gboolean last;    /* the chosen ones alone, whose probabilities are kept */
  FewRoom room;
  int done;         /* atomic */
  guint total;
  GError *error;    /* atomic: the first */
} Work;

/* Rows of a fold, or of all but it, with what belongs to them. */
typedef struct
{
  guint n;
  double *x, *offset;
  guint8 *y;
  guint32 *rows;
} Part;

static gboolean
take_part (const Work *work, guint fold, gboolean inside, double prior, FewRoom *room, Part *part,
           GError **error)
{
  const FewOneVsRest *task = work->task;
  gsize width = work->width;
  gsize k = task->k;
  *part = (Part) { 0 };
  for (guint i = 0; i < task->n; i++)
    part->n += (task->fold[i] == fold) == inside;
  part->x = few_room_new (room, double, part->n, width);
  part->offset = few_room_new (room, double, part->n, k);
  part->y = few_room_new (room, guint8, part->n, k);
  part->rows = few_room_new (room, guint32, part->n, 1);
  if (few_room_is_short (room, WHAT, error))
    return FALSE;
  for (guint i = 0, row = 0; i < task->n; i++)
    {
      if ((task->fold[i] == fold) != inside)
        continue;
      memcpy (part->x + row * width, work->x + i * width, width * sizeof *part->x);
      memcpy (part->y + row * k, work->y + i * k, k);
      for (guint c = 0; c < k; c++)
        part->offset[row * k + c] = prior * work->zero[i * k + c];
      part->rows[row++] = i;
    }
  return TRUE;
}

/* Of what a fold's others taught: its log-loss, of labels that there were both kinds of. */
static double
judge (const Work *work, FewDense *dense, const Part *held, const double *w, const guint8 *tells,
       double *z)
{
  guint k = work->task->k;
  double loss = 0;
  if (held->n == 0)
    return 0;
  few_dense_product (dense, &(FewDenseProduct) { .m = held->n,
                                                 .n = k,
                                                 .k = work->width,
                                                 .scale = 1,
                                                 .a = held->x,
                                                 .lda = work->width,
                                                 .b = w,
                                                 .ldb = work->width,
                                                 .transpose_b = TRUE,
                                                 .c = z,
                                                 .ldc = k });
  for (gsize cell = 0; cell < (gsize) held->n * k; cell++)
    {
      z[cell] += held->offset[cell];
      if (tells[cell % k])
        loss += few_logistic_loss (z[cell], held->y[cell]);
    }
  return loss;
}

/* Where w begins: at the labels' shares. */
static void
begin_at_shares (const Part *part, guint width, guint k, double *w)
{
  memset (w, 0, (gsize) k * width * sizeof *w);
  for (guint c = 0; c < k; c++)
    {
      guint positives = 0;
      for (guint i = 0; i < part->n; i++)
        positives += part->y[(gsize) i * k + c];
      w[(gsize) (c + 1) * width - 1] = log ((positives + 0.5) / (part->n - positives + 0.5));
    }
}

/* From where w is. */
static gboolean
fit_part (const Work *work, FewDense *dense, const Part *part, double c, double tolerance,
          double *w, GError **error)
{
  const FewLogistic problem = { .n = part->n,
                                .width = work->width,
                                .k = work->task->k,
                                .x = part->x,
                                .offset = part->offset,
                                .y = part->y,
                                .c = c,
                                .tolerance = tolerance,
                                .curvature = work->curvature,
                                .cancellable = work->task->cancellable };
  return few_logistic_fit (dense, &problem, w, error);
}

/* One fold held out, by one prior and the strength whose turn it is: it begins where the one before
 * it ended. */
static gboolean
try_fold (Work *work, guint fold, guint prior, FewDense *dense, GError **error)
{
  const FewOneVsRest *task = work->task;
  g_auto (FewRoom) room = { 0 };
  Part others;
  Part held;
  const guint8 *tells = work->tells + (gsize) fold * task->k;
  double *w = work->w + ((gsize) prior * task->folds + fold) * task->k * work->width;
  if (!take_part (work, fold, FALSE, work->priors.values[prior], &room, &others, error)
      || !take_part (work, fold, TRUE, work->priors.values[prior], &room, &held, error))
    return FALSE;
  double *z = few_room_new (&room, double, held.n, task->k);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  if (work->strength == 0)
    begin_at_shares (&others, work->width, task->k, w);
  if (!fit_part (work, dense, &others, work->strengths.values[work->strength], ROUGH, w, error))
    return FALSE;
  work->losses[(gsize) prior * task->folds + fold] = judge (work, dense, &held, w, tells, z);
  for (gsize cell = 0; work->last && cell < (gsize) held.n * task->k; cell++)
    work->fit->out_of_fold[(gsize) held.rows[cell / task->k] * task->k + cell % task->k] =
        few_logistic (z[cell]);
  return TRUE;
}

/* `here`: the thread that progress is told in. */
static void
count_fit (Work *work, gboolean here)
{
  int done = g_atomic_int_add (&work->done, 1) + 1;
  if (here && work->task->progress)
    work->task->progress (work->task->user, (guint) done, work->total);
}

static void
try_fold_cb (gpointer user, guint index, guint thread)
{
  Work *work = user;
  g_autoptr (GError) error = NULL;
  if (g_atomic_pointer_get (&work->error) || work->over[index / work->task->folds])
    return;
  try_fold (work, index % work->task->folds, index / work->task->folds, work->dense[thread],
            &error);
  if (error && g_atomic_pointer_compare_and_exchange (&work->error, NULL, error))
    error = NULL; /* the work's now */
  count_fit (work, thread == 0);
}

/* By the strength whose turn it is. */
static gboolean
try_folds (Work *work, GError **error)
{
  few_pool_run (work->at_once, work->task->folds * work->priors.n, try_fold_cb, work);
  if (!work->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&work->error));
  return FALSE;
}

/* The least log-loss; of equal ones the least strength, then the least prior. A prior whose loss
 * grows with the strength is done with: its least lies behind it. */
static gboolean
choose (Work *work, GError **error)
{
  FewOneVsRestFit *fit = work->fit;
  double best = INFINITY;
  double before[N_PRIORS];
  guint waiting = work->priors.n;
  if (!work->told)
    return TRUE;
  for (guint p = 0; p < N_PRIORS; p++)
    before[p] = INFINITY;
  for (work->strength = 0; work->strength < work->strengths.n && waiting > 0; work->strength++)
    {
      if (!try_folds (work, error))
        return FALSE;
      for (guint p = 0; p < MIN (work->priors.n, N_PRIORS); p++)
        {
          double loss = 0;
          for (guint f = 0; f < work->task->folds; f++)
            loss += work->losses[(gsize) p * work->task->folds + f];
          if (work->over[p])
            continue;
          waiting -= work->over[p] = loss > before[p];
          before[p] = loss;
          if (loss >= best)
            continue;
          best = loss;
          fit->chosen = TRUE;
          fit->strength = work->strengths.values[work->strength];
          fit->prior = work->priors.values[p];
        }
    }
  return TRUE;
}

/* ---- the whole */

/* The values, or what is given in their place. */
static Grid
make_grid (const double *values, guint n, double given)
{
  Grid grid = { .values = { given }, .n = 1 };
  if (!isnan (given))
    return grid;
  grid.n = n;
  memcpy (grid.values, values, n * sizeof *values);
  return grid;
}

static gboolean
reads_texts (const FewOneVsRest *task)
{
  for (gsize i = 0; i < (gsize) task->k * task->d; i++)
    if (task->t[i] != 0)
      return TRUE;
  return FALSE;
}

static void
centre (Work *work)
{
  const FewOneVsRest *task = work->task;
  gsize d = task->d;
  for (guint i = 0; i < task->n; i++)
    for (gsize j = 0; j < d; j++)
      work->mean[j] += task->x[i * d + j] / task->n;
  for (guint i = 0; i < task->n; i++)
    {
      double *row = work->x + (gsize) i * work->width;
      for (gsize j = 0; j < d; j++)
        row[j] = task->x[i * d + j] - work->mean[j];
      row[d] = 1;
    }
}

static void
score_zero_shot (Work *work)
{
  const FewOneVsRest *task = work->task;
  gsize k = task->k;
  few_dense_product_shared (work->pool, work->dense,
                            &(FewDenseProduct) { .m = task->n,
                                                 .n = task->k,
                                                 .k = task->d,
                                                 .scale = task->scale,
                                                 .a = task->x,
                                                 .lda = task->d,
                                                 .b = task->t,
                                                 .ldb = task->d,
                                                 .transpose_b = TRUE,
                                                 .c = work->zero,
                                                 .ldc = k });
  for (guint i = 0; i < task->n; i++)
    for (guint c = 0; c < k; c++)
      work->zero_mean[c] += work->zero[i * k + c] / task->n;
  for (guint i = 0; i < task->n; i++)
    for (guint c = 0; c < k; c++)
      work->zero[i * k + c] -= work->zero_mean[c];
}

static void
mark_labels (Work *work)
{
  const FewOneVsRest *task = work->task;
  for (guint i = 0; i < task->n; i++)
    {
      guint n;
      const guint32 *labels = few_label_sets_get (task->sets, i, &n);
      work->n_held[task->fold[i]]++;
      for (guint l = 0; l < n; l++)
        {
          work->y[(gsize) i * task->k + labels[l]] = TRUE;
          work->fit->positives[labels[l]]++;
          work->held_positives[(gsize) task->fold[i] * task->k + labels[l]]++;
        }
    }
}

static void
mark_telling (Work *work)
{
  const FewOneVsRest *task = work->task;
  for (guint f = 0; f < task->folds; f++)
    for (guint c = 0; c < task->k; c++)
      {
        gsize cell = (gsize) f * task->k + c;
        guint others = task->n - work->n_held[f];
        guint positives = work->fit->positives[c] - work->held_positives[cell];
        work->tells[cell] = positives > 0 && positives < others;
        work->told |= work->tells[cell] && work->n_held[f] > 0;
      }
}

/* W = v + g s t and b, of what was learned of centred rows. */
static gboolean
learn_all (Work *work, GError **error)
{
  const FewOneVsRest *task = work->task;
  FewOneVsRestFit *fit = work->fit;
  g_auto (FewRoom) room = { 0 };
  Part all;
  double *w = few_room_new (&room, double, task->k, work->width);
  if (!take_part (work, G_MAXUINT32, FALSE, fit->prior, &room, &all, error))
    return FALSE;
  begin_at_shares (&all, work->width, task->k, w);
  if (!fit_part (work, work->dense[0], &all, fit->strength, EXACT, w, error))
    return FALSE;
  count_fit (work, TRUE);
  for (guint c = 0; c < task->k; c++)
    {
      const double *v = w + (gsize) c * work->width;
      gsize at = (gsize) c * task->d;
      fit->b[c] = v[task->d] - fit->prior * work->zero_mean[c];
      for (guint j = 0; j < task->d; j++)
        {
          fit->b[c] -= v[j] * work->mean[j];
          fit->w[at + j] = v[j] + fit->prior * task->scale * task->t[at + j];
        }
    }
  return TRUE;
}

static gboolean
choose_thresholds (Work *work, GError **error)
{
  const FewOneVsRest *task = work->task;
  g_auto (FewRoom) room = { 0 };
  double *probabilities = few_room_new (&room, double, task->n, 1);
  guint8 *has = few_room_new (&room, guint8, task->n, 1);
  if (few_room_is_short (&room, WHAT, error))
    return FALSE;
  for (guint c = 0; c < task->k; c++)
    {
      guint n = 0;
      for (guint i = 0; i < task->n; i += MAX (task->every, 1))
        {
          gsize cell = (gsize) i * task->k + c;
          if (!work->tells[(gsize) task->fold[i] * task->k + c])
            continue;
          probabilities[n] = work->fit->out_of_fold[cell];
          has[n++] = work->y[cell];
        }
      if (!few_several_threshold (probabilities, has, n, &work->fit->thresholds[c], error))
        return FALSE;
      work->fit->positives[c] /= MAX (task->every, 1); /* rows, up to here */
    }
  return TRUE;
}

static gboolean
take_room (Work *work, GError **error)
{
  const FewOneVsRest *task = work->task;
  FewOneVsRestFit *fit = work->fit;
  work->mean = few_room_new (&work->room, double, task->d, 1);
  work->x = few_room_new (&work->room, double, task->n, work->width);
  work->y = few_room_new (&work->room, guint8, task->n, task->k);
  work->zero = few_room_new (&work->room, double, task->n, task->k);
  work->zero_mean = few_room_new (&work->room, double, task->k, 1);
  work->losses = few_room_new (&work->room, double, task->folds, N_PRIORS);
  work->w =
      few_room_new (&work->room, double, (gsize) task->folds *N_PRIORS * task->k, work->width);
  work->n_held = few_room_new (&work->room, guint32, task->folds, 1);
  work->held_positives = few_room_new (&work->room, guint32, task->folds, task->k);
  work->tells = few_room_new (&work->room, guint8, task->folds, task->k);
  fit->w = few_room_new (&fit->room, double, task->k, task->d);
  fit->b = few_room_new (&fit->room, double, task->k, 1);
  fit->thresholds = few_room_new (&fit->room, double, task->k, 1);
  fit->positives = few_room_new (&fit->room, guint32, task->k, 1);
  fit->out_of_fold = few_room_new (&fit->room, double, task->n, task->k);
  return !few_room_is_short (&work->room, WHAT, error)
         && !few_room_is_short (&fit->room, WHAT, error);
}

static gboolean
learn (Work *work, GError **error)
{
  const FewOneVsRest *task = work->task;
  FewOneVsRestFit *fit = work->fit;
  gboolean texts = reads_texts (task);
  double usual_prior = texts ? USUAL_PRIOR : 0;
  work->strengths = make_grid (STRENGTHS, N_STRENGTHS, task->strength);
  work->priors = make_grid (PRIORS, texts ? N_PRIORS : 1, task->prior);
  work->total = task->folds * (work->priors.n * work->strengths.n + 1) + 1; /* all, at the end */
  centre (work);
  if (task->n >= task->d
      && !(work->curvature =
               few_curvature_new (work->pool, work->dense, work->x, task->n, work->width, error)))
    return FALSE;
  score_zero_shot (work);
  mark_labels (work);
  mark_telling (work);
  fit->strength = isnan (task->strength) ? USUAL_STRENGTH : task->strength;
  fit->prior = isnan (task->prior) ? usual_prior : task->prior;
  if (!choose (work, error))
    return FALSE;
  work->strengths = (Grid) { { fit->strength }, 1 };
  work->priors = (Grid) { { fit->prior }, 1 };
  work->strength = 0;
  memset (work->over, FALSE, sizeof work->over);
  work->last = TRUE;
  return try_folds (work, error) && choose_thresholds (work, error) && learn_all (work, error);
}

/* Each fold takes rows of its own, and what a fit has of each row and label; half of what is left
 * is for them. */
static guint
count_at_once (const Work *work)
{
  enum { BY_CELL = 5, BY_ROW = 8 };
  double n = work->task->n;
  double k = work->task->k;
  double fold = sizeof (double) * (n * work->width + BY_CELL * n * k + BY_ROW * k * work->width);
  double most = (double) few_memory_left () / 2 / MAX (fold, 1);
  return (guint) CLAMP (most, 1, few_pool_threads (work->pool));
}

gboolean
few_one_vs_rest_fit (const FewOneVsRest *task, FewOneVsRestFit *fit, GError **error)
{
  Work work = { .task = task, .fit = fit, .width = task->d + 1 };
  *fit = (FewOneVsRestFit) { .w = NULL };
  work.pool = few_pool_new (task->threads);
  gboolean ok = take_room (&work, error);
  work.dense = ok ? few_dense_new_each (work.pool, error) : NULL;
  work.at_once = few_pool_new (count_at_once (&work));
  ok = work.dense && learn (&work, error);
  few_pool_free (work.at_once);
  few_dense_free_each (work.dense);
  few_pool_free (work.pool);
  g_clear_pointer (&work.curvature, few_curvature_free);
  few_room_clear (&work.room);
  g_clear_error (&work.error);
  return ok;
}

void
few_one_vs_rest_clear (FewOneVsRestFit *fit)
{
  few_room_clear (&fit->room);
}
