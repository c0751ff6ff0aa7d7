/* SPDX-License-Identifier: MIT */
/* Residual attention blocks, and the memory that passes run in. */
#include "clip/transformer.h"
#include <fewshot/model.h>

float *
few_activations_get (FewActivations *activations, gsize n, GError **error)
{
  if (activations->n < n)
    {
      few_activations_clear (activations);
      activations->memory = activations->backend->ops->alloc (activations->backend, n, error);
      activations->n = activations->memory ? n : 0;
    }
  return activations->memory;
}

void
few_activations_clear (FewActivations *activations)
{
  if (activations->memory)
    activations->backend->ops->free (activations->backend, activations->memory);
  activations->memory = NULL;
  activations->n = 0;
}

/* From ln_2 to the hidden layer. */
static void
load_hidden (FewBlock *b, const FewTransformerConfig *config, FewLoader *loader, const char *prefix)
{
  guint w = config->width;
  guint m = config->mlp_width;
  const char *value = config->gated ? "mlp.value" : "mlp.c_fc";
  b->c_fc = few_load_matrix (loader, m, w, FALSE, "%s%s.weight", prefix, value);
  b->c_fc_bias = few_load_vector (loader, m, "%s%s.bias", prefix, value);
  if (config->gated)
    {
      b->gate = few_load_matrix (loader, m, w, FALSE, "%smlp.gate.weight", prefix);
      b->gate_bias = few_load_vector (loader, m, "%smlp.gate.bias", prefix);
    }
  if (config->hidden_norm)
    {
      b->hidden_norm_weight = few_load_vector (loader, w, "%smlp.norm.weight", prefix);
      b->hidden_norm_bias = few_load_vector (loader, w, "%smlp.norm.bias", prefix);
    }
  if (config->mlp_norm)
    {
      b->mlp_norm_weight = few_load_vector (loader, m, "%smlp.norm.weight", prefix);
      b->mlp_norm_bias = few_load_vector (loader, m, "%smlp.norm.bias", prefix);
    }
}

/* What both branches end with. In bytes the output of attention costs the features most, though it
 * is a twelfth of the products; then what the first blocks add, which goes through all the others
 * (ViT-B/32, random weights: 1 − cosine at worst 8e-4 with both, 5.5e-4 without the one, 4.4e-4
 * without either). They are of the middle grade. */
static void
load_branch_ends (FewBlock *b, const FewTransformerConfig *config, FewLoader *loader,
                  gboolean is_early, const char *prefix)
{
  FewGrade grade = loader->grade;
  guint w = config->width;
  g_autofree char *out = g_strconcat (prefix, "attn.out_proj.weight", NULL);
  g_autofree char *out_bias = g_strconcat (prefix, "attn.out_proj.bias", NULL);
  g_autofree char *proj = g_strconcat (prefix, "mlp.c_proj.weight", NULL);
  g_autofree char *proj_bias = g_strconcat (prefix, "mlp.c_proj.bias", NULL);
  g_autofree char *first = config->layer_scale ? g_strconcat (prefix, "ls_1.gamma", NULL) : NULL;
  g_autofree char *second = config->layer_scale ? g_strconcat (prefix, "ls_2.gamma", NULL) : NULL;
  loader->grade = MIN (grade, FEW_GRADE_MIDDLE);
  b->out_proj = few_load_gained_matrix (loader, w, w, first, out);
  b->out_proj_bias = few_load_gained_vector (loader, w, first, out_bias);
  loader->grade = is_early ? MIN (grade, FEW_GRADE_MIDDLE) : grade;
  b->c_proj = few_load_gained_matrix (loader, w, config->mlp_width, second, proj);
  b->c_proj_bias = few_load_gained_vector (loader, w, second, proj_bias);
  loader->grade = grade;
  if (config->attention_norm)
    {
      b->attention_norm_weight = few_load_vector (loader, w, "%sattn.norm.weight", prefix);
      b->attention_norm_bias = few_load_vector (loader, w, "%sattn.norm.bias", prefix);
    }
}

