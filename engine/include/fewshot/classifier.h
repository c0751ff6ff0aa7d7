/* SPDX-License-Identifier: MIT */
/* The visual adapter: A(f) = [ReLU] (W2 · ReLU (W1 · f)), f' = α·A(f) + (1−α)·f on the
 * un-normalised feature. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct FewClassifier FewClassifier;
FEW_API FewClassifier *few_classifier_ref (FewClassifier *classifier);
FEW_API void few_classifier_unref (FewClassifier *classifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewClassifier, few_classifier_unref)

typedef struct
{
  guint dim, hidden, n_classes;
  gboolean final_relu;
  double trained_alpha;
  double alpha;                 /* the one on the slider when the file was written */
  double logit_scale;           /* exp of the stored logarithm */
  const float *w1, *w2;         /* [H, D], [D, H] */
  const float *text_features;   /* [K, D], normalised */
  const char *const *classes;   /* K names, NULL-terminated */
  const char *template_text;    /* prompt template */
  const char *backbone, *backbone_sha256; /* the model's name, and its weights */
  const char *backbone_fingerprint;       /* few_model_match; "" in files of version 0.2 */
} FewClassifierInfo;

FEW_API const FewClassifierInfo *few_classifier_info (const FewClassifier *classifier);
/* a [N, D] = A (features [N, D]); runs on the calling thread. */
FEW_API void few_classifier_apply (const FewClassifier *classifier, const float *features, guint n,
                                   float *a);
/* Probabilities [K] and cosines [K] (either may be NULL) of one RAW feature [D] at `alpha`. */
FEW_API void few_classifier_predict (const FewClassifier *classifier, const float *feature,
                                     double alpha, float *cosines, float *probabilities);
/* safetensors as reference.md §7: fc.0.weight, fc.2.weight, text_features, logit_scale,
 * metadata. Atomic. */
FEW_API gboolean few_classifier_save (const FewClassifier *classifier, double alpha,
                                      const char *path, GError **error);
FEW_API FewClassifier *few_classifier_load (const char *path, GError **error);
/* ONNX: features [N, D] RAW in, logits [N, K] out, with `alpha` built in. Atomic. */
FEW_API gboolean few_classifier_save_onnx (const FewClassifier *classifier, double alpha,
                                           const char *path, GError **error);

G_END_DECLS
