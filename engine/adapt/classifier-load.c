/* SPDX-License-Identifier: MIT */
/* Classifiers from safetensors: every byte is checked before it is believed. */
#include "base/error.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/memory.h"
#include "formats/safetensors.h"
#include "adapt/classifier.h"
#include "adapt/classifier-format.h"
#include "adapt/origin.h"
#include "adapt/trust.h"
#include <fewshot/classifier.h>
#include <fewshot/several.h>
#include <math.h>
#include <string.h>

enum { MOST_BLOCKS = 1024 };

/* The floats of a tensor, checked against the shape asked for; 0 in `dims` takes what the file
 * has. */
static float *
tensor (const FewSafetensors *file, const char *name, guint n_dims, gsize dims[2], GError **error)
{
  const FewTensor *t = few_safetensors_find (file, name);
  const char *path = few_safetensors_path (file);
  gboolean fits = t && t->n_dims == n_dims;
  for (guint i = 0; fits && i < n_dims; i++)
    {
      fits = t->dims[i] > 0 && (dims[i] == 0 || dims[i] == t->dims[i]);
      dims[i] = t->dims[i];
    }
  if (!fits)
    {
      g_autofree char *found = t ? few_dims_to_string (t->dims, t->n_dims) : g_strdup ("missing");
      few_fail (error, FORMAT, "%s is not a Fewshot classifier: tensor “%s” is %s.", path, name,
                found);
      return NULL;
    }
  float *out = few_try_floats (t->n_elements, 1, path, error);
  if (!out)
    return NULL;
  gboolean ok = few_tensor_is_float (t);
  if (ok && !few_tensor_to_f32 (t, out, 0, t->n_elements, error))
    {
      g_free (out);
      return NULL;
    }
  for (gsize i = 0; ok && i < t->n_elements; i++)
    ok = isfinite (out[i]);
  if (!ok)
    {
      few_fail (error, FORMAT, "%s: tensor “%s” does not hold finite numbers.", path, name);
      g_clear_pointer (&out, g_free);
    }
  return out;
}

static double
number (const FewSafetensors *file, const char *key, double fallback)
{
  const char *text = few_safetensors_metadata (file, key);
  double value = text ? g_ascii_strtod (text, NULL) : fallback;
  return value >= 0 && value <= 1 ? value : fallback;
}

/* The strings of a JSON array in the metadata, char *; NULL: it is broken. */
static GPtrArray *
read_strings (const FewSafetensors *file, const char *key, GError **error)
{
  const char *listed = few_safetensors_metadata (file, key);
  g_autofree char *wrapped = g_strdup_printf ("{\"strings\":%s}", listed ? listed : "[]");
  g_autoptr (JsonNode) root =
      few_json_parse (wrapped, strlen (wrapped), few_safetensors_path (file), error);
  if (!root)
    return NULL;
  JsonArray *names = few_json_array (json_node_get_object (root), "strings", NULL);
  GPtrArray *strings = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; names && i < json_array_get_length (names); i++)
    {
      JsonNode *node = json_array_get_element (names, i);
      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_ptr_array_add (strings, g_strdup (json_node_get_string (node)));
    }
  return strings;
}

/* The n names of classes; NULL where there are others than so many. */
static GPtrArray *
read_classes (const FewSafetensors *file, const char *path, gsize n, GError **error)
{
  g_autoptr (GPtrArray) classes = read_strings (file, "classes", error);
  if (!classes || classes->len == n)
    return g_steal_pointer (&classes);
  few_fail (error, FORMAT, "%s names %u classes for %zu text features.", path, classes->len, n);
  return NULL;
}

