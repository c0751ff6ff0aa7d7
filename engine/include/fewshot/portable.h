/* SPDX-License-Identifier: MIT */
/* A model and a classifier as one thing that runs without this library. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/classifier.h>
#include <fewshot/model.h>
#include <fewshot/trust.h>

G_BEGIN_DECLS

/* ---- none of these */

/* What a classifier refuses, where `share` of the pictures that tell are to be refused: by
 * strangeness (few_trust_strangeness) above a level where it knows that at its α, by the largest
 * cosine below one otherwise. */
typedef struct
{
  gboolean by_strangeness;
  double level;
} FewRefusal;

/* FALSE: it knows neither at `alpha`, or not that share. */
FEW_API gboolean few_refusal_find (const FewClassifier *classifier, double alpha, double share,
                                   FewRefusal *refusal, GError **error);
/* Of a RAW feature with what few_classifier_predict made of it; `best`: its likeliest class. */
FEW_API gboolean few_refusal_holds (const FewRefusal *refusal, const FewClassifier *classifier,
                                    const float *feature, guint best, const float *cosines,
                                    const float *probabilities);

/* ---- ONNX */

typedef struct
{
  double alpha;        /* 0 … 1, built in */
  double reject_share; /* as few_refusal_find's, built in; 0: no picture is refused */
  gboolean half;       /* weights kept in f16, computed with in f32: half the size, less exact */
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
 * thread works. FEW_ERROR_UNSUPPORTED: a model that resizes pictures in a way that has no graph;
 * FEW_ERROR_LIMIT: a weight that f16 cannot hold. */
FEW_API gboolean few_portable_save_onnx (const FewModel *model, const FewClassifier *classifier,
                                         const FewPortableOptions *options, const char *path,
                                         FewPortableProgress progress, gpointer user,
                                         GCancellable *cancellable, GError **error);

/* ---- a folder to take away */

typedef struct
{
  FewPortableOptions onnx;
  const char *licence; /* of the model, as its publisher says; NULL: not known */
  const char *sample;  /* a picture to put in; NULL: none */
} FewPortableFolder;

/* A new folder, there whole or not at all: model.onnx (and its .data), classifier.safetensors,
 * labels.txt, predict.py, a sample picture, README.md and model-card.md, which say what it is, what
 * was measured on which pictures, its limits and the model's licence. The parent folder is to be
 * there; the folder itself is not, or is empty. As few_portable_save_onnx besides. */
FEW_API gboolean few_portable_save_folder (const FewModel *model, const FewClassifier *classifier,
                                           const FewPortableFolder *options, const char *path,
                                           FewPortableProgress progress, gpointer user,
                                           GCancellable *cancellable, GError **error);

/* ---- run, and compared */

typedef struct
{
  guint n, alike, unread; /* pictures, those with the same class, those that could not be read */
  double worst;           /* largest difference of a probability */
  double bound;           /* that it may have: 1e-3, in f16 2e-2 */
  gboolean half;          /* its weights are f16 */
  char runtime[64];       /* "onnxruntime 1.20.0" */
} FewVerification;

/* Runs an ONNX model of either kind (few_portable_save_onnx, few_classifier_save_onnx) with the
 * onnxruntime of Python (FEWSHOT_PYTHON, or python3) on pictures, decoded whole, and compares it
 * with the classifier, picture by picture. FEW_ERROR_UNSUPPORTED: it could not be run on this
 * computer, and why. Not while another thread uses the model. */
FEW_API gboolean few_portable_verify (FewModel *model, const FewClassifier *classifier,
                                      const char *onnx, const char *const *paths, guint n,
                                      FewVerification *verification, FewPortableProgress progress,
                                      gpointer user, GCancellable *cancellable, GError **error);

G_END_DECLS
