/* Tensors of a CLIP checkpoint under OpenAI/open_clip names, whatever names the file uses. */
#pragma once
#include <glib.h>

typedef struct FewWeights FewWeights;

/* Finds the weights in `folder`: open_clip_model.safetensors, model.safetensors, or the only *.safetensors. */
FewWeights *few_weights_open (const char *folder, GError **error);
void few_weights_free (FewWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewWeights, few_weights_free)
const char *few_weights_path (const FewWeights *weights);
gboolean few_weights_has (const FewWeights *weights, const char *name);
/* Reads `name` as f32 into a new array; the shape must be dims (0-terminated variadic list of guint). A wrong shape names
 * tensor, expected and found. Hugging Face's split q/k/v come joined, its projections transposed. */
float *few_weights_read (const FewWeights *weights, GError **error, const char *name, guint n_dims, const gsize *dims);
guint64 few_weights_parameters (const FewWeights *weights);