void
few_transformer_load (FewTransformer *transformer, const FewTransformerConfig *config,
                      FewLoader *loader, const char *prefix)
{
  guint w = config->width;
  transformer->config = *config;
  transformer->blocks = g_new0 (FewBlock, config->layers);
  if (config->norms == FEW_NORM_BRANCH)
    transformer->ones = few_load_floats (loader, (const float[]) { 1 }, 1);
  for (guint i = 0; i < config->layers && !loader->error; i++)
    {
      FewBlock *b = &transformer->blocks[i];
      g_autofree char *p = g_strdup_printf ("%stransformer.resblocks.%u.", prefix, i);
      b->ln_1_weight = few_load_vector (loader, w, "%sln_1.weight", p);
      b->ln_1_bias = few_load_vector (loader, w, "%sln_1.bias", p);
      b->in_proj = few_load_matrix (loader, 3 * w, w, FALSE, "%sattn.in_proj_weight", p);
      b->in_proj_bias = few_load_vector (loader, 3 * w, "%sattn.in_proj_bias", p);
      b->ln_2_weight = few_load_vector (loader, w, "%sln_2.weight", p);
      b->ln_2_bias = few_load_vector (loader, w, "%sln_2.bias", p);
      load_hidden (b, config, loader, p);
      load_branch_ends (b, config, loader, i < config->layers / 4, p);
    }
}

void
few_transformer_clear (FewTransformer *transformer)
{
  g_clear_pointer (&transformer->blocks, g_free);
}

gsize
few_transformer_workspace (const FewTransformerConfig *config, guint m)
{
  gsize wide = MAX (few_row_stride (3 * (gsize) config->width), few_row_stride (config->mlp_width));
  gsize gate = config->gated ? few_row_stride (config->mlp_width) : 0;
  return m * (wide + gate + few_row_stride (config->width));
}

static void
emit_rows (const FewBackendOps *ops, FewStream *stream, FewTapFunc tap, gpointer user,
           const char *name, const float *x, guint m, guint w, gsize ld)
{
  g_autofree float *dense = g_new (float, (gsize) m *w);
  for (guint i = 0; i < m; i++)
    ops->download (stream, dense + (gsize) i * w, x + i * ld, w);
  tap (user, name, dense, m, w);
}

/* What the blocks of one pass share. */
typedef struct
{
  const FewTransformer *transformer;
  const FewBackendOps *ops;
  FewStream *stream;
  guint b, t;
  gboolean causal;
  guint m; /* rows of x and y, ld apart: B·T, or the first of each sequence */
  gsize ld, ld_qkv, ld_mlp;
  float *x, *y, *wide, *gate;
} Blocks;

/* x [M, W] → y, its norm; may be the same */
static void
normalise (const Blocks *p, const float *x, const float *weight, const float *bias, float *y)
{
  const FewTransformerConfig *c = &p->transformer->config;
  p->ops->layer_norm (p->stream, p->m, c->width, x, p->ld, weight, bias, c->ln_epsilon, y, p->ld);
}

/* What the next op gives only the product behind it, with `reader`, reads. */
static void
pass_on (const Blocks *p, const FewMatrix *reader, gboolean alone)
{
  if (alone)
    p->ops->pass_on (p->stream, reader);
}

/* What a branch begins with: x, or its norm in y, which only the product with `reader` reads where
 * that is alone. */
static const float *
enter_branch (const Blocks *p, const float *weight, const float *bias, const FewMatrix *reader,
              gboolean alone)
{
  if (p->transformer->config.norms != FEW_NORM_FIRST)
    return p->x;
  pass_on (p, reader, alone);
  normalise (p, p->x, weight, bias, p->y);
  return p->y;
}

/* How a branch ends: x += last · from + its bias; or += the norm of that, made in `room`; or the
 * norm of the sum. */
static void
leave_branch (const Blocks *p, const float *from, gsize ld_from, const FewMatrix *last,
              const float *last_bias, const float *weight, const float *bias, float *room)
{
  guint m = p->m;
  FewNormPlace norms = p->transformer->config.norms;
  if (norms == FEW_NORM_BRANCH)
    {
      p->ops->clear (p->stream, room, m * p->ld); /* what lies between the rows is added, too */
      p->ops->linear (p->stream, m, from, ld_from, last, last_bias, FEW_ACTIVATION_NONE, NULL, 0,
                      room, p->ld);
      normalise (p, room, weight, bias, room);
      p->ops->add_scaled_rows (p->stream, 1, (guint) (m * p->ld), p->transformer->ones, room, NULL,
                               p->x);
      return;
    }
  p->ops->linear (p->stream, m, from, ld_from, last, last_bias, FEW_ACTIVATION_NONE, p->x, p->ld,
                  p->x, p->ld);
  if (norms == FEW_NORM_LAST)
    normalise (p, p->x, weight, bias, p->x);
}

/* Of each sequence only the first token from now on. */
static void
keep_first (Blocks *p)
{
  p->m = p->b;
  p->ld *= p->t;
}

