/* SPDX-License-Identifier: MIT */
/* Vectors, matrices and convolutions of a checkpoint, in the layout of the device. */
#include "clip/loader.h"
#include "base/error.h"
#include "base/memory.h"
#include <math.h>

static float *
keep_vector (FewLoader *loader, const float *host, gsize n)
{
  if (loader->error)
    return NULL;
  float *memory = loader->backend->ops->alloc (loader->backend, n, &loader->error);
  if (!memory)
    return NULL;
  loader->backend->ops->upload (loader->backend->stream, memory, host, n);
  g_ptr_array_add (loader->vectors, memory);
  return memory;
}

static FewMatrix *
keep_matrix (FewLoader *loader, guint n, guint k, const float *host)
{
  FewMatrix *matrix = loader->error
                          ? NULL
                          : loader->backend->ops->matrix_new (loader->backend, n, k, loader->grade,
                                                              host, &loader->error);
  if (matrix)
    g_ptr_array_add (loader->matrices, matrix);
  return matrix;
}

static gboolean
view_tensor (FewLoader *loader, FewWeightView *view, const char *name, guint n_dims,
             const gsize *dims)
{
  return !loader->error
         && few_weights_view (loader->weights, view, &loader->error, name, n_dims, dims);
}

float *
few_load_vector (FewLoader *loader, gsize n, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *name = g_strdup_vprintf (format, args);
  va_end (args);
  g_auto (FewWeightView) view = { NULL };
  return view_tensor (loader, &view, name, 1, &n) ? keep_vector (loader, view.floats, n) : NULL;
}

typedef struct
{
  FewLoader *loader;
  float *memory;
  float gain;
} Placing;

static void
place_piece (gpointer user, gsize first, const float *floats, gsize n)
{
  Placing *placing = user;
  FewBackend *backend = placing->loader->backend;
  g_autofree float *scaled = placing->gain == 1 ? NULL : g_new (float, n);
  for (gsize i = 0; scaled && i < n; i++)
    scaled[i] = placing->gain * floats[i];
  backend->ops->upload (backend->stream, placing->memory + first, scaled ? scaled : floats, n);
}

/* Tables are the largest tensors: they go into place piece by piece. */
float *
few_load_gained_table (FewLoader *loader, gsize rows, gsize columns, float gain, const char *name)
{
  Placing placing = { .loader = loader, .gain = gain };
  if (loader->error)
    return NULL;
  placing.memory = loader->backend->ops->alloc (loader->backend, rows * columns, &loader->error);
  if (!placing.memory)
    return NULL;
  g_ptr_array_add (loader->vectors, placing.memory);
  return few_weights_stream (loader->weights, name, 2, (gsize[]) { rows, columns }, place_piece,
                             &placing, &loader->error)
             ? placing.memory
             : NULL;
}

float *
few_load_table (FewLoader *loader, gsize rows, gsize columns, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *name = g_strdup_vprintf (format, args);
  va_end (args);
  return few_load_gained_table (loader, rows, columns, 1, name);
}

FewMatrix *
few_load_matrix (FewLoader *loader, guint n, guint k, gboolean transposed, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *name = g_strdup_vprintf (format, args);
  va_end (args);
  gsize dims[2] = { transposed ? k : n, transposed ? n : k };
  g_auto (FewWeightView) view = { NULL };
  if (!view_tensor (loader, &view, name, 2, dims))
    return NULL;
  if (!transposed)
    return keep_matrix (loader, n, k, view.floats);
  g_autofree float *turned = few_try_floats (n, k, name, &loader->error);
  for (gsize i = 0; turned && i < k; i++)
    for (gsize j = 0; j < n; j++)
      turned[j * k + i] = view.floats[i * n + j];
  return turned ? keep_matrix (loader, n, k, turned) : NULL;
}

FewMatrix *
few_load_gained_matrix (FewLoader *loader, guint n, guint k, const char *gains, const char *name)
{
  if (!gains)
    return few_load_matrix (loader, n, k, FALSE, "%s", name);
  g_auto (FewWeightView) gain = { NULL };
  g_auto (FewWeightView) view = { NULL };
  if (!view_tensor (loader, &gain, gains, 1, (gsize[]) { n })
      || !view_tensor (loader, &view, name, 2, (gsize[]) { n, k }))
    return NULL;
  g_autofree float *product = few_try_floats (n, k, name, &loader->error);
  for (gsize i = 0; product && i < (gsize) n * k; i++)
    product[i] = gain.floats[i / k] * view.floats[i];
  return product ? keep_matrix (loader, n, k, product) : NULL;
}

