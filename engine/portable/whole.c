/* SPDX-License-Identifier: MIT */
/* Preprocessing, tower and classifier as one ONNX model. */
#include "adapt/classifier.h"
#include "adapt/trust-graph.h"
#include "base/error.h"
#include "clip/model.h"
#include "clip/pixels-graph.h"
#include "clip/fingerprint.h"
#include "clip/weights.h"
#include "onnx/graph.h"
#include <fewshot/portable.h>
#include <string.h>

/* The tower's tensors, as the graph asks for them. */
typedef struct
{
  FewWeights *weights;
  FewPortableProgress progress;
  gpointer user;
} Source;

static gboolean
read_weight (gpointer user, const char *name, guint n_dims, const gsize *dims, float *out,
             GError **error)
{
  const Source *source = user;
  g_auto (FewWeightView) view = { NULL };
  gsize n = 1;
  for (guint i = 0; i < n_dims; i++)
    n *= dims[i];
  if (!few_weights_view (source->weights, &view, error, name, n_dims, dims))
    return FALSE;
  memcpy (out, view.floats, n * sizeof *out);
  return TRUE;
}

static void
tell_progress (gpointer user, guint64 done, guint64 total)
{
  const Source *source = user;
  if (source->progress)
    source->progress (source->user, done, total);
}

/* The model's files, if they are still those that were opened. */
static FewWeights *
open_weights (const FewModelInfo *info, GCancellable *cancellable, GError **error)
{
  g_autoptr (FewWeights) weights = few_weights_open (info->folder, error);
  g_autofree char *sha256 = weights ? few_weights_sha256 (weights, cancellable, error) : NULL;
  if (!sha256)
    return NULL;
  if (g_str_equal (sha256, info->sha256))
    return g_steal_pointer (&weights);
  few_fail (error, INPUT,
            "The weights in %s have changed since the model was opened. Open it again.",
            info->folder);
  return NULL;
}

/* ---- the graph */

/* What the classifier takes, [1, L]. A tower's second half is the model again, beginning with the
 * same weights; at α = 1 it is both halves. */
static const char *
add_tower (const FewTowerGraph *to, const FewClassifierInfo *k, double alpha, const char *pixels,
           GError **error)
{
  const FewTower *tower = to->config->tower;
  if (k->kind != FEW_CLASSIFIER_TOWER)
    return tower->graph (to, pixels, error);
  const FewInserted inserted = few_classifier_inserted (k);
  FewTowerGraph with = *to;
  with.inserted = &inserted;
  const char *adapted = tower->graph (&with, pixels, error);
  const char *plain = adapted && alpha < 1 ? tower->graph (to, pixels, error) : adapted;
  if (!plain)
    return NULL;
  const char *both = few_onnx_op (to->onnx, "Concat", plain, adapted, NULL);
  few_onnx_set_int (to->onnx, "axis", 1);
  return both;
}

static const char *
add_features (const FewTowerGraph *to, const FewClassifierInfo *k, double alpha, GError **error)
{
  const FewOnnxDim dims[] = { { .name = "H" }, { .name = "W" }, { .size = 3 } };
  const char *picture = few_onnx_input (to->onnx, "picture", FEW_ONNX_UINT8, 3, dims);
  const char *pixels = few_graph_pixels (to->onnx, &to->config->preprocess, picture, error);
  return pixels ? add_tower (to, k, alpha, pixels, error) : NULL;
}

/* Whether the picture is none of the classes, a scalar. */
static const char *
add_refusal (FewOnnx *graph, const FewClassifierInfo *k, const FewRefusal *refusal,
             const char *features, const char *probability, const char *likeness)
{
  if (!refusal->by_strangeness)
    return few_onnx_op (graph, "Less", likeness,
                        few_onnx_number (graph, FEW_ONNX_FLOAT, refusal->level), NULL);
  const char *unit = few_classifier_graph_unit (graph, features);
  const char *strange = few_trust_graph (graph, k->trust, unit, probability);
  return few_onnx_op (graph, "Greater", strange,
                      few_onnx_number (graph, FEW_ONNX_DOUBLE, refusal->level), NULL);
}

/* Whether the picture has none of the labels, a scalar: each is told by itself. */
static const char *
add_lack (FewOnnx *graph, const FewClassifierInfo *k, const char *shares)
{
  const gsize dims[] = { k->n_classes };
  const char *over =
      few_onnx_op (graph, "Sub", shares, few_onnx_floats (graph, 1, dims, k->thresholds), NULL);
  const char *most = few_onnx_op (graph, "ReduceMax", over, NULL);
  few_onnx_set_int (graph, "keepdims", 0);
  return few_onnx_op (graph, "Less", most, few_onnx_number (graph, FEW_ONNX_FLOAT, 0), NULL);
}

