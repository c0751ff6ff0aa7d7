/* SPDX-License-Identifier: MIT */
/* Where the weights of a model lie, under which names, and their values as f32. */
#include "clip/weights.h"
#include "clip/weight-files.h"
#include "clip/weight-names.h"
#include "base/error.h"
#include "base/magnitude.h"
#include "base/memory.h"
#include "formats/safetensors.h"
#include "formats/torch-archive.h"
#include <math.h>
#include <string.h>

enum { PIECE = 1 << 16 /* floats read at once */ };

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
  FewNaming naming;
  guint paired; /* head width of few_weights_pair_halves; 0: nothing is */
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
  if (few_is_torch_archive_name (path))
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

static gboolean
has_tensor (const FewWeights *weights, const char *name)
{
  return g_hash_table_contains (weights->tensors, name);
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
  else if (!few_weight_files_find (path, weights->files, error))
    return NULL;
  for (guint i = 0; i < weights->files->len; i++)
    if (!read_file (weights, weights->files->pdata[i], error))
      return NULL;
  g_ptr_array_add (weights->files, NULL);
  weights->naming = few_naming_find (weights->tensors);
  return g_steal_pointer (&weights);
}

void
few_weights_rest (FewWeights *weights)
{
  g_clear_pointer (&weights->spare->floats, g_free);
  weights->spare->n = 0;
}

void
few_weights_pair_halves (FewWeights *weights, guint head_width)
{
  weights->paired = head_width;
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
  g_autofree char *theirs = few_file_name (&weights->naming, name, &transposed);
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

/* Dimensions of one at either end count for nothing: a token may be [1, 1, W], a scalar [1]. */
static gboolean
same_shape (const FewTensor *tensor, guint n_dims, const gsize *dims)
{
  const gsize *theirs = tensor->dims;
  guint n = tensor->n_dims;
  for (; n > n_dims && theirs[0] == 1; n--)
    theirs++;
  for (; n > n_dims && theirs[n - 1] == 1;)
    n--;
  return n == n_dims && (n == 0 || memcmp (theirs, dims, n * sizeof *dims) == 0);
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
  if (!same_shape (tensor, n_dims, dims))
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
  if (isfinite (few_largest_magnitude (out, n)))
    return TRUE;
  few_fail (error, FORMAT,
            "%s: tensor “%s” holds a value that is not a number; the file is damaged.",
            few_file_shown (tensor->file), tensor->name);
  return FALSE;
}

static gboolean
read_range (const FewWeights *weights, const FewTensor *tensor, gsize from, gsize total, float *out,
            GError **error)
{
  for (gsize done = 0, n; done < total; done += n)
    {
      n = MIN (total - done, PIECE);
      if (!read_piece (weights, tensor, out + done, from + done, n, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_finite (const FewWeights *weights, const FewTensor *tensor, float *out, GError **error)
{
  return read_range (weights, tensor, 0, tensor->n_elements, out, error);
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

/* The first half of a tensor's rows, or the second. */
static gboolean
view_half (const FewWeights *weights, FewWeightView *view, const char *name, gboolean second,
           guint n_dims, const gsize *dims, GError **error)
{
  gsize both[2] = { 2 * dims[0], n_dims > 1 ? dims[1] : 1 };
  gsize n = both[0] / 2 * both[1];
  const FewTensor *tensor = find_checked (weights, name, n_dims, both, error);
  if (!tensor || !take_memory (weights, view, name, n, error)
      || !read_range (weights, tensor, second ? n : 0, n, view->memory, error))
    return FALSE;
  view->floats = view->memory;
  return TRUE;
}

/* `rows` of a joined tensor, at `at`. A bias of EVA's keys is not there, and zero. */
static gboolean
read_part (const FewWeights *weights, const char *name, guint n_dims, const gsize dims[2],
           gboolean optional, float *at, GError **error)
{
  if (optional && n_dims == 1 && !has_tensor (weights, name))
    {
      memset (at, 0, dims[0] * sizeof (float));
      return TRUE;
    }
  const FewTensor *tensor = find_checked (weights, name, n_dims, dims, error);
  return tensor && read_finite (weights, tensor, at, error);
}

/* Rows of `width` values, their halves side by side in each head. FALSE: no memory. */
static gboolean
pair_halves (guint head, float *rows, gsize n, gsize width, GError **error)
{
  g_autofree float *copy = few_try_copy (rows, n * width, sizeof *rows, "the weights", error);
  if (!copy)
    return FALSE;
  for (gsize i = 0; i + head <= n; i += head)
    for (gsize j = 0; j < head; j++)
      memcpy (rows + (i + j) * width, copy + (i + j / 2 + j % 2 * (head / 2)) * width,
              width * sizeof *rows);
  return TRUE;
}

/* Some keep q, k and v apart, or q alone; in_proj holds them one below the other. */
static gboolean
view_joined (const FewWeights *weights, FewWeightView *view, const FewNameParts *parts,
             const char *name, guint n_dims, const gsize *dims, GError **error)
{
  gsize third = dims[0] / 3;
  gsize width = n_dims > 1 ? dims[1] : 1;
  gsize row = 0;
  if (!take_memory (weights, view, name, 3 * third * width, error))
    return FALSE;
  for (guint i = 0; i < parts->n; i++)
    {
      gsize rows = parts->n == 3 || i == 0 ? third : 2 * third;
      gboolean optional = i == 1
                          && (weights->naming.split || weights->naming.split_bias
                              || weights->naming.dino == FEW_DINO_3);
      float *at = view->memory + row * width;
      if (!read_part (weights, parts->names[i], n_dims, (gsize[]) { rows, width }, optional, at,
                      error)
          || (weights->paired && i < 2 && !pair_halves (weights->paired, at, rows, width, error)))
        return FALSE;
      row += rows;
    }
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
  g_auto (FewNameParts) parts = { .n = 0 };
  if (few_file_parts (&weights->naming, name, &parts))
    return view_joined (weights, view, &parts, name, n_dims, dims, error);
  g_autofree char *theirs = few_file_name (&weights->naming, name, &transposed);
  gboolean second;
  if (few_file_half (&weights->naming, name, &second))
    return view_half (weights, view, theirs, second, n_dims, dims, error);
  return transposed ? view_transposed (weights, view, theirs, dims, error)
                    : view_one (weights, view, theirs, n_dims, dims, error);
}

gboolean
few_weights_stream (const FewWeights *weights, const char *name, guint n_dims, const gsize *dims,
                    FewWeightFunc func, gpointer user, GError **error)
{
  gboolean transposed = FALSE;
  g_autofree char *theirs = few_file_name (&weights->naming, name, &transposed);
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