float *
few_load_gained_vector (FewLoader *loader, gsize n, const char *gains, const char *name)
{
  if (!gains)
    return few_load_vector (loader, n, "%s", name);
  g_auto (FewWeightView) gain = { NULL };
  g_auto (FewWeightView) view = { NULL };
  if (!view_tensor (loader, &gain, gains, 1, &n) || !view_tensor (loader, &view, name, 1, &n))
    return NULL;
  g_autofree float *product = few_try_floats (n, 1, name, &loader->error);
  for (gsize i = 0; product && i < n; i++)
    product[i] = gain.floats[i] * view.floats[i];
  return product ? keep_vector (loader, product, n) : NULL;
}

gboolean
few_load_view (FewLoader *loader, FewWeightView *view, const char *name, guint n_dims,
               const gsize *dims)
{
  return view_tensor (loader, view, name, n_dims, dims);
}

FewMatrix *
few_load_host_matrix (FewLoader *loader, guint n, guint k, const float *host)
{
  return keep_matrix (loader, n, k, host);
}

FewMatrix *
few_load_host_conv (FewLoader *loader, const FewConvShape *shape, const float *nhwc)
{
  FewMatrix *matrix = loader->error
                          ? NULL
                          : loader->backend->ops->conv_new (loader->backend, shape, loader->grade,
                                                            nhwc, &loader->error);
  if (matrix)
    g_ptr_array_add (loader->matrices, matrix);
  return matrix;
}

void
few_load_refuse (FewLoader *loader, const char *name)
{
  if (!loader->error)
    few_fail (&loader->error, UNSUPPORTED,
              "%s: tensor “%s” is of a kind that Fewshot does not have.",
              few_weights_files (loader->weights)[0], name);
}

float *
few_load_floats (FewLoader *loader, const float *floats, gsize n)
{
  return keep_vector (loader, floats, n);
}

gboolean
few_load_has (const FewLoader *loader, const char *name)
{
  return few_weights_find (loader->weights, name) != NULL;
}

/* scale = γ/√(σ²+ε), shift = β − μ·scale, ε = 1e-5 */
gboolean
few_load_norm (FewLoader *loader, const char *prefix, gsize n, float *scale, float *shift)
{
  static const char *const parts[] = { "weight", "bias", "running_mean", "running_var" };
  FewWeightView views[4] = { { NULL } };
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.%s", prefix, parts[i]);
      view_tensor (loader, &views[i], name, 1, &n);
    }
  for (gsize i = 0; i < n && !loader->error; i++)
    {
      scale[i] = views[0].floats[i] / sqrtf (views[3].floats[i] + 1e-5f);
      shift[i] = views[1].floats[i] - views[2].floats[i] * scale[i];
    }
  for (guint i = 0; i < 4; i++)
    few_weight_view_clear (&views[i]);
  return loader->error == NULL;
}

FewMatrix **
few_load_heads (FewLoader *loader, guint heads, guint head_width, guint w, gboolean transpose,
                const char *name)
{
  FewMatrix **matrices = g_new0 (FewMatrix *, heads);
  g_auto (FewWeightView) view = { NULL };
  gboolean found =
      view_tensor (loader, &view, name, 2, (gsize[]) { (gsize) heads * head_width, w });
  g_autofree float *turned = found ? few_try_floats (head_width, w, name, &loader->error) : NULL;
  for (guint h = 0; turned && h < heads; h++)
    {
      const float *head = view.floats + (gsize) h * head_width * w;
      for (guint i = 0; transpose && i < head_width; i++)
        for (guint j = 0; j < w; j++)
          turned[(gsize) j * head_width + i] = head[(gsize) i * w + j];
      matrices[h] = transpose ? keep_matrix (loader, w, head_width, turned)
                              : keep_matrix (loader, head_width, w, head);
    }
  return matrices;
}

