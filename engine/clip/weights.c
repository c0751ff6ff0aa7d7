/* SPDX-License-Identifier: MIT */
/* Where the weights of a model lie, under which names, and their values as f32. */
#include "clip/weights.h"
#include "clip/weight-names.h"
#include "base/error.h"
#include "base/json.h"
#include "formats/safetensors.h"
#include "formats/torch-archive.h"
#include <math.h>
#include <string.h>

enum { MAX_SHARDS = 1000, PIECE = 1 << 16 /* floats read at once */ };

/* One piece of memory serves all tensors in turn: fresh memory would have to be cleared by the
 * system for each. */
struct FewWeightMemory
{
  float *floats;
  gsize n;
};

struct FewWeights
{
  GPtrArray *files;    /* char * paths, NULL-terminated once open */
  GPtrArray *parsed;   /* FewSafetensors * */
  FewTorchArchive *archive;
  GHashTable *tensors; /* name in the files → FewTensor, borrowed */
  gboolean hf;
  FewWeightMemory *spare;
};

void
few_weights_free (FewWeights *weights)
{
  g_ptr_array_unref (weights->files);
  g_hash_table_unref (weights->tensors);
  g_ptr_array_unref (weights->parsed);
  g_clear_pointer (&weights->archive, few_torch_archive_free);
  g_free (weights->spare->floats);
  g_free (weights->spare);
  g_free (weights);
}

/* ---- which files */

static gboolean
is_archive_name (const char *name)
{
  return g_str_has_suffix (name, ".pt") || g_str_has_suffix (name, ".pth")
         || g_str_has_suffix (name, ".bin");
}

/* The only file in the folder that `fits`; NULL when there is none, with an error when there are
 * several. */
static char *
find_only (const char *folder, gboolean (*fits) (const char *name), GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autofree char *only = NULL;
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    if (*name != '.' && fits (name))
      {
        if (only)
          {
            few_fail (error, INPUT,
                      "%s holds both %s and %s: keep one model's weights in a folder, or name them "
                      "model.safetensors.",
                      folder, only, name);
            return NULL;
          }
        only = g_strdup (name);
      }
  return only ? g_build_filename (folder, only, NULL) : NULL;
}

static gboolean
is_index_name (const char *name)
{
  return g_str_has_suffix (name, ".safetensors.index.json");
}

static gboolean
is_safetensors_name (const char *name)
{
  return g_str_has_suffix (name, ".safetensors");
}

/* Adds the shards that an index names, in the order of their names. */
static gboolean
add_shards (FewWeights *weights, const char *index, GError **error)
{
  g_autoptr (JsonNode) root = few_json_load (index, error);
  JsonObject *map = root ? few_json_object (json_node_get_object (root), "weight_map", NULL) : NULL;
  if (!map)
    {
      if (root)
        few_fail (error, FORMAT, "%s has no weight_map.", index);
      return FALSE;
    }
  g_autofree char *folder = g_path_get_dirname (index);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GList) values = json_object_get_values (map);
  for (GList *item = values; item; item = item->next)
    {
      JsonNode *node = item->data;
      const char *name =
          JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
              ? json_node_get_string (node)
              : NULL;
      if (!name || !*name || strchr (name, '/') || *name == '.' || !is_safetensors_name (name)
          || g_hash_table_size (names) >= MAX_SHARDS)
        {
          few_fail (error, FORMAT, "%s names a shard that is no .safetensors file beside it.",
                    index);
          return FALSE;
        }
      g_hash_table_add (names, g_strdup (name));
    }
  g_autoptr (GList) sorted = g_list_sort (g_hash_table_get_keys (names), (GCompareFunc) strcmp);
  for (GList *item = sorted; item; item = item->next)
    g_ptr_array_add (weights->files, g_build_filename (folder, item->data, NULL));
  return TRUE;
}

