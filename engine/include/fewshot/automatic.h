/* SPDX-License-Identifier: MIT */
/* "Automatic": what is learned from a few pictures without a setting, and what can be said about
 * its answers.
 *
 * One linear classifier W [K, D], b [K]: the probabilities of a unit feature x are softmax (W x +
 * b), with no temperature to add. It is the sum of zero-shot CLIP, of Gaussian discriminants whose
 * means lean on the texts and whose covariance is shrunk by OAS (Chen et al., IEEE TSP 2010; for
 * CLIP: Wang et al., ICLR 2024), and, where pictures are few, of LP++ (Huang et al., CVPR 2024),
 * weighted by stacking (Breiman, 1996) on what each part says of pictures that it did not learn
 * from. The formulas stand in engine/adapt/methods/automatic-*.c.
 *
 * Everything is in double precision and depends on nothing but what is given: not on the number of
 * threads, not on the locale. A FewAutomatic is immutable: any thread. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/method.h>
#include <fewshot/task.h>

G_BEGIN_DECLS

typedef struct FewAutomatic FewAutomatic;

typedef struct
{
  /* [task->n] pictures that must not be learned from while another of them is judged (copies,
   * bursts, crops) share a number; see fewshot/groups.h. NULL: each is its own. */
  const guint32 *groups;
  /* Learn from the validation pictures, too: nothing here is chosen on them. */
  gboolean validation_too;
  /* Weigh the parts from a prior that trusts all of them alike. By default the weights begin at
   * zero-shot CLIP, and what was learned has to be worth it on pictures held out: with few pictures
   * that is what keeps it from being worse than CLIP. */
  gboolean even_prior;
  /* Take off what the classes' shares of the training pictures leave in the parts that learn by
   * likelihood: LP++ alone; zero-shot CLIP and the discriminants take all classes for alike. */
  gboolean balanced_priors;
  guint64 seed;  /* of the folds */
  guint threads; /* 0: one per processor that this process may use */
} FewAutomaticOptions;

/* no groups, training pictures alone, seed 1, all processors */
FEW_API void few_automatic_options_init (FewAutomaticOptions *options);

/* Learns from the task's training pictures; views are left aside. dim: D. options may be NULL.
 * progress (or NULL) is called from the calling thread. Fewer than two classes with pictures:
 * zero-shot CLIP. Errors: FEW_ERROR_INPUT for no class, a label that is no class, or a feature that
 * is not a number; FEW_ERROR_MEMORY; G_IO_ERROR_CANCELLED. */
FEW_API FewAutomatic *few_automatic_learn (const FewTask *task, guint dim, double logit_scale,
                                           const FewAutomaticOptions *options,
                                           FewMethodProgress progress, gpointer user,
                                           GCancellable *cancellable, GError **error);
FEW_API FewAutomatic *few_automatic_ref (FewAutomatic *automatic);
FEW_API void few_automatic_unref (FewAutomatic *automatic);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewAutomatic, few_automatic_unref)

typedef struct
{
  guint n, n_classes, dim; /* n: labelled pictures that were learned from */
  const guint32 *pictures; /* [n] their places in the task */
  const guint32 *labels;   /* [n] */
  const double *weight;    /* W [K, D] */
  const double *bias;      /* b [K] */
  double alpha;            /* how much of the result was learned: what `at` gives W and b for */
  double temperature;      /* of `at` */
  /* Logits are zero_shot · z₀ + gda · gda_scale · z_g + lp · z_l. */
  double zero_shot, gda, gda_scale, lp;
  guint n_folds;           /* 0: nothing was learned */
  const guint32 *folds;    /* [n] */
  /* [n, K] logits of each picture by what did not see its fold */
  const double *out_of_fold;
  /* [n] FALSE where the picture's class had no other outside its fold: its row says little */
  const guint8 *told;
} FewAutomaticInfo;

FEW_API const FewAutomaticInfo *few_automatic_info (const FewAutomatic *automatic);
/* weight [K, D], bias [K] at α in 0 … 1: 0 zero-shot CLIP alone, 1 what was learned alone, each
 * with logits of the same spread, info->alpha the result. */
FEW_API void few_automatic_at (const FewAutomatic *automatic, double alpha, double *weight,
                               double *bias);
/* probabilities [n, K] of features [n, D] RAW; α: NAN for the result's. FALSE: FEW_ERROR_MEMORY. */
FEW_API gboolean few_automatic_probabilities (const FewAutomatic *automatic, double alpha,
                                              const float *features, guint n, double *probabilities,
                                              GError **error);

/* ---- what the labelled pictures say about the answers, all out of fold */

/* Share of the told pictures whose largest logit is their label's; NAN without any. low, high: its
 * 95 % interval (Wilson), may be NULL. This is cross-validated accuracy, not that of a test. */
FEW_API double few_automatic_accuracy (const FewAutomatic *automatic, double *low, double *high);
/* Expected calibration error (Guo et al., ICML 2017) in 15 equal bins: before, of zero-shot CLIP,
 * and after, of the result. NAN without told pictures. */
FEW_API void few_automatic_calibration (const FewAutomatic *automatic, double *before,
                                        double *after);
/* Answer sets that hold the true class of a share `coverage` of pictures (LAC: Sadinle, Lei and
 * Wasserman, JASA 2019): a class is in the set when its probability is at least this. 0, all
 * classes, when the told pictures are too few to promise that. */
FEW_API double few_automatic_answer_level (const FewAutomatic *automatic, double coverage);
/* order [n]: the told pictures, least p (own label) first, the others behind them in their order;
 * p_own [n] by picture, NAN where not told; predicted [n] the class that has the largest logit. Any
 * may be NULL. Labels that are likely wrong come first. */
FEW_API void few_automatic_suspects (const FewAutomatic *automatic, guint32 *order, double *p_own,
                                     guint32 *predicted);

G_END_DECLS
