/* SPDX-License-Identifier: MIT */
/* What a model that reads no texts cannot do. */
#pragma once
#include <fewshot/model.h>

/* FALSE with a sentence about the method of that title where the model reads no texts. */
gboolean few_method_check_texts (const FewModel *model, const char *title, GError **error);
