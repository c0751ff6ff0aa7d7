/* SPDX-License-Identifier: MIT */
/* Inside FewClassifier. */
#pragma once
#include "clip/inserted.h"
#include "onnx/graph.h"
#include <fewshot/classifier.h>

/* Takes nothing over: everything that the kind has is copied. Strings that are NULL become "".
 * NULL where there is no room. */
FewClassifier *few_classifier_new (const FewClassifierInfo *info, GError **error);
/* What a tower is, for the model that is run with it; it borrows the weights. */
FewInserted few_classifier_inserted (const FewClassifierInfo *info);
/* The class names as a JSON array. */
char *few_classifier_classes_json (const FewClassifierInfo *info);
/* The thresholds as one. */
char *few_classifier_thresholds_json (const FewClassifierInfo *info);
/* FewClassifierInfo's rejects as JSON, [[share, cosine], …], and back: NULL and 0 where that is
 * none. Free with g_free. */
char *few_classifier_rejects_json (const FewClassifierInfo *info);
FewReject *few_classifier_parse_rejects (const char *json, const char *path, guint *n);
/* features [N, L] RAW → logits [N, K], made by the graph's last node; and what a file's metadata
 * says of the classifier. */
const char *few_classifier_graph (FewOnnx *graph, const FewClassifierInfo *info, double alpha,
                                  const char *features);
/* The time of day in UTC, as FewOrigin.trained; free with g_free. */
char *few_origin_now (void);
/* prompts [n], entries may be NULL, as FewClassifierInfo's; NULL where none is given. Free with
 * g_strfreev. */
char **few_classifier_prompts (const char *const *prompts, guint n);
/* The prompts as a JSON array. */
char *few_classifier_strings_json (const char *const *strings, guint n);
/* Rows of length 1 */
const char *few_classifier_graph_unit (FewOnnx *graph, const char *features);
void few_classifier_graph_metadata (FewOnnx *graph, const FewClassifierInfo *info, double alpha);
