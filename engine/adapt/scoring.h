/* SPDX-License-Identifier: MIT */
/* What a classifier makes of many pictures at once. */
#pragma once
#include "backend/backend.h"
#include "lens/snapshot.h"
#include <fewshot/classifier.h>

/* Fills the snapshot's tables from RAW features [N of the snapshot, D], a few hundred rows at a
 * time, so that the lens blends them as few_classifier_predict does one. FALSE with an error when
 * the device fails. */
gboolean few_score_pictures (FewBackend *backend, const FewClassifierInfo *classifier,
                             const float *features, FewSnapshot *out, GError **error);