/* Owns what `info` is filled with. */
typedef struct
{
  FewClassifierInfo info;
  GPtrArray *classes, *prompts; /* NULL-terminated */
  float *text_features, *scale;
  float *w1, *w2;                                    /* of a bottleneck */
  float *weight, *bias, *zero_scale;                 /* of a linear part */
  float *keys, *values, *tau, *sharpness;            /* of a cache */
  float *part_alpha, *part_scale, *part_text;        /* of a sum, the first of a tower */
  guint32 *labels;
  FewReject *rejects;
  FewSeveralScores *several;
  FewTrust *trust;
  float *thresholds; /* of classes that are told each by itself */
  guint32 *positives;
  guint32 *counts; /* statistics */
  float *means, *scatter;
} Loaded;

static void
clear_loaded (Loaded *l)
{
  g_clear_pointer (&l->classes, g_ptr_array_unref);
  g_clear_pointer (&l->prompts, g_ptr_array_unref);
  g_free (l->text_features);
  g_free (l->scale);
  g_free (l->w1);
  g_free (l->w2);
  g_free (l->weight);
  g_free (l->bias);
  g_free (l->zero_scale);
  g_free (l->keys);
  g_free (l->values);
  g_free (l->tau);
  g_free (l->sharpness);
  g_free (l->part_alpha);
  g_free (l->part_scale);
  g_free (l->part_text);
  g_free (l->labels);
  g_free (l->rejects);
  g_free (l->thresholds);
  g_free (l->positives);
  g_free (l->counts);
  g_free (l->means);
  g_free (l->scatter);
  g_strfreev ((char **) l->info.origin.parents);
  g_clear_pointer (&l->trust, few_trust_unref);
  g_clear_pointer (&l->several, few_several_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loaded, clear_loaded)

/* Of any width where it is 0, which then becomes the file's. */
static gboolean
load_mlp (const FewSafetensors *file, Loaded *l, gsize width, GError **error)
{
  gsize dims1[2] = { 0, width };
  l->w1 = tensor (file, "fc.0.weight", 2, dims1, error);
  gsize dims2[2] = { dims1[1], dims1[0] };
  l->w2 = l->w1 ? tensor (file, "fc.2.weight", 2, dims2, error) : NULL;
  l->info.hidden = (guint) dims1[0];
  l->info.final_relu = g_strcmp0 (few_safetensors_metadata (file, "final_relu"), "0") != 0;
  l->info.w1 = l->w1;
  l->info.w2 = l->w2;
  l->info.width = width ? 0 : (guint) dims1[1];
  return l->w2 != NULL;
}

static gboolean
load_bottleneck (const FewSafetensors *file, Loaded *l, GError **error)
{
  return load_mlp (file, l, l->info.dim, error);
}

static gboolean
load_tower (const FewSafetensors *file, Loaded *l, GError **error)
{
  guint64 after = 0;
  const char *text = few_safetensors_metadata (file, "after");
  l->part_alpha = load_mlp (file, l, 0, error) ? tensor (file, "part_alpha", 0, NULL, error) : NULL;
  if (!l->part_alpha)
    return FALSE;
  if (!text || !g_ascii_string_to_unsigned (text, 10, 1, MOST_BLOCKS, &after, NULL))
    few_fail (error, FORMAT, "%s does not say which block of the model it learned behind.",
              few_safetensors_path (file));
  l->info.after = (guint) after;
  l->info.part_alpha = CLAMP (*l->part_alpha, 0, 1);
  return after > 0;
}

static gboolean
load_linear (const FewSafetensors *file, Loaded *l, GError **error)
{
  gsize dims[2] = { l->info.n_classes, l->info.dim };
  l->weight = tensor (file, "weight", 2, dims, error);
  l->bias = l->weight ? tensor (file, "bias", 1, dims, error) : NULL;
  l->zero_scale = l->bias ? tensor (file, "zero_scale", 0, NULL, error) : NULL;
  l->info.raw = g_strcmp0 (few_safetensors_metadata (file, "raw"), "1") == 0;
  l->info.weight = l->weight;
  l->info.bias = l->bias;
  l->info.zero_scale = l->zero_scale ? *l->zero_scale : 0;
  return l->zero_scale != NULL;
}

static gboolean
load_sum (const FewSafetensors *file, Loaded *l, GError **error)
{
  if (!load_linear (file, l, error) || !load_bottleneck (file, l, error))
    return FALSE;
  l->part_alpha = tensor (file, "part_alpha", 0, NULL, error);
  l->part_scale = l->part_alpha ? tensor (file, "part_scale", 0, NULL, error) : NULL;
  if (!l->part_scale)
    return FALSE;
  l->info.raw = FALSE;
  l->info.part_alpha = CLAMP (*l->part_alpha, 0, 1);
  l->info.part_scale = *l->part_scale;
  gsize dims[2] = { l->info.n_classes, l->info.dim };
  if (!few_safetensors_find (file, "part_text"))
    return TRUE;
  l->info.part_text = l->part_text = tensor (file, "part_text", 2, dims, error);
  return l->part_text != NULL;
}

/* So many whole numbers from 0 to `most`; NULL without an error: they are not there, or others. */
static guint32 *
read_numbers (const FewSafetensors *file, const char *name, guint n, guint most, GError **error)
{
  const FewTensor *t = few_safetensors_find (file, name);
  gboolean fits = t && t->dtype == FEW_DTYPE_I32 && t->n_dims == 1 && t->dims[0] == n;
  g_autofree guint32 *numbers = few_try_bytes (n * sizeof *numbers, "the classifier", error);
  if (!numbers || !fits || !few_tensor_read (t, numbers, 0, n * sizeof *numbers, error))
    return NULL;
  for (guint i = 0; fits && i < n; i++)
    {
      numbers[i] = GUINT32_FROM_LE (numbers[i]);
      fits = numbers[i] <= most;
    }
  return fits ? g_steal_pointer (&numbers) : NULL;
}

/* A number that the metadata tell; 0 for what is none, or hostile. */
static double
read_positive (const FewSafetensors *file, const char *key)
{
  const char *text = few_safetensors_metadata (file, key);
  double value = text ? g_ascii_strtod (text, NULL) : 0;
  return value > 0 && isfinite (value) ? value : 0;
}

static gboolean
load_independent (const FewSafetensors *file, Loaded *l, GError **error)
{
  gsize dims[2] = { l->info.n_classes, 0 };
  const char *path = few_safetensors_path (file);
  g_autoptr (GError) local = NULL;
  if (!load_linear (file, l, error)
      || !(l->thresholds = tensor (file, "thresholds", 1, dims, error)))
    return FALSE;
  gboolean fits = TRUE;
  for (guint i = 0; i < l->info.n_classes; i++)
    fits &= l->thresholds[i] >= 0 && l->thresholds[i] <= 1;
  if (fits)
    l->positives = read_numbers (file, "positives", l->info.n_classes, G_MAXINT, &local);
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!fits || g_strcmp0 (few_safetensors_metadata (file, "labels"), "any") != 0)
    few_fail (error, FORMAT, "%s does not say from which probability on a label holds.", path);
  else if (!l->positives)
    few_fail (error, FORMAT, "%s does not say of how many pictures each label was learned.", path);
  l->info.raw = FALSE;
  l->info.thresholds = l->thresholds;
  l->info.positives = l->positives;
  l->info.strength = read_positive (file, "strength");
  l->info.prior = read_positive (file, "prior");
  return fits && l->positives && g_strcmp0 (few_safetensors_metadata (file, "labels"), "any") == 0;
}

