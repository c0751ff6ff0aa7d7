/* SPDX-License-Identifier: MIT */
/* FastViT (Vasu et al., ICCV 2023) as MobileCLIP has it in timm, inside open_clip: a stem, four or
 * five stages of mixers of neighbours and, in the last, attention; NHWC throughout. */
#include "base/error.h"
#include "base/json.h"
#include "clip/fastvit.h"
#include "clip/shapes.h"

/* ---- config */

static gboolean
claims_open_clip (JsonObject *vision)
{
  static const char *const names[] = { "fastvit_mci0", "fastvit_mci1", "fastvit_mci2",
                                       "fastvit_mci3", "fastvit_mci4" };
  const char *name = few_json_string (vision, "timm_model_name", "", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      return TRUE;
  return FALSE;
}

static gboolean
read_open_clip (FewClipConfig *config G_GNUC_UNUSED, const FewVisionFields *vision,
                const char *path, const char **bad, GError **error)
{
  const char *pool = few_json_string (vision->object, "timm_pool", "avg", bad);
  const char *projection = few_json_string (vision->object, "timm_proj", "", bad);
  if (g_str_equal (pool, "avg") && g_str_equal (projection, ""))
    return TRUE;
  few_fail (error, UNSUPPORTED,
            "%s asks for the “timm_pool” “%s” and the “timm_proj” “%s” of a FastViT, which Fewshot "
            "does not have.",
            path, pool, projection);
  return FALSE;
}

static gboolean
measure_fastvit (FewClipConfig *config, const FewWeights *weights, const char *path G_GNUC_UNUSED,
                 GError **error G_GNUC_UNUSED)
{
  for (guint s = 0; s < FEW_MOST_STAGES; s++)
    {
      g_autofree char *blocks = g_strdup_printf ("visual.trunk.stages.%u.blocks.", s);
      g_autofree char *first = g_strconcat (blocks, "0.mlp.fc1.weight", NULL);
      config->stage_depths[s] = few_shape_count (weights, blocks, ".mlp.fc1.weight");
      config->stage_widths[s] = few_shape_dim (weights, first, 1);
      if (s == 0 && config->stage_widths[0] > 0)
        config->vision.mlp_width = few_shape_dim (weights, first, 0) / config->stage_widths[0];
    }
  return TRUE;
}

static gboolean
check_config (FewClipConfig *config, const char *path, GError **error)
{
  guint stages = few_fastvit_stages (config);
  if (!few_clip_in_range (stages, 4, FEW_MOST_STAGES, "stages", path, error)
      || !few_clip_in_range (config->vision.mlp_width, 1, 16, "mlp_ratio", path, error)
      || !few_clip_in_range (config->image_size % (4u << (stages - 1)), 0, 0,
                             "image_size modulo its reduction", path, error))
    return FALSE;
  for (guint s = 0; s < stages; s++)
    {
      guint before = s > 0 ? config->stage_widths[s - 1] : config->stage_widths[0];
      if (!few_clip_in_range (config->stage_depths[s], 1, FEW_MAX_LAYERS, "blocks of a stage", path,
                              error)
          || !few_clip_in_range (config->stage_widths[s], 1, FEW_MAX_WIDTH, "width of a stage",
                                 path, error)
          || !few_clip_in_range (config->stage_widths[s] % before, 0, 0,
                                 "width of a stage modulo that before", path, error))
        return FALSE;
    }
  return few_clip_in_range (config->stage_widths[stages - 1] % FEW_FASTVIT_HEAD, 0, 0,
                            "width modulo 32", path, error)
         && few_clip_in_range (config->stage_widths[3] % FEW_FASTVIT_HEAD, 0, 0, "width modulo 32",
                               path, error);
}

static char *
describe_fastvit (const FewClipConfig *config)
{
  GString *text = g_string_new ("FastViT ");
  for (guint s = 0; s < few_fastvit_stages (config); s++)
    g_string_append_printf (text, "%s%u", s > 0 ? "-" : "", config->stage_depths[s]);
  g_string_append_printf (text, ", width %u, %u px", config->stage_widths[0], config->image_size);
  return g_string_free (text, FALSE);
}

/* ---- pass */

/* x [B, side, side, W]; y like it, or what x becomes; hidden for what is wider; few: means of
 * channels. */
typedef struct
{
  const FewBackendOps *ops;
  FewStream *stream;
  guint b, side, w;
  float *x, *y, *hidden, *few, *out;
} Grid;

static gboolean
get_grid (const FewFastVit *net, const FewPass *pass, guint b, Grid *grid, GError **error)
{
  const FewClipConfig *config = pass->config;
  guint r = config->image_size;
  guint first = config->stage_widths[0];
  gsize slot = MAX ((gsize) b * r * r * 3, (gsize) b * (r / 2) * (r / 2) * first);
  gsize hidden = (gsize) b * r * r * 3;
  guint side = r / 4;
  guint widest = 0;
  for (guint s = 0; s < net->stages; s++, side = (side + 1) / 2)
    {
      gsize w = config->stage_widths[s];
      gsize pixels = (gsize) b * side * side;
      slot = MAX (slot, pixels * w * 2);
      hidden = MAX (hidden, pixels * w * MAX (net->hidden_ratio, 3));
      widest = MAX (widest, 2 * (guint) w);
    }
  gsize few = 3 * (gsize) b * MAX (widest, FEW_MAX_WIDTH);
  float *memory = few_activations_get (
      pass->activations, 2 * slot + hidden + few + (gsize) b * config->embed_dim, error);
  *grid = (Grid) { pass->backend->ops,
                   pass->stream,
                   b,
                   r,
                   3,
                   memory,
                   memory + slot,
                   memory + 2 * slot,
                   memory + 2 * slot + hidden,
                   memory + 2 * slot + hidden + few };
  return memory != NULL;
}

static void
swap (Grid *g)
{
  float *other = g->x;
  g->x = g->y;
  g->y = other;
}

/* x → x, a kernel over channels that do not mix; w channels come out */
static void
convolve (Grid *g, const FewChannels *k, guint kernel, guint stride, guint w,
          FewActivation activation)
{
  FewConvShape shape = { g->b, g->side, g->side, g->w, kernel, stride, w };
  g->ops->depthwise_conv (g->stream, &shape, g->x, k->weights, k->bias, activation, g->y);
  swap (g);
  g->side = (g->side + stride - 1) / stride;
  g->w = w;
}

static void
mix (Grid *g, const FewMatrix *matrix, const float *bias, guint w)
{
  g->ops->linear (g->stream, g->b * g->side * g->side, g->x, g->w, matrix, bias,
                  FEW_ACTIVATION_GELU, NULL, 0, g->y, w);
  swap (g);
  g->w = w;
}

static void
squeeze (Grid *g, const FewSqueeze *k)
{
  guint pixels = g->side * g->side;
  float *narrow = g->few + (gsize) g->b * g->w;
  float *gates = narrow + (gsize) g->b * k->width;
  if (!k->fc1)
    return;
  g->ops->average_pool (g->stream, g->b, g->side, g->side, g->w, g->side, g->x, g->few);
  g->ops->linear (g->stream, g->b, g->few, g->w, k->fc1, k->fc1_bias, FEW_ACTIVATION_RELU, NULL, 0,
                  narrow, k->width);
  g->ops->linear (g->stream, g->b, narrow, k->width, k->fc2, k->fc2_bias, FEW_ACTIVATION_NONE, NULL,
                  0, gates, g->w);
  g->ops->gate_channels (g->stream, g->b, pixels, g->w, gates, g->x);
}

static void
convolve_gated (Grid *g, const FewChannels *k, const FewSqueeze *gate, guint kernel, guint stride,
                guint w)
{
  convolve (g, k, kernel, stride, w, gate->fc1 ? FEW_ACTIVATION_NONE : FEW_ACTIVATION_GELU);
  squeeze (g, gate);
  if (gate->fc1)
    g->ops->activate (g->stream, (gsize) g->b * g->side * g->side * w, FEW_ACTIVATION_GELU, g->x,
                      g->x);
}

static void
attend (Grid *g, const FewFastBlock *k, float epsilon)
{
  guint t = g->side * g->side;
  guint m = g->b * t;
  gsize w = g->w;
  const float *from = g->x;
  if (k->norm_weight)
    {
      g->ops->layer_norm (g->stream, m, g->w, g->x, w, k->norm_weight, k->norm_bias, epsilon, g->y,
                          w);
      from = g->y;
    }
  g->ops->linear (g->stream, m, from, w, k->qkv, k->qkv_bias, FEW_ACTIVATION_NONE, NULL, 0,
                  g->hidden, 3 * w);
  g->ops->attention (g->stream, g->b, t, g->w / FEW_FASTVIT_HEAD, FEW_FASTVIT_HEAD, FALSE, NULL,
                     g->hidden, 3 * w, g->y, w);
  g->ops->linear (g->stream, m, g->y, w, k->proj, k->proj_bias, FEW_ACTIVATION_NONE, g->x, w, g->x,
                  w);
}

static void
forward_block (Grid *g, const FewFastBlock *k, guint hidden)
{
  guint m = g->b * g->side * g->side;
  gsize w = g->w;
  if (k->qkv)
    attend (g, k, 1e-5f);
  else
    convolve (g, &k->mixer, 3, 1, g->w, FEW_ACTIVATION_NONE);
  FewConvShape shape = { g->b, g->side, g->side, g->w, 7, 1, g->w };
  g->ops->depthwise_conv (g->stream, &shape, g->x, k->spread.weights, k->spread.bias,
                          FEW_ACTIVATION_NONE, g->y);
  g->ops->linear (g->stream, m, g->y, w, k->fc1, k->fc1_bias, FEW_ACTIVATION_GELU, NULL, 0,
                  g->hidden, hidden);
  g->ops->linear (g->stream, m, g->hidden, hidden, k->fc2, k->fc2_bias, FEW_ACTIVATION_NONE, g->x,
                  w, g->x, w);
}

/* From pixels to features */
static void
run_whole (gconstpointer state, const FewPass *pass, guint b, gpointer memory)
{
  const FewFastVit *net = state;
  const FewClipConfig *config = pass->config;
  guint d = config->embed_dim;
  guint r = config->image_size;
  Grid g = *(const Grid *) memory;
  FewConvShape stem = { b, r, r, 3, 3, 2, config->stage_widths[0] };
  g.ops->to_nhwc (g.stream, b, r, g.hidden, g.y);
  g.ops->conv (g.stream, &stem, g.y, net->stem, net->stem_bias, FEW_ACTIVATION_GELU, NULL, g.x);
  g.side = r / 2;
  g.w = config->stage_widths[0];
  convolve (&g, &net->stem_halving, 3, 2, g.w, FEW_ACTIVATION_GELU);
  mix (&g, net->stem_mix, net->stem_mix_bias, g.w);
  for (guint s = 0; s < net->stages; s++)
    {
      const FewFastStage *stage = &net->stage[s];
      guint w = config->stage_widths[s];
      if (s > 0)
        {
          convolve_gated (&g, &stage->halving, &stage->squeeze, 7, 2, w);
          mix (&g, stage->mix, stage->mix_bias, w);
        }
      if (stage->positions.weights)
        convolve (&g, &stage->positions, 7, 1, w, FEW_ACTIVATION_NONE);
      for (guint i = 0; i < config->stage_depths[s]; i++)
        forward_block (&g, &stage->blocks[i], w * net->hidden_ratio);
    }
  convolve_gated (&g, &net->last, &net->last_squeeze, 3, 1, 2 * g.w);
  g.ops->average_pool (g.stream, b, g.side, g.side, g.w, g.side, g.x, g.few);
  g.ops->linear (g.stream, b, g.few, g.w, net->head, net->head_bias, FEW_ACTIVATION_NONE, NULL, 0,
                 g.out, d);
}

gboolean
few_fastvit_forward (gconstpointer state, const FewPass *pass, guint b, const float *pixels,
                     float *features, GError **error)
{
  guint r = pass->config->image_size;
  Grid g;
  if (!get_grid (state, pass, b, &g, error))
    return FALSE;
  g.ops->upload (g.stream, g.hidden, pixels, (gsize) b * 3 * r * r);
  few_pass_repeat (state, pass, b, run_whole, &g);
  g.ops->download (g.stream, features, g.out, (gsize) b * pass->config->embed_dim);
  return g.ops->check (g.stream, error);
}

const FewTower few_fastvit_tower = {
  .name = "FastViT",
  .claims_open_clip = claims_open_clip,
  .read_open_clip = read_open_clip,
  .measure = measure_fastvit,
  .check_config = check_config,
  .describe = describe_fastvit,
  .load = few_fastvit_load,
  .free = few_fastvit_free,
  .forward = few_fastvit_forward,
  .graph = few_fastvit_graph,
};
