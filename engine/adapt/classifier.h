/* SPDX-License-Identifier: MIT */
/* Inside FewClassifier. */
#pragma once
#include <fewshot/classifier.h>

/* The model that an adapter was trained on, as it is recorded. */
typedef struct
{
  const char *name, *sha256, *fingerprint;
} FewBackbone;

/* Takes nothing over: everything is copied. weights [H·D + D·H] as W1, W2. */
FewClassifier *few_classifier_new (guint dim, guint hidden, gboolean final_relu,
                                   const float *weights, const float *text_features,
                                   const char *const *classes, guint n_classes, double logit_scale,
                                   double trained_alpha, const char *template_text,
                                   const FewBackbone *backbone);
/* The class names as a JSON array. */
char *few_classifier_classes_json (const FewClassifierInfo *info);