FewMatrix *
few_load_patch_conv (FewLoader *loader, guint n, guint patch, const char *name)
{
  g_auto (FewWeightView) view = { NULL };
  return view_tensor (loader, &view, name, 4, (gsize[]) { n, 3, patch, patch })
             ? keep_matrix (loader, n, 3 * patch * patch, view.floats)
             : NULL;
}

FewMatrix *
few_load_conv (FewLoader *loader, const FewConvShape *shape, const char *norm, float **bias,
               const char *name)
{
  gsize n = shape->out_channels;
  gsize c = shape->channels;
  gsize taps = (gsize) shape->kernel * shape->kernel;
  gsize k = c * taps;
  g_auto (FewWeightView) view = { NULL };
  gboolean found =
      view_tensor (loader, &view, name, 4, (gsize[]) { n, c, shape->kernel, shape->kernel });
  g_autofree float *nhwc = found ? few_try_floats (n, k, name, &loader->error) : NULL;
  g_autofree float *scale = nhwc ? few_try_floats (n, 1, name, &loader->error) : NULL;
  g_autofree float *shift = scale ? few_try_floats (n, 1, name, &loader->error) : NULL;
  if (!shift || !few_load_norm (loader, norm, n, scale, shift))
    return NULL;
  for (gsize row = 0; row < n; row++)
    for (gsize channel = 0; channel < c; channel++)
      for (gsize tap = 0; tap < taps; tap++)
        nhwc[row * k + tap * c + channel] =
            view.floats[row * k + channel * taps + tap] * scale[row];
  *bias = keep_vector (loader, shift, n);
  return few_load_host_conv (loader, shape, nhwc);
}

FewMatrix *
few_load_patches (FewLoader *loader, const FewConvShape *shape, gboolean squares, const char *norm,
                  const char *name, float **bias)
{
  gsize n = shape->out_channels;
  gsize c = shape->channels;
  gsize taps = (gsize) shape->kernel * shape->kernel;
  gsize k = c * taps;
  g_autofree char *weight = g_strconcat (name, ".weight", NULL);
  g_autofree char *own_bias = g_strconcat (name, ".bias", NULL);
  g_auto (FewWeightView) view = { NULL };
  if (!view_tensor (loader, &view, weight, 4, (gsize[]) { n, c, shape->kernel, shape->kernel }))
    return NULL;
  g_autofree float *matrix = few_try_floats (n, k, weight, &loader->error);
  g_autofree float *scale = matrix ? few_try_floats (n, 2, weight, &loader->error) : NULL;
  if (!scale || (norm && !few_load_norm (loader, norm, n, scale, scale + n)))
    return NULL;
  for (gsize i = 0; i < n * k; i++)
    {
      gsize inside = i % k;
      gsize at = squares ? inside % taps * c + inside / taps : inside;
      matrix[i / k * k + at] = view.floats[i] * (norm ? scale[i / k] : 1);
    }
  *bias = norm ? keep_vector (loader, scale + n, n) : few_load_vector (loader, n, "%s", own_bias);
  return keep_matrix (loader, (guint) n, (guint) k, matrix);
}

float *
few_load_depthwise (FewLoader *loader, guint n, guint kernel, const char *name)
{
  gsize taps = (gsize) kernel * kernel;
  g_auto (FewWeightView) view = { NULL };
  if (!view_tensor (loader, &view, name, 4, (gsize[]) { n, 1, kernel, kernel }))
    return NULL;
  g_autofree float *turned = few_try_floats (n, taps, name, &loader->error);
  for (gsize i = 0; turned && i < n * taps; i++)
    turned[i % taps * n + i / taps] = view.floats[i];
  return turned ? keep_vector (loader, turned, n * taps) : NULL;
}

void
few_unload (FewBackend *backend, GPtrArray *vectors, GPtrArray *matrices)
{
  for (guint i = 0; i < vectors->len; i++)
    backend->ops->free (backend, vectors->pdata[i]);
  for (guint i = 0; i < matrices->len; i++)
    backend->ops->matrix_free (backend, matrices->pdata[i]);
  g_ptr_array_set_size (vectors, 0);
  g_ptr_array_set_size (matrices, 0);
}
