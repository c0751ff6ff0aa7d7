/* SPDX-License-Identifier: MIT */
/* What a classifier makes of many pictures at once. */
#pragma once
#include "backend/backend.h"
#include "lens/snapshot.h"
#include <fewshot/classifier.h>
#include <fewshot/task.h>

/* Fills the snapshot's tables from RAW features [N of the snapshot, L], a few hundred rows at a
 * time, so that the lens blends them as few_classifier_predict does one. FALSE with an error when
 * the device fails. */
gboolean few_score_pictures (FewBackend *backend, const FewClassifierInfo *classifier,
                             const float *features, FewSnapshot *out, GError **error);
/* What a tower takes, [n, 2 D]: the task's features with what it makes of its pictures behind each.
 * Free with g_free; NULL: there is no room. */
float *few_join_features (const FewTask *task, const float *inserted, gsize dim, GError **error);