static gboolean
find_files (FewWeights *weights, const char *folder, GError **error)
{
  static const char *const usual[] = { "open_clip_model.safetensors", "model.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      g_autofree char *path = g_build_filename (folder, usual[i], NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_ptr_array_add (weights->files, g_steal_pointer (&path));
          return TRUE;
        }
    }
  g_autoptr (GError) local = NULL;
  g_autofree char *index = find_only (folder, is_index_name, &local);
  if (index)
    return add_shards (weights, index, error);
  char *file = local ? NULL : find_only (folder, is_safetensors_name, &local);
  if (!file && !local)
    file = find_only (folder, is_archive_name, &local);
  if (file)
    g_ptr_array_add (weights->files, file);
  else if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    few_fail (error, INPUT,
              "%s holds no weights: model.safetensors, open_clip_model.safetensors, its shards "
              "with their index, or a PyTorch archive (.pt).",
              folder);
  return file != NULL;
}

/* ---- their tensors */

static gboolean
add_tensor (FewWeights *weights, const FewTensor *tensor, GError **error)
{
  const char *name = few_unwrapped_name (tensor->name);
  if (!g_hash_table_contains (weights->tensors, name))
    return g_hash_table_insert (weights->tensors, (gpointer) name, (gpointer) tensor);
  few_fail (error, FORMAT, "%s holds tensor “%s”, which another part of the model holds too.",
            few_file_shown (tensor->file), tensor->name);
  return FALSE;
}

static gboolean
read_file (FewWeights *weights, const char *path, GError **error)
{
  if (is_archive_name (path))
    {
      weights->archive = few_torch_archive_open (path, error);
      for (guint i = 0; weights->archive && i < few_torch_archive_count (weights->archive); i++)
        if (!add_tensor (weights, few_torch_archive_nth (weights->archive, i), error))
          return FALSE;
      return weights->archive != NULL;
    }
  FewSafetensors *file = few_safetensors_open (path, error);
  if (!file)
    return FALSE;
  g_ptr_array_add (weights->parsed, file);
  for (guint i = 0; i < few_safetensors_count (file); i++)
    if (!add_tensor (weights, few_safetensors_nth (file, i), error))
      return FALSE;
  return TRUE;
}

FewWeights *
few_weights_open (const char *path, GError **error)
{
  g_autoptr (FewWeights) weights = g_new0 (FewWeights, 1);
  weights->files = g_ptr_array_new_with_free_func (g_free);
  weights->parsed = g_ptr_array_new_with_free_func ((GDestroyNotify) few_safetensors_free);
  weights->tensors = g_hash_table_new (g_str_hash, g_str_equal);
  weights->spare = g_new0 (FewWeightMemory, 1);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    g_ptr_array_add (weights->files, g_strdup (path));
  else if (!find_files (weights, path, error))
    return NULL;
  for (guint i = 0; i < weights->files->len; i++)
    if (!read_file (weights, weights->files->pdata[i], error))
      return NULL;
  g_ptr_array_add (weights->files, NULL);
  weights->hf = g_hash_table_contains (weights->tensors, "text_model.final_layer_norm.weight");
  return g_steal_pointer (&weights);
}

const char *const *
few_weights_files (const FewWeights *weights)
{
  return (const char *const *) weights->files->pdata;
}

const FewFile *
few_weights_file (const FewWeights *weights, guint i)
{
  return weights->archive ? few_torch_archive_file (weights->archive)
                          : few_safetensors_file (weights->parsed->pdata[i]);
}

guint64
few_weights_parameters (const FewWeights *weights)
{
  guint64 total = 0;
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, weights->tensors);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (few_tensor_is_float (value))
      total += ((const FewTensor *) value)->n_elements;
  return total;
}

const FewTensor *
few_weights_find (const FewWeights *weights, const char *name)
{
  gboolean transposed;
  g_autofree char *theirs =
      weights->hf ? few_hugging_face_name (name, NULL, &transposed) : g_strdup (name);
  return g_hash_table_lookup (weights->tensors, theirs);
}

/* ---- reading */

