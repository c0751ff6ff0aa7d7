/* SPDX-License-Identifier: MIT */
/* The fit of "automatic": z = a z₀ + g q z_g + l z_l of zero-shot CLIP (z₀ = scale t·x), GDA (z_g)
 * and, where pictures are few, LP++ (z_l); q brings GDA's out-of-fold logits to a standard
 * deviation of 3, and (a, g, l) ≥ 0 come from stacking on out-of-fold logits
 * (automatic-caution.c: from zero-shot CLIP as the prior). Where every class has
 * but one picture nothing tells how good the learned parts are, and their weights are fixed. All
 * parts are linear in x, and so is the result. */
#include "adapt/methods/automatic.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

enum { FOLDS = 10, LP_SHOTS = 4 };
/* where the parts are trusted alike */
static const double EVEN_LAMBDA[FEW_AUTO_PARTS] = { 3, 3, 3 };
static const double LEAST_LEARNED = 0.1; /* GDA's weight where texts say nothing */
static const double EVEN_PRIOR[FEW_AUTO_PARTS] = { 0.5, 0.5, 0.5 };
/* where no class has two pictures */
static const double ONE_LAMBDA = 1;
static const double ONE_GDA = 0.25;
static const double ONE_LP = 0.7;
static const double LEAST_SPREAD = 1e-9;

typedef struct
{
  const FewAutoTask *task;
  const FewAutoOptions *options;
  FewAutoFit *fit;
  FewPool *pool;
  FewDense **dense; /* one a thread */
  FewAutoScatter scatter;
  guint32 *rows; /* [folds + 1, n] */
  FewAutoSubset *subsets; /* [folds + 1] the first: all rows */
  guint8 *enough; /* [folds + 1] two classes are left to learn from, and others to score */
  gboolean by_rule; /* the logits of the learned parts are those of their own pictures */
  guint n_subsets;
  gboolean with_lp, lp_folds;
  gboolean textless, even; /* even: the prior */
  double *gda_logits, *lp_logits; /* [n, K] out of fold */
  double *lp_w; /* [K, D] of all rows */
  double *probabilities; /* [K] for calibration */
  FewRoom room; /* of all these */
  int done; /* atomic: parts that are learned */
  GError *error; /* atomic: of the part that failed first */
} Work;

/* Whether at least two classes are left; says which of the others have theirs among them. seen [K]
 * is written to. */
static gboolean
mark_own (Work *work, const FewAutoSubset *subset, guint8 *seen)
{
  const FewAutoTask *task = work->task;
  guint classes = 0;
  memset (seen, FALSE, task->k);
  for (guint i = 0; i < subset->n; i++)
    {
      classes += !seen[task->y[subset->rows[i]]];
      seen[task->y[subset->rows[i]]] = TRUE;
    }
  for (guint i = 0; i < subset->n_others && classes >= 2; i++)
    work->fit->own[subset->others[i]] = seen[task->y[subset->others[i]]];
  return classes >= 2;
}

static gboolean
make_subsets (Work *work, guint folds, GError **error)
{
  const FewAutoTask *task = work->task;
  guint n = task->n;
  work->n_subsets = folds + 1;
  work->rows = few_room_new (&work->room, guint32, (gsize) folds + 1, n);
  work->subsets = few_room_new (&work->room, FewAutoSubset, folds + 1, 1);
  work->enough = few_room_new (&work->room, guint8, folds + 1, 1);
  guint8 *seen = few_room_new (&work->room, guint8, task->k, 1);
  if (few_room_is_short (&work->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint s = 0; s <= folds; s++)
    {
      FewAutoSubset *subset = &work->subsets[s];
      guint32 *inside = work->rows + (gsize) s * n;
      guint32 *outside = inside + n;
      for (guint i = 0; i < n; i++)
        if (s == 0 || work->fit->folds[i] != s - 1)
          inside[subset->n++] = i;
      for (guint i = n; i-- > 0;)
        if (s > 0 && work->fit->folds[i] == s - 1)
          *--outside = i;
      subset->rows = inside;
      subset->others = outside;
      subset->n_others = n - subset->n;
      work->enough[s] = mark_own (work, subset, seen) && (s == 0 || subset->n_others > 0);
    }
  return TRUE;
}

/* logits [n, K], the rows of the subset's others = x wᵀ + b (or 0) */
static gboolean
score_others (const Work *work, FewDense *dense, const FewAutoSubset *subset, const double *w,
              const double *b, double *logits, GError **error)
{
  const FewAutoTask *task = work->task;
  gsize d = task->d;
  gsize k = task->k;
  guint n = subset->n_others;
  g_auto (FewRoom) room = { 0 };
  double *x = few_room_new (&room, double, n, d);
  double *z = few_room_new (&room, double, n, k);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    memcpy (x + i * d, task->x + subset->others[i] * d, d * sizeof (double));
  FewDenseProduct product = { .m = n,
                              .n = task->k,
                              .k = task->d,
                              .scale = 1,
                              .a = x,
                              .lda = d,
                              .b = w,
                              .ldb = d,
                              .transpose_b = TRUE,
                              .c = z,
                              .ldc = k };
  few_dense_product (dense, &product);
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < k; c++)
      logits[subset->others[i] * k + c] = z[i * k + c] + (b ? b[c] : 0);
  return TRUE;
}

