/* SPDX-License-Identifier: MIT */
/* Pictures to what a classifier takes of them: few_classifier_length floats each, CLIP's feature,
 * and behind it, for a tower, that of the image tower with what was learned into it. They run the
 * model as fewshot/encode.h's functions of like names do, and fail as these; besides with
 * FEW_ERROR_INPUT where the classifier is a tower that does not fit into the model's. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/classifier.h>
#include <fewshot/encode.h>

G_BEGIN_DECLS

/* pixels [n, 3, R, R] → features [n, L] */
FEW_API gboolean few_classifier_encode_pixels (const FewClassifier *classifier, FewModel *model,
                                               const float *pixels, guint n, float *features,
                                               GCancellable *cancellable, GError **error);
/* name: as in few_model_encode_bytes. */
FEW_API gboolean few_classifier_encode_bytes (const FewClassifier *classifier, FewModel *model,
                                              GBytes *bytes, const char *name, float *feature,
                                              GCancellable *cancellable, GError **error);
FEW_API gboolean few_classifier_encode_file (const FewClassifier *classifier, FewModel *model,
                                             const char *path, float *feature,
                                             GCancellable *cancellable, GError **error);
/* Each picture is decoded and told once, whatever its feature takes; those of a tower have a cache
 * of their own. */
FEW_API gboolean few_classifier_encode_files (const FewClassifier *classifier, FewModel *model,
                                              const char *const *paths, guint n,
                                              const char *cache_folder, FewEncodeFunc func,
                                              gpointer user, GCancellable *cancellable,
                                              GError **error);

G_END_DECLS
