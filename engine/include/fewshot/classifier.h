/* SPDX-License-Identifier: MIT */
/* What was learned, by whatever method, as data: it tells the classes of a RAW feature f of CLIP's
 * image tower, x = f / |f|, blended with CLIP's own answer by α: 0 is CLIP alone, 1 what was
 * learned alone. With s = logit_scale and t the text features, the logits are
 *
 *   BOTTLENECK  s · cos (α A (f) + (1 − α) f, t), A (f) = [ReLU] (W2 · ReLU (W1 · f)), the visual
 *               adapter (Gao et al., IJCV 2024)
 *   LINEAR      α (W x + b) + (1 − α) z x · t, z the temperature that suits CLIP beside W; where
 *               `raw`, W f in the place of W x
 *   CACHE       s x · t + α τ Σ exp (−sharpness (1 − x · key)) over the keys of the class
 *               (Tip-Adapter: Zhang et al., ECCV 2022), or, with key_values, each key times its
 *               value for the class (ProKeR: Bendou et al., CVPR 2025)
 *   SUM         α (W x + b + v cos (β A (f) + (1 − β) f, t′)) + (1 − α) z x · t, a linear part and
 *               an adapter that was joined to it: β = part_alpha, v = part_scale, t′ = part_text
 *               (adapters on both sides: W and b are zero), or t
 *   INDEPENDENT as LINEAR, but each class is told by itself, of pictures with any number of them:
 *               its probability is σ (its logit), and it is said from its threshold on
 *   TOWER       s · cos (α g + (1 − α) f, t), g the feature that the image tower gives where A was
 *               learned into it: every token x that its block `after` gives is β A (x) + (1 − β) x
 *
 * A FewClassifier is immutable: any thread. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct FewClassifier FewClassifier;
FEW_API FewClassifier *few_classifier_ref (FewClassifier *classifier);
FEW_API void few_classifier_unref (FewClassifier *classifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewClassifier, few_classifier_unref)

typedef enum {
  FEW_CLASSIFIER_BOTTLENECK,
  FEW_CLASSIFIER_LINEAR,
  FEW_CLASSIFIER_CACHE,
  FEW_CLASSIFIER_SUM,
  FEW_CLASSIFIER_TOWER,
  FEW_CLASSIFIER_INDEPENDENT
} FewClassifierKind;

typedef struct FewTrust FewTrust; /* fewshot/trust.h */
typedef struct FewSeveralScores FewSeveralScores; /* fewshot/several.h */

/* A picture whose largest cosine is below `cosine` is as unlike the classes as `share` of those
 * that were held out. */
typedef struct
{
  double share, cosine;
} FewReject;

/* What is told of a classifier's making. "", 0 and NAN: the file does not tell. */
typedef struct
{
  const char *version; /* Fewshot's that trained it */
  const char *trained; /* when: "2026-11-28T12:00:00Z" */
  guint n_train, n_validation, n_test; /* pictures */
  /* Shares of right answers at the α that it was saved at, and of CLIP alone; of n_measured
   * pictures that are "test", "validation" (which α was chosen on) or "cross-validation". */
  double accuracy, zero_shot_accuracy;
  guint n_measured;
  const char *measured;
  /* INDEPENDENT: what was measured of those pictures in the place of the accuracies, which are NAN,
   * and the mean average precision of CLIP alone; NULL: the file does not tell. */
  const FewSeveralScores *several;
  double zero_shot_map;
  /* "": it was trained; "merged": out of the classifiers whose files have these SHA-256; "added":
   * to the classifier of that; "reopened": it is that, saved again from a project. NULL: they are
   * not told. */
  const char *made;
  const char *const *parents; /* NULL-terminated */
} FewOrigin;

/* Of the unit features x that a closed form learned from: how many of each class, their means, and
 * Σ (x − mean) (x − mean)ᵀ of all of them; enough to learn from more (fewshot/merge.h). */
typedef struct
{
  const guint32 *counts; /* [K]; NULL: not kept */
  const float *means; /* [K, D]; of a class without pictures its text feature */
  const float *scatter; /* [D, D] */
  double a; /* GDA's weight beside CLIP; NAN: another method learned */
} FewStatistics;