static gboolean
learn_gda (Work *work, guint subset_index, FewDense *dense, GError **error)
{
  FewAutoFit *fit = work->fit;
  const FewAutoSubset *subset = &work->subsets[subset_index];
  guint k = work->task->k;
  FewAutoGda gda = { 0 };
  g_auto (FewRoom) room = { 0 };
  double *distances = few_room_new (&room, double, subset->n_others, 1);
  gboolean ok = !few_room_is_short (&room, FEW_AUTO_WHAT, error)
                && few_auto_gda_fit (&gda, dense, work->task, &work->scatter, subset,
                                     subset_index == 0, distances, error);
  if (ok && subset_index == 0)
    {
      fit->metric = gda;
      return TRUE;
    }
  ok = ok && score_others (work, dense, subset, gda.w, gda.b, work->gda_logits, error);
  for (guint i = 0; ok && i < subset->n_others; i++)
    {
      const double *row = work->gda_logits + (gsize) subset->others[i] * k;
      double largest = row[0];
      for (guint c = 1; c < k; c++)
        largest = MAX (largest, row[c]);
      fit->distances[subset->others[i]] = distances[i] - 2 * largest;
    }
  few_auto_gda_clear (&gda);
  return ok;
}

static gboolean
learn_lp (Work *work, guint subset_index, FewDense *dense, GError **error)
{
  const FewAutoSubset *subset = &work->subsets[subset_index];
  GCancellable *cancellable = work->options->cancellable;
  if (subset_index == 0)
    return few_auto_lp_fit (dense, work->task, subset, cancellable, work->lp_w, error);
  g_auto (FewRoom) room = { 0 };
  double *w = few_room_new (&room, double, work->task->k, work->task->d);
  guint *counts = few_room_new (&room, guint, work->task->k, 2);
  if (few_room_is_short (&room, FEW_AUTO_WHAT, error)
      || !few_auto_lp_fit (dense, work->task, subset, cancellable, w, error)
      || !score_others (work, dense, subset, w, NULL, work->lp_logits, error))
    return FALSE;
  if (!work->even)
    few_auto_even_out (work->task, subset, counts, work->lp_logits);
  return TRUE;
}

/* Part number `index`: LP++ of each subset first, which takes longest, then GDA. */
static void
learn_part_cb (gpointer user, guint index, guint thread)
{
  Work *work = user;
  guint lp_parts = work->with_lp ? work->n_subsets : 0;
  gboolean is_lp = index < lp_parts;
  guint subset = is_lp ? index : index - lp_parts;
  g_autoptr (GError) error = NULL;
  if (g_cancellable_is_cancelled (work->options->cancellable)
      || g_atomic_pointer_get (&work->error))
    return;
  if (work->enough[subset] && is_lp && (subset == 0 || work->lp_folds))
    learn_lp (work, subset, work->dense[thread], &error);
  else if (work->enough[subset] && !is_lp)
    learn_gda (work, subset, work->dense[thread], &error);
  if (error && g_atomic_pointer_compare_and_exchange (&work->error, NULL, error))
    error = NULL; /* the work's now */
  int done = g_atomic_int_add (&work->done, 1) + 1;
  if (thread == 0 && work->options->progress)
    work->options->progress (work->options->user, (guint) done, lp_parts + work->n_subsets);
}

