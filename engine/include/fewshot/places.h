/* SPDX-License-Identifier: MIT */
/* Places: the folders of a user that models and features are kept in. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

/* $XDG_CACHE_HOME/fewshot/features; free with g_free. */
FEW_API char *few_default_cache_folder (void);
/* $XDG_DATA_HOME/fewshot/models; free with g_free. */
FEW_API char *few_default_models_folder (void);

G_END_DECLS
