/* SPDX-License-Identifier: MIT */
/* The models that are on this computer, and the one among them that a classifier was trained on. */
#pragma once
#include <fewshot.h>

/* FewCatalogueEntry * of the catalogue, then of what was fetched by its repository's name. */
GPtrArray *few_known_models (GError **error);
/* The folder of the model that a classifier was trained on, of the recorded name first: of weights
 * that were never opened every byte is read. Free with g_free; NULL, without an error unless it was
 * cancelled, where there is none. */
char *few_known_model_of (const FewClassifierInfo *info, GCancellable *cancellable, GError **error);
