/* SPDX-License-Identifier: MIT */
/* libfewshot: CLIP's forward pass and few-shot adaptation (CLIP-Adapter, Gao et al., IJCV 2024).
 *
 *   g_autoptr (FewModel) model = few_model_open ("pocket-folder", NULL, NULL, &error);
 *   float feature[D];                                                  // D = few_model_dim
 *     (model)
 *   few_model_encode_file (model, "leaf.jpg", feature, NULL, &error);  // RAW: un-normalised
 *
 * Conventions. Functions that can fail return FALSE or NULL and set a GError whose message names
 * the file, what is wrong and what to do. Matrices are row-major f32. N pictures, K classes, D
 * joint dimension, H hidden width, R input size. Strings are UTF-8, paths in the file system's
 * encoding. Handles are reference counted and opaque. The library keeps no process-global state,
 * never prints and never exits. Threads. A FewModel, FewTrainer or FewBackend is used from one
 * thread at a time (it runs its own threads inside). FewSnapshot and FewClassifier are immutable:
 * any thread. FewWorker is called from the thread that made it. */
#pragma once
#include <fewshot/classifier.h>
#include <fewshot/classify.h>
#include <fewshot/apply.h>
#include <fewshot/archive.h>
#include <fewshot/atomic-file.h>
#include <fewshot/automatic.h>
#include <fewshot/check.h>
#include <fewshot/compare.h>
#include <fewshot/dataset.h>
#include <fewshot/device.h>
#include <fewshot/embed.h>
#include <fewshot/encode.h>
#include <fewshot/error.h>
#include <fewshot/file.h>
#include <fewshot/groups.h>
#include <fewshot/heat.h>
#include <fewshot/hub.h>
#include <fewshot/label-sets.h>
#include <fewshot/labels.h>
#include <fewshot/lens.h>
#include <fewshot/map.h>
#include <fewshot/match.h>
#include <fewshot/merge.h>
#include <fewshot/method.h>
#include <fewshot/model.h>
#include <fewshot/picture.h>
#include <fewshot/places.h>
#include <fewshot/portable.h>
#include <fewshot/project.h>
#include <fewshot/prompts.h>
#include <fewshot/scores.h>
#include <fewshot/several.h>
#include <fewshot/snapshot.h>
#include <fewshot/tags.h>
#include <fewshot/task.h>
#include <fewshot/tensor-file.h>
#include <fewshot/train-options.h>
#include <fewshot/trainer.h>
#include <fewshot/trust.h>
#include <fewshot/walk.h>
#include <fewshot/worker.h>
