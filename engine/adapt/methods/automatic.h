/* SPDX-License-Identifier: MIT */
/* Between the files of the method "automatic": what is learned from, its parts, and the fit. All
 * in double precision, rows [.., D] row-major. */
#pragma once
#include "base/words.h"
#include "backend/dense.h"
#include "base/memory.h"
#include <fewshot/trust.h>
#include <gio/gio.h>

/* What there may not be enough memory for. */
#define FEW_AUTO_WHAT N_ ("learning from so many pictures and classes")

/* standard deviation that logits are brought to */
#define FEW_AUTO_SPREAD 3.0

/* Labelled pictures and the classes' texts. */
typedef struct
{
  guint n, d, k;
  const double *x;       /* [n, D] unit rows */
  const guint32 *y;      /* [n] in 0 … K−1 */
  const double *t;       /* [K, D] unit rows */
  double scale;          /* logit_scale */
} FewAutoTask;

/* Some of a task's rows, and the others. */
typedef struct
{
  const guint32 *rows, *others;
  guint n, n_others;
} FewAutoSubset;

/* ---- folds (automatic-folds.c) */

/* fold [n] of each picture, class by class: the groups that have none yet, in the order of their
 * first picture, are shuffled and dealt out in turn. The number of folds: most_folds or the
 * number of groups, at least 2; 0 without memory. groups may be NULL: each picture is its own. */
guint few_auto_folds (const guint32 *labels, guint n, guint k, const guint32 *groups,
                      guint most_folds, guint64 seed, guint32 *fold, GError **error);

/* ---- GDA (automatic-gda.c) */

/* What fits to different subsets share. */
typedef struct
{
  double *means;   /* [K, D] of the classes */
  double *centred; /* [n, D] rows less their class's mean */
  double *scatter; /* [D, D], its lower triangle: centredᵀ centred; NULL when n < D */
  FewRoom room;    /* of these */
} FewAutoScatter;

/* FALSE: there is no memory. */
gboolean few_auto_scatter_init (FewAutoScatter *scatter, const FewAutoTask *task, FewPool *pool,
                                FewDense *const *dense, GError **error);
void few_auto_scatter_clear (FewAutoScatter *scatter);

/* Gaussian discriminants w x + b, and the metric of their covariance: (x−centre)ᵀ P (x−centre) */
typedef struct
{
  double *w, *b;     /* [K, D], [K] */
  double *centre;    /* [D] mean of the classes' means */
  double
      *precision; /* P [D, D] where it was asked for; NULL otherwise and where P = isotropic · I */
  double isotropic;
  FewRoom room; /* of these */
} FewAutoGda;

/* Learns from subset->rows. distances [n_others] (or NULL) get the others' (x−centre)ᵀ P
 * (x−centre). FALSE when the covariance cannot be factored, or without memory. */
gboolean few_auto_gda_fit (FewAutoGda *gda, FewDense *dense, const FewAutoTask *task,
                           const FewAutoScatter *scatter, const FewAutoSubset *subset,
                           gboolean with_precision, double *distances, GError **error);
void few_auto_gda_clear (FewAutoGda *gda);

/* ---- LP++ (automatic-lp.c) */

/* w [K, D] learned from subset->rows. FALSE when `cancellable` was, or without memory. */
gboolean few_auto_lp_fit (FewDense *dense, const FewAutoTask *task, const FewAutoSubset *subset,
                          GCancellable *cancellable, double *w, GError **error);

/* ---- weights (automatic-stack.c) */

enum { FEW_AUTO_PARTS = 3 };

/* Logits of `parts` classifiers, each [.., K], for the pictures `rows` [n]. */
typedef struct
{
  guint parts, n, k;
  const double *logits[FEW_AUTO_PARTS];
  const guint32 *rows, *labels; /* labels: of all pictures */
} FewAutoStack;

/* weights ≥ 0 that minimise the mean cross-entropy of Σ w_i z_i plus Σ λ_i/n (w_i − prior_i)²:
 * convex, by projected Newton steps from the prior. lambda, prior [parts]. FALSE when `cancellable`
 * was, or without memory. */
