/* SPDX-License-Identifier: MIT */
/* Inside FewClassifier. */
#pragma once
#include <fewshot/classifier.h>

/* Takes nothing over: everything that the kind has is copied. Strings that are NULL become "".
 * NULL where there is no room. */
FewClassifier *few_classifier_new (const FewClassifierInfo *info, GError **error);
/* The class names as a JSON array. */
char *few_classifier_classes_json (const FewClassifierInfo *info);
/* FewClassifierInfo's rejects as JSON, [[share, cosine], …], and back: NULL and 0 where that is
 * none. Free with g_free. */
char *few_classifier_rejects_json (const FewClassifierInfo *info);
FewReject *few_classifier_parse_rejects (const char *json, const char *path, guint *n);
