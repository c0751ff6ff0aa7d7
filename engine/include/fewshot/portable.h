/* SPDX-License-Identifier: MIT */
/* A model and a classifier as one thing that runs without this library. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/classifier.h>
#include <fewshot/model.h>

G_BEGIN_DECLS

typedef struct
{
  double alpha;        /* 0 … 1, built in */
  double reject_share; /* as few_classifier_threshold's, built in; 0: no picture is refused */
  gboolean half;       /* the tower in f16: half the size, less exact */
  gboolean outside;    /* weights in a file beside the model, whatever they measure */
} FewPortableOptions;

/* From the calling thread: bytes of weights that are written, of those that there are. */
typedef void (*FewPortableProgress) (gpointer user, guint64 done, guint64 total);

/* ONNX (opset 17): picture, uint8 [H, W, 3], RGB, upright, of any size in; out come class (int64,
 * −1: none of these), probability (its, or of the most likely one that was refused), probabilities
 * [K] and similarities [K], as few_classifier_predict tells them. Pixels are Pillow's, bit for
 * bit. The weights are read from the model's files anew, as they were when it was
 * opened, one at a time; above 2 GB they lie in BACKBONE-….data beside the model. The class names
 * are its metadata `classes` (JSON), as is what else the classifier says. Atomic; the calling
 * thread works. FEW_ERROR_UNSUPPORTED: a family of models that has no graph. */
FEW_API gboolean few_portable_save_onnx (const FewModel *model, const FewClassifier *classifier,
                                         const FewPortableOptions *options, const char *path,
                                         FewPortableProgress progress, gpointer user,
                                         GCancellable *cancellable, GError **error);

G_END_DECLS