static gboolean
load_labels (const FewSafetensors *file, Loaded *l, GError **error)
{
  g_autoptr (GError) local = NULL;
  l->labels = read_numbers (file, "key_labels", l->info.n_keys, l->info.n_classes - 1, &local);
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!l->labels)
    few_fail (error, FORMAT, "%s: tensor “key_labels” does not hold a class for each key.",
              few_safetensors_path (file));
  l->info.key_labels = l->labels;
  return l->labels != NULL;
}

static gboolean
load_cache (const FewSafetensors *file, Loaded *l, GError **error)
{
  gsize dims[2] = { 0, l->info.dim };
  l->keys = tensor (file, "keys", 2, dims, error);
  l->tau = l->keys ? tensor (file, "tau", 0, NULL, error) : NULL;
  l->sharpness = l->tau ? tensor (file, "sharpness", 0, NULL, error) : NULL;
  if (!l->sharpness)
    return FALSE;
  l->info.n_keys = (guint) dims[0];
  l->info.keys = l->keys;
  l->info.tau = *l->tau;
  l->info.sharpness = *l->sharpness;
  dims[1] = l->info.n_classes;
  if (few_safetensors_find (file, "key_values")
      && !(l->values = tensor (file, "key_values", 2, dims, error)))
    return FALSE;
  l->info.key_values = l->values;
  return load_labels (file, l, error);
}

