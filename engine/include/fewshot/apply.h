/* SPDX-License-Identifier: MIT */
/* Snapshots from a model: before training, of an adapter, of a run that was kept. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/classifier.h>
#include <fewshot/method.h>
#include <fewshot/model.h>
#include <fewshot/project.h>
#include <fewshot/snapshot.h>
#include <fewshot/task.h>
#include <fewshot/train-options.h>
#include <fewshot/trainer.h>

G_BEGIN_DECLS

/* The snapshot before training: zero-shot CLIP. Of the task: features, labels, roles, ids, text
 * features. It may be empty. */
FEW_API FewSnapshot *few_snapshot_zero_shot (FewModel *model, const FewTask *task, GError **error);
/* What an adapter makes of pictures that it was not trained on. Of the task: features, labels (of
 * the adapter's classes), roles, ids. An error when the adapter was trained with another model. */
FEW_API FewSnapshot *few_snapshot_apply (FewModel *model, FewClassifier *classifier,
                                         const FewTask *task, GError **error);
/* Who looks on while a method learns: called from the thread that learns, each may be NULL. */
typedef struct
{
  FewMethodProgress progress;
  /* Of "automatic" with the adapter alone: the answer that stands before the adapter learns, then
   * the adapter after each of its steps, behind `progress`. FALSE without an error: it is not to go
   * on, and that answer is the result. */
  void (*answered) (gpointer user, FewSnapshot *snapshot);
  gboolean (*stepped) (gpointer user, FewTrainer *trainer, GError **error);
  gpointer user;
} FewLearnWatch;

/* What a method learns from a task, and what it then makes of its pictures. Of the task: what the
 * method reads, labels, roles, ids, class names. use_all: validation pictures on which the method
 * chooses nothing are learned from, too; their role in the snapshot is then train. watch may be
 * NULL. Errors: those of few_method_run; FEW_ERROR_UNSUPPORTED where the method keeps no
 * classifier. */
FEW_API FewSnapshot *few_snapshot_learn (FewModel *model, const FewTask *task,
                                         const FewMethodOptions *options, gboolean use_all,
                                         const FewLearnWatch *watch, GCancellable *cancellable,
                                         GError **error);
/* What a finished run leaves, for a project to keep. prompts [K of the snapshot] as it was trained
 * with, entries may be NULL, the whole too. */
FEW_API FewProjectRun *few_project_run_new (const char *title, const FewTrainJob *job,
                                            const FewSnapshot *snapshot, const char *const *prompts,
                                            gboolean stopped);
/* What a classifier from elsewhere would have left, without pictures: the same answers. sha256: of
 * its file. */
FEW_API FewProjectRun *few_project_run_of_classifier (const char *title, const char *sha256,
                                                      const FewClassifier *classifier);
/* The snapshot that the run ended with. Of the task: features, labels, roles, ids, text features
 * of the run's classes. An error when it was trained with another model or its weights were not
 * kept. */
FEW_API FewSnapshot *few_snapshot_restore (FewModel *model, const FewProjectRun *run,
                                           const FewTask *task, GError **error);

G_END_DECLS
