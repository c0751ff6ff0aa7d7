/* SPDX-License-Identifier: MIT */
/* Where a classifier comes from, in its file's metadata. */
#pragma once
#include "formats/safetensors.h"
#include <fewshot/classifier.h>

/* measured: at the α that its accuracies are of. */
void few_origin_write (const FewOrigin *origin, gboolean measured, FewSafetensorsWriter *writer);
/* Strings are the file's; all but the parents. */
void few_origin_read (const FewSafetensors *file, FewOrigin *origin);
