/* SPDX-License-Identifier: MIT */
/* Tensors of a CLIP checkpoint under OpenAI/open_clip names, whatever names the files use. */
#pragma once
#include "formats/tensor.h"

typedef struct FewWeights FewWeights;

/* Finds the weights in a folder: open_clip_model.safetensors, model.safetensors, the shards that
 * *.safetensors.index.json names, the only *.safetensors, or the only PyTorch archive (*.pt,
 * *.bin). Or opens the one file that `path` is. */
FewWeights *few_weights_open (const char *path, GError **error);
void few_weights_free (FewWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWeights, few_weights_free)
/* Gives back the memory of reading until a tensor is read again. */
void few_weights_rest (FewWeights *weights);
/* From now on the rows of queries and keys come in another order: of each head of that width, row i
 * and row i + width / 2 side by side, which is how rotary positions turn them here. 0: as they are
 * in the files. */
void few_weights_pair_halves (FewWeights *weights, guint head_width);
/* The files, in the order that counts for their hash; NULL-terminated. */
const char *const *few_weights_files (const FewWeights *weights);
/* The i-th of them, open; the weights' own. */
const FewFile *few_weights_file (const FewWeights *weights, guint i);
/* The tensor of an OpenAI/open_clip name, or NULL; NULL also for what Hugging Face's names
 * split. */
const FewTensor *few_weights_find (const FewWeights *weights, const char *name);
guint64 few_weights_parameters (const FewWeights *weights);

/* A tensor as f32, in memory that the next one may use again. */
typedef struct FewWeightMemory FewWeightMemory;
typedef struct
{
  const float *floats;
  /* inside */
  float *memory;
  gsize n;
  FewWeightMemory *spare;
} FewWeightView;

void few_weight_view_clear (FewWeightView *view);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewWeightView, few_weight_view_clear)
/* The shape must be dims [n_dims]: a wrong one names tensor, expected and found. Hugging Face's
 * split q/k/v come joined, its projections transposed. A value that is no number is refused. One
 * thread at a time. */
gboolean few_weights_view (const FewWeights *weights, FewWeightView *view, GError **error,
                           const char *name, guint n_dims, const gsize *dims);
/* The same of a large tensor in pieces, in order, so that it is never in memory twice: `func` gets
 * n floats from `first` on. No view of the same weights may be open. */
typedef void (*FewWeightFunc) (gpointer user, gsize first, const float *floats, gsize n);
gboolean few_weights_stream (const FewWeights *weights, const char *name, guint n_dims,
                             const gsize *dims, FewWeightFunc func, gpointer user, GError **error);