gboolean few_auto_stack (const FewAutoStack *stack, FewPool *pool, FewDense *const *dense,
                         const double *lambda, const double *prior, GCancellable *cancellable,
                         double *weights, GError **error);

/* ---- automatic-caution.c */

/* √ mean (z − its row's mean)² over rows [n] (NULL: the first n) of z [.., K] */
double few_auto_spread (const double *z, guint k, const guint32 *rows, guint n);
/* The model read no texts: there is no zero-shot part, and all parts are trusted alike. */
gboolean few_auto_is_textless (const FewAutoTask *task);
/* λ and prior of a stack that begins at zero-shot CLIP, its first part. */
void few_auto_lean_on_zero_shot (const FewAutoStack *stack, double *lambda, double *prior);
/* logits [n, K] of the subset's others, of a part that learned from the subset: what its classes
 * are short of is made up for. inside [2 K] is written to. */
void few_auto_even_out (const FewAutoTask *task, const FewAutoSubset *subset, guint *inside,
                        double *logits);
/* The factor that logits [.., K], the stack's only part, are calibrated by. FALSE when
 * `cancellable` was, or without memory. */
gboolean few_auto_temper (const FewAutoStack *stack, FewPool *pool, FewDense *const *dense,
                          GCancellable *cancellable, double *factor, GError **error);

/* ---- automatic-calibration.c */

/* Fills bins [FEW_TRUST_BINS] from the logits [.., K] of the pictures rows [n]; their expected
 * calibration error (Guo et al., ICML 2017), NAN without any. p [K] is written to. */
double few_auto_reliability (const FewDense *dense, const double *logits, guint k,
                             const guint32 *labels, const guint32 *rows, guint n, double *p,
                             FewReliability *bins);

/* ---- the fit (automatic-fit.c) */

typedef struct
{
  guint n, d, k, folds_used;
  double zero_shot, gda, lp, gda_scale; /* weights a, g, l, and q that GDA's logits are scaled by */
  double alpha, temperature;
  double zero_shot_spread, learned_spread; /* σ0, σL: of the parts' out-of-fold logits */
  double *w, *b; /* [K, D], [K] the result: softmax (w x + b) */
  double *learned_w, *learned_b; /* [K, D], [K] its learned part */
  double *text; /* [K, D] zero-shot's: scale · t */
  double *out_of_fold; /* [n, K] logits */
  double *distances; /* [n] out-of-fold (x−centre)ᵀ P (x−centre) − 2 max_k (w x + b) */
  guint32 *folds; /* [n] */
  double error_before, error_after; /* expected calibration errors of zero-shot and the result */
  FewReliability before[FEW_TRUST_BINS], after[FEW_TRUST_BINS];
  guint8 *own; /* [n] whether the picture's class had others outside its fold */
  FewAutoGda metric; /* of all pictures, with its precision; w is NULL without GDA */
  FewRoom room; /* of all arrays but the metric's */
} FewAutoFit;

typedef struct
{
  const guint32 *groups; /* [n] or NULL */
  guint64 seed;
  gboolean balanced; /* few_auto_balance */
  gboolean even_prior; /* of the stack's weights: the reference's, which trusts all parts alike */
  guint threads; /* 0: one per processor */
  void (*progress) (gpointer user, guint done, guint total); /* from the calling thread; or NULL */
  gpointer user;
  GCancellable *cancellable;
} FewAutoOptions;

FewAutoFit *few_auto_fit (const FewAutoTask *task, const FewAutoOptions *options, GError **error);
void few_auto_fit_free (FewAutoFit *fit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewAutoFit, few_auto_fit_free)
/* What the result and its out-of-fold logits lean to larger classes by is taken off (in
 * automatic-caution.c): lp · log (n_k K / n), where a class without pictures counts as if it had
 * one. lean [K] is written to. */
void few_auto_balance (FewAutoFit *fit, const guint32 *labels, double *lean);
/* w, b and their learned part out of the weights; lp_w [K, D] or NULL (automatic-sum.c) */
void few_auto_fit_sum (FewAutoFit *fit, const double *lp_w);
/* w [K, D], b [K] of the classifier at α: 0 CLIP alone, 1 what was learned alone */
void few_auto_fit_at (const FewAutoFit *fit, double alpha, double *w, double *b);