/* Room for n floats in view->memory; what it holds is the view's until it is cleared. */
static gboolean
take_memory (const FewWeights *weights, FewWeightView *view, const char *name, gsize n,
             GError **error)
{
  FewWeightMemory *spare = weights->spare;
  view->spare = spare;
  view->n = spare->n;
  view->memory = g_steal_pointer (&spare->floats);
  spare->n = 0;
  if (view->memory && view->n >= n)
    return TRUE;
  g_free (view->memory);
  view->n = MAX (n, 1);
  view->memory = g_try_new (float, view->n);
  if (!view->memory)
    few_fail (error, MEMORY, "There is not enough memory for tensor “%s”.", name);
  return view->memory != NULL;
}

void
few_weight_view_clear (FewWeightView *view)
{
  FewWeightMemory *spare = view->spare;
  if (spare && view->n > spare->n)
    {
      g_free (spare->floats);
      spare->floats = g_steal_pointer (&view->memory);
      spare->n = view->n;
    }
  g_free (view->memory);
  *view = (FewWeightView) { NULL };
}

/* Bit patterns rather than isfinite: the compiler makes vectors of this. */
static gboolean
all_finite (const float *x, gsize n)
{
  guint32 worst = 0;
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;
      memcpy (&bits, x + i, sizeof bits);
      worst = MAX (worst, bits & 0x7fffffff);
    }
  return worst < 0x7f800000;
}

/* The tensor of that name in something that wraps the model, or NULL. */
static const FewTensor *
find_wrapped (const FewWeights *weights, const char *name)
{
  g_autofree char *end = g_strconcat (".", name, NULL);
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, weights->tensors);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_str_has_suffix (((const FewTensor *) value)->name, end))
      return value;
  return NULL;
}

static void
fail_missing (const FewWeights *weights, const char *name, GError **error)
{
  const FewTensor *wrapped = find_wrapped (weights, name);
  const char *first = few_file_shown (few_weights_file (weights, 0));
  g_autofree char *folder = g_path_get_dirname (first);
  if (wrapped)
    few_fail (
        error, FORMAT,
        "%s: tensor “%s” is missing, but there is “%s”: the model is wrapped in another. Save "
        "the state dict of the CLIP model alone.",
        few_file_shown (wrapped->file), name, wrapped->name);
  else if (weights->files->pdata[1])
    few_fail (error, FORMAT, "%s: tensor “%s” is in none of the model's files.", folder, name);
  else
    few_fail (error, FORMAT, "%s: tensor “%s” is missing.", first, name);
}

/* The tensor of a name in the files, its shape and type checked. */
static const FewTensor *
find_checked (const FewWeights *weights, const char *name, guint n_dims, const gsize *dims,
              GError **error)
{
  const FewTensor *tensor = g_hash_table_lookup (weights->tensors, name);
  if (!tensor)
    {
      fail_missing (weights, name, error);
      return NULL;
    }
  const char *path = few_file_shown (tensor->file);
  if (tensor->n_dims != n_dims
      || (n_dims > 0 && memcmp (tensor->dims, dims, n_dims * sizeof *dims) != 0))
    {
      g_autofree char *expected = few_dims_to_string (dims, n_dims);
      g_autofree char *found = few_dims_to_string (tensor->dims, tensor->n_dims);
      few_fail (error, FORMAT, "%s: tensor “%s” has the shape %s where the config asks for %s.",
                path, name, found, expected);
      return NULL;
    }
  if (!few_tensor_is_float (tensor))
    {
      few_fail (error, UNSUPPORTED,
                "%s: tensor “%s” has the type %s; F32, F16 and BF16 can be read.", path, name,
                tensor->dtype_name);
      return NULL;
    }
  return tensor;
}

/* n elements of a tensor as f32, checked while they are in the processor's cache. */
static gboolean
read_piece (const FewWeights *weights, const FewTensor *tensor, float *out, gsize first, gsize n,
            GError **error)
{
  if (!few_tensor_to_f32 (tensor, out, first, n, error))
    return FALSE;
  if (all_finite (out, n))
    return TRUE;
  few_fail (error, FORMAT,
            "%s: tensor “%s” holds a value that is not a number; the file is damaged.",
            few_file_shown (tensor->file), tensor->name);
  return FALSE;
}

