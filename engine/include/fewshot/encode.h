/* SPDX-License-Identifier: MIT */
/* Encoding: pictures and texts to the features of a model. */
#pragma once
#include <fewshot/export.h>
#include <fewshot/model.h>

G_BEGIN_DECLS

/* Loads the text tower now rather than with the first text, so that what is wrong with it is told
 * here; TRUE at once where it is loaded, and of a model that reads no texts. */
FEW_API gboolean few_model_load_text (FewModel *model, GError **error);
/* features [n, D], un-normalised. An error of a model that reads no texts. */
FEW_API gboolean few_model_encode_texts (FewModel *model, const char *const *texts, guint n,
                                         float *features, GCancellable *cancellable,
                                         GError **error);

/* pixels [n, 3, R, R] → features [n, D], un-normalised */
FEW_API gboolean few_model_encode_pixels (FewModel *model, const float *pixels, guint n,
                                          float *features, GCancellable *cancellable,
                                          GError **error);
FEW_API gboolean few_model_encode_file (FewModel *model, const char *path, float *feature,
                                        GCancellable *cancellable, GError **error);
/* The same of the bytes of a picture file; `name` is used in sentences, and is an address (crop.h)
 * where a part is meant. */
FEW_API gboolean few_model_encode_bytes (FewModel *model, GBytes *bytes, const char *name,
                                         float *feature, GCancellable *cancellable, GError **error);

/* Text features of classes: each template's "{}" becomes the class name ("_" → space); templates
 * are averaged after normalising; out [n_classes, D] normalised rows, zeroes where the model reads
 * no texts. raw [n_classes, D] (may be
 * NULL): the mean of the templates' features as they are. prompts (may be NULL,
 * entries may be NULL) replaces the templates of a class. */
FEW_API gboolean few_model_encode_classes (FewModel *model, const char *const *names,
                                           const char *const *prompts, guint n_classes,
                                           const char *const *templates, float *out, float *raw,
                                           GCancellable *cancellable, GError **error);

/* Called from worker threads under a lock, once a picture: feature [D] or an error sentence. */
typedef void (*FewEncodeFunc) (gpointer user, guint index, const float *feature, const guint8 *hash,
                               gboolean from_cache, const GError *error);
/* Encodes files: read, hash, look up in the feature cache of this model (cache_folder, NULL for
 * none), decode, encode, store. A bad file is reported and never stops the rest. Returns FALSE
 * only when cancelled. */
FEW_API gboolean few_model_encode_files (FewModel *model, const char *const *paths, guint n,
                                         const char *cache_folder, FewEncodeFunc func,
                                         gpointer user, GCancellable *cancellable, GError **error);
enum { FEW_MAX_VIEWS = 100 };
/* Augmented views (random crop of ½–1 of the area, flip): features [n, n_views, D] RAW. Drawn
 * from content and seed, hence cached like pictures. progress (may be NULL) comes from worker
 * threads under a lock. Fails at the first picture that cannot be read. */
FEW_API gboolean few_model_encode_views (FewModel *model, const char *const *paths, guint n,
                                         guint n_views, guint64 seed, const char *cache_folder,
                                         float *features,
                                         void (*progress) (gpointer user, guint done, guint total),
                                         gpointer user, GCancellable *cancellable, GError **error);

G_END_DECLS
