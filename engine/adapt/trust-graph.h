/* SPDX-License-Identifier: MIT */
/* Strangeness in ONNX. */
#pragma once
#include "onnx/graph.h"
#include <fewshot/trust.h>

/* few_trust_strangeness of a unit feature [1, D] whose likeliest class has that probability, both
 * float: a scalar in double precision. */
const char *few_trust_graph (FewOnnx *graph, const FewTrust *trust, const char *unit,
                             const char *probability);
