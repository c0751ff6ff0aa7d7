/* SPDX-License-Identifier: MIT */
/* Inside FewModel, for the rooms that train on it. */
#pragma once
#include "formats/feature-cache.h"
#include "clip/text.h"
#include "clip/tower.h"
#include "image/picture.h"
#include <fewshot/model.h>

FewBackend *few_model_backend (const FewModel *model);
const FewClipConfig *few_model_config (const FewModel *model);
/* The text tower, loaded where no text was read before. */
const FewTextTower *few_model_text (FewModel *model, GError **error);
/* *state: what its functions work on, until the model leaves its GPU */
const FewTower *few_model_tower (const FewModel *model, gconstpointer *state);
/* The id that fills a context behind its text. */
gint32 few_model_padding (const FewModel *model);
/* For all its lanes together. */
const FewPictureLimits *few_model_picture_limits (const FewModel *model);
/* From now on the image tower is run twice, as it is and with what was learned into it, until NULL
 * takes it out again; the caller keeps it for that long. FALSE: it does not fit in. */
gboolean few_model_insert (FewModel *model, const FewInserted *inserted, GError **error);
/* Whether it would fit in. */
gboolean few_model_takes (const FewModel *model, const FewInserted *inserted, GError **error);
/* L, of what a pass gives of a picture: D, or 2 D with something inserted, CLIP's own first. */
guint few_model_length (const FewModel *model);
/* Somebody looks at intermediate tensors, which come in order from one thread at a time. */
gboolean few_model_is_tapped (const FewModel *model);

enum { FEW_WHOLE_DEVICE = G_MAXINT }; /* in the place of a lane: backend->stream */
/* One forward pass of the image tower on a lane, in parts where memory is short: pixels [n, 3, R,
 * R] → features [n, L] */
gboolean few_model_forward (FewModel *model, FewStream *stream, guint lane, guint n,
                            const float *pixels, float *features, GError **error);
/* Patches of a picture whose part in its feature the image tower tells, and of one row of them; 0:
 * it does not. */
guint few_model_n_parts (const FewModel *model, guint *columns);
/* FewTower's parts, on the whole device: pixels [3, R, R] → features [1 + P, D] */
gboolean few_model_forward_parts (FewModel *model, const float *pixels, float *features,
                                  GError **error);
/* One of the text tower on the whole device, as few_text_forward. */
gboolean few_model_forward_text (FewModel *model, guint b, guint t, const gint32 *ids,
                                 const guint32 *rows, float *features, GError **error);
/* The feature cache of this model in a folder; NULL when there can be none. The model keeps it. */
FewFeatureCache *few_model_feature_cache (FewModel *model, const char *folder);
/* The one that is open now, NULL: none. For what is called back while pictures are encoded, when
 * nobody may replace it. */
FewFeatureCache *few_model_open_cache (const FewModel *model);
/* Why the features of the last pictures could not be kept in the cache that was asked for, or those
 * of some of them; NULL: they could. Encoding again is slower, not wrong: whoever has someone to
 * tell, tells. */
const char *few_model_unkept (const FewModel *model);
void few_model_set_unkept (FewModel *model, const char *reason);
