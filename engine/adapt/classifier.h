/* SPDX-License-Identifier: MIT */
/* Inside FewClassifier. */
#pragma once
#include <fewshot/classifier.h>

/* Takes nothing over: everything that the kind has is copied. Strings that are NULL become "".
 * NULL where there is no room. */
FewClassifier *few_classifier_new (const FewClassifierInfo *info, GError **error);
/* The class names as a JSON array. */
char *few_classifier_classes_json (const FewClassifierInfo *info);
