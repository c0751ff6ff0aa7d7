/* SPDX-License-Identifier: MIT */
/* A repository by its name: which of its files make a model. */
#pragma once
#include <fewshot/hub.h>

/* text: the hub's answer about the repository, {"siblings": [{"rfilename": "…"}, …]}. A new
 * entry with the files to fetch, weights last; an error that says what is missing. */
FewCatalogueEntry *few_repository_choose (const FewCatalogueEntry *asked, const char *text,
                                          gsize length, GError **error);