static void
attend (Blocks *p, const FewBlock *k, gboolean first_alone)
{
  const FewTransformerConfig *c = &p->transformer->config;
  const FewBackendOps *ops = p->ops;
  FewStream *stream = p->stream;
  gboolean straight = c->norms != FEW_NORM_BRANCH; /* that clears before its last product */
  const float *from = enter_branch (p, k->ln_1_weight, k->ln_1_bias, k->in_proj, TRUE);
  ops->linear (stream, p->m, from, p->ld, k->in_proj, k->in_proj_bias, FEW_ACTIVATION_NONE, NULL, 0,
               p->wide, p->ld_qkv);
  pass_on (p, k->out_proj, straight && !first_alone && !k->attention_norm_weight);
  ops->attention (stream, p->b, p->t, c->heads, c->head_width, p->causal, p->transformer->rotation,
                  p->wide, p->ld_qkv, p->y, p->ld);
  if (first_alone)
    keep_first (p);
  if (k->attention_norm_weight)
    normalise (p, p->y, k->attention_norm_weight, k->attention_norm_bias, p->y);
  leave_branch (p, p->y, p->ld, k->out_proj, k->out_proj_bias, k->ln_1_weight, k->ln_1_bias,
                p->wide);
}

static void
think (const Blocks *p, const FewBlock *k)
{
  const FewTransformerConfig *c = &p->transformer->config;
  const FewBackendOps *ops = p->ops;
  FewStream *stream = p->stream;
  guint m = p->m;
  gboolean straight = c->norms != FEW_NORM_BRANCH;
  gboolean once = !k->gate && !k->hidden_norm_weight;
  const float *from = enter_branch (p, k->ln_2_weight, k->ln_2_bias, k->c_fc, once);
  if (k->hidden_norm_weight)
    {
      normalise (p, from, k->hidden_norm_weight, k->hidden_norm_bias, p->y);
      from = p->y;
    }
  pass_on (p, k->c_proj, straight && !k->gate && !k->mlp_norm_weight);
  ops->linear (stream, m, from, p->ld, k->c_fc, k->c_fc_bias,
               k->gate ? FEW_ACTIVATION_NONE : c->activation, NULL, 0, p->wide, p->ld_mlp);
  if (k->gate)
    {
      ops->linear (stream, m, from, p->ld, k->gate, k->gate_bias, c->activation, NULL, 0, p->gate,
                   p->ld_mlp);
      ops->multiply (stream, m * p->ld_mlp, 1, p->gate, p->wide);
    }
  if (k->mlp_norm_weight)
    ops->layer_norm (stream, m, c->mlp_width, p->wide, p->ld_mlp, k->mlp_norm_weight,
                     k->mlp_norm_bias, c->ln_epsilon, p->wide, p->ld_mlp);
  leave_branch (p, p->wide, p->ld_mlp, k->c_proj, k->c_proj_bias, k->ln_2_weight, k->ln_2_bias,
                p->y);
}

void
few_transformer_forward (const FewTransformer *transformer, const FewBackendOps *ops,
                         FewStream *stream, guint b, guint t, gboolean causal, float *x,
                         float *work, const char *tower, FewTapFunc tap, gpointer tap_user)
{
  const FewTransformerConfig *c = &transformer->config;
  gsize ld = few_row_stride (c->width);
  gsize ld_qkv = few_row_stride (3 * (gsize) c->width);
  gsize ld_mlp = few_row_stride (c->mlp_width);
  gsize m = b * t;
  /* a norm behind a branch clears and adds whole rows, with what lies between them */
  gboolean first_alone = transformer->first_alone && !tap && c->norms != FEW_NORM_BRANCH;
  Blocks pass = { .transformer = transformer,
                  .ops = ops,
                  .stream = stream,
                  .b = b,
                  .t = t,
                  .causal = causal,
                  .m = b * t,
                  .ld = ld,
                  .ld_qkv = ld_qkv,
                  .ld_mlp = ld_mlp,
                  .x = x,
                  .y = work,
                  .wide = work + m * ld,
                  .gate = work + m * (ld + MAX (ld_qkv, ld_mlp)) };
  for (guint i = 0; i < c->layers; i++)
    {
      attend (&pass, &transformer->blocks[i], first_alone && i + 1 == c->layers);
      think (&pass, &transformer->blocks[i]);
      if (tap)
        {
          g_autofree char *name = g_strdup_printf ("%s.%u", tower, i);
          emit_rows (ops, stream, tap, tap_user, name, x, b * t, c->width, ld);
        }
    }
}
