#include "weights.h"
#include "../error.h"
#include "../io/safetensors.h"
#include <math.h>
#include <string.h>

struct FewWeights
{
  FewSafetensors *file;
  gboolean hf;
};

void
few_weights_free (FewWeights *weights)
{
  g_clear_pointer (&weights->file, few_safetensors_free);
  g_free (weights);
}

static char *
find_file (const char *folder, GError **error)
{
  static const char *const usual[] = { "open_clip_model.safetensors", "model.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      g_autofree char *path = g_build_filename (folder, usual[i], NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  if (!dir)
    return NULL;
  g_autofree char *only = NULL;
  const char *name;
  while ((name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".safetensors"))
      {
        if (only)
          {
            few_fail (error, INPUT, "%s holds several .safetensors files; name the weights model.safetensors.", folder);
            return NULL;
          }
        only = g_build_filename (folder, name, NULL);
      }
  if (!only)
    few_fail (error, INPUT, "%s holds no weights (model.safetensors or open_clip_model.safetensors).", folder);
  return g_steal_pointer (&only);
}

FewWeights *
few_weights_open (const char *folder, GError **error)
{
  g_autofree char *path = find_file (folder, error);
  if (!path)
    return NULL;
  FewSafetensors *file = few_safetensors_open (path, error);
  if (!file)
    return NULL;
  FewWeights *weights = g_new0 (FewWeights, 1);
  weights->file = file;
  weights->hf = few_safetensors_find (file, "text_model.final_layer_norm.weight") != NULL;
  return weights;
}

const char *
few_weights_path (const FewWeights *weights)
{
  return few_safetensors_path (weights->file);
}

guint64
few_weights_parameters (const FewWeights *weights)
{
  guint64 total = 0;
  for (guint i = 0; i < few_safetensors_count (weights->file); i++)
    if (few_safetensors_nth (weights->file, i)->dtype <= FEW_DTYPE_BF16)
      total += few_safetensors_nth (weights->file, i)->n_elements;
  return total;
}

/* One name in the file for a canonical one; `part` is "q", "k" or "v" for a piece of in_proj. *transposed is set for HF's
 * projections. */
static char *
hf_name (const char *name, const char *part, gboolean *transposed)
{
  static const struct
  {
    const char *ours, *theirs;
  } single[] = {
    { "token_embedding.weight", "text_model.embeddings.token_embedding.weight" },
    { "positional_embedding", "text_model.embeddings.position_embedding.weight" },
    { "ln_final.weight", "text_model.final_layer_norm.weight" },
    { "ln_final.bias", "text_model.final_layer_norm.bias" },
    { "visual.class_embedding", "vision_model.embeddings.class_embedding" },
    { "visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight" },
    { "visual.positional_embedding", "vision_model.embeddings.position_embedding.weight" },
    { "visual.ln_pre.weight", "vision_model.pre_layrnorm.weight" },
    { "visual.ln_pre.bias", "vision_model.pre_layrnorm.bias" },
    { "visual.ln_post.weight", "vision_model.post_layernorm.weight" },
    { "visual.ln_post.bias", "vision_model.post_layernorm.bias" },
  }, inside[] = {
    { "attn.out_proj.", "self_attn.out_proj." }, { "ln_1.", "layer_norm1." },    { "ln_2.", "layer_norm2." },
    { "mlp.c_fc.", "mlp.fc1." },                 { "mlp.c_proj.", "mlp.fc2." },
  };
  *transposed = FALSE;
  if (g_str_equal (name, "text_projection") || g_str_equal (name, "visual.proj"))
    {
      *transposed = TRUE;
      return g_strdup (g_str_equal (name, "visual.proj") ? "visual_projection.weight" : "text_projection.weight");
    }
  for (guint i = 0; i < G_N_ELEMENTS (single); i++)
    if (g_str_equal (name, single[i].ours))
      return g_strdup (single[i].theirs);
  const char *blocks = strstr (name, "transformer.resblocks.");
  if (!blocks)
    return g_strdup (name);
  const char *number = blocks + strlen ("transformer.resblocks."), *rest = strchr (number, '.');
  if (!rest)
    return g_strdup (name);
  g_autofree char *layer = g_strndup (number, (gsize) (rest - number));
  const char *tower = g_str_has_prefix (name, "visual.") ? "vision_model" : "text_model";
  rest++;
  if (part)
    return g_strdup_printf ("%s.encoder.layers.%s.self_attn.%s_proj.%s", tower, layer, part, g_str_has_suffix (rest, "bias") ? "bias" : "weight");
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    if (g_str_has_prefix (rest, inside[i].ours))
      return g_strdup_printf ("%s.encoder.layers.%s.%s%s", tower, layer, inside[i].theirs, rest + strlen (inside[i].ours));
  return g_strdup (name);
}

gboolean
few_weights_has (const FewWeights *weights, const char *name)
{
  gboolean transposed;
  g_autofree char *theirs = weights->hf ? hf_name (name, NULL, &transposed) : g_strdup (name);
  return few_safetensors_find (weights->file, theirs) != NULL;
}

static gboolean
read_one (const FewWeights *weights, const char *name, guint n_dims, const gsize *dims, float *out, GError **error)
{
  const FewTensor *tensor = few_safetensors_find (weights->file, name);
  if (!tensor)
    {
      few_fail (error, FORMAT, "%s: tensor “%s” is missing.", few_safetensors_path (weights->file), name);
      return FALSE;
    }
  if (tensor->n_dims != n_dims || (n_dims > 0 && memcmp (tensor->dims, dims, n_dims * sizeof *dims) != 0))
    {
      g_autofree char *expected = few_dims_to_string (dims, n_dims), *found = few_dims_to_string (tensor->dims, tensor->n_dims);
      few_fail (error, FORMAT, "%s: tensor “%s” has the shape %s where the config asks for %s.", few_safetensors_path (weights->file), name, found,
                expected);
      return FALSE;
    }
  if (!few_tensor_to_f32 (tensor, out))
    {
      few_fail (error, UNSUPPORTED, "%s: tensor “%s” has the type %s; F32, F16 and BF16 can be read.", few_safetensors_path (weights->file), name,
                tensor->dtype_name);
      return FALSE;
    }
  for (gsize i = 0; i < tensor->n_elements; i++)
    if (!isfinite (out[i]))
      {
        few_fail (error, FORMAT, "%s: tensor “%s” holds a value that is not a number; the file is damaged.", few_safetensors_path (weights->file), name);
        return FALSE;
      }
  return TRUE;
}

float *
few_weights_read (const FewWeights *weights, GError **error, const char *name, guint n_dims, const gsize *dims)
{
  gsize n = 1;
  for (guint i = 0; i < n_dims; i++)
    if (!g_size_checked_mul (&n, n, dims[i]))
      n = G_MAXSIZE / 8;
  g_autofree float *out = g_try_new (float, n);
  if (!out)
    {
      few_fail (error, DEVICE, "There is not enough memory for tensor “%s”.", name);
      return NULL;
    }
  gboolean transposed = FALSE;
  if (!weights->hf)
    return read_one (weights, name, n_dims, dims, out, error) ? g_steal_pointer (&out) : NULL;
  if (strstr (name, "attn.in_proj_"))
    {
      gsize part_dims[2] = { dims[0] / 3, n_dims > 1 ? dims[1] : 0 };
      static const char *const parts[] = { "q", "k", "v" };
      for (guint i = 0; i < 3; i++)
        {
          g_autofree char *theirs = hf_name (name, parts[i], &transposed);
          if (!read_one (weights, theirs, n_dims, part_dims, out + i * (n / 3), error))
            return NULL;
        }
      return g_steal_pointer (&out);
    }
  g_autofree char *theirs = hf_name (name, NULL, &transposed);
  if (!transposed)
    return read_one (weights, theirs, n_dims, dims, out, error) ? g_steal_pointer (&out) : NULL;
  gsize turned[2] = { dims[1], dims[0] };
  g_autofree float *straight = g_new (float, n);
  if (!read_one (weights, theirs, 2, turned, straight, error))
    return NULL;
  for (gsize i = 0; i < dims[0]; i++)
    for (gsize j = 0; j < dims[1]; j++)
      out[i * dims[1] + j] = straight[j * dims[0] + i];
  return g_steal_pointer (&out);
}