/* From features [1, D] and logits [1, K] to what comes out, K classes. */
static void
add_answers (FewOnnx *graph, const FewClassifierInfo *k, const char *features, const char *logits,
             const FewRefusal *refusal)
{
  const FewOnnxDim row[] = { { .size = k->n_classes } };
  const gint64 whole = -1;
  const char *flat =
      few_onnx_op (graph, "Reshape", logits, few_onnx_integers (graph, 1, &whole), NULL);
  if (k->thresholds)
    few_onnx_op (graph, "Sigmoid", flat, NULL);
  else
    {
      few_onnx_op (graph, "Softmax", flat, NULL);
      few_onnx_set_int (graph, "axis", 0);
    }
  const char *shares = few_onnx_call (graph, "probabilities");
  few_onnx_op (graph, "Div", flat, few_onnx_number (graph, FEW_ONNX_FLOAT, k->logit_scale), NULL);
  const char *alike = few_onnx_call (graph, "similarities");
  const char *best = few_onnx_op (graph, "ArgMax", alike, NULL);
  few_onnx_set_int (graph, "axis", 0);
  few_onnx_set_int (graph, "keepdims", 0);
  few_onnx_op (graph, "Gather", shares, best, NULL);
  const char *probability = few_onnx_call (graph, "probability");
  const char *likeness = few_onnx_op (graph, "Gather", alike, best, NULL);
  if (k->thresholds)
    few_onnx_op (graph, "Where", add_lack (graph, k, shares), few_onnx_integer (graph, -1), best,
                 NULL);
  else if (refusal)
    few_onnx_op (graph, "Where", add_refusal (graph, k, refusal, features, probability, likeness),
                 few_onnx_integer (graph, -1), best, NULL);
  else
    few_onnx_op (graph, "Identity", best, NULL);
  few_onnx_output (graph, few_onnx_call (graph, "class"), FEW_ONNX_INT64, 0, NULL);
  few_onnx_output (graph, probability, FEW_ONNX_FLOAT, 0, NULL);
  few_onnx_output (graph, shares, FEW_ONNX_FLOAT, 1, row);
  few_onnx_output (graph, alike, FEW_ONNX_FLOAT, 1, row);
}

static void
add_metadata (FewOnnx *graph, const FewClassifierInfo *k, const FewPortableOptions *options)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  few_classifier_graph_metadata (graph, k, options->alpha);
  few_onnx_metadata (graph, "precision", options->half ? "f16" : "f32");
  if (options->reject_share > 0)
    few_onnx_metadata (graph, "reject_share",
                       g_ascii_formatd (number, sizeof number, "%.9g", options->reject_share));
}

/* Whether model and classifier go together. */
static gboolean
check (const FewModel *model, const FewClassifier *classifier, GError **error)
{
  const FewModelInfo *m = few_model_info (model);
  const FewClassifierInfo *k = few_classifier_info (classifier);
  const FewInserted inserted = few_classifier_inserted (k);
  FewModelMatch match = few_model_match (m, k->backbone_sha256, k->backbone_fingerprint);
  if (k->dim == m->dim && few_model_match_fits (match))
    return k->kind != FEW_CLASSIFIER_TOWER || few_model_takes (model, &inserted, error);
  few_fail (error, INPUT, "The classifier was trained on the model “%s”, which is not “%s”.",
            k->backbone, m->name);
  return FALSE;
}

gboolean
few_portable_save_onnx (const FewModel *model, const FewClassifier *classifier,
                        const FewPortableOptions *options, const char *path,
                        FewPortableProgress progress, gpointer user, GCancellable *cancellable,
                        GError **error)
{
  g_return_val_if_fail (model != NULL && classifier != NULL && path != NULL, FALSE);
  g_return_val_if_fail (options != NULL && options->alpha >= 0 && options->alpha <= 1, FALSE);
  const FewModelInfo *info = few_model_info (model);
  const FewClassifierInfo *k = few_classifier_info (classifier);
  FewRefusal refusal;
  gboolean refuses = options->reject_share > 0;
  if (!check (model, classifier, error)
      || (refuses
          && !few_refusal_find (classifier, options->alpha, options->reject_share, &refusal,
                                error)))
    return FALSE;
  g_autoptr (FewWeights) weights = open_weights (info, cancellable, error);
  if (!weights)
    return FALSE;
  const FewTransformerConfig *vision = &few_model_config (model)->vision;
  few_weights_pair_halves (weights, vision->rope_theta > 0 ? vision->head_width : 0);
  g_autoptr (FewOnnx) graph = few_onnx_new (*k->method ? k->method : "clip-adapter",
                                            options->half ? FEW_ONNX_HALF : FEW_ONNX_FLOAT);
  FewTowerGraph to = { .config = few_model_config (model), .weights = weights, .onnx = graph };
  const char *features = add_features (&to, k, options->alpha, error);
  if (!features)
    return FALSE;
  add_answers (graph, k, features, few_classifier_graph (graph, k, options->alpha, features),
               refuses ? &refusal : NULL);
  add_metadata (graph, k, options);
  /* The name says whose weights they are: one model may replace another's file, and whoever is
   * killed in between leaves no model with foreign weights. */
  g_autofree char *data_name =
      g_strdup_printf ("%s-%.12s-%s.data", info->name, info->sha256, options->half ? "f16" : "f32");
  Source source = { weights, progress, user };
  const FewOnnxWriting writing = { .read = read_weight,
                                   .progress = tell_progress,
                                   .user = &source,
                                   .most_inside = options->outside ? 1 : 0,
                                   .data_name = data_name };
  return few_onnx_save (graph, path, &writing, cancellable, error);
}