static gboolean
read_finite (const FewWeights *weights, const FewTensor *tensor, float *out, GError **error)
{
  for (gsize first = 0, n; first < tensor->n_elements; first += n)
    {
      n = MIN (tensor->n_elements - first, PIECE);
      if (!read_piece (weights, tensor, out + first, first, n, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
view_one (const FewWeights *weights, FewWeightView *view, const char *name, guint n_dims,
          const gsize *dims, GError **error)
{
  const FewTensor *tensor = find_checked (weights, name, n_dims, dims, error);
  if (!tensor || !take_memory (weights, view, name, tensor->n_elements, error)
      || !read_finite (weights, tensor, view->memory, error))
    return FALSE;
  view->floats = view->memory;
  return TRUE;
}

/* Hugging Face keeps q, k and v apart; in_proj holds them one below the other. */
static gboolean
view_joined (const FewWeights *weights, FewWeightView *view, const char *name, guint n_dims,
             const gsize *dims, GError **error)
{
  static const char *const parts[] = { "q", "k", "v" };
  gsize part_dims[2] = { dims[0] / 3, n_dims > 1 ? dims[1] : 1 };
  gsize n = part_dims[0] * part_dims[1];
  const FewTensor *tensors[3];
  for (guint i = 0; i < 3; i++)
    {
      gboolean transposed;
      g_autofree char *theirs = few_hugging_face_name (name, parts[i], &transposed);
      tensors[i] = find_checked (weights, theirs, n_dims, part_dims, error);
      if (!tensors[i])
        return FALSE;
    }
  if (!take_memory (weights, view, name, 3 * n, error))
    return FALSE;
  for (guint i = 0; i < 3; i++)
    if (!read_finite (weights, tensors[i], view->memory + i * n, error))
      return FALSE;
  view->floats = view->memory;
  return TRUE;
}

static gboolean
view_transposed (const FewWeights *weights, FewWeightView *view, const char *name,
                 const gsize *dims, GError **error)
{
  g_auto (FewWeightView) straight = { NULL };
  if (!view_one (weights, &straight, name, 2, (gsize[]) { dims[1], dims[0] }, error)
      || !take_memory (weights, view, name, dims[0] * dims[1], error))
    return FALSE;
  for (gsize i = 0; i < dims[0]; i++)
    for (gsize j = 0; j < dims[1]; j++)
      view->memory[i * dims[1] + j] = straight.floats[j * dims[0] + i];
  view->floats = view->memory;
  return TRUE;
}

gboolean
few_weights_view (const FewWeights *weights, FewWeightView *view, GError **error, const char *name,
                  guint n_dims, const gsize *dims)
{
  *view = (FewWeightView) { NULL };
  gboolean transposed = FALSE;
  if (weights->hf && strstr (name, "attn.in_proj_"))
    return view_joined (weights, view, name, n_dims, dims, error);
  g_autofree char *theirs =
      weights->hf ? few_hugging_face_name (name, NULL, &transposed) : g_strdup (name);
  return transposed ? view_transposed (weights, view, theirs, dims, error)
                    : view_one (weights, view, theirs, n_dims, dims, error);
}

gboolean
few_weights_stream (const FewWeights *weights, const char *name, guint n_dims, const gsize *dims,
                    FewWeightFunc func, gpointer user, GError **error)
{
  gboolean transposed = FALSE;
  g_autofree char *theirs =
      weights->hf ? few_hugging_face_name (name, NULL, &transposed) : g_strdup (name);
  g_return_val_if_fail (!transposed, FALSE);
  const FewTensor *tensor = find_checked (weights, theirs, n_dims, dims, error);
  if (!tensor)
    return FALSE;
  g_auto (FewWeightView) view = { NULL };
  if (!take_memory (weights, &view, name, PIECE, error))
    return FALSE;
  for (gsize first = 0, n; first < tensor->n_elements; first += n)
    {
      n = MIN (tensor->n_elements - first, PIECE);
      if (!read_piece (weights, tensor, view.memory, first, n, error))
        return FALSE;
      func (user, first, view.memory, n);
    }
  return TRUE;
}
