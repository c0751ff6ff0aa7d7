/* SPDX-License-Identifier: MIT */
/* What a classifier's file says that it is. A bottleneck is an adapter with the tensor names of the
 * published code (fc.0, fc.2), as version 0.2 wrote it. */
#pragma once
#include <fewshot/classifier.h>

#define FEW_FORMAT_ADAPTER "fewshot-adapter"
#define FEW_FORMAT_CLASSIFIER "fewshot-classifier"
#define FEW_FORMAT_VERSION "1"

/* NULL behind the last. */
const char *few_classifier_kind_name (FewClassifierKind kind);
