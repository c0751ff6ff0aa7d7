/* SPDX-License-Identifier: MIT */
/* What the worker's thread does, one function a command. Each answers with its event, if it has
 * one; cancellable is the command's own. On the worker's thread alone. */
#pragma once
#include "worker/command.h"
#include "worker/worker-private.h"

void few_job_encode (FewWorker *worker, const FewEncodeCommand *command, GCancellable *cancellable);
void few_job_locate (FewWorker *worker, guint ticket, const FewLocateCommand *command,
                     GCancellable *cancellable);
void few_job_classes (FewWorker *worker, const FewClassesCommand *command);
void few_job_train (FewWorker *worker, const FewTrainCommand *command, GCancellable *cancellable);
void few_job_compare (FewWorker *worker, const FewCompareCommand *command,
                      GCancellable *cancellable);
void few_job_check (FewWorker *worker, guint ticket, const FewCheckCommand *command);
void few_job_label (FewWorker *worker, guint ticket, const FewLabelCommand *command,
                    GCancellable *cancellable);
void few_job_restore (FewWorker *worker, guint ticket, const FewRestoreCommand *command);
void few_job_try (FewWorker *worker, guint ticket, const FewTryCommand *command,
                  GCancellable *cancellable);
void few_job_map (FewWorker *worker, guint ticket, const FewMapCommand *command,
                  GCancellable *cancellable);
/* Waits for the map that is made, which is cancelled by then or soon done. */
void few_job_end_map (FewWorker *worker);
void few_job_nearest (FewWorker *worker, guint ticket, const FewNearestCommand *command);
void few_job_heat (FewWorker *worker, guint ticket, const FewHeatCommand *command,
                   GCancellable *cancellable);
void few_job_match (FewWorker *worker, guint ticket, const FewMatchCommand *command,
                    GCancellable *cancellable);
void few_job_export (FewWorker *worker, const FewExportCommand *command);
void few_job_take_away (FewWorker *worker, const FewTakeAwayCommand *command,
                        GCancellable *cancellable);