/* Which kind the file says it is, or an error. */
static gboolean
read_kind (const FewSafetensors *file, FewClassifierKind *kind, GError **error)
{
  const char *path = few_safetensors_path (file);
  const char *format = few_safetensors_metadata (file, "format");
  const char *version = few_safetensors_metadata (file, "format_version");
  const char *named = few_safetensors_metadata (file, "kind");
  *kind = FEW_CLASSIFIER_BOTTLENECK;
  if (g_strcmp0 (format, FEW_FORMAT_ADAPTER) != 0 && g_strcmp0 (format, FEW_FORMAT_CLASSIFIER) != 0)
    {
      few_fail (error, FORMAT,
                "%s is a safetensors file, but not a classifier exported by Fewshot.", path);
      return FALSE;
    }
  const char *known;
  for (guint i = 0; named && (known = few_classifier_kind_name ((FewClassifierKind) i)); i++)
    if (g_str_equal (named, known))
      {
        *kind = (FewClassifierKind) i;
        named = NULL;
      }
  if (!named && g_strcmp0 (version, FEW_FORMAT_VERSION) == 0)
    return TRUE;
  if (named)
    few_fail (error, UNSUPPORTED, "%s was written by a newer Fewshot (format %s, kind %s).", path,
              version ? version : "?", named);
  else
    few_fail (error, UNSUPPORTED, "%s was written by a newer Fewshot (format %s).", path,
              version ? version : "?");
  return FALSE;
}

static gboolean
load_texts (const FewSafetensors *file, Loaded *l, GError **error)
{
  gsize dims[2] = { 0, 0 };
  l->text_features = tensor (file, "text_features", 2, dims, error);
  l->scale = l->text_features ? tensor (file, "logit_scale", 0, NULL, error) : NULL;
  if (!l->scale)
    return FALSE;
  l->classes = read_classes (file, few_safetensors_path (file), dims[0], error);
  if (!l->classes)
    return FALSE;
  g_ptr_array_add (l->classes, NULL);
  l->info.n_classes = (guint) dims[0];
  l->info.dim = (guint) dims[1];
  l->info.text_features = l->text_features;
  l->info.logit_scale = exp (CLAMP (*l->scale, -10.0f, 10.0f));
  l->info.classes = (const char *const *) l->classes->pdata;
  return TRUE;
}

/* A classifier without it answers all the same: what cannot be used is passed over. */
static void
load_trust (const FewSafetensors *file, Loaded *l)
{
  gsize dims[2] = { 0, 0 };
  g_autofree float *packed =
      few_safetensors_find (file, "trust") ? tensor (file, "trust", 1, dims, NULL) : NULL;
  if (packed)
    l->trust = few_trust_unpack (packed, dims[0], l->info.n_classes, l->info.dim);
  l->info.trust = l->trust;
}

