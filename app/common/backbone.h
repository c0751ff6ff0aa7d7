/* SPDX-License-Identifier: MIT */
/* The model that a classifier was trained on, among those on this computer. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* FewCatalogueEntry *: the catalogue's models, and those that were fetched besides. NULL: the
 * catalogue cannot be read. */
GPtrArray *few_known_models (GError **error);
/* Its folder; NULL where it is not here, with an error only when it was cancelled. Free with
 * g_free. Weights that were never opened are read whole. */
char *few_backbone_find (const FewClassifierInfo *info, GCancellable *cancellable, GError **error);
G_END_DECLS
