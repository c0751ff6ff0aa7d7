/* SPDX-License-Identifier: MIT */
/* Snapshots from a model: before training, of an adapter, of a run that was kept. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/adapter.h>
#include <fewshot/model.h>
#include <fewshot/project.h>
#include <fewshot/snapshot.h>
#include <fewshot/train-options.h>

G_BEGIN_DECLS

/* The snapshot before training: zero-shot CLIP. */
FEW_API FewSnapshot *few_snapshot_zero_shot (FewModel *model, const float *features,
                                             const guint32 *labels, const guint8 *roles,
                                             const guint32 *ids, guint n,
                                             const float *text_features, guint n_classes,
                                             GError **error);

/* What a finished run leaves. names, prompts [n_classes] as it was trained with. */
FEW_API FewProjectRun *few_project_run_new (const char *title, const FewTrainJob *job,
                                            const FewSnapshot *snapshot, const char *const *prompts,
                                            gboolean stopped);
/* What an adapter makes of features [n, D] RAW that it was not trained on. labels [n] < K, roles
 * [n], ids [n] (NULL: 0…n−1). An error when it was trained with another model. */
FEW_API FewSnapshot *few_snapshot_apply (FewModel *model, FewAdapter *adapter,
                                         const float *features, const guint32 *labels,
                                         const guint8 *roles, const guint32 *ids, guint n,
                                         GError **error);
/* The snapshot that the run ended with, from features [n, D] RAW and text features [K, D]
 * normalised. An error when it was trained with another model or its weights were not kept. */
FEW_API FewSnapshot *few_snapshot_restore (FewModel *model, const FewProjectRun *run,
                                           const float *features, const guint32 *labels,
                                           const guint8 *roles, const guint32 *ids, guint n,
                                           const float *text_features, GError **error);

G_END_DECLS