/* The same of these: it can then not be merged. */
static void
load_statistics (const FewSafetensors *file, Loaded *l)
{
  FewStatistics *s = &l->info.statistics;
  gsize means[2] = { l->info.n_classes, l->info.dim };
  gsize scatter[2] = { l->info.dim, l->info.dim };
  const char *a = few_safetensors_metadata (file, "gda_weight");
  l->counts = few_safetensors_find (file, "class_counts")
                  ? read_numbers (file, "class_counts", l->info.n_classes, G_MAXINT, NULL)
                  : NULL;
  l->means = l->counts ? tensor (file, "class_means", 2, means, NULL) : NULL;
  l->scatter = l->means ? tensor (file, "scatter", 2, scatter, NULL) : NULL;
  double weight = a ? g_ascii_strtod (a, NULL) : NAN;
  *s = (FewStatistics) { .a = weight >= 0 && isfinite (weight) ? weight : NAN };
  if (!l->scatter)
    return;
  s->counts = l->counts;
  s->means = l->means;
  s->scatter = l->scatter;
}

/* Told or not, it is no reason to refuse the file. */
static void
load_origin (const FewSafetensors *file, Loaded *l)
{
  FewOrigin *origin = &l->info.origin;
  few_origin_read (file, origin);
  if (l->info.thresholds)
    origin->several = l->several = few_origin_read_several (file, origin, l->info.n_classes);
  g_autoptr (GPtrArray) parents =
      few_safetensors_metadata (file, "parents") ? read_strings (file, "parents", NULL) : NULL;
  gboolean hashes = parents && parents->len > 0;
  for (guint i = 0; hashes && i < parents->len; i++)
    hashes = few_hex_is_sha256 (parents->pdata[i]);
  if (hashes)
    {
      g_ptr_array_add (parents, NULL);
      origin->parents = (const char *const *) g_strdupv ((char **) parents->pdata);
    }
  l->prompts = read_strings (file, "prompts", NULL);
  if (!l->prompts || l->prompts->len != l->info.n_classes)
    return;
  g_ptr_array_add (l->prompts, NULL);
  l->info.prompts = (const char *const *) l->prompts->pdata;
}

FewClassifier *
few_classifier_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  static gboolean (*const loaders[]) (const FewSafetensors *, Loaded *, GError **) = {
    [FEW_CLASSIFIER_BOTTLENECK] = load_bottleneck, [FEW_CLASSIFIER_LINEAR] = load_linear,
    [FEW_CLASSIFIER_CACHE] = load_cache,           [FEW_CLASSIFIER_SUM] = load_sum,
    [FEW_CLASSIFIER_TOWER] = load_tower,           [FEW_CLASSIFIER_INDEPENDENT] = load_independent,
  };
  g_autoptr (FewSafetensors) file = few_safetensors_open (path, error);
  g_auto (Loaded) l = { 0 };
  FewClassifierInfo *info = &l.info;
  if (!file || !read_kind (file, &info->kind, error) || !load_texts (file, &l, error)
      || !loaders[info->kind](file, &l, error))
    return NULL;
  info->alpha = number (file, "alpha", 0.2);
  info->trained_alpha = number (file, "trained_alpha", info->alpha);
  info->rejects = l.rejects = few_classifier_parse_rejects (
      few_safetensors_metadata (file, "reject"), path, &info->n_rejects);
  load_trust (file, &l);
  load_statistics (file, &l);
  load_origin (file, &l);
  info->method = few_safetensors_metadata (file, "method");
  info->template_text = few_safetensors_metadata (file, "template");
  info->backbone = few_safetensors_metadata (file, "backbone");
  info->backbone_sha256 = few_safetensors_metadata (file, "backbone_sha256");
  info->backbone_fingerprint = few_safetensors_metadata (file, "backbone_fingerprint");
  info->backbone_precision = few_safetensors_metadata (file, "backbone_precision");
  return few_classifier_new (info, error);
}
