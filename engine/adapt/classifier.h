/* SPDX-License-Identifier: MIT */
/* Inside FewClassifier. */
#pragma once
#include <fewshot/classifier.h>

/* Takes nothing over: everything that the kind has is copied. Strings that are NULL become "". */
FewClassifier *few_classifier_new (const FewClassifierInfo *info);
/* The class names as a JSON array. */
char *few_classifier_classes_json (const FewClassifierInfo *info);