static void
score_all (Work *work, const double *w, const double *b, double *logits)
{
  const FewAutoTask *task = work->task;
  FewDenseProduct product = { .m = task->n,
                              .n = task->k,
                              .k = task->d,
                              .scale = 1,
                              .a = task->x,
                              .lda = task->d,
                              .b = w,
                              .ldb = task->d,
                              .transpose_b = TRUE,
                              .c = logits,
                              .ldc = task->k };
  few_dense_product_shared (work->pool, work->dense, &product);
  for (guint i = 0; b && i < task->n; i++)
    for (guint c = 0; c < task->k; c++)
      logits[(gsize) i * task->k + c] += b[c];
}

/* a, g, l, q by the pictures that tell */
static gboolean
weigh_by_stacking (Work *work, const guint32 *told, guint n_told, GError **error)
{
  FewAutoFit *fit = work->fit;
  guint k = work->task->k;
  gsize cells = (gsize) work->task->n * k;
  double weights[FEW_AUTO_PARTS] = { 0 };
  double lambda[FEW_AUTO_PARTS];
  double prior[FEW_AUTO_PARTS];
  fit->gda_scale =
      FEW_AUTO_SPREAD / MAX (few_auto_spread (work->gda_logits, k, told, n_told), LEAST_SPREAD);
  for (gsize i = 0; i < cells; i++)
    work->gda_logits[i] *= fit->gda_scale;
  FewAutoStack stack = { .parts = work->with_lp ? 3 : 2,
                         .n = n_told,
                         .k = k,
                         .logits = { fit->out_of_fold, work->gda_logits, work->lp_logits },
                         .rows = told,
                         .labels = work->task->y };
  memcpy (lambda, EVEN_LAMBDA, sizeof lambda);
  memcpy (prior, EVEN_PRIOR, sizeof prior);
  if (!work->even)
    few_auto_lean_on_zero_shot (&stack, lambda, prior);
  if (!few_auto_stack (&stack, work->pool, work->dense, lambda, prior, work->options->cancellable,
                       weights, error))
    return FALSE;
  fit->zero_shot = work->textless ? 0 : weights[0];
  fit->gda = work->textless ? MAX (weights[1], LEAST_LEARNED) : weights[1];
  fit->lp = weights[2];
  return TRUE;
}

/* Too few pictures tell: zero-shot, which did not learn from the pictures, gets its weight from all
 * of them, and the learned parts, whose logits are those of their own pictures, fixed shares. */
static gboolean
weigh_by_rule (Work *work, GError **error)
{
  FewAutoFit *fit = work->fit;
  const FewAutoTask *task = work->task;
  gsize cells = (gsize) task->n * task->k;
  double one = 1;
  double zero_shot;
  FewAutoStack stack = { .parts = 1,
                         .n = task->n,
                         .k = task->k,
                         .logits = { fit->out_of_fold },
                         .rows = work->subsets[0].rows,
                         .labels = task->y };
  if (!few_auto_stack (&stack, work->pool, work->dense, &ONE_LAMBDA, &one,
                       work->options->cancellable, &zero_shot, error))
    return FALSE;
  score_all (work, fit->metric.w, fit->metric.b, work->gda_logits);
  fit->gda_scale = FEW_AUTO_SPREAD
                   / MAX (few_auto_spread (work->gda_logits, task->k, NULL, task->n), LEAST_SPREAD);
  for (gsize i = 0; i < cells; i++)
    work->gda_logits[i] *= fit->gda_scale;
  fit->zero_shot = work->textless ? 0 : zero_shot;
  fit->gda = ONE_GDA;
  if (!work->with_lp)
    return TRUE;
  score_all (work, work->lp_w, NULL, work->lp_logits);
  fit->zero_shot = (1 - ONE_LP) * zero_shot;
  fit->gda = (1 - ONE_LP) * ONE_GDA;
  fit->lp = ONE_LP * MAX (zero_shot, 0.1)
            * few_auto_spread (fit->out_of_fold, task->k, NULL, task->n)
            / MAX (few_auto_spread (work->lp_logits, task->k, NULL, task->n), LEAST_SPREAD);
  return TRUE;
}

