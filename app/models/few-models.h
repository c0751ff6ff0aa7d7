/* SPDX-License-Identifier: MIT */
/* The models of the catalogue and those fetched by name, one for all windows; fetches go on
 * while any window is open. The UI thread only. */
#pragma once
#include "models/few-model-item.h"

G_BEGIN_DECLS
#define FEW_TYPE_MODELS (few_models_get_type ())
G_DECLARE_FINAL_TYPE (FewModels, few_models, FEW, MODELS, GObject)

/* Signals
 *   fetched (item)   a model has become ready
 *   failed (text)    a sentence: a removal that could not be done */
FewModels *few_models_new (void);
/* FewModelItem */
GListModel *few_models_get_list (FewModels *self);
/* By name or repository; NULL when it is not listed. */
FewModelItem *few_models_find (FewModels *self, const char *name);
/* Fetches, or goes on with it. */
void few_models_pull (FewModels *self, FewModelItem *item);
/* Any repository: listed and fetched. FALSE when that is no name of one. */
gboolean few_models_pull_repository (FewModels *self, const char *repository);
/* few_models_pull goes on with it. */
void few_models_pause (FewModels *self, FewModelItem *item);
/* The part stays. */
void few_models_cancel (FewModels *self, FewModelItem *item);
/* In the background: taking hundreds of megabytes off a disk takes its time. Signal "failed"
 * tells when it could not be done. */
void few_models_remove (FewModels *self, FewModelItem *item);
G_END_DECLS