typedef struct
{
  FewClassifierKind kind;
  const char *method; /* the one that learned it: "automatic", "clip-adapter" */
  guint dim, n_classes;
  double trained_alpha;
  double alpha; /* the one on the slider when the file was written */
  double logit_scale; /* exp of the stored logarithm */
  const float *text_features; /* [K, D], normalised */
  /* BOTTLENECK, SUM, TOWER: of width D, of the tower's W for the last */
  guint hidden;
  gboolean final_relu;
  const float *w1, *w2; /* [H, D], [D, H] */
  guint after, width; /* TOWER: block, counted from 1, and W */
  /* LINEAR, INDEPENDENT, SUM: never raw in the last two */
  const float *weight, *bias; /* [K, D], [K] */
  gboolean raw;
  double zero_scale;
  /* INDEPENDENT: [K] probabilities, at α 1; of how many pictures each class was learned; and what
   * it was learned with, scikit-learn's C on unit features, and how much of CLIP's own classifier
   * stands in the weights' prior mean */
  const float *thresholds;
  const guint32 *positives;
  double strength, prior;
  /* CACHE */
  guint n_keys;
  const float *keys; /* [n_keys, D], normalised */
  const guint32 *key_labels; /* [n_keys] < K */
  const float *key_values; /* [n_keys, K]; NULL: one for the key's class, zero for the others */
  double tau, sharpness;
  double part_alpha; /* SUM, TOWER */
  /* SUM */
  double part_scale;
  const float *part_text; /* [K, D], normalised; NULL: the text features */
  const char *const *classes; /* K names, NULL-terminated */
  const char *template_text; /* prompt template */
  /* [K] in the place of the template, NULL-terminated; "": the template. NULL: it all over. */
  const char *const *prompts;
  const char *backbone, *backbone_sha256; /* the model's name, and its weights */
  const char *backbone_fingerprint; /* few_model_match; "" in files of version 0.2 */
  /* that the features it learned from were made at, as FewModelInfo's; "": not recorded. It may
   * be used at another. */
  const char *backbone_precision;
  guint n_rejects; /* 0: not known */
  const FewReject *rejects; /* at `alpha`, by growing shares */
  FewTrust *trust; /* what may be believed of its answers; NULL: not known */
  FewStatistics statistics;
  FewOrigin origin;
} FewClassifierInfo;

FEW_API const FewClassifierInfo *few_classifier_info (const FewClassifier *classifier);
/* Floats that it takes of a picture, L below: D; of TOWER 2 D, f and behind it g.
 * few_classifier_encode_file (fewshot/classify.h) and its like make them. */
FEW_API guint few_classifier_length (const FewClassifier *classifier);
/* What CLIP's features [N, L] become: a [N, D] = A (features) of kinds with a bottleneck, g of
 * TOWER, the features themselves of the others. Runs on the calling thread. */
FEW_API void few_classifier_apply (const FewClassifier *classifier, const float *features, guint n,
                                   float *a);
/* Probabilities [K] (that sum to 1, but of INDEPENDENT) and cosines [K] (either may be NULL) of one
 * RAW feature [L] at `alpha`. Where the answer is no cosine of features, its logits / logit_scale
 * stand for it. */
FEW_API void few_classifier_predict (const FewClassifier *classifier, const float *feature,
                                     double alpha, float *cosines, float *probabilities);
/* Whether the classifier knows the cosine below which a picture is as unlike its classes as `share`
 * of those that were held out; between two shares that it tells, on the line between them. FALSE:
 * the share is outside of them, or there are none. */
FEW_API gboolean few_classifier_threshold (const FewClassifier *classifier, double share,
                                           double *cosine);
/* Both: INDEPENDENT is written at α 1, for which its thresholds hold.
 *
 * safetensors. A bottleneck as reference.md §7: fc.0.weight, fc.2.weight, text_features,
 * logit_scale, metadata; the others: weight, bias; or keys, key_labels. The rejects, and
 * what is trusted, are written where `alpha` is theirs. Atomic. */
FEW_API gboolean few_classifier_save (const FewClassifier *classifier, double alpha,
                                      const char *path, GError **error);
FEW_API FewClassifier *few_classifier_load (const char *path, GError **error);
/* ONNX: features [N, L] RAW in, logits [N, K] out, with `alpha` built in. Atomic. */
FEW_API gboolean few_classifier_save_onnx (const FewClassifier *classifier, double alpha,
                                           const char *path, GError **error);

G_END_DECLS