/* The parts of all subsets, and their weights. Needs two classes with pictures. */
static gboolean
learn (Work *work, GError **error)
{
  FewAutoFit *fit = work->fit;
  const FewAutoTask *task = work->task;
  gsize cells = (gsize) task->n * task->k;
  guint n_told = 0;
  guint *count = few_room_new (&work->room, guint, task->k, 1);
  guint32 *told = few_room_new (&work->room, guint32, task->n, 1);
  work->with_lp = task->n <= (guint64) LP_SHOTS * task->k;
  work->gda_logits = few_room_new (&work->room, double, cells, 1);
  work->lp_logits = work->with_lp ? few_room_new (&work->room, double, cells, 1) : NULL;
  work->lp_w = work->with_lp ? few_room_new (&work->room, double, task->k, task->d) : NULL;
  if (few_room_is_short (&work->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 0; i < task->n; i++)
    work->lp_folds |= ++count[task->y[i]] > 1;
  fit->folds_used = few_auto_folds (task->y, task->n, task->k, work->options->groups, FOLDS,
                                    work->options->seed, fit->folds, error);
  if (fit->folds_used == 0 || !make_subsets (work, fit->folds_used, error)
      || !few_auto_scatter_init (&work->scatter, task, work->pool, work->dense, error))
    return FALSE;
  few_pool_run (work->pool, work->n_subsets * (work->with_lp ? 2 : 1), learn_part_cb, work);
  if (g_cancellable_set_error_if_cancelled (work->options->cancellable, error))
    return FALSE;
  if (work->error)
    {
      g_propagate_error (error, g_steal_pointer (&work->error));
      return FALSE;
    }
  for (guint i = 0; i < task->n; i++)
    if (fit->own[i])
      told[n_told++] = i;
  gboolean enough = n_told >= 2 && 2 * (gsize) n_told >= task->n;
  work->by_rule = !enough;
  return enough ? weigh_by_stacking (work, told, n_told, error) : weigh_by_rule (work, error);
}

/* Out-of-fold logits of the parts become those of the sum, and GDA's those of what was learned. */
static void
mix_logits (Work *work)
{
  FewAutoFit *fit = work->fit;
  gsize cells = (gsize) work->task->n * work->task->k;
  for (gsize i = 0; work->gda_logits && i < cells; i++)
    {
      double learned =
          fit->gda * work->gda_logits[i] + (work->lp_logits ? fit->lp * work->lp_logits[i] : 0);
      fit->out_of_fold[i] = fit->zero_shot * fit->out_of_fold[i] + learned;
      work->gda_logits[i] = learned;
    }
}

/* One factor for all weights: caution takes away from how sure the sum is. */
static gboolean
temper (Work *work, const guint32 *told, guint n_told, GError **error)
{
  FewAutoFit *fit = work->fit;
  gsize cells = (gsize) work->task->n * work->task->k;
  double factor;
  const FewAutoStack stack = { .parts = 1,
                               .n = n_told,
                               .k = work->task->k,
                               .logits = { fit->out_of_fold },
                               .rows = told,
                               .labels = work->task->y };
  if (!few_auto_temper (&stack, work->pool, work->dense, work->options->cancellable, &factor,
                        error))
    return FALSE;
  fit->zero_shot *= factor;
  fit->gda *= factor;
  fit->lp *= factor;
  for (gsize i = 0; i < cells; i++)
    {
      fit->out_of_fold[i] *= factor;
      work->gda_logits[i] *= factor;
    }
  return TRUE;
}

/* The classifier, its out-of-fold logits, and what α means for it; told [n] is written to. */
static gboolean
combine (Work *work, guint32 *told, GError **error)
{
  FewAutoFit *fit = work->fit;
  const FewAutoTask *task = work->task;
  guint k = task->k;
  guint n_told = 0;
  for (guint i = 0; i < task->n; i++)
    if (fit->own[i])
      told[n_told++] = i;
  const guint32 *rows = n_told >= 2 ? told : NULL;
  guint n = rows ? n_told : task->n;
  if (work->by_rule) /* what folds had held out was learned from after all: it tells nothing */
    {
      memset (fit->own, FALSE, task->n);
      n_told = 0;
    }
  fit->error_before = few_auto_reliability (work->dense[0], fit->out_of_fold, k, task->y, told,
                                            n_told, work->probabilities, fit->before);
  if (work->textless)
    fit->error_before = NAN;
  fit->zero_shot_spread =
      n ? MAX (few_auto_spread (fit->out_of_fold, k, rows, n), LEAST_SPREAD) : 1;
  mix_logits (work);
  if (work->gda_logits && !work->even && n_told > 0 && !temper (work, told, n_told, error))
    return FALSE;
  few_auto_fit_sum (fit, work->lp_w);
  if (work->options->balanced && work->lp_w)
    few_auto_balance (fit, task->y, work->probabilities);
  fit->error_after = few_auto_reliability (work->dense[0], fit->out_of_fold, k, task->y, told,
                                           n_told, work->probabilities, fit->after);
  fit->learned_spread = work->gda_logits ? few_auto_spread (work->gda_logits, k, rows, n) : 0;
  double total = fit->zero_shot * fit->zero_shot_spread + fit->learned_spread;
  fit->alpha = total > 0 ? fit->learned_spread / total : 0;
  fit->temperature = (total > 0 ? total : fit->zero_shot_spread) / FEW_AUTO_SPREAD;
  return TRUE;
}

static FewAutoFit *
make_fit (const FewAutoTask *task, GError **error)
{
  g_autoptr (FewAutoFit) fit = g_new0 (FewAutoFit, 1);
  FewRoom *room = &fit->room;
  fit->n = task->n;
  fit->d = task->d;
  fit->k = task->k;
  fit->zero_shot = 1;
  fit->gda_scale = 1;
  fit->w = few_room_new (room, double, task->k, task->d);
  fit->b = few_room_new (room, double, task->k, 1);
  fit->learned_w = few_room_new (room, double, task->k, task->d);
  fit->learned_b = few_room_new (room, double, task->k, 1);
  fit->text = few_room_new (room, double, task->k, task->d);
  fit->out_of_fold = few_room_new (room, double, task->n, task->k);
  fit->distances = few_room_new (room, double, task->n, 1);
  fit->folds = few_room_new (room, guint32, task->n, 1);
  fit->own = few_room_new (room, guint8, task->n, 1);
  if (few_room_is_short (room, FEW_AUTO_WHAT, error))
    return NULL;
  for (gsize i = 0; i < (gsize) task->k * task->d; i++)
    fit->text[i] = task->scale * task->t[i];
  return g_steal_pointer (&fit);
}

static gboolean
fill_fit (Work *work, GError **error)
{
  const FewAutoTask *task = work->task;
  gboolean two = FALSE;
  guint32 *told = few_room_new (&work->room, guint32, task->n, 1);
  work->probabilities = few_room_new (&work->room, double, task->k, 1);
  if (few_room_is_short (&work->room, FEW_AUTO_WHAT, error))
    return FALSE;
  for (guint i = 1; i < task->n; i++)
    two |= task->y[i] != task->y[0];
  score_all (work, work->fit->text, NULL, work->fit->out_of_fold);
  if (two && !learn (work, error))
    return FALSE;
  return combine (work, told, error);
}

FewAutoFit *
few_auto_fit (const FewAutoTask *task, const FewAutoOptions *options, GError **error)
{
  g_assert (task->k > 0 && task->d > 0);
  gboolean textless = few_auto_is_textless (task);
  g_autoptr (FewAutoFit) fit = make_fit (task, error);
  if (!fit)
    return NULL;
  Work work = { .task = task,
                .options = options,
                .fit = fit,
                .pool = few_pool_new (options->threads),
                .textless = textless,
                .even = options->even_prior || textless };
  work.dense = few_dense_new_each (work.pool, error);
  gboolean ok = work.dense && fill_fit (&work, error);
  few_auto_scatter_clear (&work.scatter);
  few_dense_free_each (work.dense);
  few_pool_free (work.pool);
  few_room_clear (&work.room);
  g_clear_error (&work.error);
  return ok ? g_steal_pointer (&fit) : NULL;
}

void
few_auto_fit_free (FewAutoFit *fit)
{
  few_auto_gda_clear (&fit->metric);
  few_room_clear (&fit->room);
  g_free (fit);
}
