/* SPDX-License-Identifier: MIT */
/* Where a classifier comes from, in its file's metadata. */
#pragma once
#include "formats/safetensors.h"
#include <fewshot/classifier.h>

/* measured: at the α that its accuracies are of. */
void few_origin_write (const FewOrigin *origin, gboolean measured, FewSafetensorsWriter *writer);
/* Strings are the file's; all but the parents, and `several`. */
void few_origin_read (const FewSafetensors *file, FewOrigin *origin);
/* What was measured of each label (origin-several.c): members of the metadata, `per_label` a JSON
 * array of objects in the order of the classes. NULL where the file does not tell, or what cannot
 * be: of n_measured pictures, shares from 0 to 1. */
void few_origin_write_several (const FewOrigin *origin, FewSafetensorsWriter *writer);
FewSeveralScores *few_origin_read_several (const FewSafetensors *file, const FewOrigin *origin,
                                           guint n_labels);
void few_origin_put_share (FewSafetensorsWriter *writer, const char *key, double share);
double few_origin_read_share (const FewSafetensors *file, const char *key);
