/* SPDX-License-Identifier: MIT */
/* Where a classifier comes from, in its file's metadata. */
#pragma once
#include "formats/safetensors.h"
#include <fewshot/classifier.h>

void few_origin_write (const FewOrigin *origin, FewSafetensorsWriter *writer);
/* Strings are the file's. */
void few_origin_read (const FewSafetensors *file, FewOrigin *origin);
