/* SPDX-License-Identifier: MIT */
/* Adapters as safetensors, with the tensor names of the published code (fc.0, fc.2). */
#include "base/error.h"
#include "base/json.h"
#include "formats/safetensors.h"
#include "adapt/classifier.h"
#include <fewshot/classifier.h>
#include <fewshot/picture.h>
#include <math.h>
#include <string.h>

static const char FORMAT[] = "fewshot-adapter", VERSION[] = "1";

char *
few_classifier_classes_json (const FewClassifierInfo *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_array (builder);
  for (guint i = 0; i < info->n_classes; i++)
    json_builder_add_string_value (builder, info->classes[i]);
  json_builder_end_array (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

static void
put_double (FewSafetensorsWriter *writer, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  few_safetensors_writer_metadata (writer, key, g_ascii_formatd (text, sizeof text, "%.6g", value));
}

gboolean
few_classifier_save (const FewClassifier *classifier, double alpha, const char *path,
                     GError **error)
{
  g_return_val_if_fail (classifier != NULL && path != NULL, FALSE);
  const FewClassifierInfo *k = few_classifier_info (classifier);
  g_autoptr (FewSafetensorsWriter) writer = few_safetensors_writer_new ();
  g_autofree char *classes = few_classifier_classes_json (k);
  g_autofree char *preprocess = g_strdup_printf ("clip-bicubic-v%d", FEW_PREPROCESS_VERSION);
  float scale = (float) log (k->logit_scale);
  few_safetensors_writer_metadata (writer, "format", FORMAT);
  few_safetensors_writer_metadata (writer, "format_version", VERSION);
  few_safetensors_writer_metadata (writer, "method", "clip-adapter");
  few_safetensors_writer_metadata (writer, "backbone", k->backbone);
  few_safetensors_writer_metadata (writer, "backbone_sha256", k->backbone_sha256);
  if (*k->backbone_fingerprint)
    few_safetensors_writer_metadata (writer, "backbone_fingerprint", k->backbone_fingerprint);
  few_safetensors_writer_metadata (writer, "final_relu", k->final_relu ? "1" : "0");
  few_safetensors_writer_metadata (writer, "template", k->template_text);
  few_safetensors_writer_metadata (writer, "classes", classes);
  few_safetensors_writer_metadata (writer, "preprocess", preprocess);
  put_double (writer, "alpha", alpha);
  put_double (writer, "beta", 0);
  put_double (writer, "trained_alpha", k->trained_alpha);
  few_safetensors_writer_add (writer, "fc.0.weight", FEW_DTYPE_F32, (gsize[]) { k->hidden, k->dim },
                              2, k->w1);
  few_safetensors_writer_add (writer, "fc.2.weight", FEW_DTYPE_F32, (gsize[]) { k->dim, k->hidden },
                              2, k->w2);
  few_safetensors_writer_add (writer, "text_features", FEW_DTYPE_F32,
                              (gsize[]) { k->n_classes, k->dim }, 2, k->text_features);
  few_safetensors_writer_add (writer, "logit_scale", FEW_DTYPE_F32, NULL, 0, &scale);
  return few_safetensors_writer_save (writer, path, error);
}

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
      few_fail (error, FORMAT, "%s is not a Fewshot adapter: tensor “%s” is %s.", path, name,
                found);
      return NULL;
    }
  float *out = g_try_new (float, t->n_elements);
  gboolean ok = out && few_tensor_is_float (t);
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

/* The n names of classes, char *; NULL where there are others than so many. */
static GPtrArray *
read_classes (const FewSafetensors *file, const char *path, gsize n, GError **error)
{
  const char *listed = few_safetensors_metadata (file, "classes");
  g_autofree char *wrapped = g_strdup_printf ("{\"classes\":%s}", listed ? listed : "[]");
  g_autoptr (JsonNode) root = few_json_parse (wrapped, strlen (wrapped), path, error);
  if (!root)
    return NULL;
  JsonArray *names = few_json_array (json_node_get_object (root), "classes", NULL);
  g_autoptr (GPtrArray) classes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; names && i < json_array_get_length (names); i++)
    {
      JsonNode *node = json_array_get_element (names, i);
      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_ptr_array_add (classes, g_strdup (json_node_get_string (node)));
    }
  if (classes->len == n)
    return g_steal_pointer (&classes);
  few_fail (error, FORMAT, "%s names %u classes for %" G_GSIZE_FORMAT " text features.", path,
            classes->len, n);
  return NULL;
}

FewClassifier *
few_classifier_load (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autoptr (FewSafetensors) file = few_safetensors_open (path, error);
  if (!file)
    return NULL;
  if (g_strcmp0 (few_safetensors_metadata (file, "format"), FORMAT) != 0)
    {
      few_fail (error, FORMAT, "%s is a safetensors file, but not an adapter exported by Fewshot.",
                path);
      return NULL;
    }
  if (g_strcmp0 (few_safetensors_metadata (file, "format_version"), VERSION) != 0)
    {
      few_fail (error, UNSUPPORTED, "%s was written by a newer Fewshot (format %s).", path,
                few_safetensors_metadata (file, "format_version"));
      return NULL;
    }
  gsize dims1[2] = { 0, 0 };
  g_autofree float *w1 = tensor (file, "fc.0.weight", 2, dims1, error);
  gsize dims2[2] = { dims1[1], dims1[0] };
  gsize dims_text[2] = { 0, dims1[1] };
  g_autofree float *w2 = w1 ? tensor (file, "fc.2.weight", 2, dims2, error) : NULL;
  g_autofree float *text = w2 ? tensor (file, "text_features", 2, dims_text, error) : NULL;
  g_autofree float *scale = text ? tensor (file, "logit_scale", 0, NULL, error) : NULL;
  if (!scale)
    return NULL;
  g_autoptr (GPtrArray) classes = read_classes (file, path, dims_text[0], error);
  if (!classes)
    return NULL;
  gsize half = dims1[0] * dims1[1];
  g_autofree float *weights = g_new (float, 2 * half);
  memcpy (weights, w1, half * sizeof (float));
  memcpy (weights + half, w2, half * sizeof (float));
  const char *backbone = few_safetensors_metadata (file, "backbone");
  const char *sha256 = few_safetensors_metadata (file, "backbone_sha256");
  const char *fingerprint = few_safetensors_metadata (file, "backbone_fingerprint");
  double alpha = number (file, "alpha", 0.2);
  FewClassifier *classifier = few_classifier_new (
      (guint) dims1[1], (guint) dims1[0],
      g_strcmp0 (few_safetensors_metadata (file, "final_relu"), "0") != 0, weights, text,
      (const char *const *) classes->pdata, classes->len, exp (CLAMP (*scale, -10.0f, 10.0f)),
      number (file, "trained_alpha", alpha), few_safetensors_metadata (file, "template"),
      &(FewBackbone) { backbone ? backbone : "", sha256 ? sha256 : "",
                       fingerprint ? fingerprint : "" });
  ((FewClassifierInfo *) few_classifier_info (classifier))->alpha = alpha;
  return classifier;
}
